"""What a message of the inbound queue leads to: a turn, a code, a notice, or nothing."""

import re

import pytest

from falachefe.accounts.session_marks import end_session, end_sessions
from falachefe.crews.turns.sweep import Swept, sweep_company
from falachefe.sessions.store import Sessions
from tests.integration.messaging.conftest import OWNER_PHONE, PEPPER, UNKNOWN_PHONE, WhatsAppHarness

CODE = re.compile(r"\b\d{6}\b")


def code_in(texts: list[str]) -> str:
    found = [CODE.search(one) for one in texts]
    return next(one[0] for one in found if one)


def test_a_message_of_signed_in_staff_opens_a_turn(signed_in: WhatsAppHarness) -> None:
    assert signed_in.receive(OWNER_PHONE, "gastei 150 de gasolina hoje") == "open"
    (queue_message,) = signed_in.queues.of("agent-")
    assert queue_message.destination == "agent-financial"
    (message,) = signed_in.messages()
    assert (message.text, message.status, message.direction) == ("gastei 150 de gasolina hoje", "received", "in")
    assert signed_in.queues.of("outbound") == []


def test_a_repeated_delivery_is_answered_once(signed_in: WhatsAppHarness) -> None:
    for _ in range(3):
        signed_in.receive(OWNER_PHONE, "gastei 150 de gasolina hoje", message_id="3EB0A")
    assert len(signed_in.messages()) == 1
    assert len(signed_in.queues.of("agent-")) == 1


def test_a_second_message_joins_the_running_turn(signed_in: WhatsAppHarness) -> None:
    signed_in.receive(OWNER_PHONE, "paguei o aluguel")
    assert signed_in.receive(OWNER_PHONE, "1200 reais") == "join"
    assert len(signed_in.queues.of("agent-")) == 1
    assert len(signed_in.messages(status="received")) == 2


def test_staff_is_recognized_by_a_number_without_the_ninth_digit(signed_in: WhatsAppHarness) -> None:
    signed_in.set_owner(phone="+551187654321")
    assert signed_in.receive(OWNER_PHONE, "gastei 150 de gasolina hoje") == "open"


def test_staff_without_a_session_get_a_code_and_the_message_is_held(whatsapp: WhatsAppHarness) -> None:
    assert whatsapp.receive(OWNER_PHONE, "gastei 150 de gasolina hoje") == "code_sent"
    assert [one.status for one in whatsapp.messages(direction="in")] == ["held"]
    assert whatsapp.queues.of("agent-") == []
    assert CODE.search(whatsapp.send_queued()[0])


def test_held_messages_are_processed_once_and_in_order_after_the_code(whatsapp: WhatsAppHarness) -> None:
    whatsapp.receive(OWNER_PHONE, "gastei 150 de gasolina hoje")
    code = code_in(whatsapp.send_queued())
    assert whatsapp.receive(OWNER_PHONE, "e 30 de pedágio") == "code_pending"
    assert whatsapp.receive(OWNER_PHONE, f"código {code[:3]} {code[3:]}", message_id="3EB0CODE") == "open"
    whatsapp.receive(OWNER_PHONE, code, message_id="3EB0CODE")
    assert len(whatsapp.queues.of("agent-")) == 1
    waiting = whatsapp.messages(direction="in", status="received")
    assert [one.text for one in waiting] == ["gastei 150 de gasolina hoje", "e 30 de pedágio"]


def test_no_code_in_clear_is_stored_or_queued(whatsapp: WhatsAppHarness) -> None:
    whatsapp.receive(OWNER_PHONE, "oi")
    code = code_in(whatsapp.send_queued())
    whatsapp.receive(OWNER_PHONE, code)
    stored = str([tuple(one) for one in whatsapp.messages()]) + str(whatsapp.rows("select payload from outbox"))
    assert code not in stored
    assert code not in str([one.payload for one in whatsapp.queues.queue_messages])


def test_an_unknown_sender_who_verifies_becomes_a_contact_without_permissions(whatsapp: WhatsAppHarness) -> None:
    whatsapp.receive(UNKNOWN_PHONE, "oi, vocês abrem no domingo?")
    assert whatsapp.receive(UNKNOWN_PHONE, code_in(whatsapp.send_queued())) == "open"
    (contact,) = whatsapp.rows("select phone, user_id, verified_at from contacts")
    assert (contact.phone, contact.user_id) == (UNKNOWN_PHONE, None)
    assert contact.verified_at is not None
    logs = whatsapp.rows("select * from whatsapp_auth_logs order by id")
    assert [(one.auth_method, one.success) for one in logs] == [
        ("verification_code", False),
        ("verification_code", True),
        ("new_contact", True),
    ]
    assert {one.masked_phone for one in logs} == {"+55******78"}


def test_a_verified_contact_needs_no_code_the_next_day(whatsapp: WhatsAppHarness) -> None:
    whatsapp.receive(UNKNOWN_PHONE, "oi")
    whatsapp.receive(UNKNOWN_PHONE, code_in(whatsapp.send_queued()))
    whatsapp.finish_turns()
    whatsapp.advance(hours=30)
    assert whatsapp.receive(UNKNOWN_PHONE, "vocês abrem no domingo?") == "open"


def test_staff_sign_in_again_after_24_hours(signed_in: WhatsAppHarness) -> None:
    signed_in.advance(hours=24)
    assert signed_in.receive(OWNER_PHONE, "gastei 150 de gasolina hoje") == "code_sent"


def test_a_former_staff_member_is_unknown_at_once(signed_in: WhatsAppHarness) -> None:
    signed_in.set_owner(status="inactive")
    assert signed_in.receive(OWNER_PHONE, "quanto gastei este mês?") == "code_sent"
    assert signed_in.queues.of("agent-") == []


def test_a_wrong_code_shows_the_attempts_left_and_the_third_locks(whatsapp: WhatsAppHarness) -> None:
    whatsapp.receive(OWNER_PHONE, "oi")
    code = code_in(whatsapp.send_queued())
    wrong = "000000" if code != "000000" else "111111"
    assert whatsapp.receive(OWNER_PHONE, wrong) == "wrong"
    assert "2 tentativas" in whatsapp.send_queued()[0]
    assert whatsapp.receive(OWNER_PHONE, wrong) == "wrong"
    assert "1 tentativa" in whatsapp.send_queued()[0]
    assert whatsapp.receive(OWNER_PHONE, wrong) == "locked"
    assert "15 minutos" in whatsapp.send_queued()[0]
    assert whatsapp.receive(OWNER_PHONE, code) == "locked"
    assert whatsapp.queues.of("agent-") == []


def test_a_redelivered_wrong_code_counts_once(whatsapp: WhatsAppHarness) -> None:
    whatsapp.receive(OWNER_PHONE, "oi")
    code = code_in(whatsapp.send_queued())
    wrong = "000000" if code != "000000" else "111111"
    for _ in range(4):
        whatsapp.receive(OWNER_PHONE, wrong, message_id="3EB0WRONG")
    assert whatsapp.receive(OWNER_PHONE, code) == "open"


def test_another_code_may_be_requested_after_a_minute(whatsapp: WhatsAppHarness) -> None:
    whatsapp.receive(OWNER_PHONE, "oi")
    first = code_in(whatsapp.send_queued())
    assert whatsapp.receive(OWNER_PHONE, "reenviar") == "resend_too_soon"
    whatsapp.advance(seconds=61)
    assert whatsapp.receive(OWNER_PHONE, "não recebi o código") == "code_sent"
    second = code_in(whatsapp.send_queued()[-1:])
    assert second != first
    assert whatsapp.receive(OWNER_PHONE, second) == "open"


def test_a_code_alone_is_answered_with_a_welcome(whatsapp: WhatsAppHarness) -> None:
    whatsapp.receive(OWNER_PHONE, "oi")
    code = code_in(whatsapp.send_queued())
    whatsapp.advance(minutes=4)
    whatsapp.rows("update messages set status = 'read' where status = 'held' returning id")
    assert whatsapp.receive(OWNER_PHONE, code) == "nothing_waits"
    assert whatsapp.send_queued() == ["Número confirmado! Como posso ajudar?"]


def test_a_staff_sign_in_is_audited_with_its_session(whatsapp: WhatsAppHarness) -> None:
    whatsapp.receive(OWNER_PHONE, "oi")
    whatsapp.receive(OWNER_PHONE, code_in(whatsapp.send_queued()))

    (row,) = whatsapp.rows("select action, resource, resource_id, actor_id, changes from audit_logs")
    assert (row.action, row.resource, row.actor_id) == ("signed_in", "session", whatsapp.owner_id)
    assert row.changes == {"method": {"old": None, "new": "whatsapp"}}
    (listed,) = Sessions(whatsapp.table, lambda: PEPPER).of_user(
        whatsapp.company_id, whatsapp.owner_id, whatsapp.clock.now()
    )
    assert (listed.key.session_id, listed.device.name) == (row.resource_id, "WhatsApp")


def test_an_ended_session_does_not_admit_the_next_message(signed_in: WhatsAppHarness) -> None:
    assert signed_in.receive(OWNER_PHONE, "gastei 150 de gasolina hoje") == "open"
    sessions = Sessions(signed_in.table, lambda: PEPPER)

    found = sessions.of_user(signed_in.company_id, signed_in.owner_id, signed_in.clock.now())
    assert sessions.delete_ended(one.key for one in found) == 1

    assert signed_in.receive(OWNER_PHONE, "e mais 20 de café") == "code_sent"


def test_a_mark_ends_a_chat_session_whose_item_still_exists(signed_in: WhatsAppHarness) -> None:
    """Ending all sessions of a user writes only a mark; the phone's item in DynamoDB is unchanged."""
    assert signed_in.receive(OWNER_PHONE, "gastei 150 de gasolina hoje") == "open"
    signed_in.finish_turns()
    signed_in.advance(seconds=5)
    with signed_in.database.tenant(signed_in.company_id) as session:
        end_sessions(session, signed_in.company_id, signed_in.owner_id, signed_in.clock.now())

    assert signed_in.receive(OWNER_PHONE, "quanto gastei este mês?") == "code_sent"
    assert signed_in.receive(OWNER_PHONE, "e ontem?") == "code_pending"
    assert signed_in.receive(OWNER_PHONE, code_in(signed_in.send_queued())) == "open"
    assert signed_in.receive(OWNER_PHONE, "e hoje?") == "join"
    sessions = Sessions(signed_in.table, lambda: PEPPER)
    assert len(sessions.of_user(signed_in.company_id, signed_in.owner_id, signed_in.clock.now())) == 1


def test_a_chat_session_ended_alone_is_invalid_while_its_item_still_exists(signed_in: WhatsAppHarness) -> None:
    """Its item was not deleted, because the process died or DynamoDB did not answer."""
    company_id, owner_id = signed_in.company_id, signed_in.owner_id
    assert signed_in.receive(OWNER_PHONE, "gastei 150 de gasolina hoje") == "open"
    sessions = Sessions(signed_in.table, lambda: PEPPER)
    (found,) = sessions.of_user(company_id, owner_id, signed_in.clock.now())
    signed_in.advance(minutes=1)
    with signed_in.database.tenant(company_id) as session:
        assert end_session(session, company_id, owner_id, found.key.session_id)

    assert signed_in.receive(OWNER_PHONE, "e mais 20 de café") == "code_sent"
    assert sessions.of_user(company_id, owner_id, signed_in.clock.now()) == []
    assert signed_in.receive(OWNER_PHONE, code_in(signed_in.send_queued())) == "join"


def test_messages_held_longer_than_a_day_are_not_acted_on(whatsapp: WhatsAppHarness) -> None:
    whatsapp.receive(OWNER_PHONE, "gastei 150 hoje")
    whatsapp.send_queued()
    whatsapp.advance(hours=30)
    whatsapp.receive(OWNER_PHONE, "bom dia")
    whatsapp.receive(OWNER_PHONE, code_in(whatsapp.send_queued()))
    assert [one.text for one in whatsapp.messages(direction="in", status="received")] == ["bom dia"]


def test_a_voice_message_gets_a_notice_and_opens_no_turn(signed_in: WhatsAppHarness) -> None:
    assert signed_in.receive(OWNER_PHONE, "", kind="audio") == "unreadable"
    assert signed_in.send_queued() == ["Ainda não consigo ouvir áudios. Pode me escrever em texto?"]
    assert signed_in.queues.of("agent-") == []
    assert signed_in.receive(OWNER_PHONE, "gastei 150 de gasolina") == "open"


def test_a_picture_with_a_caption_is_read_by_its_caption(signed_in: WhatsAppHarness) -> None:
    assert signed_in.receive(OWNER_PHONE, "gastei 150 de gasolina hoje", kind="image") == "open"


def test_the_crew_is_silent_during_a_takeover(signed_in: WhatsAppHarness) -> None:
    signed_in.receive(OWNER_PHONE, "oi")
    signed_in.finish_turns()
    answer = {"provider_message_id": "3EB0P", "text": "Oi Bia, aqui é a Ana"}
    assert signed_in.inbound()(signed_in.queue_message("takeover", OWNER_PHONE, answer)) == "human"
    assert signed_in.inbound()(signed_in.queue_message("takeover", OWNER_PHONE, answer)) == "repeated"
    signed_in.advance(minutes=59)
    assert signed_in.receive(OWNER_PHONE, "gastei 150 de gasolina hoje") == "human"
    signed_in.advance(minutes=2)
    assert signed_in.receive(OWNER_PHONE, "gastei 90 de gasolina hoje") == "open"
    assert len(signed_in.queues.of("agent-")) == 2
    assert [one.text for one in signed_in.messages(status="received", crew_task_id=None)] == [
        "gastei 90 de gasolina hoje"
    ]


def test_held_messages_are_released_when_the_code_is_given_to_the_api(whatsapp: WhatsAppHarness) -> None:
    whatsapp.receive(OWNER_PHONE, "gastei 150 de gasolina hoje")
    assert whatsapp.inbound()(whatsapp.queue_message("verified", OWNER_PHONE, {})) == "open"
    assert whatsapp.inbound()(whatsapp.queue_message("verified", OWNER_PHONE, {})) == "join"
    assert len(whatsapp.queues.of("agent-")) == 1


def test_a_connection_event_changes_the_channel(whatsapp: WhatsAppHarness) -> None:
    whatsapp.inbound()(whatsapp.queue_message("connection", None, {"state": "disconnected"}))
    assert whatsapp.rows("select status from channels")[0].status == "disconnected"


def test_nothing_is_lost_when_the_queue_is_down_after_the_commit(signed_in: WhatsAppHarness) -> None:
    signed_in.queues.down = True
    signed_in.receive(OWNER_PHONE, "gastei 150 de gasolina hoje", message_id="3EB0A")
    assert signed_in.receive(OWNER_PHONE, "gastei 150 de gasolina hoje", message_id="3EB0A") == "repeated"
    (row,) = signed_in.rows("select destination from outbox")
    assert row.destination == "agent-financial"


def test_messages_of_a_suspended_company_are_stored_and_not_answered(signed_in: WhatsAppHarness) -> None:
    signed_in.rows("update companies set status = 'suspended' returning id")
    assert signed_in.receive(OWNER_PHONE, "gastei 150 de gasolina hoje") == "company_suspended"
    assert signed_in.receive(UNKNOWN_PHONE, "123456") == "company_suspended"
    assert [(one.text, one.status) for one in signed_in.messages()] == [
        ("gastei 150 de gasolina hoje", "read"),
        ("••••••", "read"),
    ]
    assert signed_in.queues.queue_messages == []
    assert signed_in.rows("select id from crew_tasks") == []


def test_messages_after_a_suspension_are_answered(signed_in: WhatsAppHarness) -> None:
    signed_in.rows("update companies set status = 'suspended' returning id")
    signed_in.receive(OWNER_PHONE, "gastei 150 de gasolina ontem")
    signed_in.rows("update companies set status = 'active' returning id")
    assert signed_in.receive(OWNER_PHONE, "gastei 90 de gasolina hoje") == "open"
    assert [one.text for one in signed_in.messages(status="received")] == ["gastei 90 de gasolina hoje"]


def test_messages_of_a_closed_company_are_not_stored(signed_in: WhatsAppHarness) -> None:
    signed_in.rows("update companies set status = 'closed' returning id")
    assert signed_in.receive(OWNER_PHONE, "oi") == "company_inactive"
    assert signed_in.messages() == []


# ---- messages that the crew does not read


def not_read(whatsapp: WhatsAppHarness, phone: str, reason: str, message_id: str = "3EB0LATE") -> str:
    return whatsapp.inbound()(
        whatsapp.queue_message("unread", phone, {"provider_message_id": message_id, "reason": reason})
    )


@pytest.mark.parametrize(("reason", "said"), [("history", "paradas no caminho"), ("burst", "muitas mensagens")])
def test_a_known_sender_gets_one_notice_an_hour_about_unread_messages(
    signed_in: WhatsAppHarness, reason: str, said: str
) -> None:
    signed_in.receive(OWNER_PHONE, "gastei 150 de gasolina hoje")

    assert [not_read(signed_in, OWNER_PHONE, reason, f"3EB0{number}") for number in range(3)] == [
        *("told", "told_before", "told_before"),
    ]
    assert [said in one for one in signed_in.send_queued()] == [True]
    signed_in.advance(hours=1)
    assert not_read(signed_in, OWNER_PHONE, reason, "3EB0X") == "told"


def test_no_notice_about_a_message_that_was_read_before(signed_in: WhatsAppHarness) -> None:
    signed_in.receive(OWNER_PHONE, "oi", message_id="3EB0SEEN")

    assert not_read(signed_in, OWNER_PHONE, "history", "3EB0SEEN") == "repeated"


def test_an_unknown_sender_gets_no_notice_about_unread_messages(whatsapp: WhatsAppHarness) -> None:
    assert not_read(whatsapp, UNKNOWN_PHONE, "burst") == "unknown_sender"
    whatsapp.receive(UNKNOWN_PHONE, "oi")  # gets a code, but is not known yet
    assert not_read(whatsapp, UNKNOWN_PHONE, "burst") == "unknown_sender"


# ---- opt-out and opt-in


def test_a_contact_opts_out_without_a_code_and_opts_in_again(whatsapp: WhatsAppHarness) -> None:
    assert whatsapp.receive(UNKNOWN_PHONE, "PARAR") == "opted_out"
    assert [("voltar" in one, CODE.search(one)) for one in whatsapp.send_queued()] == [(True, None)]
    assert whatsapp.receive(UNKNOWN_PHONE, "não quero receber mais nada") == "opted_out"  # confirmed only once
    assert whatsapp.send_queued() == []
    assert [row.opted_out_at is not None for row in whatsapp.rows("select opted_out_at from contacts")] == [True]

    assert whatsapp.receive(UNKNOWN_PHONE, "voltar") == "opted_in"
    assert ["de volta" in one for one in whatsapp.send_queued()] == [True]
    assert [row.opted_out_at for row in whatsapp.rows("select opted_out_at from contacts")] == [None]
    events = [one.payload["name"] for one in whatsapp.queues.of("events")]
    assert [name for name in events if "opted" in name] == ["whatsapp.contact_opted_out", "whatsapp.contact_opted_in"]
    assert {row.status for row in whatsapp.messages(direction="in")} == {"read"}
    assert (
        whatsapp.receive(UNKNOWN_PHONE, "voltar") == "code_sent"
    )  # an everyday word from someone who has not opted out


def test_an_opt_out_leads_to_no_later_notice(whatsapp: WhatsAppHarness) -> None:
    """It is applied while the company is active and while it is suspended, so no notice follows."""
    whatsapp.receive(UNKNOWN_PHONE, "oi")
    whatsapp.receive(UNKNOWN_PHONE, code_in(whatsapp.send_queued()))
    whatsapp.finish_turns()
    whatsapp.receive(UNKNOWN_PHONE, "parar")
    whatsapp.rows("update companies set status = 'suspended' returning id")
    whatsapp.receive(UNKNOWN_PHONE, "voltar")
    whatsapp.rows("update companies set status = 'active' returning id")
    whatsapp.send_queued()

    swept = Swept()
    sweep_company(whatsapp.database, whatsapp.queues, whatsapp.company_id, now=whatsapp.clock.now(), swept=swept)

    assert (swept.told, swept.errors) == (0, [])
    assert whatsapp.send_queued() == []


def test_stop_from_staff_is_answered_by_the_crew(signed_in: WhatsAppHarness) -> None:
    assert signed_in.receive(OWNER_PHONE, "parar") == "open"


def test_the_notice_about_a_held_message_is_sent_once_per_code(whatsapp: WhatsAppHarness) -> None:
    whatsapp.receive(UNKNOWN_PHONE, "oi")
    whatsapp.send_queued()
    assert whatsapp.receive(UNKNOWN_PHONE, "tem pão?", message_id="3EB0A") == "code_pending"
    assert whatsapp.receive(UNKNOWN_PHONE, "tem pão?", message_id="3EB0A") == "repeated"
    assert whatsapp.receive(UNKNOWN_PHONE, "e bolo?") == "code_pending"
    assert whatsapp.receive(UNKNOWN_PHONE, "oi?") == "code_pending"
    assert ["Guardei" in one for one in whatsapp.send_queued()] == [True]

    whatsapp.advance(minutes=6)
    assert whatsapp.receive(UNKNOWN_PHONE, "ainda aí?") == "code_sent"
    assert whatsapp.receive(UNKNOWN_PHONE, "?") == "code_pending"
    assert sum("Guardei" in one for one in whatsapp.send_queued()) == 1


def test_replies_are_sent_to_the_number_in_whatsapps_form(whatsapp: WhatsAppHarness) -> None:
    message = {"provider_message_id": "3EB0OLD", "kind": "text", "text": "oi", "written_from": "+551112345678"}
    whatsapp.inbound()(whatsapp.queue_message("message", UNKNOWN_PHONE, message))
    code = code_in(whatsapp.send_queued())
    assert [one.phone for one in whatsapp.provider.sent] == ["+551112345678"]

    whatsapp.receive(UNKNOWN_PHONE, code)
    whatsapp.send_queued()
    assert [one.phone for one in whatsapp.provider.sent][1:] == [UNKNOWN_PHONE] * (len(whatsapp.provider.sent) - 1)
