"""What providers report of our messages: it settles sends in doubt, and counts for the last part."""

import pytest

from falachefe.kernel.errors import Unavailable
from falachefe.messaging.outbound.parts import track_id
from falachefe.messaging.providers.base import Accepted, Unknown
from tests.integration.messaging.conftest import OWNER_PHONE, Shop
from tests.integration.messaging.outbound.replies import LONG, again, reply, status


def report(shop: Shop, state: str, *ids: str, track: str | None = None, deliveries: int = 1) -> str:
    message = {"provider_message_ids": list(ids), "state": state, "track_id": track}
    return shop.inbound()(shop.queue_message("status", OWNER_PHONE, message), deliveries)


def test_a_send_with_an_unknown_outcome_is_never_repeated_and_settled_by_the_echo(open_shop: Shop) -> None:
    message_id = reply(open_shop, "Anotado!")
    open_shop.phones.answers = [Unknown("no_answer_in_time")]
    open_shop.deliver()
    assert status(open_shop, message_id) == "uncertain"
    assert again(open_shop, message_id) == "done_before"
    assert open_shop.phones.got == []
    assert report(open_shop, "sent", "3EB0ECHO", track=str(message_id)) == "moved"
    (row,) = open_shop.messages(id=message_id)
    assert (row.status, row.provider_message_id) == ("sent", "3EB0ECHO")
    assert report(open_shop, "delivered", "3EB0ECHO") == "moved"


def test_a_part_in_doubt_holds_the_rest_back_until_the_echo(open_shop: Shop) -> None:
    message_id = reply(open_shop, LONG)
    open_shop.phones.answers = [Accepted("A"), Unknown("connection_lost")]
    open_shop.deliver()
    assert status(open_shop, message_id) == "uncertain"
    report(open_shop, "sent", "B", track=track_id(message_id, 1))
    assert status(open_shop, message_id) == "queued"
    open_shop.deliver()
    assert [one.track_id for one in open_shop.phones.got] == [track_id(message_id, part) for part in (0, 2)]
    assert status(open_shop, message_id) == "sent"


def test_a_message_has_come_as_far_as_its_last_part(open_shop: Shop) -> None:
    message_id = reply(open_shop, LONG)
    open_shop.deliver()
    first, _, last = (f"3EB0{number:018X}" for number in range(3))
    assert report(open_shop, "read", first) == "no_news"
    assert status(open_shop, message_id) == "sent"
    assert report(open_shop, "read", last) == "moved"
    assert report(open_shop, "delivered", last) == "no_news"
    assert status(open_shop, message_id) == "read"


def test_a_report_that_overtakes_our_own_transaction_is_not_lost(open_shop: Shop) -> None:
    message_id = reply(open_shop, "Anotado!")
    open_shop.rows(f"update messages set status = 'sending' where id = '{message_id}' returning id")
    with pytest.raises(Unavailable):
        report(open_shop, "delivered", "3EB0EARLY")
    assert report(open_shop, "delivered", "3EB0EARLY", deliveries=4) == "unknown_message"


def test_a_report_about_nothing_of_ours_is_counted_and_dropped(open_shop: Shop) -> None:
    reply(open_shop, "Anotado!")
    assert report(open_shop, "read", "3EB0OTHER") == "unknown_message"
    assert report(open_shop, "sent", "3EB0OTHER", track="someone-elses") == "unknown_message"
