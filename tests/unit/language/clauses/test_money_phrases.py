"""Corrections, denials, directions and lists, generated with their answer: the decision must be that answer."""

import re
import unicodedata
from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from falachefe.language import CallTools, Situation, analyze, decide
from falachefe.language.types import ToolCall
from tests.unit.language.clauses.money_phrases import (
    Phrase,
    corrections,
    directions,
    expenses,
    lists,
    undone,
)

NOW = datetime.fromisoformat("2026-11-25T10:00:00-03:00")
_LEDGER = ("add_expense", "add_income", "add_bill", "settle_bill")


def calls(text: str) -> tuple[ToolCall, ...]:
    situation = Situation(NOW)
    decision = decide(analyze(text, situation).role, text, situation)
    return decision.calls if isinstance(decision, CallTools) else ()


def booked(text: str) -> tuple[tuple[str, str], ...]:
    return tuple((c.tool, str(c.args.get("amount"))) for c in calls(text) if c.tool in _LEDGER)


def holds(phrase: Phrase) -> bool:
    return booked(phrase.text) == tuple((str(phrase.tool), amount) for amount in phrase.amounts)


@given(expenses())
def test_an_expense_is_booked_with_its_amount(phrase: Phrase) -> None:
    assert holds(phrase), (phrase, booked(phrase.text))


@given(corrections())
def test_a_correction_books_only_what_was_meant(phrase: Phrase) -> None:
    assert holds(phrase), (phrase, booked(phrase.text))


@given(undone())
def test_what_did_not_happen_is_not_booked(phrase: Phrase) -> None:
    assert holds(phrase), (phrase, booked(phrase.text))


@given(directions())
def test_who_gives_and_who_receives_decides_the_side(phrase: Phrase) -> None:
    assert holds(phrase), (phrase, booked(phrase.text))


@given(lists())
def test_every_line_of_a_list_is_booked(phrase: Phrase) -> None:
    assert holds(phrase), (phrase, booked(phrase.text))


# ---- what must not change the decision

_COURTESY = ("bom dia! {}", "oi, tudo bem? {}", "{} obrigado", "por favor, {}", "chefe, {}", "{}, valeu!", "então, {}")


def unaccented(text: str) -> str:
    return "".join(c for c in unicodedata.normalize("NFD", text) if not unicodedata.combining(c))


def voiced(text: str) -> str:
    """As a voice message is written down: no capitals and no punctuation but that inside numbers."""
    return re.sub(r"[,.!;:](?!\d)", "", text.lower().replace("r$ ", "")).replace("?", "")


DEEDS = st.one_of(expenses(), directions(), undone(), corrections())


@given(DEEDS, st.sampled_from(_COURTESY))
def test_courtesy_does_not_change_the_decision(phrase: Phrase, courtesy: str) -> None:
    assert booked(courtesy.format(phrase.text)) == booked(phrase.text), courtesy.format(phrase.text)


@pytest.mark.parametrize("changed", [unaccented, str.upper], ids=["without-accents", "upper-case"])
@given(phrase=DEEDS)
def test_accents_and_capitals_do_not_change_the_decision(changed, phrase: Phrase) -> None:  # type: ignore[no-untyped-def]
    assert booked(changed(phrase.text)) == booked(phrase.text), changed(phrase.text)


@given(st.one_of(expenses(), directions()))
def test_a_voice_message_without_punctuation_reads_the_same(phrase: Phrase) -> None:
    assert booked(voiced(phrase.text)) == booked(phrase.text), voiced(phrase.text)


@given(expenses(), expenses())
def test_the_order_of_two_deeds_does_not_change_what_is_booked(one: Phrase, other: Phrase) -> None:
    forth, back = booked(f"{one.text} e {other.text}"), booked(f"{other.text} e {one.text}")
    assert sorted(forth) == sorted(back) == sorted([*booked(one.text), *booked(other.text)])
