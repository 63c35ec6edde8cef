"""Repetitions against an oracle that walks day by day, and the words for times."""

from calendar import monthrange
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from falachefe.kernel.clock import when_in_words
from falachefe.kernel.errors import Conflict, InvalidInput
from falachefe.reminders import rules

SAO_PAULO = "America/Sao_Paulo"
# Without a change since 2019; with changes at midnight until then; with changes today.
ZONES = ("America/Sao_Paulo", "America/Noronha", "America/Asuncion", "America/Santiago", "Europe/Lisbon", "UTC")
NOW = datetime(2026, 11, 20, 15, 0, tzinfo=UTC)

starts = st.datetimes(datetime(2015, 1, 1), datetime(2035, 12, 31)).map(
    lambda at: at.replace(tzinfo=UTC, microsecond=0)
)


def walked(first: date, repeats: str, number: int) -> date:
    """The day of the `number`th repetition, by looking at one day after the other."""
    day, found = first, 0
    while found < number:
        day += timedelta(days=1)
        last = monthrange(day.year, day.month)[1]
        found += {
            "daily": True,
            "weekly": day.weekday() == first.weekday(),
            "monthly": day.day == min(first.day, last),
        }[repeats]
    return day


@given(starts, st.sampled_from(["daily", "weekly", "monthly"]), st.integers(0, 40), st.sampled_from(ZONES))
def test_a_repetition_is_on_its_day_at_the_same_time_of_the_zones_clock(
    start: datetime, repeats: rules.Repeats, number: int, zone: str
) -> None:
    first = start.astimezone(ZoneInfo(zone))
    due = rules.occurrence(start, repeats, number, zone).astimezone(ZoneInfo(zone))
    expected = datetime.combine(walked(first.date(), repeats, number), first.time())

    gap = due.replace(tzinfo=None) - expected
    assert gap in (timedelta(), timedelta(hours=1))
    if gap:  # only where the clocks of that day never showed the time
        skipped = expected.replace(tzinfo=ZoneInfo(zone))
        assert skipped.astimezone(UTC).astimezone(ZoneInfo(zone)).replace(tzinfo=None) != expected


@given(
    starts,
    st.sampled_from(["daily", "weekly", "monthly"]),
    st.timedeltas(timedelta(0), timedelta(days=1500)),
    st.sampled_from(ZONES),
)
def test_the_latest_repetition_is_the_last_one_until_then(
    start: datetime, repeats: rules.Repeats, later: timedelta, zone: str
) -> None:
    number = rules.latest(start, repeats, start + later, zone)

    assert rules.occurrence(start, repeats, number, zone) <= start + later
    assert rules.occurrence(start, repeats, number + 1, zone) > start + later


@pytest.mark.parametrize(
    ("start", "number", "expected"),
    [
        (date(2026, 1, 31), 1, date(2026, 2, 28)),
        (date(2026, 1, 31), 2, date(2026, 3, 31)),
        (date(2027, 12, 31), 2, date(2028, 2, 29)),
        (date(2028, 2, 29), 12, date(2029, 2, 28)),
        (date(2028, 2, 29), 48, date(2032, 2, 29)),
    ],
)
def test_a_day_that_a_month_lacks_becomes_its_last_one(start: date, number: int, expected: date) -> None:
    first = rules.in_zone(start, time(9), SAO_PAULO)

    assert rules.occurrence(first, "monthly", number, SAO_PAULO) == rules.in_zone(expected, time(9), SAO_PAULO)


def test_a_time_that_the_clocks_skip_moves_forward() -> None:
    # In 2018 the clocks of São Paulo went from 04/11 00:00 to 01:00.
    start = rules.in_zone(date(2018, 11, 3), time(0, 30), SAO_PAULO)
    due = rules.occurrence(start, "daily", 1, SAO_PAULO).astimezone(ZoneInfo(SAO_PAULO))

    assert (due.date(), due.time()) == (date(2018, 11, 4), time(1, 30))
    assert rules.occurrence(start, "daily", 2, SAO_PAULO).astimezone(ZoneInfo(SAO_PAULO)).time() == time(0, 30)


@pytest.mark.parametrize("at", [NOW, NOW - timedelta(minutes=1), NOW + timedelta(days=1100)])
def test_a_time_that_has_passed_or_is_years_ahead_is_refused(at: datetime) -> None:
    with pytest.raises(InvalidInput):
        rules.due_time(at, NOW)


@pytest.mark.parametrize("text", ["", " \n ", "x" * 501])
def test_a_text_that_is_empty_or_too_long_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput):
        rules.reminder_text(text)


def test_what_was_sent_is_neither_cancelled_nor_sent_again_by_a_change_of_its_state() -> None:
    for after in ("pending", "cancelled"):
        with pytest.raises(Conflict):
            rules.changed_status("sent", after)
    assert rules.changed_status("cancelled", "pending") == "pending"


@pytest.mark.parametrize(
    ("moment", "words"),
    [
        (datetime(2026, 11, 20, 18, 0, tzinfo=UTC), "hoje às 15h"),
        (datetime(2026, 11, 21, 12, 30, tzinfo=UTC), "amanhã às 9h30"),
        (datetime(2026, 11, 19, 4, 5, tzinfo=UTC), "ontem à 1h05"),
        (datetime(2026, 11, 24, 3, 0, tzinfo=UTC), "terça, 24/11, à meia-noite"),
        (datetime(2026, 12, 5, 11, 0, tzinfo=UTC), "05/12 às 8h"),
        (datetime(2027, 1, 5, 11, 0, tzinfo=UTC), "05/01/2027 às 8h"),
    ],
)
def test_times_are_worded_by_the_zones_clock(moment: datetime, words: str) -> None:
    assert when_in_words(moment, NOW, SAO_PAULO) == words


@pytest.mark.parametrize(
    ("day", "repeats", "words"),
    [
        (date(2026, 11, 23), "daily", "todo dia às 9h"),
        (date(2026, 11, 23), "weekly", "toda segunda às 9h"),
        (date(2026, 11, 28), "weekly", "todo sábado às 9h"),
        (date(2026, 12, 5), "monthly", "todo dia 5 às 9h"),
    ],
)
def test_repetitions_are_worded(day: date, repeats: rules.Repeats, words: str) -> None:
    assert rules.repeats_in_words(rules.in_zone(day, time(9), SAO_PAULO), repeats, SAO_PAULO) == words


def test_only_a_late_message_says_for_when_it_was() -> None:
    assert rules.message("Pagar", NOW - timedelta(seconds=90), NOW, SAO_PAULO) == "Lembrete: Pagar"
    late = rules.message("Pagar", NOW - timedelta(hours=3), NOW, SAO_PAULO)
    assert late == "Lembrete atrasado, era para hoje às 9h: Pagar"
