"""Occasions that Brazilian companies post about."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from falachefe.kernel.text import fold

LEAD: Final = timedelta(days=21)
"""How long before the date an occasion is suggested."""


@dataclass(frozen=True, slots=True)
class Occasion:
    name: str
    day: date
    call: str
    """A sentence that ties the date to an offer."""


def easter(year: int) -> date:
    """Easter Sunday (Gregorian computus of Meeus, Jones and Butcher)."""
    a, (b, c) = year % 19, divmod(year, 100)
    d, e = divmod(b, 4)
    g = (8 * b + 13) // 25
    h = (19 * a + b - d - g + 15) % 30
    i, k = divmod(c, 4)
    weekday = (32 + 2 * e + 2 * i - h - k) % 7
    m = (a + 11 * h + 22 * weekday) // 451
    month, day = divmod(h + weekday - 7 * m + 114, 31)
    return date(year, month, day + 1)


def nth_weekday(year: int, month: int, weekday: int, nth: int) -> date:
    """The `nth` given weekday of a month (Monday is 0)."""
    first = date(year, month, 1)
    return first + timedelta(days=(weekday - first.weekday()) % 7 + 7 * (nth - 1))


_OCCASIONS: Final[tuple[tuple[str, Callable[[int], date], str], ...]] = (
    ("Carnaval", lambda y: easter(y) - timedelta(days=47), "O Carnaval está chegando: garanta o seu antes da folia."),
    ("Dia da Mulher", lambda y: date(y, 3, 8), "No Dia da Mulher, o carinho vem em forma de mimo."),
    ("Dia do Consumidor", lambda y: date(y, 3, 15), "É semana do consumidor, e quem ganha é você."),
    ("Páscoa", easter, "A Páscoa está chegando: encomende com antecedência."),
    ("Dia das Mães", lambda y: nth_weekday(y, 5, 6, 2), "O Dia das Mães pede um presente com carinho."),
    ("Dia dos Namorados", lambda y: date(y, 6, 12), "O Dia dos Namorados pede um momento a dois."),
    ("São João", lambda y: date(y, 6, 24), "É tempo de festa junina: venha entrar no clima do arraial."),
    ("Dia dos Pais", lambda y: nth_weekday(y, 8, 6, 2), "No Dia dos Pais, surpreenda quem sempre esteve por perto."),
    ("Dia do Cliente", lambda y: date(y, 9, 15), "No Dia do Cliente, o presente é para você."),
    ("Dia das Crianças", lambda y: date(y, 10, 12), "O Dia das Crianças merece festa: traga a turminha."),
    (
        "Black Friday",
        lambda y: nth_weekday(y, 11, 3, 4) + timedelta(days=1),
        "A Black Friday está chegando: fique de olho, é por pouco tempo.",
    ),
    ("Natal", lambda y: date(y, 12, 25), "O Natal está chegando: já pensou na sua encomenda?"),
    ("Ano-Novo", lambda y: date(y + 1, 1, 1), "Feche o ano com chave de ouro e comece o próximo melhor ainda."),
)


def next_occasion(today: date) -> Occasion | None:
    """The nearest occasion within `LEAD` (three weeks) from today, if any."""
    ahead = [
        Occasion(name, on(year), call)
        for name, on, call in _OCCASIONS
        for year in (today.year, today.year + 1)
        if timedelta(0) <= on(year) - today <= LEAD
    ]
    return min(ahead, key=lambda occasion: occasion.day, default=None)


def named_occasion(text: str) -> bool:
    """Whether `text` already names one of the occasions."""
    plain = fold(text)
    return any(fold(name) in plain for name, _, _ in _OCCASIONS)
