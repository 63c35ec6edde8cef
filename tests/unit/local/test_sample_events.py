"""The files of `events/whatsapp` are the webhooks that our own code makes."""

import json
from datetime import timedelta
from pathlib import Path

import pytest

from infra.local.front_door import events
from infra.local.front_door.stack import parse_stack

ROOT = Path(__file__).parents[3]
COMPANY = parse_stack(
    {
        "demo": {
            "company_id": "0199",
            "owner_phone": "+5511987654321",
            "channel_key": "live-key",
            "webhook_url": "http://127.0.0.1:8000/v1/whatsapp/webhooks/uaz/live-key",
            "instance_token": "live-token",
        }
    }
).companies[0]


@pytest.mark.parametrize("name", sorted(events.samples()))
def test_a_stored_event_is_what_the_code_makes(name: str) -> None:
    stored = json.loads((ROOT / events.FOLDER / f"{name}.json").read_text())
    assert stored == events.samples()[name]


def test_a_refreshed_event_belongs_to_the_running_channel_and_is_news() -> None:
    now = events.AT + timedelta(days=3)
    event = events.refreshed(events.samples()["text"], COMPANY, now)
    payload = json.loads(event["body"])
    assert event["pathParameters"] == {"channel_key": "live-key"}
    assert event["path"].endswith("/live-key")
    assert payload["token"] == "live-token"
    assert payload["message"]["messageTimestamp"] == int(now.timestamp() * 1000)


def test_a_refreshed_history_event_stays_history() -> None:
    now = events.AT + timedelta(days=3)
    payload = json.loads(events.refreshed(events.samples()["history"], COMPANY, now)["body"])
    assert payload["message"]["messageTimestamp"] < (now - timedelta(hours=1)).timestamp() * 1000
