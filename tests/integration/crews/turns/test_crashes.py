"""Killing a worker between any two steps does not change the end state."""

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any
from uuid import UUID

import pytest

from falachefe.companies.models import Company
from falachefe.db.engine import Database
from falachefe.kernel.ids import new_id
from tests.integration.crews.harness import Killed, TurnHarness


@pytest.fixture
def new_crew(database: Database) -> Callable[[], TurnHarness]:
    def make() -> TurnHarness:
        identifier = new_id()
        with database.tenant(identifier) as session:
            session.add(Company(id=identifier, name="Padaria do Chefe"))
        return TurnHarness(database, identifier)

    return make


def _redelivered(step: Callable[[], Any]) -> Any:
    """SQS delivers the queue message of a killed process again."""
    while True:
        try:
            return step()
        except Killed:
            continue


def _run_script(crew: TurnHarness, script: list[tuple[str, str]]) -> None:
    """Every message is delivered twice; then the workers run. A killed worker leaves its queue message invisible."""
    for text, key in script:
        for _ in range(2):
            _redelivered(partial(crew.receive, text, key))
    while crew.queues.agent_queue_messages:
        queue_message = crew.queues.agent_queue_messages.pop(0)
        try:
            crew.run(queue_message)
        except Killed:
            crew.queues.agent_queue_messages.append(queue_message)  # visible again, much later
            crew.wait(60)
            _redelivered(crew.sweep)
    for _ in range(4):
        crew.wait(61)
        _redelivered(crew.sweep)
        while crew.queues.agent_queue_messages:
            queue_message = crew.queues.agent_queue_messages[0]
            _redelivered(partial(crew.run, queue_message))
            crew.queues.agent_queue_messages.pop(0)


def _end_state(crew: TurnHarness) -> dict[str, Any]:
    conversation = crew.conversation()
    return {
        "messages": [(m.text, m.crew_task_id is not None) for m in crew.messages("in")],
        "replies": crew.replies(),
        "sent": len(crew.queues.sent),
        "noted": crew.entry_counts(),
        "calls": [(c.tool, c.args, c.ok) for c in crew.tool_calls()],
        "tasks": [(t.role, t.status, t.parent_task_id is not None) for t in crew.tasks()],
        "active": conversation.active_task_id,
        "handoffs": [(h["from"], h["to"]) for h in conversation.handoff_history],
        "outbox": crew.queue_messages_left(),
        "events": sorted(crew.event_names()),
    }


SCRIPTS = {
    "tool": [("gastei 10 com pão", "m1")],
    "two messages": [("gastei 10 com pão", "m1"), ("e 20 com leite", "m2")],
    "handoff": [("passa:hr gastei 10 reais com gasolina", "m1"), ("recusa isto", "m2")],
}


@pytest.mark.parametrize("script", SCRIPTS.values(), ids=SCRIPTS.keys())
def test_a_worker_killed_at_any_boundary_leads_to_the_same_end_state(
    new_crew: Callable[[], TurnHarness], script: list[tuple[str, str]]
) -> None:
    undisturbed = new_crew()
    _run_script(undisturbed, script)
    expected = _end_state(undisturbed)
    assert expected["outbox"] == []
    assert len(expected["replies"]) == 1
    for boundary in _boundaries(undisturbed):
        crew = new_crew()
        crew.boundaries.kill_at = boundary
        _run_script(crew, script)
        assert crew.boundaries.kill_at is None, "the kill must have happened"
        assert _end_state(crew) == expected, f"killed at boundary {boundary}"


def _boundaries(undisturbed: TurnHarness) -> Iterator[int]:
    """Every boundary of an undisturbed run, its last sweeps included."""
    yield from range(1, undisturbed.boundaries.passed + 1)


def test_a_task_whose_worker_is_killed_at_every_attempt_ends_with_one_apology(
    new_crew: Callable[[], TurnHarness],
) -> None:
    crew = new_crew()

    def die(_: Any) -> None:
        raise Killed

    crew.agent.before_tools = die
    crew.receive("gastei 10 com pão", "m1")
    for _ in range(4):
        while crew.queues.agent_queue_messages:
            queue_message = crew.queues.agent_queue_messages.pop(0)
            with pytest.raises(Killed):
                crew.run(queue_message)
        crew.wait(61)
        crew.sweep()
    [task] = crew.tasks()
    assert (task.status, task.attempts, task.error_message) == ("failed", 3, "WorkerLost")
    assert len(crew.replies()) == 1
    assert crew.entry_counts() == {}
    assert crew.event_names() == ["crews.task_failed"]


def test_a_lost_queue_message_is_announced_again(new_crew: Callable[[], TurnHarness]) -> None:
    crew = new_crew()
    crew.queues.down = True
    crew.receive("gastei 10 com pão", "m1")
    assert crew.queues.agent_queue_messages == []
    crew.queues.down = False
    crew.wait(31)
    assert crew.sweep().queue_messages == 1
    crew.drain()
    assert len(crew.replies()) == 1


def test_a_repeated_announcement_does_not_wait_for_a_dead_workers_queue_message(
    new_crew: Callable[[], TurnHarness],
) -> None:
    crew = new_crew()
    crew.receive("gastei 10 com pão", "m1")
    first = crew.queues.agent_queue_messages.pop()
    crew.wait(31)
    crew.sweep()
    [again] = crew.queues.agent_queue_messages
    assert again.group_id != first.group_id
    assert again.deduplication_id != first.deduplication_id
    assert again.payload == first.payload


def test_two_sweeps_at_the_same_deadline_announce_once(new_crew: Callable[[], TurnHarness]) -> None:
    crew = new_crew()
    crew.receive("gastei 10 com pão", "m1")
    crew.queues.agent_queue_messages.clear()
    crew.wait(31)
    crew.sweep()
    crew.sweep()
    assert len(crew.queues.agent_queue_messages) == 1


def test_an_error_in_one_company_does_not_stop_the_sweep_of_others(
    new_crew: Callable[[], TurnHarness], database: Database
) -> None:
    broken, healthy = new_crew(), new_crew()
    for crew in (broken, healthy):
        crew.receive("gastei 10 com pão", "m1")
        crew.queues.agent_queue_messages.clear()
    healthy.clock.at = broken.clock.at
    healthy.wait(31)

    class Failing(Database):
        def tenant(self, company_id: UUID) -> Any:
            if company_id == broken.company_id:
                raise ConnectionError
            return database.tenant(company_id)

        def no_tenant(self) -> Any:
            return database.no_tenant()

    from falachefe.crews.turns.sweep import sweep

    swept = sweep(Failing(lambda: database.engine), healthy.queues, healthy.clock)
    assert set(swept.errors) == {"ConnectionError"}
    assert len(healthy.queues.agent_queue_messages) == 1
