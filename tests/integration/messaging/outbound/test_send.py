"""Sending: once, in order, in parts within the limit, and never again after an unknown outcome."""

from datetime import timedelta

import pytest

from falachefe.kernel.errors import LimitExceeded, Unavailable
from falachefe.messaging.outbound.parts import track_id
from falachefe.messaging.outbound.send import REQUESTS_A_MINUTE, mark_stuck
from falachefe.messaging.providers.base import Accepted, Refused
from falachefe.phone_sign_in.codes import Codes
from tests.integration.messaging.conftest import OWNER_PHONE, PEPPER, WhatsAppHarness
from tests.integration.messaging.outbound.replies import LONG, deliver_again, reply, status


def test_a_reply_is_sent_once_and_keeps_the_providers_id(signed_in: WhatsAppHarness) -> None:
    message_id = reply(signed_in, "Anotado!")
    assert signed_in.send_queued() == ["Anotado!"]
    (row,) = signed_in.messages(id=message_id)
    assert (row.status, row.provider_message_id) == ("sent", f"3EB0{0:018X}")
    assert signed_in.provider.sent[0].track_id == str(message_id)
    assert deliver_again(signed_in, message_id) == "done_before"
    assert len(signed_in.provider.sent) == 1


def test_a_temporary_refusal_leaves_the_message_queued(signed_in: WhatsAppHarness) -> None:
    message_id = reply(signed_in, "Anotado!")
    signed_in.provider.answers = [Refused("rate_limited", again=True, retry_after_s=7)]
    with pytest.raises(Unavailable):
        signed_in.send_queued()
    assert status(signed_in, message_id) == "queued"
    assert deliver_again(signed_in, message_id) == "sent"


def test_a_permanent_refusal_fails_the_message(signed_in: WhatsAppHarness) -> None:
    message_id = reply(signed_in, "Anotado!")
    signed_in.provider.answers = [Refused("blocked_by_whatsapp", again=False)]
    signed_in.send_queued()
    assert status(signed_in, message_id) == "failed"
    (event,) = signed_in.queues.of("events")
    assert event.payload["name"] == "whatsapp.message_failed"
    assert event.payload["data"]["code"] == "blocked_by_whatsapp"
    assert deliver_again(signed_in, message_id) == "done_before"
    assert signed_in.provider.sent == []


def test_a_worker_that_dies_while_sending_leaves_an_uncertain_message(signed_in: WhatsAppHarness) -> None:
    message_id = reply(signed_in, "Anotado!")
    signed_in.provider.answers = [SystemError("killed")]
    with pytest.raises(SystemError):
        signed_in.send_queued()
    assert status(signed_in, message_id) == "sending"
    assert deliver_again(signed_in, message_id) == "uncertain"
    assert signed_in.provider.sent == []


def test_the_sweep_marks_sends_that_did_not_end_as_uncertain(signed_in: WhatsAppHarness) -> None:
    message_id = reply(signed_in, "Anotado!")
    signed_in.provider.answers = [SystemError("killed")]
    with pytest.raises(SystemError):
        signed_in.send_queued()
    (row,) = signed_in.messages(id=message_id)
    with signed_in.database.tenant(signed_in.company_id) as session:
        assert mark_stuck(session, signed_in.company_id, row.updated_at) == 0
        assert mark_stuck(session, signed_in.company_id, row.updated_at + timedelta(seconds=1)) == 1
    assert status(signed_in, message_id) == "uncertain"


def test_a_long_reply_is_sent_in_parts_in_order(signed_in: WhatsAppHarness) -> None:
    message_id = reply(signed_in, LONG)
    parts = signed_in.send_queued()
    assert len(parts) == 3
    assert " ".join(parts).split() == LONG.split()
    assert [one.track_id for one in signed_in.provider.sent] == [track_id(message_id, part) for part in range(3)]
    (row,) = signed_in.messages(id=message_id)
    assert row.crew_metadata["provider_ids"] == [f"3EB0{number:018X}" for number in range(3)]
    assert row.provider_message_id == row.crew_metadata["provider_ids"][-1]


def test_a_refused_part_is_retried_without_earlier_parts(signed_in: WhatsAppHarness) -> None:
    message_id = reply(signed_in, LONG)
    signed_in.provider.answers = [Accepted("A"), Refused("provider_500", again=True)]
    with pytest.raises(Unavailable):
        signed_in.send_queued()
    assert deliver_again(signed_in, message_id) == "sent"
    assert [one.track_id for one in signed_in.provider.sent] == [track_id(message_id, part) for part in range(3)]


def test_placeholders_are_broken_when_they_are_sent(signed_in: WhatsAppHarness) -> None:
    reply(signed_in, "Seu CPF é {{lead_personalid}}")
    assert "{{" not in signed_in.send_queued()[0]


def test_a_company_sends_no_more_than_its_limit_and_loses_nothing(signed_in: WhatsAppHarness) -> None:
    message_id = reply(signed_in, "Anotado!")
    for _ in range(REQUESTS_A_MINUTE):
        signed_in.limits.hit(
            f"out#{signed_in.company_id}", limit=REQUESTS_A_MINUTE, window_s=60, now=signed_in.clock.now()
        )
    with pytest.raises(LimitExceeded):
        signed_in.send_queued()
    assert status(signed_in, message_id) == "queued"
    signed_in.advance(minutes=2)
    assert deliver_again(signed_in, message_id) == "sent"


def test_an_expired_code_is_not_sent(whatsapp: WhatsAppHarness) -> None:
    whatsapp.receive(OWNER_PHONE, "oi")
    whatsapp.advance(minutes=5)
    assert whatsapp.send_queued() == []
    (row,) = whatsapp.messages(direction="out")
    assert (row.status, row.error_code) == ("failed", "code_expired")


def test_the_code_that_is_sent_is_accepted(whatsapp: WhatsAppHarness) -> None:
    whatsapp.receive(OWNER_PHONE, "oi")
    (row,) = whatsapp.messages(direction="out")
    shown = Codes(PEPPER).shown(whatsapp.company_id, OWNER_PHONE, row.crew_metadata["nonce"])
    assert shown in whatsapp.send_queued()[0]
    assert whatsapp.receive(OWNER_PHONE, shown) == "open"
