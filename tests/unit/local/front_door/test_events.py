"""The files of `events/whatsapp` are the webhooks that our own code makes."""

import json
from pathlib import Path

import pytest

from infra.local.front_door import events

ROOT = Path(__file__).parents[4]


@pytest.mark.parametrize("name", sorted(events.samples()))
def test_a_stored_event_is_what_the_code_makes(name: str) -> None:
    stored = json.loads((ROOT / events.FOLDER / f"{name}.json").read_text())
    assert stored == events.samples()[name]
