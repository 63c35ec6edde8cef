"""A message is read as of the moment when it was written, and what nobody is to act on any more is said, not done."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from falachefe.app.agent_worker import run_agent
from falachefe.crews.tools.registry import run_tool
from falachefe.crews.turns.run import TaskDependencies, run_task
from falachefe.crews.turns.sweep import Swept, sweep_company
from falachefe.kernel.ids import new_id
from falachefe.messaging.message_time import ANSWERED_FOR, written_at
from falachefe.messaging.notices import NOT_ACTED_ON
from falachefe.phone_sign_in.service import subject_of
from tests.integration.messaging.conftest import OWNER_PHONE, Shop

LATE = datetime(2026, 11, 21, 2, 59, tzinfo=UTC)
"""A minute before midnight in São Paulo, on the last minute of the 20th."""
SPENT = "gastei 150 de gasolina hoje"


def hears(shop: Shop, said: str, at: datetime | None = None) -> str:
    message: dict[str, Any] = {
        "provider_message_id": f"3EB0{new_id().hex[:18].upper()}",
        "kind": "text",
        "text": said,
        "provider_at": (at or shop.clock.now()).isoformat(),
        "sender_name": "Bia",
    }
    return shop.inbound()(shop.queue_message("message", OWNER_PHONE, message))


def takes_over(shop: Shop, at: datetime | None = None) -> str:
    at = at or shop.clock.now()
    answer = {"provider_message_id": f"3EB0{new_id().hex[:18]}", "text": "Já vi", "provider_at": at.isoformat()}
    return shop.inbound()(shop.queue_message("takeover", OWNER_PHONE, answer))


def agents_run(shop: Shop, done: set[Any] | None = None) -> None:
    """Every agent's message on the queues, and those that follow from them."""
    task_dependencies = TaskDependencies(shop.database, shop.queues, shop.clock, run_agent, run_tool)
    done = set() if done is None else done
    while waiting := [one for one in shop.queues.of("agent-") if one.id not in done]:
        for queue_message in waiting:
            done.add(queue_message.id)
            run_task(queue_message.payload, task_dependencies, role=queue_message.destination.removeprefix("agent-"))


def swept(shop: Shop) -> Swept:
    found = Swept()
    sweep_company(shop.database, shop.queues, shop.company_id, now=shop.clock.now(), swept=found)
    assert not found.errors
    return found


def booked(shop: Shop) -> list[tuple[str, date]]:
    return [
        (f"{row.amount:.0f}", row.occurred_on)
        for row in shop.rows("select amount, occurred_on from transactions order by id")
    ]


def told(shop: Shop) -> list[str]:
    return [row.text for row in shop.messages(direction="out") if row.crew_metadata.get("by") != "person"]


@pytest.fixture
def late_shop(open_shop: Shop) -> Shop:
    open_shop.clock.at = LATE
    return open_shop


# ---- the day


def test_hoje_is_the_day_on_which_it_was_written_whenever_it_is_read(late_shop: Shop) -> None:
    hears(late_shop, SPENT)
    late_shop.later(minutes=40)
    agents_run(late_shop)
    assert booked(late_shop) == [("150", date(2026, 11, 20))]
    assert "ontem" in told(late_shop)[0]  # read on the 21st


def test_a_message_that_the_queue_held_back_is_dated_when_it_was_written(late_shop: Shop) -> None:
    at = late_shop.clock.now()
    late_shop.later(minutes=40)
    hears(late_shop, "gastei 90 de gasolina", at)
    agents_run(late_shop)
    assert booked(late_shop) == [("90", date(2026, 11, 20))]


def test_each_text_of_a_turn_has_its_own_day(late_shop: Shop) -> None:
    hears(late_shop, SPENT)
    late_shop.later(minutes=2)
    hears(late_shop, "gastei 30 de estacionamento hoje")
    agents_run(late_shop)
    assert sorted(booked(late_shop)) == [("150", date(2026, 11, 20)), ("30", date(2026, 11, 21))]


def test_an_entry_whose_amount_is_told_after_midnight_is_of_the_day_before(late_shop: Shop) -> None:
    done: set[Any] = set()
    hears(late_shop, "gastei com almoço")
    agents_run(late_shop, done)
    late_shop.later(minutes=2)
    hears(late_shop, "32 reais")
    agents_run(late_shop, done)
    assert booked(late_shop) == [("32", date(2026, 11, 20))]


def test_history_is_read_again_against_its_own_day(late_shop: Shop) -> None:
    done: set[Any] = set()
    hears(late_shop, "gastei hoje com almoço")
    agents_run(late_shop, done)
    late_shop.later(hours=1)
    hears(late_shop, "32 reais")
    agents_run(late_shop, done)
    assert booked(late_shop) == [("32", date(2026, 11, 20))]


def test_the_texts_of_a_turn_stand_in_the_order_in_which_they_were_written(open_shop: Shop) -> None:
    first = open_shop.clock.now()
    open_shop.later(seconds=30)
    hears(open_shop, "32 reais")
    hears(open_shop, "gastei com almoço", first)  # overtaken on the way
    agents_run(open_shop)
    assert booked(open_shop) == [("32", date(2026, 11, 20))]


@pytest.mark.parametrize(
    ("told_at", "taken"),
    [
        (timedelta(), timedelta()),
        (timedelta(minutes=-5), timedelta(minutes=-5)),
        (timedelta(days=400), timedelta()),
        (timedelta(seconds=1), timedelta()),
        (timedelta(days=-400), -ANSWERED_FOR),
    ],
)
def test_a_providers_time_is_held_within_what_can_be_true(
    open_shop: Shop, told_at: timedelta, taken: timedelta
) -> None:
    received = open_shop.clock.now()
    queue_message = open_shop.queue_message("message", OWNER_PHONE, {"provider_at": (received + told_at).isoformat()})
    assert written_at(queue_message, received + timedelta(hours=3)) == received + taken


def test_a_message_of_a_wrong_clock_is_not_booked_in_the_future(late_shop: Shop) -> None:
    hears(late_shop, SPENT, late_shop.clock.now() + timedelta(days=3))
    agents_run(late_shop)
    assert booked(late_shop) == [("150", date(2026, 11, 20))]


# ---- a person of the company


def test_what_waits_when_a_person_takes_over_is_not_answered_again(open_shop: Shop) -> None:
    done: set[Any] = set()
    hears(open_shop, "oi")
    assert hears(open_shop, SPENT) == "join"
    takes_over(open_shop)
    agents_run(open_shop, done)
    for _ in range(3):
        open_shop.later(minutes=40)
        swept(open_shop)
        agents_run(open_shop, done)
    assert (booked(open_shop), told(open_shop)) == ([], [])


def test_what_waits_when_a_person_is_called_is_not_answered_by_the_crew(open_shop: Shop) -> None:
    done: set[Any] = set()
    hears(open_shop, "quero falar com uma pessoa")
    task_dependencies = TaskDependencies(
        open_shop.database, open_shop.queues, open_shop.clock, _writing(open_shop), run_tool
    )
    for queue_message in open_shop.queues.of("agent-"):
        done.add(queue_message.id)
        run_task(queue_message.payload, task_dependencies)
    for _ in range(3):
        open_shop.later(minutes=40)
        swept(open_shop)
        agents_run(open_shop, done)
    assert booked(open_shop) == []
    assert len(told(open_shop)) == 1


def _writing(shop: Shop) -> Any:
    """An agent during whose work the person writes once more."""

    def run(turn: Any, journal: Any, toolbox: Any, config: Any) -> Any:
        assert hears(shop, SPENT) == "join"
        return run_agent(turn, journal, toolbox, config)

    return run


def test_what_was_held_for_a_sign_in_is_the_persons_who_took_over(shop: Shop) -> None:
    assert hears(shop, SPENT) == "code_sent"
    takes_over(shop)
    assert [row.status for row in shop.messages(direction="in")] == ["read"]


def test_a_message_of_the_silence_that_is_read_after_it_is_not_answered(open_shop: Shop) -> None:
    hears(open_shop, "oi")
    open_shop.finish_turns()
    takes_over(open_shop)
    at = open_shop.clock.now() + timedelta(minutes=59)
    open_shop.later(minutes=90)
    assert hears(open_shop, SPENT, at) == "human"
    assert hears(open_shop, SPENT) == "open"


def test_a_turn_goes_on_behind_a_person_who_answered_what_was_before(open_shop: Shop) -> None:
    hears(open_shop, "oi")
    open_shop.finish_turns()
    takes_over(open_shop)
    open_shop.later(minutes=61)
    assert hears(open_shop, SPENT) == "open"
    agents_run(open_shop)
    assert [amount for amount, _ in booked(open_shop)] == ["150"]


# ---- what waited too long


def test_what_a_suspension_cut_off_is_not_booked_when_the_company_comes_back_but_said_once(open_shop: Shop) -> None:
    done: set[Any] = set()
    hears(open_shop, SPENT)
    hears(open_shop, "gastei 40 de pão hoje")
    open_shop.rows("update companies set status = 'suspended' returning id")
    agents_run(open_shop, done)
    assert {row.status for row in open_shop.messages(direction="in")} == {"read"}
    hears(open_shop, "gastei 50 de pão hoje")
    open_shop.later(minutes=2)
    swept(open_shop)
    assert told(open_shop) == []
    open_shop.later(days=25)
    open_shop.rows("update companies set status = 'active' returning id")
    assert swept(open_shop).told == 1
    assert swept(open_shop).told == 0
    agents_run(open_shop, done)
    assert (booked(open_shop), told(open_shop)) == ([], [NOT_ACTED_ON])


def test_what_waited_through_a_short_pause_is_booked_on_its_day(late_shop: Shop) -> None:
    late_shop.rows("update crews set status = 'paused', updated_at = now() returning id")
    hears(late_shop, "oi")
    late_shop.rows("update crews set status = 'paused', updated_at = now() returning id")
    hears(late_shop, SPENT)
    late_shop.later(hours=5)
    late_shop.rows("update crews set status = 'active', updated_at = now() returning id")
    swept(late_shop)
    agents_run(late_shop)
    assert booked(late_shop) == [("150", date(2026, 11, 20))]
    assert NOT_ACTED_ON not in told(late_shop)


@pytest.mark.parametrize("wakes", ["sweep", "message"])
def test_what_waited_through_a_long_pause_is_said_when_it_ends_and_not_booked(open_shop: Shop, wakes: str) -> None:
    done: set[Any] = set()
    hears(open_shop, "oi")
    agents_run(open_shop, done)
    before = len(told(open_shop))
    open_shop.rows("update crews set status = 'paused', updated_at = now() returning id")
    hears(open_shop, SPENT)
    for _ in range(3):
        open_shop.later(hours=23)
        swept(open_shop)
    assert NOT_ACTED_ON not in told(open_shop)
    open_shop.rows("update crews set status = 'active', updated_at = now() returning id")
    if wakes == "sweep":
        swept(open_shop)
    else:
        open_shop.sign_in.create_session(
            open_shop.company_id, OWNER_PHONE, subject=subject_of(open_shop.owner_id), now=open_shop.clock.now()
        )
        hears(open_shop, "gastei 30 de pão hoje")
    agents_run(open_shop, done)
    assert [amount for amount, _ in booked(open_shop)] == ([] if wakes == "sweep" else ["30"])
    assert told(open_shop)[before:].count(NOT_ACTED_ON) == 1


@pytest.mark.parametrize("another", [False, True])
def test_what_agents_could_not_take_for_a_day_is_said_and_not_booked(open_shop: Shop, another: bool) -> None:
    hears(open_shop, SPENT)
    open_shop.later(hours=23)
    if another:
        assert hears(open_shop, "gastei 30 de pão hoje") in ("join", "code_sent")
        open_shop.rows("update messages set status = 'received' where status = 'held' returning id")
    open_shop.later(hours=2)
    agents_run(open_shop)
    assert [amount for amount, _ in booked(open_shop)] == (["30"] if another else [])
    assert told(open_shop).count(NOT_ACTED_ON) == 1
    assert open_shop.rows("select 1 from conversations where active_task_id is not null") == []
