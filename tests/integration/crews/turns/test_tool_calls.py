"""A tool call is the same call when its id, its tool and its arguments are the same; anything else is another one."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import pytest

from falachefe.crews.turns.run import TaskDependencies
from falachefe.crews.turns.types import Journal, Reply, Toolbox, TurnInput
from tests.integration.crews.rig import Killed, World, fake_tool


class Calling:
    """An agent that makes the given calls, with the ids given."""

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


def run(world: World, agent: Calling) -> None:
    world.shop = TaskDependencies(world.database, world.queues, world.clock, agent, fake_tool)
    world.receive("gastei 10 com pão", "m1")
    for _ in range(3):
        while world.queues.agent_queue_messages:
            queue_message = world.queues.agent_queue_messages.pop(0)
            try:
                world.run(queue_message)
            except Killed:
                world.wait(60)
                world.sweep()


def test_the_same_call_again_is_answered_and_not_applied(world: World) -> None:
    run(world, Calling(("note", "call_1", "pão"), ("note", "call_1", "pão")))
    assert world.noted() == {"pão": 1}


def test_a_provider_that_repeats_an_id_for_other_arguments_loses_no_call(world: World) -> None:
    run(world, Calling(("note", "call_1", "pão"), ("note", "call_1", "leite"), ("refuse", "call_1", "pão")))
    assert world.noted() == {"pão": 1, "leite": 1}
    assert [(call.tool, call.ok) for call in world.tool_calls()] == [("note", True), ("note", True), ("refuse", False)]


@pytest.mark.parametrize("boundary", range(4))
def test_repeated_ids_are_each_applied_once_although_the_worker_dies(world: World, boundary: int) -> None:
    calls = (("note", "call_1", "pão"), ("note", "call_1", "leite"), ("refuse", "call_1", "pão"), ("note", "c", "sal"))
    run(world, Calling(*calls, die_after=boundary))
    assert world.noted() == {"pão": 1, "leite": 1, "sal": 1}
    assert len(world.replies()) == 1
