"""`desfaz tudo`, which the reply to an undo offers, takes back all acts of the last message."""

from datetime import UTC, datetime

import pytest

from falachefe.language.engine import decide
from falachefe.language.types import CallTools, Situation, ToolCall


@pytest.mark.parametrize("said", ["desfaz tudo", "Desfaz tudo isso, por favor", "desfazer tudo."])
def test_all_acts_of_the_message_are_taken_back(said: str) -> None:
    now = datetime(2026, 11, 29, 15, tzinfo=UTC)

    decision = decide("financial", said, Situation(now=now, current_role="financial"))

    assert decision == CallTools((ToolCall("undo", {"whole_message": True}),))
