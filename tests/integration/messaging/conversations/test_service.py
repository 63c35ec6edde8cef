"""Messages of a task, history, and notes to admins."""

from decimal import Decimal

from falachefe.crews.service import default_crew
from falachefe.db.outbox import Outbox
from falachefe.db.statements import fetch
from falachefe.kernel.ids import new_id
from falachefe.messaging.conversations import service as conversations
from falachefe.messaging.conversations.staff_notes import StaffNotes
from tests.integration.messaging.conftest import OWNER_PHONE, UNKNOWN_PHONE, WhatsAppHarness


def test_a_task_is_assigned_the_waiting_messages_in_order_and_gets_the_same_again(signed_in: WhatsAppHarness) -> None:
    for said in ("gastei 150", "de gasolina", "hoje"):
        signed_in.receive(OWNER_PHONE, said)
    (conversation,) = signed_in.rows("select id, active_task_id from conversations")
    company, task = signed_in.company_id, conversation.active_task_id
    with signed_in.database.tenant(company) as session:
        assert conversations.has_unassigned(session, company, conversation.id)
        first = fetch(session, conversations.assign_waiting_query(company, conversation.id, task))
    assert [one.text for one in first] == ["gastei 150", "de gasolina", "hoje"]
    signed_in.receive(OWNER_PHONE, "e 20 de pedágio")
    with signed_in.database.tenant(company) as session:
        second = fetch(session, conversations.assign_waiting_query(company, conversation.id, task))
        assert not conversations.has_unassigned(session, company, conversation.id)
    assert [one.id for one in second][:3] == [one.id for one in first]
    assert second[-1].text == "e 20 de pedágio"


def test_history_is_the_messages_before_this_turn(signed_in: WhatsAppHarness) -> None:
    signed_in.receive(OWNER_PHONE, "gastei 150 de gasolina hoje")
    (conversation,) = signed_in.rows("select id, active_task_id from conversations")
    company, task = signed_in.company_id, conversation.active_task_id
    with signed_in.database.tenant(company) as session:
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
            now=signed_in.clock.now(),
            agent_response={},
            token_usage={},
            processing_time_ms=12,
            confidence=Decimal("0.9"),
        )
        conversations.set_turn(session, company, conversation.id, active_task_id=None, handoff={"to": "hr"})
        outbox.save(session)
    with signed_in.database.tenant(company) as session:
        past = conversations.history(session, company, conversation.id, before_task=new_id())
        state = conversations.lock(session, company, conversation.id)
    assert [(one.speaker, one.text) for one in past] == [
        ("user", "gastei 150 de gasolina hoje"),
        ("agent", "Anotado: R$ 150,00."),
    ]
    assert (state.active_task_id, state.handoff_history) == (None, [{"to": "hr"}])


def test_sign_in_messages_are_not_in_the_history(whatsapp: WhatsAppHarness) -> None:
    whatsapp.receive(OWNER_PHONE, "oi")
    (conversation,) = whatsapp.rows("select id from conversations")
    with whatsapp.database.tenant(whatsapp.company_id) as session:
        assert conversations.history(session, whatsapp.company_id, conversation.id, before_task=None) == []


def test_admins_get_one_note_about_each_event(signed_in: WhatsAppHarness) -> None:
    signed_in.receive(UNKNOWN_PHONE, "oi")
    signed_in.send_queued()
    (conversation,) = signed_in.rows("select id from conversations")
    event = {
        "id": str(new_id()),
        "name": "crews.human_requested",
        "company_id": str(signed_in.company_id),
        "occurred_at": signed_in.clock.now().isoformat(),
        "data": {"conversation_id": str(conversation.id)},
    }
    notes = StaffNotes(signed_in.database, signed_in.queues, signed_in.clock, default_crew)
    assert [notes(event), notes(event)] == [1, 0]
    signed_in.send_queued()
    assert signed_in.provider.sent_to(OWNER_PHONE) == [
        "Bia (final 5678) pediu para falar com uma pessoa. Responda direto do celular da empresa."
    ]
