import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from falachefe.kernel.text import fold, one_line, paragraphs


@pytest.mark.parametrize(
    ("written", "folded"),
    [("Pão  de Açúcar", "pao de acucar"), (" ÀS\tVEZES ", "as vezes"), ("Straße", "strasse"), ("ﬁm", "fim"), ("", "")],
)
def test_folded_text_has_no_accents_no_case_and_single_spaces(written: str, folded: str) -> None:
    assert fold(written) == folded


@given(st.text())
def test_composed_and_decomposed_text_fold_alike(text: str) -> None:
    assert fold(unicodedata.normalize("NFC", text)) == fold(unicodedata.normalize("NFD", text))


@given(st.text())
def test_a_cleaned_line_is_stable_and_can_be_stored(text: str) -> None:
    line = one_line(text)

    assert one_line(line) == line
    assert not {"\n", "\x00", "\x7f"}.intersection(line)
    assert line == line.strip()
    line.encode()


@given(st.text(alphabet=st.characters()))
def test_cleaned_paragraphs_can_be_stored(text: str) -> None:
    assert "\x00" not in paragraphs(text)
    paragraphs(text).encode()


def test_paragraphs_keep_their_line_breaks() -> None:
    assert paragraphs(" Oi!\r\n\r\nTudo\x00 bem?\n ") == "Oi!\n\nTudo bem?"


def test_a_lone_surrogate_is_dropped() -> None:
    assert one_line("a\ud83db") == "a b"
