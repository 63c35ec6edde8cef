"""Dates in a message are relative to when it was written; what is too old gets a notice instead of an action."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from falachefe.app.agent_worker import run_agent
from falachefe.crews.tools.registry import run_tool
from falachefe.crews.turns.run import TaskDependencies, run_task
from falachefe.crews.turns.sweep import Swept, sweep_company
from falachefe.kernel.ids import new_id
from falachefe.messaging.message_time import MAX_MESSAGE_AGE, written_at
from falachefe.messaging.notices import NOT_ACTED_ON
from falachefe.phone_sign_in.service import subject_of
from tests.integration.messaging.conftest import OWNER_PHONE, WhatsAppHarness

LATE = datetime(2026, 11, 21, 2, 59, tzinfo=UTC)
"""The last minute of the 20th in São Paulo."""
SPENT = "gastei 150 de gasolina hoje"


def receive(whatsapp: WhatsAppHarness, said: str, at: datetime | None = None) -> str:
    message: dict[str, Any] = {
        "provider_message_id": f"3EB0{new_id().hex[:18].upper()}",
        "kind": "text",
        "text": said,
        "provider_at": (at or whatsapp.clock.now()).isoformat(),
        "sender_name": "Bia",
    }
    return whatsapp.inbound()(whatsapp.queue_message("message", OWNER_PHONE, message))


def take_over(whatsapp: WhatsAppHarness, at: datetime | None = None) -> str:
    at = at or whatsapp.clock.now()
    answer = {"provider_message_id": f"3EB0{new_id().hex[:18]}", "text": "Já vi", "provider_at": at.isoformat()}
    return whatsapp.inbound()(whatsapp.queue_message("takeover", OWNER_PHONE, answer))


def run_agents(whatsapp: WhatsAppHarness, done: set[Any] | None = None) -> None:
    """Runs the tasks of all messages to agents, and of those that follow from them."""
    task_dependencies = TaskDependencies(whatsapp.database, whatsapp.queues, whatsapp.clock, run_agent, run_tool)
    done = set() if done is None else done
    while waiting := [one for one in whatsapp.queues.of("agent-") if one.id not in done]:
        for queue_message in waiting:
            done.add(queue_message.id)
            run_task(queue_message.payload, task_dependencies, role=queue_message.destination.removeprefix("agent-"))


def sweep(whatsapp: WhatsAppHarness) -> Swept:
    found = Swept()
    sweep_company(whatsapp.database, whatsapp.queues, whatsapp.company_id, now=whatsapp.clock.now(), swept=found)
    assert not found.errors
    return found


def entries(whatsapp: WhatsAppHarness) -> list[tuple[str, date]]:
    return [
        (f"{row.amount:.0f}", row.occurred_on)
        for row in whatsapp.rows("select amount, occurred_on from transactions order by id")
    ]


def sent_texts(whatsapp: WhatsAppHarness) -> list[str]:
    return [row.text for row in whatsapp.messages(direction="out") if row.crew_metadata.get("by") != "person"]


@pytest.fixture
def late_evening(signed_in: WhatsAppHarness) -> WhatsAppHarness:
    signed_in.clock.at = LATE
    return signed_in


# ---- the day


def test_hoje_is_the_day_on_which_the_message_was_written(late_evening: WhatsAppHarness) -> None:
    receive(late_evening, SPENT)
    late_evening.advance(minutes=40)
    run_agents(late_evening)
    assert entries(late_evening) == [("150", date(2026, 11, 20))]
    assert "ontem" in sent_texts(late_evening)[0]  # processed on the 21st


def test_a_message_delayed_by_the_queue_is_dated_when_it_was_written(late_evening: WhatsAppHarness) -> None:
    at = late_evening.clock.now()
    late_evening.advance(minutes=40)
    receive(late_evening, "gastei 90 de gasolina", at)
    run_agents(late_evening)
    assert entries(late_evening) == [("90", date(2026, 11, 20))]


def test_each_text_of_a_turn_has_its_own_day(late_evening: WhatsAppHarness) -> None:
    receive(late_evening, SPENT)
    late_evening.advance(minutes=2)
    receive(late_evening, "gastei 30 de estacionamento hoje")
    run_agents(late_evening)
    assert sorted(entries(late_evening)) == [("150", date(2026, 11, 20)), ("30", date(2026, 11, 21))]


def test_an_entry_completed_after_midnight_is_dated_the_day_before(late_evening: WhatsAppHarness) -> None:
    done: set[Any] = set()
    receive(late_evening, "gastei com almoço")
    run_agents(late_evening, done)
    late_evening.advance(minutes=2)
    receive(late_evening, "32 reais")
    run_agents(late_evening, done)
    assert entries(late_evening) == [("32", date(2026, 11, 20))]


def test_history_is_interpreted_with_its_own_day(late_evening: WhatsAppHarness) -> None:
    done: set[Any] = set()
    receive(late_evening, "gastei hoje com almoço")
    run_agents(late_evening, done)
    late_evening.advance(hours=1)
    receive(late_evening, "32 reais")
    run_agents(late_evening, done)
    assert entries(late_evening) == [("32", date(2026, 11, 20))]


def test_the_texts_of_a_turn_are_in_the_order_written(signed_in: WhatsAppHarness) -> None:
    first = signed_in.clock.now()
    signed_in.advance(seconds=30)
    receive(signed_in, "32 reais")
    receive(signed_in, "gastei com almoço", first)  # arrives later than the other
    run_agents(signed_in)
    assert entries(signed_in) == [("32", date(2026, 11, 20))]


@pytest.mark.parametrize(
    ("told_at", "taken"),
    [
        (timedelta(), timedelta()),
        (timedelta(minutes=-5), timedelta(minutes=-5)),
        (timedelta(days=400), timedelta()),
        (timedelta(seconds=1), timedelta()),
        (timedelta(days=-400), -MAX_MESSAGE_AGE),
    ],
)
def test_a_providers_time_is_clamped_to_plausible_values(
    signed_in: WhatsAppHarness, told_at: timedelta, taken: timedelta
) -> None:
    received = signed_in.clock.now()
    queue_message = signed_in.queue_message("message", OWNER_PHONE, {"provider_at": (received + told_at).isoformat()})
    assert written_at(queue_message, received + timedelta(hours=3)) == received + taken


def test_a_wrong_clock_does_not_date_an_entry_in_the_future(late_evening: WhatsAppHarness) -> None:
    receive(late_evening, SPENT, late_evening.clock.now() + timedelta(days=3))
    run_agents(late_evening)
    assert entries(late_evening) == [("150", date(2026, 11, 20))]


# ---- a person of the company


def test_messages_waiting_at_a_takeover_are_not_answered_by_the_crew(signed_in: WhatsAppHarness) -> None:
    done: set[Any] = set()
    receive(signed_in, "oi")
    assert receive(signed_in, SPENT) == "join"
    take_over(signed_in)
    run_agents(signed_in, done)
    for _ in range(3):
        signed_in.advance(minutes=40)
        sweep(signed_in)
        run_agents(signed_in, done)
    assert (entries(signed_in), sent_texts(signed_in)) == ([], [])


def test_messages_waiting_when_a_person_is_requested_are_not_answered_by_the_crew(signed_in: WhatsAppHarness) -> None:
    done: set[Any] = set()
    receive(signed_in, "quero falar com uma pessoa")
    task_dependencies = TaskDependencies(
        signed_in.database, signed_in.queues, signed_in.clock, _agent_with_message_meanwhile(signed_in), run_tool
    )
    for queue_message in signed_in.queues.of("agent-"):
        done.add(queue_message.id)
        run_task(queue_message.payload, task_dependencies)
    for _ in range(3):
        signed_in.advance(minutes=40)
        sweep(signed_in)
        run_agents(signed_in, done)
    assert entries(signed_in) == []
    assert len(sent_texts(signed_in)) == 1


def _agent_with_message_meanwhile(whatsapp: WhatsAppHarness) -> Any:
    """An agent during whose run the person writes another message."""

    def run(turn: Any, journal: Any, toolbox: Any, config: Any) -> Any:
        assert receive(whatsapp, SPENT) == "join"
        return run_agent(turn, journal, toolbox, config)

    return run


def test_messages_held_for_a_sign_in_are_left_to_the_person_who_took_over(whatsapp: WhatsAppHarness) -> None:
    assert receive(whatsapp, SPENT) == "code_sent"
    take_over(whatsapp)
    assert [row.status for row in whatsapp.messages(direction="in")] == ["read"]


def test_a_message_written_during_a_takeover_is_not_answered_after_it(signed_in: WhatsAppHarness) -> None:
    receive(signed_in, "oi")
    signed_in.finish_turns()
    take_over(signed_in)
    at = signed_in.clock.now() + timedelta(minutes=59)
    signed_in.advance(minutes=90)
    assert receive(signed_in, SPENT, at) == "human"
    assert receive(signed_in, SPENT) == "open"


def test_the_crew_answers_messages_after_a_takeover(signed_in: WhatsAppHarness) -> None:
    receive(signed_in, "oi")
    signed_in.finish_turns()
    take_over(signed_in)
    signed_in.advance(minutes=61)
    assert receive(signed_in, SPENT) == "open"
    run_agents(signed_in)
    assert [amount for amount, _ in entries(signed_in)] == ["150"]


# ---- what waited too long


def test_messages_cut_off_by_a_suspension_are_not_acted_on_and_get_one_notice(
    signed_in: WhatsAppHarness,
) -> None:
    done: set[Any] = set()
    receive(signed_in, SPENT)
    receive(signed_in, "gastei 40 de pão hoje")
    signed_in.rows("update companies set status = 'suspended' returning id")
    run_agents(signed_in, done)
    assert {row.status for row in signed_in.messages(direction="in")} == {"read"}
    receive(signed_in, "gastei 50 de pão hoje")
    signed_in.advance(minutes=2)
    sweep(signed_in)
    assert sent_texts(signed_in) == []
    signed_in.advance(days=25)
    signed_in.rows("update companies set status = 'active' returning id")
    assert sweep(signed_in).told == 1
    assert sweep(signed_in).told == 0
    run_agents(signed_in, done)
    assert (entries(signed_in), sent_texts(signed_in)) == ([], [NOT_ACTED_ON])


def test_messages_from_a_short_pause_are_acted_on_with_their_date(late_evening: WhatsAppHarness) -> None:
    late_evening.rows("update crews set status = 'paused', updated_at = now() returning id")
    receive(late_evening, "oi")
    late_evening.rows("update crews set status = 'paused', updated_at = now() returning id")
    receive(late_evening, SPENT)
    late_evening.advance(hours=5)
    late_evening.rows("update crews set status = 'active', updated_at = now() returning id")
    sweep(late_evening)
    run_agents(late_evening)
    assert entries(late_evening) == [("150", date(2026, 11, 20))]
    assert NOT_ACTED_ON not in sent_texts(late_evening)


@pytest.mark.parametrize("wakes", ["sweep", "message"])
def test_messages_from_a_long_pause_get_a_notice_and_are_not_acted_on(signed_in: WhatsAppHarness, wakes: str) -> None:
    done: set[Any] = set()
    receive(signed_in, "oi")
    run_agents(signed_in, done)
    before = len(sent_texts(signed_in))
    signed_in.rows("update crews set status = 'paused', updated_at = now() returning id")
    receive(signed_in, SPENT)
    for _ in range(3):
        signed_in.advance(hours=23)
        sweep(signed_in)
    assert NOT_ACTED_ON not in sent_texts(signed_in)
    signed_in.rows("update crews set status = 'active', updated_at = now() returning id")
    if wakes == "sweep":
        sweep(signed_in)
    else:
        signed_in.sign_in.create_session(
            signed_in.company_id, OWNER_PHONE, subject=subject_of(signed_in.owner_id), now=signed_in.clock.now()
        )
        receive(signed_in, "gastei 30 de pão hoje")
    run_agents(signed_in, done)
    assert [amount for amount, _ in entries(signed_in)] == ([] if wakes == "sweep" else ["30"])
    assert sent_texts(signed_in)[before:].count(NOT_ACTED_ON) == 1


@pytest.mark.parametrize("another", [False, True])
def test_messages_that_waited_a_day_for_an_agent_get_a_notice_and_are_not_acted_on(
    signed_in: WhatsAppHarness, another: bool
) -> None:
    receive(signed_in, SPENT)
    signed_in.advance(hours=23)
    if another:
        assert receive(signed_in, "gastei 30 de pão hoje") in ("join", "code_sent")
        signed_in.rows("update messages set status = 'received' where status = 'held' returning id")
    signed_in.advance(hours=2)
    run_agents(signed_in)
    assert [amount for amount, _ in entries(signed_in)] == (["30"] if another else [])
    assert sent_texts(signed_in).count(NOT_ACTED_ON) == 1
    assert signed_in.rows("select 1 from conversations where active_task_id is not null") == []
