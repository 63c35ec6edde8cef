"""The adapter of the product reads the stand-in's webhooks as what they mean."""

import hashlib
from datetime import UTC, datetime

import pytest

from falachefe.messaging.providers.base import (
    ConnectionChanged,
    Ignored,
    MessageReceived,
    NotRead,
    PersonAnswered,
    StatusChanged,
    WebhookChannel,
)
from falachefe.messaging.providers.uaz import Uaz
from infra.local.front_door.payloads import Kind, webhook_payload

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
PHONE = "+5511987654321"
CHANNEL = WebhookChannel("0199", "0199", "uaz", hashlib.sha256(b"t").hexdigest(), 600)


def understood(kind: Kind, text: str = "oi", **more: str) -> object:
    made = webhook_payload(kind, "11 98765-4321", text, token="t", message_id="3EB0AA", at=NOW, **more)
    (event,) = Uaz().parse(made, CHANNEL, NOW)
    return event


@pytest.mark.parametrize(
    ("kind", "read_as"),
    [
        ("text", "text"),
        ("extended_text", "text"),
        ("button_reply", "button"),
        ("list_reply", "list"),
        ("image", "image"),
    ],
)
def test_what_a_person_sent_is_received(kind: Kind, read_as: str) -> None:
    event = understood(kind, "gastei 150", row_id="row" if kind.endswith("reply") else "")
    assert isinstance(event, MessageReceived)
    assert (event.phone, event.provider_message_id, event.kind) == (PHONE, "3EB0AA", read_as)
    assert (event.text, event.at) == ("gastei 150", NOW)


def test_a_voice_message_is_received_without_words() -> None:
    event = understood("voice", "")
    assert isinstance(event, MessageReceived)
    assert (event.kind, event.text) == ("audio", "")


def test_an_echo_settles_the_message_that_it_names() -> None:
    assert understood("echo", track_id="0199-m") == StatusChanged(PHONE, ("3EB0AA",), "sent", NOW, "0199-m")


@pytest.mark.parametrize(("state", "read_as"), [("Delivered", "delivered"), ("Read", "read")])
def test_statuses_are_read(state: str, read_as: str) -> None:
    event = understood("status", state=state)
    assert isinstance(event, StatusChanged)
    assert (event.phone, event.provider_message_ids, event.state) == (PHONE, ("3EB0AA",), read_as)


def test_a_hand_written_answer_is_a_person_taking_over() -> None:
    assert isinstance(understood("from_me"), PersonAnswered)


def test_a_lost_connection_is_noticed() -> None:
    assert understood("connection", state="Disconnected") == ConnectionChanged("disconnected", NOW)


@pytest.mark.parametrize(("kind", "reason"), [("group", "group"), ("unknown", "event_call")])
def test_what_is_not_for_the_crew_is_ignored_and_counted(kind: Kind, reason: str) -> None:
    assert understood(kind) == Ignored(reason)


def test_history_is_not_read_and_its_sender_may_be_told() -> None:
    event = understood("history")
    assert isinstance(event, NotRead)
    assert (event.phone, event.reason) == (PHONE, "history")
