from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from falachefe.kernel.errors import InvalidInput
from falachefe.marketing import rules
from falachefe.marketing.calendar import LEAD, easter, next_occasion, nth_weekday
from falachefe.marketing.posts import suggest_post

TOPICS = ["pão de fermentação natural", "promoção de bolo de cenoura", "dica de conservação", "vaga de balconista"]
QUIET = date(2026, 7, 10)


def test_a_post_has_topic_company_and_a_call_to_action() -> None:
    post = suggest_post("bolo de cenoura", "Padaria do Chefe", QUIET)

    assert "bolo de cenoura" in post.lower()
    assert "#PadariaDoChefe" in post
    assert "#BoloCenoura" in post
    assert any(sign in post for sign in ("👉", "📲", "📍", "💬"))


def test_the_same_input_gives_the_same_post() -> None:
    assert suggest_post("bolo", "Padaria", QUIET) == suggest_post(" Bolo! ", "padaria", QUIET).replace(
        "#padaria", "#Padaria"
    )


def test_posts_vary_with_topic_company_and_week() -> None:
    openings = {suggest_post(topic, "Padaria", QUIET) for topic in TOPICS}
    companies = {suggest_post("bolo", f"Loja {n}", QUIET).partition("#")[0] for n in range(20)}
    weeks = {suggest_post("bolo", "Padaria", QUIET + timedelta(weeks=n)).partition("#")[0] for n in range(8)}

    assert len(openings) == len(TOPICS)
    assert len(companies) > 5
    assert len(weeks) > 3


@pytest.mark.parametrize(
    ("today", "spoken_of"),
    [
        (date(2026, 12, 10), "Natal"),
        (date(2026, 11, 20), "Black Friday"),
        (date(2026, 5, 1), "Dia das Mães"),
        (date(2026, 6, 20), "junina"),
    ],
)
def test_an_upcoming_occasion_is_mentioned(today: date, spoken_of: str) -> None:
    assert spoken_of in suggest_post("bolo de cenoura", "Padaria", today)


def test_an_occasion_that_is_the_topic_is_not_repeated() -> None:
    assert suggest_post("bolo de Natal", "Padaria", date(2026, 12, 10)).count("O Natal está chegando") == 0


def test_an_occasion_as_topic_is_not_mixed_with_the_upcoming_one() -> None:
    assert "Natal" not in suggest_post("Dia das Mães", "Padaria", date(2026, 12, 10))


def test_a_topic_may_come_with_its_article() -> None:
    assert suggest_post("a promoção de bolo", "Padaria", QUIET) == suggest_post("promoção de bolo", "Padaria", QUIET)


def test_a_new_opening_time_is_a_notice() -> None:
    assert not any(word in suggest_post("novo horário", "Padaria", QUIET) for word in ("novidade", "Chegou", "chegar"))


def test_a_notice_stays_a_notice() -> None:
    assert "encomenda" not in suggest_post("horário de feriado", "Padaria", date(2026, 12, 10))


@given(st.text(max_size=140), st.text(min_size=1, max_size=40), st.dates(date(2020, 1, 1), date(2040, 12, 31)))
def test_any_topic_gives_a_post_or_a_refusal(topic: str, company: str, today: date) -> None:
    refused, post = None, ""
    try:
        post = suggest_post(topic, company, today)
    except InvalidInput as error:
        refused = error.code

    assert refused in (None, "topic_empty", "topic_long")
    assert (post == "") is (refused is not None)
    assert "{topic}" not in post or "{topic}" in topic


@pytest.mark.parametrize(
    ("year", "day"),
    [
        (2024, date(2024, 3, 31)),
        (2025, date(2025, 4, 20)),
        (2026, date(2026, 4, 5)),
        (2027, date(2027, 3, 28)),
        (2038, date(2038, 4, 25)),
    ],
)
def test_easter_matches_known_dates(year: int, day: date) -> None:
    assert easter(year) == day


@given(st.integers(1900, 2199))
def test_easter_is_a_sunday_between_22_march_and_25_april(year: int) -> None:
    day = easter(year)

    assert day.weekday() == 6
    assert date(year, 3, 22) <= day <= date(year, 4, 25)


def test_the_second_sunday_of_may_is_mothers_day() -> None:
    assert nth_weekday(2026, 5, 6, 2) == date(2026, 5, 10)


@given(st.dates(date(2020, 1, 1), date(2040, 12, 31)))
def test_an_occasion_is_within_the_next_three_weeks(today: date) -> None:
    occasion = next_occasion(today)

    assert occasion is None or timedelta(0) <= occasion.day - today <= LEAD


def test_new_year_is_suggested_at_the_end_of_december() -> None:
    occasion = next_occasion(date(2026, 12, 26))

    assert occasion is not None
    assert (occasion.name, occasion.day) == ("Ano-Novo", date(2027, 1, 1))


@pytest.mark.parametrize(("name", "code"), [("", "name_empty"), ("x" * 81, "name_long")])
def test_a_campaign_has_a_short_name(name: str, code: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        rules.campaign_name(name)

    assert refused.value.code == code


@pytest.mark.parametrize(("message", "code"), [(" \n\x00", "message_empty"), ("x" * 1001, "message_long")])
def test_a_campaign_has_a_message_that_fits_a_template(message: str, code: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        rules.campaign_message(message)

    assert refused.value.code == code


@given(st.integers(1, 10_000), st.data())
def test_a_rate_is_between_0_and_100_per_cent(whole: int, data: st.DataObject) -> None:
    part = data.draw(st.integers(0, whole))
    rate = rules.rate(part, whole)

    assert rate is not None
    assert 0 <= rate <= 100


def test_without_sent_messages_there_is_no_rate() -> None:
    assert rules.rate(0, 0) is None
