"""Slugs: readable, of limited length, and unique."""

import re

import pytest
from hypothesis import given, strategies
from pydantic import TypeAdapter, ValidationError

from falachefe.posts import slugs
from falachefe.resources.schemas import Moment


@pytest.mark.parametrize(
    ("title", "slug"),
    [
        ("Ação & Promoção: 50% off!", "acao-e-promocao-50-por-cento-off"),
        ("  Novo   horário — de SEGUNDA à sexta  ", "novo-horario-de-segunda-a-sexta"),
        ("Coração, pão, pingüim, à toa", "coracao-pao-pinguim-a-toa"),
        ("1º lugar: café nº 5", "1o-lugar-cafe-no-5"),
        ("C++ & ração", "c-mais-mais-e-racao"),
        ("Straße, Æble, cœur", "strasse-aeble-coeur"),
        ("🎉🎉", "post"),
        ("株式会社", "post"),
        ("", "post"),
        ("--a--", "a"),
    ],
)
def test_a_title_becomes_a_readable_slug(title: str, slug: str) -> None:
    assert slugs.slug_of(title) == slug


@given(strategies.text(max_size=300))
def test_every_slug_is_valid_in_a_url(title: str) -> None:
    slug = slugs.slug_of(title)

    assert re.fullmatch(slugs.PATTERN.strip("^$"), slug)
    assert len(slug) <= slugs.LONGEST
    assert slugs.slug_of(slug) == slug


def test_a_long_title_ends_between_words() -> None:
    assert slugs.slug_of("palavra " * 30) == "-".join(["palavra"] * 10)
    assert slugs.slug_of("a" * 300) == "a" * slugs.LONGEST


@given(strategies.lists(strategies.text("ab-", max_size=100), max_size=30))
def test_slugs_of_many_titles_are_all_different(titles: list[str]) -> None:
    taken: set[str] = set()
    for title in titles:
        slug = slugs.free_slug(slugs.slug_of(title), taken)
        assert slug not in taken
        assert re.fullmatch(slugs.PATTERN.strip("^$"), slug)
        assert len(slug) <= slugs.LONGEST
        taken.add(slug)


def test_the_second_use_of_a_slug_gets_number_two() -> None:
    assert slugs.free_slug("aviso", {"aviso", "aviso-3"}) == "aviso-2"
    assert slugs.free_slug("a" * 80, {"a" * 80}) == "a" * 78 + "-2"


@pytest.mark.parametrize("sent", [0, 1_700_000_000, "2026-11-22", "2026-11-22T12:00:00", "amanhã", True])
def test_a_date_and_time_needs_a_time_zone(sent: object) -> None:
    moment: TypeAdapter[object] = TypeAdapter(Moment)
    assert moment.validate_python("2026-11-22T12:00:00-03:00")

    with pytest.raises(ValidationError):
        moment.validate_python(sent)
