"""An absence has a person and keeps all its days; one that is denied is none."""

from datetime import UTC, datetime

import pytest

from falachefe.language.dialogue.interpreter import interpret

NOW = datetime(2026, 11, 23, 9, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    ("message", "employee", "days"),
    [
        ("a Rosa faltou de terça a quinta", "Rosa", ["2026-11-17", "2026-11-18", "2026-11-19"]),
        ("a Ana faltou segunda e terça", "Ana", ["2026-11-16", "2026-11-17"]),
        ("o Pedro faltou dias 5, 6 e 9", "Pedro", ["2026-11-05", "2026-11-06", "2026-11-09"]),
        ("o Marco faltou", "Marco", ["2026-11-23"]),
    ],
)
def test_an_absence_keeps_every_day_that_was_told(message: str, employee: str, days: list[str]) -> None:
    drafts = interpret(message, NOW).drafts
    assert [(d.tool, d.args["employee"], d.args["date"]) for d in drafts] == [
        ("register_absence", employee, day) for day in days
    ]


@pytest.mark.parametrize("message", ["a Ana faltou semana passada", "a Ana faltou de 1 a 20", "a Rosa faltou em Março"])
def test_days_that_are_open_or_many_are_asked_for(message: str) -> None:
    (draft,) = interpret(message, NOW).drafts
    assert draft.missing == ("date",)


@pytest.mark.parametrize(
    "message",
    ["ninguém faltou", "ninguém faltou hoje", "não faltou ninguém", "o João não faltou", "nenhum deles faltou"],
)
def test_a_denied_absence_is_none(message: str) -> None:
    assert interpret(message, NOW).drafts == ()
