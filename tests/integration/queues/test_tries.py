"""Which attempts of a task count: failures of its own and crashes of its worker, never outages."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from falachefe.app import agent_worker
from falachefe.aws.tables import Table
from falachefe.crews.turns.finish import APOLOGY
from tests.integration.queues.harness import PipelineHarness, StandIns, add_staff

ANA = "+5511987654321"
MINUTE = timedelta(minutes=1)
VISIBILITY = timedelta(seconds=540)


class Killed(BaseException):
    """Nothing of the worker runs after this."""


@pytest.fixture
def ana(pipeline: PipelineHarness, tables: tuple[Any, dict[str, Table]]) -> PipelineHarness:
    add_staff(pipeline, tables[1], ANA)
    return pipeline


def at_each_attempt(
    pipeline: PipelineHarness, monkeypatch: pytest.MonkeyPatch, act: Callable[[int], None]
) -> list[int]:
    """Calls `act` with the number of the attempt when an agent starts; a killed worker does not answer."""
    tries: list[int] = []
    real = agent_worker.run_agent

    def run_agent(*args: Any) -> Any:
        tries.append(len(tries) + 1)
        act(tries[-1])
        return real(*args)

    monkeypatch.setattr(agent_worker, "run_agent", run_agent)
    for name, handler in list(pipeline.handlers.items()):
        if name.startswith("agent-"):
            pipeline.handlers[name] = ignoring_crashes(pipeline, name, handler)
    agent_worker.task_dependencies.cache_clear()
    return tries


def ignoring_crashes(pipeline: PipelineHarness, name: str, handler: Any) -> Any:
    def run(event: dict[str, Any], context: Any) -> dict[str, Any]:
        try:
            answer: dict[str, Any] = handler(event, context)
        except Killed:
            return {"batchItemFailures": [{"itemIdentifier": one["messageId"]} for one in event["Records"]]}
        return answer

    return run


@pytest.mark.parametrize("away_for", [timedelta(0), timedelta(seconds=50), timedelta(minutes=3)])
def test_attempts_ended_by_a_database_outage_do_not_count(
    ana: PipelineHarness, stand_ins: StandIns, monkeypatch: pytest.MonkeyPatch, away_for: timedelta
) -> None:
    def act(number: int) -> None:
        if number <= 5:
            stand_ins.proxy.shut()

    tries = at_each_attempt(ana, monkeypatch, act)
    assert ana.send_message(ANA, "gastei 150 com gasolina") == 200
    for number in range(1, 6):
        for _ in range(900):
            if len(tries) >= number:
                break
            ana.run(timedelta(seconds=1))
        ana.run(away_for)
        stand_ins.proxy.open()
    ana.run(20 * MINUTE)
    assert len(tries) == 6
    assert [row.amount for row in ana.rows("select amount from transactions")] == [150]
    assert "150,00" in "".join(ana.sent_to(ANA))
    assert len(ana.sent_to(ANA)) == 1
    (task,) = ana.rows("select status, attempts from crew_tasks where role = 'financial'")
    assert tuple(task) == ("completed", 6)
    assert ana.queues.dead == {}
    assert ana.queues.waiting == {}


def test_a_task_that_crashes_its_worker_three_times_fails_with_an_apology(
    ana: PipelineHarness, monkeypatch: pytest.MonkeyPatch
) -> None:
    def act(_: int) -> None:
        raise Killed

    tries = at_each_attempt(ana, monkeypatch, act)
    assert ana.send_message(ANA, "gastei 150 com gasolina") == 200
    ana.run(4 * VISIBILITY)
    assert len(tries) == 3
    assert ana.sent_to(ANA).count(APOLOGY) == 1
    (task,) = ana.rows("select status, attempts, error_message from crew_tasks")
    assert tuple(task) == ("failed", 3, "WorkerLost")


def test_a_task_that_fails_three_times_by_itself_fails_with_an_apology_also_after_an_outage(
    ana: PipelineHarness, stand_ins: StandIns, monkeypatch: pytest.MonkeyPatch
) -> None:
    def act(number: int) -> None:
        if number == 2:
            stand_ins.proxy.shut()
            return
        raise ValueError("the model talks nonsense")

    tries = at_each_attempt(ana, monkeypatch, act)
    assert ana.send_message(ANA, "gastei 150 com gasolina") == 200
    while len(tries) < 2:
        ana.run(timedelta(seconds=1))
    ana.run(2 * MINUTE)
    stand_ins.proxy.open()
    ana.run(20 * MINUTE)
    assert len(tries) == 4
    assert ana.sent_to(ANA).count(APOLOGY) == 1
