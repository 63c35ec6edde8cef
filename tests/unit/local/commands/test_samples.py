"""Sample events fit the running stack: its keys, its people's sign-in, the present."""

import json
import time
from pathlib import Path

import pytest

from infra.local.commands.samples import fitted, sample_event
from infra.local.console import Refused

STACK = {
    "front_door": "http://127.0.0.1:8000",
    "demo": {
        "channel_key": "the-real-key",
        "instance_token": "the-real-token",
        "admin": {"email": "real@example.com", "password": "the-real-password"},
    },
}
EVENTS = Path(__file__).parents[4] / "events"


def no_sign_in() -> str:
    raise AssertionError("nothing in this event signs in")


def test_a_webhook_goes_to_the_channel_that_exists() -> None:
    event = sample_event(EVENTS / "whatsapp" / "text.json", STACK)

    assert event["pathParameters"]["channel_key"] == "the-real-key"
    assert json.loads(event["body"])["token"] == "the-real-token"


def test_a_message_is_written_now() -> None:
    event = sample_event(EVENTS / "whatsapp" / "text.json", STACK)

    written = json.loads(event["body"])["message"]["messageTimestamp"] / 1000
    assert abs(time.time() - written) < 60


def test_a_login_is_the_demo_admins() -> None:
    event = json.loads(fitted((EVENTS / "auth" / "login.json").read_text(), STACK, access_token=no_sign_in))

    assert json.loads(event["body"]) == {"email": "real@example.com", "password": "the-real-password"}


@pytest.mark.parametrize("name", ["business/cash_flow", "crews/process", "whatsapp/conversations"])
def test_a_signed_in_event_gets_a_real_token(name: str) -> None:
    event = json.loads(fitted((EVENTS / f"{name}.json").read_text(), STACK, access_token=lambda: "a-real-one"))

    assert event["headers"]["Authorization"] == "Bearer a-real-one"


def test_a_file_that_is_no_json_is_refused(tmp_path: Path) -> None:
    broken = tmp_path / "event.json"
    broken.write_text("{")

    with pytest.raises(Refused, match=r"event\.json is not JSON"):
        sample_event(broken, STACK)
    with pytest.raises(Refused, match=r"there is no .*other\.json"):
        sample_event(tmp_path / "other.json", STACK)
