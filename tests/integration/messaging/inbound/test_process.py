"""What a message from the queue leads to: a turn, a code, a note to the person, or nothing at all."""

import re

import pytest

from falachefe.accounts.session_marks import end_session, end_sessions
from falachefe.crews.turns.sweep import Swept, sweep_company
from falachefe.sessions.store import Sessions
from tests.integration.messaging.conftest import OWNER_PHONE, PEPPER, STRANGER_PHONE, Shop

CODE = re.compile(r"\b\d{6}\b")


def code_in(texts: list[str]) -> str:
    found = [CODE.search(one) for one in texts]
    return next(one[0] for one in found if one)


def test_a_message_of_signed_in_staff_opens_a_turn(open_shop: Shop) -> None:
    assert open_shop.hears(OWNER_PHONE, "gastei 150 de gasolina hoje") == "open"
    (queue_message,) = open_shop.queues.of("agent-")
    assert queue_message.destination == "agent-financial"
    (message,) = open_shop.messages()
    assert (message.text, message.status, message.direction) == ("gastei 150 de gasolina hoje", "received", "in")
    assert open_shop.queues.of("outbound") == []


def test_a_repeated_delivery_is_answered_once(open_shop: Shop) -> None:
    for _ in range(3):
        open_shop.hears(OWNER_PHONE, "gastei 150 de gasolina hoje", message_id="3EB0A")
    assert len(open_shop.messages()) == 1
    assert len(open_shop.queues.of("agent-")) == 1


def test_a_second_message_joins_the_running_turn(open_shop: Shop) -> None:
    open_shop.hears(OWNER_PHONE, "paguei o aluguel")
    assert open_shop.hears(OWNER_PHONE, "1200 reais") == "join"
    assert len(open_shop.queues.of("agent-")) == 1
    assert len(open_shop.messages(status="received")) == 2


def test_staff_is_found_under_a_number_without_its_ninth_digit(open_shop: Shop) -> None:
    open_shop.set_owner(phone="+551187654321")
    assert open_shop.hears(OWNER_PHONE, "gastei 150 de gasolina hoje") == "open"


def test_staff_without_a_session_gets_a_code_and_the_message_is_kept(shop: Shop) -> None:
    assert shop.hears(OWNER_PHONE, "gastei 150 de gasolina hoje") == "code_sent"
    assert [one.status for one in shop.messages(direction="in")] == ["held"]
    assert shop.queues.of("agent-") == []
    assert CODE.search(shop.deliver()[0])


def test_the_kept_messages_are_processed_once_and_in_order_after_the_code(shop: Shop) -> None:
    shop.hears(OWNER_PHONE, "gastei 150 de gasolina hoje")
    code = code_in(shop.deliver())
    assert shop.hears(OWNER_PHONE, "e 30 de pedágio") == "code_pending"
    assert shop.hears(OWNER_PHONE, f"código {code[:3]} {code[3:]}", message_id="3EB0CODE") == "open"
    shop.hears(OWNER_PHONE, code, message_id="3EB0CODE")
    assert len(shop.queues.of("agent-")) == 1
    waiting = shop.messages(direction="in", status="received")
    assert [one.text for one in waiting] == ["gastei 150 de gasolina hoje", "e 30 de pedágio"]


def test_no_code_in_clear_is_stored_or_queued(shop: Shop) -> None:
    shop.hears(OWNER_PHONE, "oi")
    code = code_in(shop.deliver())
    shop.hears(OWNER_PHONE, code)
    stored = str([tuple(one) for one in shop.messages()]) + str(shop.rows("select payload from outbox"))
    assert code not in stored
    assert code not in str([one.payload for one in shop.queues.queue_messages])


def test_a_stranger_who_verifies_becomes_a_contact_without_any_permission(shop: Shop) -> None:
    shop.hears(STRANGER_PHONE, "oi, vocês abrem no domingo?")
    assert shop.hears(STRANGER_PHONE, code_in(shop.deliver())) == "open"
    (contact,) = shop.rows("select phone, user_id, verified_at from contacts")
    assert (contact.phone, contact.user_id) == (STRANGER_PHONE, None)
    assert contact.verified_at is not None
    logs = shop.rows("select * from whatsapp_auth_logs order by id")
    assert [(one.auth_method, one.success) for one in logs] == [
        ("verification_code", False),
        ("verification_code", True),
        ("new_contact", True),
    ]
    assert {one.masked_phone for one in logs} == {"+55******78"}


def test_a_known_contact_goes_straight_on_the_next_day(shop: Shop) -> None:
    shop.hears(STRANGER_PHONE, "oi")
    shop.hears(STRANGER_PHONE, code_in(shop.deliver()))
    shop.finish_turns()
    shop.later(hours=30)
    assert shop.hears(STRANGER_PHONE, "vocês abrem no domingo?") == "open"


def test_staff_signs_in_again_after_24_hours(open_shop: Shop) -> None:
    open_shop.later(hours=24)
    assert open_shop.hears(OWNER_PHONE, "gastei 150 de gasolina hoje") == "code_sent"


def test_someone_who_left_the_staff_is_a_stranger_at_once(open_shop: Shop) -> None:
    open_shop.set_owner(status="inactive")
    assert open_shop.hears(OWNER_PHONE, "quanto gastei este mês?") == "code_sent"
    assert open_shop.queues.of("agent-") == []


def test_a_wrong_code_says_how_many_tries_are_left_and_the_third_locks(shop: Shop) -> None:
    shop.hears(OWNER_PHONE, "oi")
    code = code_in(shop.deliver())
    wrong = "000000" if code != "000000" else "111111"
    assert shop.hears(OWNER_PHONE, wrong) == "wrong"
    assert "2 tentativas" in shop.deliver()[0]
    assert shop.hears(OWNER_PHONE, wrong) == "wrong"
    assert "1 tentativa" in shop.deliver()[0]
    assert shop.hears(OWNER_PHONE, wrong) == "locked"
    assert "15 minutos" in shop.deliver()[0]
    assert shop.hears(OWNER_PHONE, code) == "locked"
    assert shop.queues.of("agent-") == []


def test_a_wrong_code_that_is_delivered_again_costs_one_try(shop: Shop) -> None:
    shop.hears(OWNER_PHONE, "oi")
    code = code_in(shop.deliver())
    wrong = "000000" if code != "000000" else "111111"
    for _ in range(4):
        shop.hears(OWNER_PHONE, wrong, message_id="3EB0WRONG")
    assert shop.hears(OWNER_PHONE, code) == "open"


def test_another_code_may_be_asked_for_after_a_minute(shop: Shop) -> None:
    shop.hears(OWNER_PHONE, "oi")
    first = code_in(shop.deliver())
    assert shop.hears(OWNER_PHONE, "reenviar") == "resend_too_soon"
    shop.later(seconds=61)
    assert shop.hears(OWNER_PHONE, "não recebi o código") == "code_sent"
    second = code_in(shop.deliver()[-1:])
    assert second != first
    assert shop.hears(OWNER_PHONE, second) == "open"


def test_a_code_alone_is_answered_with_a_welcome(shop: Shop) -> None:
    shop.hears(OWNER_PHONE, "oi")
    code = code_in(shop.deliver())
    shop.later(minutes=4)
    shop.rows("update messages set status = 'read' where status = 'held' returning id")
    assert shop.hears(OWNER_PHONE, code) == "nothing_waits"
    assert shop.deliver() == ["Número confirmado! Como posso ajudar?"]


def test_the_sign_in_of_staff_is_noted_in_the_audit_log_with_its_session(shop: Shop) -> None:
    shop.hears(OWNER_PHONE, "oi")
    shop.hears(OWNER_PHONE, code_in(shop.deliver()))

    (row,) = shop.rows("select action, resource, resource_id, actor_id, changes from audit_logs")
    assert (row.action, row.resource, row.actor_id) == ("signed_in", "session", shop.owner_id)
    assert row.changes == {"method": {"old": None, "new": "whatsapp"}}
    (listed,) = Sessions(shop.table, lambda: PEPPER).of_user(shop.company_id, shop.owner_id, shop.clock.now())
    assert (listed.key.session_id, listed.device.name) == (row.resource_id, "WhatsApp")


def test_a_session_that_its_person_ended_is_none_for_the_next_message(open_shop: Shop) -> None:
    assert open_shop.hears(OWNER_PHONE, "gastei 150 de gasolina hoje") == "open"
    sessions = Sessions(open_shop.table, lambda: PEPPER)

    found = sessions.of_user(open_shop.company_id, open_shop.owner_id, open_shop.clock.now())
    assert sessions.delete_ended(one.key for one in found) == 1

    assert open_shop.hears(OWNER_PHONE, "e mais 20 de café") == "code_sent"


def test_a_mark_ends_the_session_of_a_chat_whose_item_is_still_there(open_shop: Shop) -> None:
    """Whoever shuts a person out writes the mark alone; the phone's item in DynamoDB says nothing of it."""
    assert open_shop.hears(OWNER_PHONE, "gastei 150 de gasolina hoje") == "open"
    open_shop.finish_turns()
    open_shop.later(seconds=5)
    with open_shop.database.tenant(open_shop.company_id) as session:
        end_sessions(session, open_shop.company_id, open_shop.owner_id, open_shop.clock.now())

    assert open_shop.hears(OWNER_PHONE, "quanto gastei este mês?") == "code_sent"
    assert open_shop.hears(OWNER_PHONE, "e ontem?") == "code_pending"
    assert open_shop.hears(OWNER_PHONE, code_in(open_shop.deliver())) == "open"
    assert open_shop.hears(OWNER_PHONE, "e hoje?") == "join"
    sessions = Sessions(open_shop.table, lambda: PEPPER)
    assert len(sessions.of_user(open_shop.company_id, open_shop.owner_id, open_shop.clock.now())) == 1


def test_a_chat_that_was_ended_alone_is_none_though_its_item_is_still_there(open_shop: Shop) -> None:
    """Whoever ended it died, or DynamoDB did not answer, before the item was deleted."""
    company_id, owner_id = open_shop.company_id, open_shop.owner_id
    assert open_shop.hears(OWNER_PHONE, "gastei 150 de gasolina hoje") == "open"
    sessions = Sessions(open_shop.table, lambda: PEPPER)
    (found,) = sessions.of_user(company_id, owner_id, open_shop.clock.now())
    open_shop.later(minutes=1)
    with open_shop.database.tenant(company_id) as session:
        assert end_session(session, company_id, owner_id, found.key.session_id)

    assert open_shop.hears(OWNER_PHONE, "e mais 20 de café") == "code_sent"
    assert sessions.of_user(company_id, owner_id, open_shop.clock.now()) == []
    assert open_shop.hears(OWNER_PHONE, code_in(open_shop.deliver())) == "join"


def test_what_was_held_longer_than_a_day_is_not_acted_on(shop: Shop) -> None:
    shop.hears(OWNER_PHONE, "gastei 150 hoje")
    shop.deliver()
    shop.later(hours=30)
    shop.hears(OWNER_PHONE, "bom dia")
    shop.hears(OWNER_PHONE, code_in(shop.deliver()))
    assert [one.text for one in shop.messages(direction="in", status="received")] == ["bom dia"]


def test_a_voice_message_is_answered_kindly_and_opens_no_turn(open_shop: Shop) -> None:
    assert open_shop.hears(OWNER_PHONE, "", kind="audio") == "unreadable"
    assert open_shop.deliver() == ["Ainda não consigo ouvir áudios. Pode me escrever em texto?"]
    assert open_shop.queues.of("agent-") == []
    assert open_shop.hears(OWNER_PHONE, "gastei 150 de gasolina") == "open"


def test_a_picture_with_words_is_read_by_its_words(open_shop: Shop) -> None:
    assert open_shop.hears(OWNER_PHONE, "gastei 150 de gasolina hoje", kind="image") == "open"


def test_the_crew_is_silent_while_a_person_talks(open_shop: Shop) -> None:
    open_shop.hears(OWNER_PHONE, "oi")
    open_shop.finish_turns()
    answer = {"provider_message_id": "3EB0P", "text": "Oi Bia, aqui é a Ana"}
    assert open_shop.inbound()(open_shop.queue_message("takeover", OWNER_PHONE, answer)) == "human"
    assert open_shop.inbound()(open_shop.queue_message("takeover", OWNER_PHONE, answer)) == "repeated"
    open_shop.later(minutes=59)
    assert open_shop.hears(OWNER_PHONE, "gastei 150 de gasolina hoje") == "human"
    open_shop.later(minutes=2)
    assert open_shop.hears(OWNER_PHONE, "gastei 90 de gasolina hoje") == "open"
    assert len(open_shop.queues.of("agent-")) == 2
    assert [one.text for one in open_shop.messages(status="received", crew_task_id=None)] == [
        "gastei 90 de gasolina hoje"
    ]


def test_what_was_kept_goes_on_when_the_code_came_by_the_api(shop: Shop) -> None:
    shop.hears(OWNER_PHONE, "gastei 150 de gasolina hoje")
    assert shop.inbound()(shop.queue_message("verified", OWNER_PHONE, {})) == "open"
    assert shop.inbound()(shop.queue_message("verified", OWNER_PHONE, {})) == "join"
    assert len(shop.queues.of("agent-")) == 1


def test_a_connection_event_changes_the_channel(shop: Shop) -> None:
    shop.inbound()(shop.queue_message("connection", None, {"state": "disconnected"}))
    assert shop.rows("select status from channels")[0].status == "disconnected"


def test_nothing_is_lost_when_the_queue_is_down_after_the_commit(open_shop: Shop) -> None:
    open_shop.queues.down = True
    open_shop.hears(OWNER_PHONE, "gastei 150 de gasolina hoje", message_id="3EB0A")
    assert open_shop.hears(OWNER_PHONE, "gastei 150 de gasolina hoje", message_id="3EB0A") == "repeated"
    (row,) = open_shop.rows("select destination from outbox")
    assert row.destination == "agent-financial"


def test_a_suspended_company_s_messages_are_kept_and_answered_by_nobody(open_shop: Shop) -> None:
    open_shop.rows("update companies set status = 'suspended' returning id")
    assert open_shop.hears(OWNER_PHONE, "gastei 150 de gasolina hoje") == "company_suspended"
    assert open_shop.hears(STRANGER_PHONE, "123456") == "company_suspended"
    assert [(one.text, one.status) for one in open_shop.messages()] == [
        ("gastei 150 de gasolina hoje", "read"),
        ("••••••", "read"),
    ]
    assert open_shop.queues.queue_messages == []
    assert open_shop.rows("select id from crew_tasks") == []


def test_a_company_that_came_back_is_answered_from_then_on(open_shop: Shop) -> None:
    open_shop.rows("update companies set status = 'suspended' returning id")
    open_shop.hears(OWNER_PHONE, "gastei 150 de gasolina ontem")
    open_shop.rows("update companies set status = 'active' returning id")
    assert open_shop.hears(OWNER_PHONE, "gastei 90 de gasolina hoje") == "open"
    assert [one.text for one in open_shop.messages(status="received")] == ["gastei 90 de gasolina hoje"]


def test_a_closed_company_keeps_nothing_any_more(open_shop: Shop) -> None:
    open_shop.rows("update companies set status = 'closed' returning id")
    assert open_shop.hears(OWNER_PHONE, "oi") == "company_inactive"
    assert open_shop.messages() == []


# ---- what the crew will not read


def not_read(shop: Shop, phone: str, reason: str, message_id: str = "3EB0LATE") -> str:
    return shop.inbound()(shop.queue_message("unread", phone, {"provider_message_id": message_id, "reason": reason}))


@pytest.mark.parametrize(("reason", "said"), [("history", "paradas no caminho"), ("burst", "muitas mensagens")])
def test_who_is_known_hears_once_an_hour_that_something_was_not_read(open_shop: Shop, reason: str, said: str) -> None:
    open_shop.hears(OWNER_PHONE, "gastei 150 de gasolina hoje")

    assert [not_read(open_shop, OWNER_PHONE, reason, f"3EB0{number}") for number in range(3)] == [
        *("told", "told_before", "told_before"),
    ]
    assert [said in one for one in open_shop.deliver()] == [True]
    open_shop.later(hours=1)
    assert not_read(open_shop, OWNER_PHONE, reason, "3EB0X") == "told"


def test_nobody_is_told_of_what_was_read_when_it_was_new(open_shop: Shop) -> None:
    open_shop.hears(OWNER_PHONE, "oi", message_id="3EB0SEEN")

    assert not_read(open_shop, OWNER_PHONE, "history", "3EB0SEEN") == "repeated"


def test_a_stranger_is_told_nothing_of_what_was_not_read(shop: Shop) -> None:
    assert not_read(shop, STRANGER_PHONE, "burst") == "unknown_sender"
    shop.hears(STRANGER_PHONE, "oi")  # is asked for a code, and is nobody whom the company knows
    assert not_read(shop, STRANGER_PHONE, "burst") == "unknown_sender"


# ---- contacts who leave, and come back


def test_a_contact_leaves_before_any_code_and_comes_back(shop: Shop) -> None:
    assert shop.hears(STRANGER_PHONE, "PARAR") == "opted_out"
    assert [("voltar" in one, CODE.search(one)) for one in shop.deliver()] == [(True, None)]
    assert shop.hears(STRANGER_PHONE, "não quero receber mais nada") == "opted_out"  # is known, and said once
    assert shop.deliver() == []
    assert [row.opted_out_at is not None for row in shop.rows("select opted_out_at from contacts")] == [True]

    assert shop.hears(STRANGER_PHONE, "voltar") == "opted_in"
    assert ["de volta" in one for one in shop.deliver()] == [True]
    assert [row.opted_out_at for row in shop.rows("select opted_out_at from contacts")] == [None]
    events = [one.payload["name"] for one in shop.queues.of("events")]
    assert [name for name in events if "opted" in name] == ["whatsapp.contact_opted_out", "whatsapp.contact_opted_in"]
    assert {row.status for row in shop.messages(direction="in")} == {"read"}
    assert shop.hears(STRANGER_PHONE, "voltar") == "code_sent"  # an everyday word to somebody who never left


def test_a_known_contact_who_leaves_hears_nothing_more_of_it(shop: Shop) -> None:
    """Their wish was done, while the company works and while it is suspended: nothing is left to be told of later."""
    shop.hears(STRANGER_PHONE, "oi")
    shop.hears(STRANGER_PHONE, code_in(shop.deliver()))
    shop.finish_turns()
    shop.hears(STRANGER_PHONE, "parar")
    shop.rows("update companies set status = 'suspended' returning id")
    shop.hears(STRANGER_PHONE, "voltar")
    shop.rows("update companies set status = 'active' returning id")
    shop.deliver()

    swept = Swept()
    sweep_company(shop.database, shop.queues, shop.company_id, now=shop.clock.now(), swept=swept)

    assert (swept.told, swept.errors) == (0, [])
    assert shop.deliver() == []


def test_staff_who_write_stop_are_answered_by_the_crew(open_shop: Shop) -> None:
    assert open_shop.hears(OWNER_PHONE, "parar") == "open"


def test_that_a_message_is_kept_is_said_once_a_code(shop: Shop) -> None:
    shop.hears(STRANGER_PHONE, "oi")
    shop.deliver()
    assert shop.hears(STRANGER_PHONE, "tem pão?", message_id="3EB0A") == "code_pending"
    assert shop.hears(STRANGER_PHONE, "tem pão?", message_id="3EB0A") == "repeated"
    assert shop.hears(STRANGER_PHONE, "e bolo?") == "code_pending"
    assert shop.hears(STRANGER_PHONE, "oi?") == "code_pending"
    assert ["Guardei" in one for one in shop.deliver()] == [True]

    shop.later(minutes=6)
    assert shop.hears(STRANGER_PHONE, "ainda aí?") == "code_sent"
    assert shop.hears(STRANGER_PHONE, "?") == "code_pending"
    assert sum("Guardei" in one for one in shop.deliver()) == 1


def test_an_answer_goes_to_the_number_as_it_came(shop: Shop) -> None:
    message = {"provider_message_id": "3EB0OLD", "kind": "text", "text": "oi", "written_from": "+551112345678"}
    shop.inbound()(shop.queue_message("message", STRANGER_PHONE, message))
    code = code_in(shop.deliver())
    assert [one.phone for one in shop.phones.got] == ["+551112345678"]

    shop.hears(STRANGER_PHONE, code)
    shop.deliver()
    assert [one.phone for one in shop.phones.got][1:] == [STRANGER_PHONE] * (len(shop.phones.got) - 1)
