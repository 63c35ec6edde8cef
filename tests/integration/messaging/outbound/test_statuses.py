"""Status reports: they resolve uncertain sends, and the last part's status is the message's."""

import pytest

from falachefe.kernel.errors import Unavailable
from falachefe.messaging.outbound.parts import track_id
from falachefe.messaging.providers.base import Accepted, Unknown
from tests.integration.messaging.conftest import OWNER_PHONE, WhatsAppHarness
from tests.integration.messaging.outbound.replies import LONG, deliver_again, reply, status


def report(whatsapp: WhatsAppHarness, state: str, *ids: str, track: str | None = None, deliveries: int = 1) -> str:
    message = {"provider_message_ids": list(ids), "state": state, "track_id": track}
    return whatsapp.inbound()(whatsapp.queue_message("status", OWNER_PHONE, message), deliveries)


def test_a_send_with_an_unknown_outcome_is_not_repeated_and_is_resolved_by_the_echo(signed_in: WhatsAppHarness) -> None:
    message_id = reply(signed_in, "Anotado!")
    signed_in.provider.answers = [Unknown("no_answer_in_time")]
    signed_in.send_queued()
    assert status(signed_in, message_id) == "uncertain"
    assert deliver_again(signed_in, message_id) == "done_before"
    assert signed_in.provider.sent == []
    assert report(signed_in, "sent", "3EB0ECHO", track=str(message_id)) == "moved"
    (row,) = signed_in.messages(id=message_id)
    assert (row.status, row.provider_message_id) == ("sent", "3EB0ECHO")
    assert report(signed_in, "delivered", "3EB0ECHO") == "moved"


def test_an_uncertain_part_delays_the_rest_until_the_echo(signed_in: WhatsAppHarness) -> None:
    message_id = reply(signed_in, LONG)
    signed_in.provider.answers = [Accepted("A"), Unknown("connection_lost")]
    signed_in.send_queued()
    assert status(signed_in, message_id) == "uncertain"
    report(signed_in, "sent", "B", track=track_id(message_id, 1))
    assert status(signed_in, message_id) == "queued"
    signed_in.send_queued()
    assert [one.track_id for one in signed_in.provider.sent] == [track_id(message_id, part) for part in (0, 2)]
    assert status(signed_in, message_id) == "sent"


def test_the_status_of_a_message_is_that_of_its_last_part(signed_in: WhatsAppHarness) -> None:
    message_id = reply(signed_in, LONG)
    signed_in.send_queued()
    first, _, last = (f"3EB0{number:018X}" for number in range(3))
    assert report(signed_in, "read", first) == "no_news"
    assert status(signed_in, message_id) == "sent"
    assert report(signed_in, "read", last) == "moved"
    assert report(signed_in, "delivered", last) == "no_news"
    assert status(signed_in, message_id) == "read"


def test_a_report_before_our_transaction_ends_is_not_lost(signed_in: WhatsAppHarness) -> None:
    message_id = reply(signed_in, "Anotado!")
    signed_in.rows(f"update messages set status = 'sending' where id = '{message_id}' returning id")
    with pytest.raises(Unavailable):
        report(signed_in, "delivered", "3EB0EARLY")
    assert report(signed_in, "delivered", "3EB0EARLY", deliveries=4) == "unknown_message"


def test_a_report_about_an_unknown_message_is_counted_and_dropped(signed_in: WhatsAppHarness) -> None:
    reply(signed_in, "Anotado!")
    assert report(signed_in, "read", "3EB0OTHER") == "unknown_message"
    assert report(signed_in, "sent", "3EB0OTHER", track="someone-elses") == "unknown_message"
