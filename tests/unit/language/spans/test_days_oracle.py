"""A day is made into words and read back: the same day, with the role of its place."""

from collections.abc import Callable
from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from falachefe.kernel.brazil import MONTHS
from falachefe.language.spans.days import read_days
from falachefe.language.text.normalize import normalize

TODAYS = st.dates(date(2020, 1, 1), date(2035, 12, 31))
WORDINGS: tuple[Callable[[date], str], ...] = (
    lambda day: f"{day.day}/{day.month}",
    lambda day: f"{day:%d/%m}",
    lambda day: f"{day:%d/%m/%Y}",
    lambda day: f"{day:%d/%m/%y}",
    lambda day: f"{day:%d.%m.%Y}",
    lambda day: f"{day.day} de {MONTHS[day.month - 1]}",
    lambda day: f"dia {day.day} de {MONTHS[day.month - 1]}",
    lambda day: f"{day.day} de {MONTHS[day.month - 1]} de {day.year}",
)


@given(TODAYS, st.integers(1, 59), st.sampled_from(WORDINGS), st.sampled_from(["paguei a luz {}", "{} vendi bolo"]))
def test_a_day_of_the_last_weeks_dates_the_deed(
    today: date, ago: int, wording: Callable[[date], str], phrase: str
) -> None:
    day = today - timedelta(days=ago)
    (when,) = read_days(normalize(phrase.format(wording(day))), today)
    assert (when.first, when.last, when.role, when.exact) == (day, day, "happened", True)


@given(TODAYS, st.integers(1, 200), st.sampled_from(WORDINGS), st.sampled_from(["que vence", "com vencimento em"]))
def test_a_day_ahead_behind_a_due_word_never_dates_the_payment(
    today: date, ahead: int, wording: Callable[[date], str], lead: str
) -> None:
    day = today + timedelta(days=ahead)
    (when,) = read_days(normalize(f"paguei o boleto {lead} {wording(day)}"), today)
    assert (when.first, when.role) == (day, "due")


@given(
    TODAYS, st.sampled_from([7, 10, 14, 15, 21, 28, 30, 45, 60, 90]), st.sampled_from(["a {}", "pra {}", "boleto {}"])
)
def test_a_payment_term_is_counted_from_the_message(today: date, days: int, phrase: str) -> None:
    (when,) = read_days(normalize(f"comprei 700 {phrase.format(f'{days} dias')}"), today)
    assert (when.first, when.role) == (today + timedelta(days=days), "terms")


@given(TODAYS, st.integers(1, 40), st.sampled_from(["há {} dias", "{} dias atrás", "faz {} dias"]))
def test_days_ago_are_counted_back(today: date, days: int, phrase: str) -> None:
    (when,) = read_days(normalize("paguei a luz " + phrase.format(days)), today)
    assert (when.first, when.role) == (today - timedelta(days=days), "happened")
