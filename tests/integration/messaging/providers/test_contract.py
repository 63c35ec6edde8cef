"""The uaz adapter against the stand-in over HTTP: requests, events, and outcomes of failures."""

import threading
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest

from falachefe.messaging.providers import http_post
from falachefe.messaging.providers.base import (
    Accepted,
    MessageReceived,
    OutgoingText,
    Provider,
    Refused,
    SendingChannel,
    StatusChanged,
    Unknown,
    WebhookChannel,
)
from falachefe.messaging.providers.uaz import Uaz
from infra.local.front_door.deliveries import Deliveries, Delivery
from infra.local.front_door.payloads import webhook_payload
from infra.local.front_door.provider import Instance, Pace
from infra.local.front_door.provider import Provider as StandIn
from infra.local.front_door.provider_api import ProviderApi
from infra.local.front_door.stack import EMPTY
from infra.local.front_door.web import make_server

TOKEN = "token-da-instancia"
PHONE = "+5511987654321"


@dataclass
class UazHarness:
    channel: SendingChannel
    standin: StandIn
    posted: list[Delivery]

    def order(self, kind: str, **more: Any) -> None:
        self.standin.faults.order({"kind": kind, "count": 1, **more})


@pytest.fixture
def harness(monkeypatch: pytest.MonkeyPatch) -> Iterator[UazHarness]:
    monkeypatch.setattr(http_post, "ANSWER_TIMEOUT_S", 0.3)
    posted: list[Delivery] = []
    standin = StandIn(lambda: EMPTY, lambda _, one: posted.append(one), Pace())
    standin.register(Instance(TOKEN, "http://127.0.0.1:9/webhook"))
    deliveries = Deliveries()
    server = make_server("127.0.0.1", 0, ProviderApi(standin, deliveries), quiet=True)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    base_url = f"http://127.0.0.1:{server.server_address[1]}/provider/uaz/"
    yield UazHarness(SendingChannel(base_url, TOKEN), standin, posted)
    server.shutdown()
    server.server_close()
    deliveries.close()


def uaz() -> Provider:
    return Uaz()


def send(harness: UazHarness, text: str = "Anotado!") -> Any:
    return uaz().send_text(harness.channel, OutgoingText(PHONE, text, "019aaaaa-0000-7000-8000-000000000001"))


def test_a_text_arrives_with_its_track_id(harness: UazHarness) -> None:
    outcome = send(harness, "Anotado: R$ 150,00 ⛽")
    (sent,) = harness.standin.sent_to(PHONE)
    assert outcome == Accepted(sent.messageid)
    assert (sent.text, sent.track_id) == ("Anotado: R$ 150,00 ⛽", "019aaaaa-0000-7000-8000-000000000001")


def test_the_echo_and_the_statuses_name_the_message_that_was_accepted(harness: UazHarness) -> None:
    outcome = send(harness)
    channel = WebhookChannel("c", "ch", "uaz", "", 600)
    events = [
        one for delivery in harness.posted for one in uaz().parse(dict(delivery.payload), channel, datetime.now(UTC))
    ]
    assert [(type(one), one.state) for one in events if isinstance(one, StatusChanged)] == [
        (StatusChanged, "sent"),
        (StatusChanged, "delivered"),
        (StatusChanged, "read"),
    ]
    assert isinstance(outcome, Accepted)
    assert {one.provider_message_ids for one in events if isinstance(one, StatusChanged)} == {
        (outcome.provider_message_id,)
    }
    echo = events[0]
    assert isinstance(echo, StatusChanged)
    assert echo.track_id == "019aaaaa-0000-7000-8000-000000000001"


@pytest.mark.parametrize(("kind", "again"), [("reject429", True), ("fail500", True), ("blocked", False)])
def test_a_refusal_is_recognized(harness: UazHarness, kind: str, again: bool) -> None:
    harness.order(kind)
    outcome = send(harness)
    assert isinstance(outcome, Refused)
    assert outcome.again is again
    assert harness.standin.sent_to(PHONE) == []


@pytest.mark.parametrize("fault", [{"kind": "stall", "seconds": 1.0}, {"kind": "drop_after_accept"}], ids=str)
def test_without_a_response_the_outcome_is_unknown(harness: UazHarness, fault: dict[str, Any]) -> None:
    harness.order(**fault)
    assert isinstance(send(harness), Unknown)
    assert len(harness.standin.sent_to(PHONE)) == 1


def test_an_unreachable_provider_is_a_refusal(harness: UazHarness) -> None:
    unreachable = SendingChannel("http://127.0.0.1:1/uaz", TOKEN)
    outcome = uaz().send_text(unreachable, OutgoingText(PHONE, "oi", "t"))
    assert outcome == Refused("unreachable", again=True)


def test_a_wrong_instance_token_allows_a_retry(harness: UazHarness) -> None:
    wrong = SendingChannel(harness.channel.base_url, "wrong")
    assert uaz().send_text(wrong, OutgoingText(PHONE, "oi", "t")) == Refused("provider_401", again=True)


def test_uaz_has_neither_a_handshake_nor_a_window() -> None:
    channel = WebhookChannel("c", "ch", "uaz", "", 600)
    assert uaz().challenge({"hub.challenge": "1"}, channel) is None
    assert uaz().window_open(None, datetime.now(UTC))


KINDS = {
    "text": "text", "extended_text": "text", "button_reply": "button", "list_reply": "list", "voice": "audio",
    "image": "image", "document": "document",
}  # fmt: skip


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_every_kind_of_message_of_the_stand_in_is_parsed(kind: Any) -> None:
    said = "" if kind == "voice" else "Sim, pode"
    payload = webhook_payload(kind, "551187654321", said, token=TOKEN, row_id="r1", sender_name="Ana")
    (event,) = uaz().parse(payload, WebhookChannel("c", "ch", "uaz", "", 600), datetime.now(UTC))
    assert isinstance(event, MessageReceived)
    assert (event.phone, event.kind, event.sender_name) == (PHONE, KINDS[kind], "Ana")
    assert event.text == said
