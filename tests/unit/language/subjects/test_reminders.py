"""Reminders: what to remind of, when, and how often."""

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from falachefe.language.spans.times import read_moment
from falachefe.language.subjects.acts import parse_act
from falachefe.language.text.normalize import normalize

NOW = datetime(2026, 11, 25, 10, 12, tzinfo=ZoneInfo("America/Sao_Paulo"))  # a Wednesday


def read(message: str) -> tuple[str, dict[str, Any]] | None:
    parsed = parse_act(normalize(message), NOW)
    return None if parsed is None else (parsed.drafts[0].tool, parsed.drafts[0].args)


@pytest.mark.parametrize(
    ("message", "text", "at"),
    [
        ("me lembra dia 5 de pagar o DAS", "pagar o DAS", "2026-12-05T09:00"),
        ("me lembra amanhã às 9 de ligar pro fornecedor", "ligar pro fornecedor", "2026-11-26T09:00"),
        ("lembrete: reunião com o banco amanhã às 15h", "reunião com o banco", "2026-11-26T15:00"),
        ("me lembra às 3 da tarde de pagar o motoboy", "pagar o motoboy", "2026-11-25T15:00"),
        ("não deixa eu esquecer de cobrar a dona Ester na terça", "cobrar a dona Ester", "2026-12-01T09:00"),
        ("me avisa na segunda umas nove horas que eu tenho que ligar pro Ivo", "ligar pro Ivo", "2026-11-30T09:00"),
        ("me lembra daqui a 2 horas de tirar o bolo do forno", "tirar o bolo do forno", "2026-11-25T12:12"),
    ],
)
def test_a_reminder_has_its_text_and_its_moment(message: str, text: str, at: str) -> None:
    assert read(message) == ("remind", {"text": text, "at": f"{at}:00-03:00"})


@pytest.mark.parametrize(
    ("message", "at", "repeats"),
    [
        ("toda sexta às 17h me cobra de fechar o caixa", "2026-11-27T17:00", "weekly"),
        ("todo dia às 7 me lembra de ligar a câmara fria", "2026-11-26T07:00", "daily"),
        ("me lembra de pagar o aluguel todo dia 10", "2026-12-10T09:00", "monthly"),
    ],
)
def test_a_repeated_reminder_begins_with_its_next_occurrence(message: str, at: str, repeats: str) -> None:
    found = read(message)
    assert found is not None
    assert (found[1]["at"], found[1]["repeats"]) == (f"{at}:00-03:00", repeats)


@pytest.mark.parametrize(
    "message", ["me avisa quando o cliente pagar", "lembra os clientes da promoção", "me lembra quanto eu gastei ontem"]
)
def test_what_waits_for_an_event_or_is_for_customers_is_no_reminder(message: str) -> None:
    found = read(message)
    assert found is None or found[0] != "remind"


def test_a_reminder_without_a_time_asks_for_it() -> None:
    parsed = parse_act(normalize("me lembra de pagar o boleto"), NOW)
    assert parsed is not None
    assert parsed.drafts[0].missing == ("at",)


def test_reminders_are_listed_and_cancelled_by_their_text() -> None:
    assert read("quais lembretes eu tenho?") == ("list_reminders", {})
    assert read("cancela o lembrete do contador") == ("cancel_reminder", {"reminder": "contador"})


@given(hour=st.integers(0, 23), minute=st.integers(0, 59), now=st.datetimes(datetime(2025, 1, 1), datetime(2030, 1, 1)))
def test_a_clock_time_is_the_next_time_the_clock_shows_it(hour: int, minute: int, now: datetime) -> None:
    moment = read_moment(normalize(f"me lembra às {hour}:{minute:02d} de abrir a loja"), now)
    assert moment is not None
    shown = moment.at
    assert shown.minute == minute
    assert shown.hour in (hour, (hour + 12) % 24)
    assert timedelta(0) < shown - now <= timedelta(days=1)


@given(count=st.integers(1, 300), now=st.datetimes(datetime(2025, 1, 1), datetime(2030, 1, 1)))
def test_a_wait_counts_from_the_message(count: int, now: datetime) -> None:
    moment = read_moment(normalize(f"me lembra daqui a {count} minutos de ligar"), now)
    assert moment is not None
    assert moment.at - now == timedelta(minutes=count)
