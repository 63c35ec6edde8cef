"""Two tool calls are the same when id, tool and arguments are the same."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import pytest

from falachefe.crews.turns.run import TaskDependencies
from falachefe.crews.turns.types import Journal, Reply, Toolbox, TurnInput
from tests.integration.crews.harness import Killed, TurnHarness, fake_tool


class CallingAgent:
    """An agent that makes the given tool calls with the given ids."""

    def __init__(self, *calls: tuple[str, str, str], die_after: int | None = None) -> None:
        self.calls = calls
        self.die_after = die_after
        self.said: list[str] = []

    def __call__(self, turn: TurnInput, journal: Journal, toolbox: Toolbox, config: Mapping[str, Any]) -> Reply:
        journal.save([list(call) for call in self.calls])
        for number, (tool, call_id, what) in enumerate(self.calls):
            if self.die_after == number:
                self.die_after = None
                raise Killed
            self.said.append(toolbox.call(tool, call_id, {"what": what}).message)
        return Reply("; ".join(self.said), Decimal(1), (), {}, Decimal(0), "scripted", degraded=False)


def run(crew: TurnHarness, agent: CallingAgent) -> None:
    crew.dependencies = TaskDependencies(crew.database, crew.queues, crew.clock, agent, fake_tool)
    crew.receive("gastei 10 com pão", "m1")
    for _ in range(3):
        while crew.queues.agent_queue_messages:
            queue_message = crew.queues.agent_queue_messages.pop(0)
            try:
                crew.run(queue_message)
            except Killed:
                crew.wait(60)
                crew.sweep()


def test_a_repeated_call_returns_its_result_and_is_not_applied_again(crew: TurnHarness) -> None:
    run(crew, CallingAgent(("note", "call_1", "pão"), ("note", "call_1", "pão")))
    assert crew.entry_counts() == {"pão": 1}


def test_a_call_id_repeated_with_other_arguments_is_a_call_of_its_own(crew: TurnHarness) -> None:
    run(crew, CallingAgent(("note", "call_1", "pão"), ("note", "call_1", "leite"), ("refuse", "call_1", "pão")))
    assert crew.entry_counts() == {"pão": 1, "leite": 1}
    assert [(call.tool, call.ok) for call in crew.tool_calls()] == [("note", True), ("note", True), ("refuse", False)]


@pytest.mark.parametrize("boundary", range(4))
def test_calls_with_repeated_ids_are_each_applied_once_when_the_worker_dies(crew: TurnHarness, boundary: int) -> None:
    calls = (("note", "call_1", "pão"), ("note", "call_1", "leite"), ("refuse", "call_1", "pão"), ("note", "c", "sal"))
    run(crew, CallingAgent(*calls, die_after=boundary))
    assert crew.entry_counts() == {"pão": 1, "leite": 1, "sal": 1}
    assert len(crew.replies()) == 1
