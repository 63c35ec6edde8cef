"""Sending: once, in order, in parts that fit, and never again when nobody knows what became of it."""

from datetime import timedelta

import pytest

from falachefe.kernel.errors import LimitExceeded, Unavailable
from falachefe.messaging.outbound.parts import track_id
from falachefe.messaging.outbound.send import REQUESTS_A_MINUTE, mark_stuck
from falachefe.messaging.providers.base import Accepted, Refused
from falachefe.phone_sign_in.codes import Codes
from tests.integration.messaging.conftest import OWNER_PHONE, PEPPER, Shop
from tests.integration.messaging.outbound.replies import LONG, again, reply, status


def test_a_reply_goes_out_once_and_keeps_the_providers_id(open_shop: Shop) -> None:
    message_id = reply(open_shop, "Anotado!")
    assert open_shop.deliver() == ["Anotado!"]
    (row,) = open_shop.messages(id=message_id)
    assert (row.status, row.provider_message_id) == ("sent", f"3EB0{0:018X}")
    assert open_shop.phones.got[0].track_id == str(message_id)
    assert again(open_shop, message_id) == "done_before"
    assert len(open_shop.phones.got) == 1


def test_a_refusal_for_now_leaves_the_message_queued(open_shop: Shop) -> None:
    message_id = reply(open_shop, "Anotado!")
    open_shop.phones.answers = [Refused("rate_limited", again=True, retry_after_s=7)]
    with pytest.raises(Unavailable):
        open_shop.deliver()
    assert status(open_shop, message_id) == "queued"
    assert again(open_shop, message_id) == "sent"


def test_a_refusal_for_good_is_told_and_not_repeated(open_shop: Shop) -> None:
    message_id = reply(open_shop, "Anotado!")
    open_shop.phones.answers = [Refused("blocked_by_whatsapp", again=False)]
    open_shop.deliver()
    assert status(open_shop, message_id) == "failed"
    (event,) = open_shop.queues.of("events")
    assert event.payload["name"] == "whatsapp.message_failed"
    assert event.payload["data"]["code"] == "blocked_by_whatsapp"
    assert again(open_shop, message_id) == "done_before"
    assert open_shop.phones.got == []


def test_a_worker_that_dies_while_sending_leaves_an_uncertain_message(open_shop: Shop) -> None:
    message_id = reply(open_shop, "Anotado!")
    open_shop.phones.answers = [SystemError("killed")]
    with pytest.raises(SystemError):
        open_shop.deliver()
    assert status(open_shop, message_id) == "sending"
    assert again(open_shop, message_id) == "uncertain"
    assert open_shop.phones.got == []


def test_the_sweep_finds_sends_that_never_ended(open_shop: Shop) -> None:
    message_id = reply(open_shop, "Anotado!")
    open_shop.phones.answers = [SystemError("killed")]
    with pytest.raises(SystemError):
        open_shop.deliver()
    (row,) = open_shop.messages(id=message_id)
    with open_shop.database.tenant(open_shop.company_id) as session:
        assert mark_stuck(session, open_shop.company_id, row.updated_at) == 0
        assert mark_stuck(session, open_shop.company_id, row.updated_at + timedelta(seconds=1)) == 1
    assert status(open_shop, message_id) == "uncertain"


def test_a_long_reply_goes_out_in_parts_in_order(open_shop: Shop) -> None:
    message_id = reply(open_shop, LONG)
    parts = open_shop.deliver()
    assert len(parts) == 3
    assert " ".join(parts).split() == LONG.split()
    assert [one.track_id for one in open_shop.phones.got] == [track_id(message_id, part) for part in range(3)]
    (row,) = open_shop.messages(id=message_id)
    assert row.crew_metadata["provider_ids"] == [f"3EB0{number:018X}" for number in range(3)]
    assert row.provider_message_id == row.crew_metadata["provider_ids"][-1]


def test_a_refused_part_is_tried_again_without_the_parts_before_it(open_shop: Shop) -> None:
    message_id = reply(open_shop, LONG)
    open_shop.phones.answers = [Accepted("A"), Refused("provider_500", again=True)]
    with pytest.raises(Unavailable):
        open_shop.deliver()
    assert again(open_shop, message_id) == "sent"
    assert [one.track_id for one in open_shop.phones.got] == [track_id(message_id, part) for part in range(3)]


def test_placeholders_are_harmless_when_they_go_out(open_shop: Shop) -> None:
    reply(open_shop, "Seu CPF é {{lead_personalid}}")
    assert "{{" not in open_shop.deliver()[0]


def test_a_company_sends_no_more_than_its_limit_and_loses_nothing(open_shop: Shop) -> None:
    message_id = reply(open_shop, "Anotado!")
    for _ in range(REQUESTS_A_MINUTE):
        open_shop.limits.hit(
            f"out#{open_shop.company_id}", limit=REQUESTS_A_MINUTE, window_s=60, now=open_shop.clock.now()
        )
    with pytest.raises(LimitExceeded):
        open_shop.deliver()
    assert status(open_shop, message_id) == "queued"
    open_shop.later(minutes=2)
    assert again(open_shop, message_id) == "sent"


def test_a_code_that_ran_out_before_it_was_sent_is_not_sent(shop: Shop) -> None:
    shop.hears(OWNER_PHONE, "oi")
    shop.later(minutes=5)
    assert shop.deliver() == []
    (row,) = shop.messages(direction="out")
    assert (row.status, row.error_code) == ("failed", "code_expired")


def test_the_code_that_goes_out_is_the_one_that_is_accepted(shop: Shop) -> None:
    shop.hears(OWNER_PHONE, "oi")
    (row,) = shop.messages(direction="out")
    shown = Codes(PEPPER).shown(shop.company_id, OWNER_PHONE, row.crew_metadata["nonce"])
    assert shown in shop.deliver()[0]
    assert shop.hears(OWNER_PHONE, shown) == "open"
