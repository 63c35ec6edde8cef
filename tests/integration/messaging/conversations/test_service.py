"""What the crew asks of a conversation."""

from decimal import Decimal

from falachefe.crews.service import default_crew
from falachefe.db.outbox import Outbox
from falachefe.db.statements import fetch
from falachefe.kernel.ids import new_id
from falachefe.messaging.conversations import service as conversations
from falachefe.messaging.conversations.staff_notes import StaffNotes
from tests.integration.messaging.conftest import OWNER_PHONE, STRANGER_PHONE, Shop


def test_a_task_takes_what_waits_in_order_and_gets_the_same_again(open_shop: Shop) -> None:
    for said in ("gastei 150", "de gasolina", "hoje"):
        open_shop.hears(OWNER_PHONE, said)
    (conversation,) = open_shop.rows("select id, active_task_id from conversations")
    company, task = open_shop.company_id, conversation.active_task_id
    with open_shop.database.tenant(company) as session:
        assert conversations.has_unassigned(session, company, conversation.id)
        first = fetch(session, conversations.assign_waiting_query(company, conversation.id, task))
    assert [one.text for one in first] == ["gastei 150", "de gasolina", "hoje"]
    open_shop.hears(OWNER_PHONE, "e 20 de pedágio")
    with open_shop.database.tenant(company) as session:
        second = fetch(session, conversations.assign_waiting_query(company, conversation.id, task))
        assert not conversations.has_unassigned(session, company, conversation.id)
    assert [one.id for one in second][:3] == [one.id for one in first]
    assert second[-1].text == "e 20 de pedágio"


def test_history_is_what_was_said_before_this_turn(open_shop: Shop) -> None:
    open_shop.hears(OWNER_PHONE, "gastei 150 de gasolina hoje")
    (conversation,) = open_shop.rows("select id, active_task_id from conversations")
    company, task = open_shop.company_id, conversation.active_task_id
    with open_shop.database.tenant(company) as session:
        fetch(session, conversations.assign_waiting_query(company, conversation.id, task))
        assert conversations.history(session, company, conversation.id, before_task=task) == []
        state = conversations.lock(session, company, conversation.id)
        outbox = Outbox(company)
        conversations.queue_reply(
            session,
            outbox,
            state,
            "Anotado: R$ 150,00.",
            task_id=task,
            now=open_shop.clock.now(),
            agent_response={},
            token_usage={},
            processing_time_ms=12,
            confidence=Decimal("0.9"),
        )
        conversations.set_turn(session, company, conversation.id, active_task_id=None, handoff={"to": "hr"})
        outbox.save(session)
    with open_shop.database.tenant(company) as session:
        past = conversations.history(session, company, conversation.id, before_task=new_id())
        state = conversations.lock(session, company, conversation.id)
    assert [(one.speaker, one.text) for one in past] == [
        ("user", "gastei 150 de gasolina hoje"),
        ("agent", "Anotado: R$ 150,00."),
    ]
    assert (state.active_task_id, state.handoff_history) == (None, [{"to": "hr"}])


def test_sign_in_talk_is_no_history(shop: Shop) -> None:
    shop.hears(OWNER_PHONE, "oi")
    (conversation,) = shop.rows("select id from conversations")
    with shop.database.tenant(shop.company_id) as session:
        assert conversations.history(session, shop.company_id, conversation.id, before_task=None) == []


def test_admins_are_told_once_of_what_the_crew_could_not_do(open_shop: Shop) -> None:
    open_shop.hears(STRANGER_PHONE, "oi")
    open_shop.deliver()
    (conversation,) = open_shop.rows("select id from conversations")
    event = {
        "id": str(new_id()),
        "name": "crews.human_requested",
        "company_id": str(open_shop.company_id),
        "occurred_at": open_shop.clock.now().isoformat(),
        "data": {"conversation_id": str(conversation.id)},
    }
    notes = StaffNotes(open_shop.database, open_shop.queues, open_shop.clock, default_crew)
    assert [notes(event), notes(event)] == [1, 0]
    open_shop.deliver()
    assert open_shop.phones.read_by(OWNER_PHONE) == [
        "Bia (final 5678) pediu para falar com uma pessoa. Responda direto do celular da empresa."
    ]
