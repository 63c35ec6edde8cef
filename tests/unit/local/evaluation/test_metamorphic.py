"""Changed messages are compared by what is done about them, and other names and amounts by the exchanged call."""

import json
import re
from datetime import datetime

from falachefe.language.types import ToolCall, Utterance
from infra.local.evaluation.cases import read_cases
from infra.local.evaluation.deciders import Handled
from infra.local.evaluation.metamorphic import AMOUNTS, CHANGES, differences

TEXT = "Gastei 50 com o João, na padaria."


class Reader:
    """Books the first number for the first capitalised word behind an article; `blind_to` is a change it mistakes."""

    def __init__(self, blind_to: str | None = None) -> None:
        self.confused = CHANGES[blind_to](TEXT) if blind_to else None

    def handle(self, text: str, now: datetime, history: tuple[Utterance, ...]) -> Handled:
        if text == self.confused:
            return Handled("financial")
        amount = re.findall(r"\d+", text)[0]
        person = re.findall(r"\bo\s+(\w+)", text, re.IGNORECASE)[0].title()
        return Handled("financial", (ToolCall("add_expense", {"amount": f"{amount}.00", "employee": person}),))


CASES = read_cases([json.dumps({"id": "a", "text": TEXT, "now": "2026-11-23T09:00:00-03:00", "expect": {}})])


def test_every_change_is_tried_and_an_equal_decision_is_no_difference() -> None:
    tried, found = differences(CASES, Reader())

    assert found == []
    assert set(tried) == {*CHANGES, AMOUNTS}
    assert set(tried.values()) == {1}


def test_a_change_that_alters_the_decision_is_found() -> None:
    for name in CHANGES:
        _, found = differences(CASES, Reader(blind_to=name))

        assert name in {one.change for one in found}


def test_another_amount_must_be_booked_as_another_amount() -> None:
    class Stuck(Reader):
        def handle(self, text: str, now: datetime, history: tuple[Utterance, ...]) -> Handled:
            return super().handle(TEXT, now, history)

    _, found = differences(CASES, Stuck())

    assert [one.change for one in found] == [AMOUNTS]
