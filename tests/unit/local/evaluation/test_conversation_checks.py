"""How replies and rows of a conversation are compared, and which dates its placeholders stand for."""

import json
from datetime import datetime
from typing import Any

import pytest

from infra.local.evaluation.conversations.checks import reply_faults, row_faults
from infra.local.evaluation.conversations.placeholders import filled
from infra.local.evaluation.conversations.script import Turn, read_conversations

NOW = datetime.fromisoformat("2026-12-30T22:40:00-03:00")
ROWS = [
    {"amount": "50.00", "description": "Gás da cozinha", "at": "2026-12-05T12:00:00Z", "over": True},
    {"amount": "8.00", "description": "Café", "at": "2026-12-06T03:30:00Z", "over": False},
]


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        ("{today}", "2026-12-30"),
        ("{today+2}", "2027-01-01"),
        ("vence {today-1:dd/mm}", "vence 29/12"),
        ("{today+2:dd/mm/yyyy}", "01/01/2027"),
        ("dia {today+2:day}", "dia 1"),
        ("{today:weekday}", "quarta"),
        ("{month}", "2026-12"),
        ("{month+1}-10", "2027-01-10"),
        ("{month-12:name}", "dezembro"),
        ("{now+90m}", "00:10"),
        ("{now+2h:moment}", "2026-12-31T00:40"),
        ("{unknown}", "{unknown}"),
    ],
)
def test_a_placeholder_stands_for_a_date(text: str, meaning: str) -> None:
    assert filled({"a": [text]}, NOW) == {"a": [meaning]}


def test_a_reply_is_compared_without_case_accents_and_formatting() -> None:
    turn = Turn("oi", contains=(("r$ 50,00",), ("amanha", "hoje")), lacks=(("cafe",),))

    assert reply_faults(turn, "*R$\xa050,00*, Amanhã.", []) == []
    assert reply_faults(turn, "R$ 50,00 de Café, hoje.", []) == ["the reply contains 'cafe'"]
    assert reply_faults(turn, "R$ 50,00", []) == ["the reply lacks 'amanha' or 'hoje'"]


def test_tools_are_compared_only_where_the_turn_names_them() -> None:
    assert reply_faults(Turn("oi"), "Oi!", ["greet"]) == []
    assert reply_faults(Turn("oi", tools=("help",)), "Oi!", ["greet"]) != []


@pytest.mark.parametrize(
    "expected",
    [
        [{"amount": "8"}, {"amount": "50.0"}],
        [{"description": {"contains": "gas"}}, {}],
        [{"at": {"starts": "2026-12-05T09:00"}}, {"at": {"starts": "2026-12-06T00"}}],
        [{"amount": {"any_of": ["1", "8"]}}, {"over": True}],
        {"includes": [{"amount": "8"}], "lacks": [{"amount": "9"}], "count": 2},
    ],
    ids=["numbers", "texts", "moments", "alternatives", "rules"],
)
def test_rows_that_are_as_expected_have_no_faults(expected: Any) -> None:
    assert row_faults("transactions", expected, ROWS) == []


@pytest.mark.parametrize(
    "expected",
    [
        [],
        [{"amount": "8"}],
        [{"amount": "8"}, {"amount": "8"}],
        [{"amount": "8"}, {"unheard": "8"}],
        [{"at": {"starts": "2026-12-06T03"}}, {}],
        {"includes": [{"amount": "9"}]},
        {"lacks": [{"amount": "8"}]},
        {"count": 3},
    ],
    ids=["none", "too_few", "twice", "unheard", "other_zone", "includes", "lacks", "count"],
)
def test_rows_that_are_not_as_expected_have_faults(expected: Any) -> None:
    assert row_faults("transactions", expected, ROWS) != []


@pytest.mark.parametrize(
    "wrong", [{"tet": "oi"}, {"text": "oi", "reply": {"has": []}}, {"text": "oi", "now": "2026-12-30"}]
)
def test_a_misspelt_turn_is_named_by_its_line(wrong: Any) -> None:
    with pytest.raises(ValueError, match="line 1 is not a conversation"):
        read_conversations([json.dumps({"id": "a", "kind": "b", "turns": [wrong]})])
