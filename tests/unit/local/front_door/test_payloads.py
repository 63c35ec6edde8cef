"""The webhooks that we make hold what is known of the provider's."""

import hashlib
import hmac
import json
from datetime import UTC, datetime

import pytest

from infra.local.front_door.payloads import Payload, new_message_id, signature, webhook_payload

AT = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
PHONE = "+55 11 98765-4321"
JID = "5511987654321@s.whatsapp.net"


def payload(kind: str, text: str = "oi", **more: str) -> Payload:
    return webhook_payload(kind, PHONE, text, token="t0k3n", message_id="3EB0AA", at=AT, **more)  # type: ignore[arg-type]


def message(kind: str, text: str = "oi", **more: str) -> Payload:
    found: Payload = payload(kind, text, **more)["message"]
    return found


@pytest.mark.parametrize(
    ("kind", "event"),
    [
        ("text", "messages"),
        ("echo", "messages"),
        ("status", "messages_update"),
        ("connection", "connection"),
        ("unknown", "call"),
    ],
)
def test_every_webhook_names_its_event_instance_owner_and_token(kind: str, event: str) -> None:
    found = payload(kind)
    assert found["EventType"] == event
    assert found["token"] == "t0k3n"
    assert {"BaseUrl", "instanceName", "owner"} <= found.keys()


def test_a_text_carries_the_phone_in_chat_and_sender_pn_and_a_lid_as_its_sender() -> None:
    found = message("text", "gastei 150")
    assert (found["chatid"], found["sender_pn"]) == (JID, JID)
    assert found["sender"].endswith("@lid")
    assert (found["messageType"], found["content"], found["text"]) == ("Conversation", "gastei 150", "gastei 150")


def test_an_id_is_the_owner_and_the_bare_id_and_times_are_milliseconds() -> None:
    found = message("text")
    assert found["id"] == "551140028922:3EB0AA"
    assert found["messageid"] == "3EB0AA"
    assert found["messageTimestamp"] == int(AT.timestamp() * 1000)


def test_an_extended_text_holds_its_text_in_an_object() -> None:
    found = message("extended_text", "veja isto")
    assert (found["messageType"], found["content"]["text"]) == ("ExtendedTextMessage", "veja isto")


@pytest.mark.parametrize("kind", ["button_reply", "list_reply"])
def test_a_choice_holds_the_row_id_and_its_title_and_no_text(kind: str) -> None:
    found = message(kind, "Sim, aprovar", row_id="approve:1")
    assert (found["buttonOrListid"], found["vote"], found["text"]) == ("approve:1", "Sim, aprovar", "")


def test_a_voice_message_is_encrypted_media_of_type_ptt() -> None:
    found = message("voice", "")
    assert (found["type"], found["messageType"], found["mediaType"]) == ("media", "AudioMessage", "ptt")
    assert found["content"]["URL"].endswith(".enc")


def test_a_group_message_is_marked_and_comes_from_a_group_chat() -> None:
    found = message("group")
    assert found["isGroup"] is True
    assert found["chatid"].endswith("@g.us")


def test_a_hand_written_answer_is_from_me_and_not_by_the_api() -> None:
    found = message("from_me")
    assert (found["fromMe"], found["wasSentByApi"]) == (True, False)
    assert found["chatid"] == JID


def test_an_echo_is_from_me_by_the_api_with_its_track_id() -> None:
    found = message("echo", track_id="0199-track")
    assert (found["fromMe"], found["wasSentByApi"], found["track_id"]) == (True, True, "0199-track")


def test_history_is_hours_older_than_its_arrival() -> None:
    assert message("history")["messageTimestamp"] < (AT.timestamp() - 3600) * 1000


def test_a_status_names_bare_ids_and_seconds_and_is_from_me_in_both_known_shapes() -> None:
    delivered, read = payload("status", state="Delivered"), payload("status", state="Read")
    assert delivered["event"]["MessageIDs"] == ["3EB0AA"]
    assert delivered["event"]["Timestamp"] == int(AT.timestamp())
    assert delivered["event"]["IsFromMe"] is False
    assert read["event"]["IsFromMe"] == "False"
    assert {"type", "state"} <= read.keys()


def test_a_connection_event_holds_the_state_of_the_instance() -> None:
    assert payload("connection", state="Disconnected")["instance"]["status"] == "disconnected"


def test_every_webhook_is_json() -> None:
    for kind in ("text", "voice", "status", "connection", "unknown", "list_reply"):
        assert json.loads(json.dumps(payload(kind))) == payload(kind)


def test_message_ids_differ() -> None:
    assert len({new_message_id() for _ in range(100)}) == 100


def test_a_signature_is_the_hmac_of_the_raw_bytes() -> None:
    expected = hmac.new(b"s3cret", b'{"a":1}', hashlib.sha256).hexdigest()
    assert signature("s3cret", b'{"a":1}') == f"sha256={expected}"
