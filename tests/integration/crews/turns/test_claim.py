"""Claiming a task: for which senders and agents, and what a worker may do after it lost the lease."""

from dataclasses import replace

import pytest
from sqlalchemy import update

from falachefe.accounts.models import User
from falachefe.companies.models import Company
from falachefe.crews.turns.claim import WrongRole
from falachefe.crews.turns.types import TurnInput
from falachefe.kernel.clock import FixedClock
from tests.integration.crews.harness import Killed, TurnHarness


@pytest.mark.parametrize("gone", ["company", "user"])
def test_a_task_is_cancelled_when_its_sender_or_company_is_deactivated(crew: TurnHarness, gone: str) -> None:
    crew.receive("gastei 10 com pão", "m1")
    with crew.real.tenant(crew.company_id) as session:
        if gone == "company":
            session.execute(update(Company).values(status="suspended"))
        else:
            session.execute(update(User).values(status="inactive"))
    assert [outcome.kind for outcome in crew.drain()] == ["cancelled"]
    assert crew.replies() == []
    assert crew.entry_counts() == {}
    assert crew.conversation().active_task_id is None


def test_an_agent_refuses_the_task_of_another_role(crew: TurnHarness) -> None:
    crew.receive("gastei 10 com pão", "m1")
    queue_message = replace(crew.queues.agent_queue_messages[0], destination="agent-marketing")
    with pytest.raises(WrongRole):
        crew.run(queue_message)
    assert [outcome.kind for outcome in crew.drain()] == ["replied"]


def test_a_worker_that_lost_its_lease_changes_nothing(crew: TurnHarness) -> None:
    """The slow worker has its own clock, so that only the fence can stop it."""
    slow = replace(crew.dependencies, clock=FixedClock(crew.clock.now()))
    overtaken: list[str] = []

    def stall(turn: TurnInput) -> None:
        if not overtaken:
            overtaken.append("now")
            crew.wait(120)
            crew.sweep()
            overtaken.extend(outcome.kind for outcome in crew.drain())

    crew.agent.before_tools = stall
    crew.receive("gastei 10 com pão", "m1")
    outcome = crew.run(crew.queues.agent_queue_messages.pop(), slow)
    assert overtaken == ["now", "replied"]
    assert outcome.kind == "skipped"
    assert crew.entry_counts() == {"gastei 10 com pão": 1}
    assert len(crew.replies()) == 1


def test_a_slow_worker_changes_nothing_after_another_took_over(crew: TurnHarness) -> None:
    """The second worker dies after its first tool; only the attempt number stops the first one."""
    slow = replace(crew.dependencies, clock=FixedClock(crew.clock.now()))
    runs: list[str] = []

    def stall(turn: TurnInput) -> None:
        runs.append("run")
        if len(runs) == 1:
            crew.wait(120)
            crew.sweep()
            with pytest.raises(Killed):
                crew.deliver()
        elif len(runs) == 2:
            crew.boundaries.kill_at = crew.boundaries.passed + 3

    crew.agent.before_tools = stall
    crew.receive("gastei 10 com pão", "m1")
    crew.receive("e 20 com leite", "m2")
    outcome = crew.run(crew.queues.agent_queue_messages.pop(), slow)
    assert outcome.kind == "skipped"
    assert crew.entry_counts() == {"gastei 10 com pão": 1}
    crew.settle()
    assert crew.entry_counts() == {"gastei 10 com pão": 1, "e 20 com leite": 1}
    assert len(crew.replies()) == 1
