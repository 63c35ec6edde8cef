"""Claiming a task: for whom, by which agent, and what a worker may do after it lost the lease."""

from dataclasses import replace

import pytest
from sqlalchemy import update

from falachefe.accounts.models import User
from falachefe.companies.models import Company
from falachefe.crews.turns.claim import WrongRole
from falachefe.crews.turns.types import TurnInput
from falachefe.kernel.clock import FixedClock
from tests.integration.crews.rig import Killed, World


@pytest.mark.parametrize("gone", ["company", "user"])
def test_nobody_acts_for_who_was_deactivated_meanwhile(world: World, gone: str) -> None:
    world.receive("gastei 10 com pão", "m1")
    with world.real.tenant(world.company_id) as session:
        if gone == "company":
            session.execute(update(Company).values(status="suspended"))
        else:
            session.execute(update(User).values(status="inactive"))
    assert [outcome.kind for outcome in world.drain()] == ["cancelled"]
    assert world.replies() == []
    assert world.noted() == {}
    assert world.conversation().active_task_id is None


def test_an_agent_refuses_the_task_of_another_role(world: World) -> None:
    world.receive("gastei 10 com pão", "m1")
    queue_message = replace(world.queues.agent_queue_messages[0], destination="agent-marketing")
    with pytest.raises(WrongRole):
        world.run(queue_message)
    assert [outcome.kind for outcome in world.drain()] == ["replied"]


def test_a_worker_that_lost_its_lease_changes_nothing(world: World) -> None:
    """The slow worker has a clock of its own, so that only the fence can stop it."""
    slow = replace(world.shop, clock=FixedClock(world.clock.now()))
    overtaken: list[str] = []

    def stall(turn: TurnInput) -> None:
        if not overtaken:
            overtaken.append("now")
            world.wait(120)
            world.sweep()
            overtaken.extend(outcome.kind for outcome in world.drain())

    world.agent.before_tools = stall
    world.receive("gastei 10 com pão", "m1")
    outcome = world.run(world.queues.agent_queue_messages.pop(), slow)
    assert overtaken == ["now", "replied"]
    assert outcome.kind == "skipped"
    assert world.noted() == {"gastei 10 com pão": 1}
    assert len(world.replies()) == 1


def test_a_slow_worker_does_nothing_beside_the_one_that_took_over(world: World) -> None:
    """The second worker dies after its first tool; only the attempt tells the first one that it is out."""
    slow = replace(world.shop, clock=FixedClock(world.clock.now()))
    runs: list[str] = []

    def stall(turn: TurnInput) -> None:
        runs.append("run")
        if len(runs) == 1:
            world.wait(120)
            world.sweep()
            with pytest.raises(Killed):
                world.deliver()
        elif len(runs) == 2:
            world.boundaries.kill_at = world.boundaries.passed + 3

    world.agent.before_tools = stall
    world.receive("gastei 10 com pão", "m1")
    world.receive("e 20 com leite", "m2")
    outcome = world.run(world.queues.agent_queue_messages.pop(), slow)
    assert outcome.kind == "skipped"
    assert world.noted() == {"gastei 10 com pão": 1}
    world.settle()
    assert world.noted() == {"gastei 10 com pão": 1, "e 20 com leite": 1}
    assert len(world.replies()) == 1
