"""Only messages of a person's chat are processed; everything else is ignored with a reason for the metrics."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from falachefe.messaging.providers.base import (
    Ignored,
    InboundEvent,
    MessageReceived,
    NotRead,
    PersonAnswered,
    StatusChanged,
    WebhookChannel,
)
from falachefe.messaging.providers.jids import kind_of, phone_of
from falachefe.messaging.providers.uaz import Uaz

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
CHANNEL = WebhookChannel("company", "channel", "uaz", "", 600)
OWNER = "551140028922"
PERSON, LID = "5511987654321@s.whatsapp.net", "213027491580518@lid"


def webhook(chat: str = PERSON, *, at: datetime = NOW, wa_chatid: str = "", **message: Any) -> dict[str, Any]:
    return {
        "EventType": "messages",
        "owner": OWNER,
        "chat": {"wa_chatid": wa_chatid or chat},
        "message": {
            "messageid": "3EB0AA",
            "chatid": chat,
            "sender": LID,
            "sender_pn": PERSON,
            "fromMe": False,
            "messageType": "Conversation",
            "type": "text",
            "text": "gastei 150 de gasolina",
            "messageTimestamp": int(at.timestamp() * 1000),
            **message,
        },
    }


def read(payload: Mapping[str, Any]) -> InboundEvent:
    (event,) = Uaz().parse(dict(payload), CHANNEL, NOW)
    return event


@pytest.mark.parametrize(
    ("chat", "reason"),
    [
        ("status@broadcast", "status"),
        ("STATUS@BROADCAST", "status"),
        ("1668123456@broadcast", "broadcast"),
        ("120363144038483540@newsletter", "newsletter"),
        ("120363025246125486@g.us", "group"),
        ("551187654321-1398765432@g.us", "group"),
        (f"{OWNER}@s.whatsapp.net", "own_number"),
        (f"{OWNER}:23@s.whatsapp.net", "own_number"),
        ("5511987654321@c.us", "unknown_chat"),
        ("5511987654321@hosted", "unknown_chat"),
        ("5511987654321@bot", "unknown_chat"),
        ("5511987654321@s.whatsapp.net.example", "unknown_chat"),
        ("status@s.whatsapp.net", "unknown_chat"),
        ("@s.whatsapp.net", "unknown_chat"),
        ("5511987654321", "unknown_chat"),
        ("", "unknown_chat"),
        ("server@s.whatsapp.net", "unknown_chat"),
        ("0@s.whatsapp.net", "no_phone"),
        ("\u0661\u0662\u0663\u0664\u0665\u0666\u0667\u0668@s.whatsapp.net", "unknown_chat"),
    ],
)
@pytest.mark.parametrize("ours", [False, True])
def test_a_chat_that_is_not_a_persons_is_ignored_with_its_reason(chat: str, reason: str, ours: bool) -> None:
    """A status or a group message also has a person as its sender, which must not count."""
    assert read(webhook(chat, fromMe=ours)) == Ignored(reason)


@pytest.mark.parametrize(
    ("chat", "sender", "phone", "written_from"),
    [
        (PERSON, PERSON, "+5511987654321", None),
        ("5511987654321:12@s.whatsapp.net", "", "+5511987654321", None),
        ("5511987654321.0:12@s.whatsapp.net", "", "+5511987654321", None),
        ("551187654321@s.whatsapp.net", "", "+5511987654321", "+551187654321"),
        ("551187654321@s.whatsapp.net", PERSON, "+5511987654321", "+551187654321"),
        (LID, PERSON, "+5511987654321", None),
        (LID, "551187654321@s.whatsapp.net", "+5511987654321", "+551187654321"),
        ("14155550123@s.whatsapp.net", "", "+14155550123", None),
    ],
)
def test_a_persons_message_keeps_the_number_in_whatsapps_form(
    chat: str, sender: str, phone: str, written_from: str | None
) -> None:
    event = read(webhook(chat, sender_pn=sender))

    assert isinstance(event, MessageReceived)
    assert (event.phone, event.written_from) == (phone, written_from)


@pytest.mark.parametrize("sender", ["", LID, "status@broadcast", "5511987654321@c.us"])
def test_a_lid_without_a_number_is_ignored(sender: str) -> None:
    assert read(webhook(LID, sender_pn=sender)) == Ignored("no_phone")


def test_a_lid_that_resolves_to_the_channel_itself_is_not_a_person() -> None:
    assert read(webhook(LID, sender_pn=f"{OWNER}@s.whatsapp.net")) == Ignored("own_number")


def test_the_chat_gives_the_number_of_a_lid_that_the_company_wrote_to() -> None:
    own: dict[str, Any] = {"fromMe": True, "sender_pn": f"{OWNER}@s.whatsapp.net"}
    answered = read(webhook(LID, wa_chatid=PERSON, **own))

    assert isinstance(answered, PersonAnswered)
    assert answered.phone == "+5511987654321"
    assert read(webhook(LID, **own)) == Ignored("no_phone")
    echo = read(webhook(LID, wasSentByApi=True, track_id="t-1", **own))
    assert echo == StatusChanged(None, ("3EB0AA",), "sent", NOW, "t-1")


@pytest.mark.parametrize(
    ("message", "reason"),
    [
        ({"edited": "3EB0BB"}, "edited"),
        ({"messageType": "EditedMessage"}, "edited"),
        ({"messageType": "ProtocolMessage", "text": ""}, "protocol"),
        ({"messageType": "ReactionMessage"}, "reaction"),
        ({"type": "reaction"}, "reaction"),
        ({"messageType": "PollUpdateMessage"}, "poll_vote"),
        ({"text": "  "}, "empty"),
    ],
)
def test_messages_without_written_text_are_ignored_with_their_reason(message: dict[str, Any], reason: str) -> None:
    assert read(webhook(**message)) == Ignored(reason)


@pytest.mark.parametrize("kind", ["history", "presence", "groups", "call", "labels", "chats", "newsletter_messages"])
def test_a_known_event_that_is_not_processed_is_ignored_by_its_name(kind: str) -> None:
    assert read({"EventType": kind}) == Ignored(f"event_{kind}")


@pytest.mark.parametrize("kind", ["", "Messages", "x" * 500, "call "])
def test_all_unknown_events_have_the_same_reason(kind: str) -> None:
    """The reason is a metric's dimension, which a sender must not be able to choose."""
    assert read({"EventType": kind}) == Ignored("unknown_event")


@pytest.mark.parametrize(
    ("age", "event"),
    [
        (timedelta(minutes=10), MessageReceived),
        (timedelta(minutes=11), NotRead),
        (timedelta(hours=23), NotRead),
        (timedelta(hours=24), Ignored),
        (timedelta(days=400), Ignored),
    ],
)
def test_old_messages_are_ignored_after_the_time_for_a_notice(age: timedelta, event: type) -> None:
    assert type(read(webhook(at=NOW - age))) is event


@pytest.mark.parametrize("chat", ["status@broadcast", "120363025246125486@g.us", "120363144038483540@newsletter"])
def test_statuses_of_other_chats_are_ignored_with_their_reason(chat: str) -> None:
    event = {"Chat": chat, "MessageIDs": ["3EB0AA"], "Type": "Read"}
    (read_as,) = Uaz().parse({"EventType": "messages_update", "event": event}, CHANNEL, NOW)
    assert read_as == Ignored(kind_of(chat))


_PART = st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=20)
_SERVERS = st.sampled_from(["s.whatsapp.net", "lid", "g.us", "broadcast", "newsletter", "c.us", "bot", ""]) | _PART
_USERS = st.sampled_from(["5511987654321", "551187654321", "status", OWNER, "5511987654321:3"]) | _PART
_JIDS = st.builds("{}@{}".format, _USERS, _SERVERS) | _PART


@given(chat=_JIDS, sender=_JIDS, ours=st.booleans(), group=st.booleans())
def test_only_a_persons_chat_leads_to_a_persons_message(chat: str, sender: str, ours: bool, group: bool) -> None:
    event = read(webhook(chat, sender_pn=sender, fromMe=ours, isGroup=group))

    if isinstance(event, MessageReceived | PersonAnswered):
        number = phone_of(chat) or phone_of(sender if not ours else chat)
        assert kind_of(chat) in ("person", "hidden")
        assert not group
        assert number is not None
        assert event.phone.lstrip("+") != OWNER
    else:
        assert isinstance(event, Ignored)
        assert event.reason in {
            *("group", "status", "broadcast", "newsletter", "unknown_chat", "no_phone", "own_number"),
        }
