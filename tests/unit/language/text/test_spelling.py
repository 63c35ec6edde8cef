"""Slips are corrected where a message says too little without it, and never in a name."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from falachefe.language import Facts
from falachefe.language.dialogue.interpreter import interpret
from falachefe.language.text.known_names import known_words
from falachefe.language.text.lexicon import FIRST_NAMES
from falachefe.language.text.normalize import normalize

NOW = datetime(2026, 11, 23, 9, 5, tzinfo=UTC)
NAMES = st.sampled_from(sorted(FIRST_NAMES))


@given(NAMES, st.sampled_from(["paguei 90 pra {}", "o {} faltou", "comprei 50 da {}", "{} pediu folga"]), st.booleans())
def test_a_first_name_stays_as_it_is_written(name: str, phrase: str, capital: bool) -> None:
    text = normalize(phrase.format(name.title() if capital else name))
    assert name in text.plain.split()
    assert text.mended is None or name in text.mended.plain.split()


@given(st.text("abcdefghijlmnoprstuvz", min_size=5, max_size=9))
def test_a_name_that_the_company_knows_is_never_changed(name: str) -> None:
    text = normalize(f"paguei 90 pra {name}", known_words(Facts(people=(name.title(),))))
    assert text.plain.split()[-1] == name
    assert text.mended is None or text.mended.plain.split()[-1] == name


@given(st.text("abcdefghijlmnoprstuvz", min_size=5, max_size=9))
def test_a_capital_inside_the_sentence_is_never_mended(name: str) -> None:
    text = normalize(f"ontem paguei 90 pra {name.title()}")
    assert text.mended is None or text.mended.plain.split()[-1] == text.plain.split()[-1]


@pytest.mark.parametrize(
    ("message", "category"), [("gastei 80 de gasolna", "combustivel"), ("gastei 80 de gazolina", "combustivel")]
)
def test_a_slip_that_hides_the_category_is_corrected(message: str, category: str) -> None:
    (draft,) = interpret(message, NOW).drafts
    assert draft.args["category"] == category


@pytest.mark.parametrize("name", ["Amanda", "Júlio", "Anita", "amanda", "julio", "anita"])
def test_money_paid_to_somebody_is_paid_today_whatever_the_name(name: str) -> None:
    (draft,) = interpret(f"paguei 90 pra {name}", NOW).drafts
    assert draft.tool == "add_expense"
    assert draft.args["amount"] == "90.00"
    assert draft.args.get("date", "2026-11-23") == "2026-11-23"
