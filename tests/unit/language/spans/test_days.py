"""Days and periods are resolved against the company's today; impossible ones are flagged."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from falachefe.language.spans.days import read_days
from falachefe.language.text.normalize import normalize

MONDAY = date(2026, 11, 23)
TODAYS = st.dates(date(2020, 1, 1), date(2035, 12, 31))


def spans(message: str, today: date = MONDAY, *, ahead: bool = False) -> list[tuple[str, str]]:
    found = read_days(normalize(message), today, prefer="future" if ahead else "past")
    return [(w.first.isoformat(), w.last.isoformat()) for w in found if w.kind != "impossible"]


@pytest.mark.parametrize(
    ("phrase", "day"),
    [
        ("hoje", "2026-11-23"),
        ("hj", "2026-11-23"),
        ("ontem", "2026-11-22"),
        ("anteontem", "2026-11-21"),
        ("amanhã", "2026-11-24"),
        ("dia 5", "2026-11-05"),
        ("dia 31", "2026-10-31"),
        ("segunda", "2026-11-16"),
        ("sexta", "2026-11-20"),
        ("10/11", "2026-11-10"),
        ("10/11/2026", "2026-11-10"),
        ("28/12", "2025-12-28"),
        ("10 de novembro", "2026-11-10"),
        ("há 3 dias", "2026-11-20"),
        ("3 dias atrás", "2026-11-20"),
        ("duas semanas atrás", "2026-11-09"),
        ("quinta da semana passada", "2026-11-19"),
        ("dia 5 do mês passado", "2026-10-05"),
    ],
)
def test_common_phrases_for_past_days(phrase: str, day: str) -> None:
    assert spans(f"paguei a luz {phrase}") == [(day, day)]


@pytest.mark.parametrize(
    ("phrase", "start", "end"),
    [
        ("sexta", "2026-11-27", "2026-11-27"),
        ("segunda", "2026-11-30", "2026-11-30"),
        ("dia 5", "2026-12-05", "2026-12-05"),
        ("de 10 a 20 de dezembro", "2026-12-10", "2026-12-20"),
        ("de 28/12 a 05/01", "2026-12-28", "2027-01-05"),
        ("do dia 2 ao dia 16 de janeiro", "2027-01-02", "2027-01-16"),
        ("semana que vem", "2026-11-30", "2026-12-06"),
    ],
)
def test_days_off_are_in_the_future(phrase: str, start: str, end: str) -> None:
    assert spans(f"folga {phrase}", ahead=True) == [(start, end)]


@pytest.mark.parametrize(
    ("phrase", "start", "end"),
    [
        ("semana passada", "2026-11-16", "2026-11-22"),
        ("este mês", "2026-11-01", "2026-11-23"),
        ("mês passado", "2026-10-01", "2026-10-31"),
        ("últimos 7 dias", "2026-11-17", "2026-11-23"),
        ("em outubro", "2026-10-01", "2026-10-31"),
        ("de 1 a 15 de outubro", "2026-10-01", "2026-10-15"),
    ],
)
def test_common_phrases_for_report_periods(phrase: str, start: str, end: str) -> None:
    assert spans(f"quanto gastei {phrase}") == [(start, end)]


@pytest.mark.parametrize("phrase", ["31/02", "32/01", "dia 35", "30/02/2026", "29/02/2027", "10/13"])
def test_an_impossible_date_is_flagged_not_adjusted(phrase: str) -> None:
    assert [w.kind for w in read_days(normalize(f"paguei a luz {phrase}"), MONDAY)] == ["impossible"]


@given(st.integers(1, 31), st.integers(1, 12), TODAYS, st.booleans())
def test_a_day_and_month_without_year_is_on_the_preferred_side_of_today(
    day: int, month: int, today: date, ahead: bool
) -> None:
    for mention in read_days(normalize(f"paguei {day}/{month}"), today, prefer="future" if ahead else "past"):
        if mention.kind == "impossible":
            continue
        assert (mention.first.day, mention.first.month) == (day, month)
        assert mention.first >= today if ahead else mention.first <= today


@given(st.text(alphabet="dia de a 0123456789/-segundo hojeontem", max_size=60), TODAYS)
def test_any_period_found_starts_before_it_ends_and_lies_within_the_text(message: str, today: date) -> None:
    for mention in read_days(normalize(message), today):
        assert mention.first <= mention.last
        assert 0 <= mention.start < mention.end <= len(normalize(message).plain)


@given(TODAYS)
def test_last_week_is_always_a_monday_to_the_sunday_before_this_week(today: date) -> None:
    (mention,) = read_days(normalize("semana passada"), today)
    assert mention.first.weekday() == 0
    assert mention.last == mention.first + timedelta(days=6)
    assert timedelta(0) < today - mention.last <= timedelta(days=7)


@pytest.mark.parametrize(
    ("message", "day", "role"),
    [
        ("paguei o boleto de 210 que vence 05/12", "2026-12-05", "due"),
        ("comprei 700 a 30 dias", "2026-12-23", "terms"),
        ("comprei 1200 de farinha 30/60/90", "2026-12-23", "terms"),
        ("a promoção vale até domingo", "2026-11-29", "validity"),
        ("a Ana começa segunda", "2026-11-30", "start"),
        ("paguei 80 dia vinte e dois", "2026-11-22", "happened"),
        ("recebo daqui a 15 dias", "2026-12-08", "happened"),
        ("paguei os salários no quinto dia útil", "2026-11-09", "happened"),
    ],
)
def test_a_day_has_the_role_that_its_place_gives_it(message: str, day: str, role: str) -> None:
    assert [(w.first.isoformat(), w.role) for w in read_days(normalize(message), MONDAY)] == [(day, role)]


@pytest.mark.parametrize(
    "message",
    [
        "comprei 300 na 25 de Março",
        "aluguei a sala na rua 7 de setembro por 1200",
        "paguei 500 da segunda remessa",
        "paguei 3/10 da geladeira",
        "o Marco faltou",
        "mandei 300 de frete pro Rio de Janeiro",
        "bom dia 30 de gasolina",
    ],
)
def test_streets_ordinals_instalments_and_names_are_no_days(message: str) -> None:
    assert read_days(normalize(message), MONDAY) == ()


@pytest.mark.parametrize("message", ["paguei 50 05/12", "paguei 50 amanhã", "paguei 50 10/03"])
def test_a_day_far_back_or_ahead_of_a_past_verb_is_left_open(message: str) -> None:
    (when,) = read_days(normalize(message), MONDAY)
    assert not when.exact


@given(st.sampled_from(["terça", "quarta", "quinta"]), TODAYS)
def test_a_range_of_weekdays_in_the_past_ends_by_today(first: str, today: date) -> None:
    (when,) = read_days(normalize(f"a Rosa faltou de {first} a sexta"), today)
    assert when.first < when.last <= today
    assert when.last - when.first <= timedelta(days=6)
