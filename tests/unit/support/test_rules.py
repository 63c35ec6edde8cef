from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from falachefe.kernel.errors import InvalidInput
from falachefe.kernel.text import ACCENTED, UNACCENTED
from falachefe.support import rules
from falachefe.support.rules import Candidate


def candidate(number: int, title_hits: int, hits: int, rank: float = 0.1) -> Candidate:
    return Candidate(UUID(int=number), f"Pergunta {number}", "Resposta", title_hits, hits, rank)


@pytest.mark.parametrize(
    ("asked", "title_hits", "hits", "fits"),
    [
        (1, 0, 1, True),
        (2, 0, 1, True),
        (3, 0, 1, False),
        (3, 1, 1, True),
        (4, 1, 1, False),
        (9, 0, 2, True),
        (1, 0, 0, False),
        (0, 0, 0, False),
    ],
)
def test_an_article_fits_with_half_of_the_words_or_two_or_a_third_with_a_title(
    asked: int, title_hits: int, hits: int, fits: bool
) -> None:
    assert (rules.best_article(asked, [candidate(1, title_hits, hits)]) is not None) is fits


def test_title_hits_weigh_more_and_rank_breaks_a_tie() -> None:
    body, title, better = candidate(1, 0, 3), candidate(2, 2, 2, 0.1), candidate(3, 2, 2, 0.9)

    assert rules.best_article(3, [body, title, better]) == better


def test_without_candidates_there_is_no_answer() -> None:
    assert rules.best_article(3, []) is None


@pytest.mark.parametrize(
    ("question", "words"),
    [
        ("Oi, bom dia! Qual o horário de vocês?", "o horario de"),
        ("ONDE FICA???", "fica"),
        ("quanto é", "quanto e"),
        ("bom dia", "bom dia"),
        ("😀", ""),
        ("pão-de-ló & café | (bolo)", "pao de lo cafe bolo"),
    ],
)
def test_stop_words_are_left_out_of_the_search(question: str, words: str) -> None:
    assert rules.words_asked(question) == words


@given(st.text(max_size=400))
def test_search_words_are_safe_for_any_text(question: str) -> None:
    asked = rules.words_asked(question)

    assert all(c.isalnum() or c == " " for c in asked)
    assert len(asked.split()) <= rules.MAX_QUESTION_LENGTH


def test_every_accent_of_portuguese_is_folded_in_the_index_as_in_the_question() -> None:
    assert len(ACCENTED) == len(UNACCENTED)
    assert rules.words_asked(ACCENTED) == UNACCENTED


@pytest.mark.parametrize(
    ("subject", "code"), [("", "subject_empty"), ("\x00", "subject_empty"), ("x" * 201, "subject_long")]
)
def test_a_ticket_has_a_subject_of_one_line(subject: str, code: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        rules.ticket_subject(subject)

    assert refused.value.code == code


def test_a_ticket_without_description_repeats_its_subject() -> None:
    assert rules.ticket_description(" \n", "Bolo errado") == "Bolo errado"
    assert rules.ticket_description("Linha 1\nLinha 2", "x") == "Linha 1\nLinha 2"
    with pytest.raises(InvalidInput):
        rules.ticket_description("x" * 4001, "x")
