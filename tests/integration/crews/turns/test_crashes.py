"""A worker is killed between any two steps: afterwards everything is as if nothing had happened."""

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any
from uuid import UUID

import pytest

from falachefe.companies.models import Company
from falachefe.db.engine import Database
from falachefe.kernel.ids import new_id
from tests.integration.crews.rig import Killed, World


@pytest.fixture
def new_world(database: Database) -> Callable[[], World]:
    def make() -> World:
        identifier = new_id()
        with database.tenant(identifier) as session:
            session.add(Company(id=identifier, name="Padaria do Chefe"))
        return World(database, identifier)

    return make


def _redelivered(step: Callable[[], Any]) -> Any:
    """SQS hands the queue message of a killed process out again."""
    while True:
        try:
            return step()
        except Killed:
            continue


def _play(world: World, script: list[tuple[str, str]]) -> None:
    """Every message is delivered twice; then the workers run. A killed worker leaves its queue message invisible."""
    for text, key in script:
        for _ in range(2):
            _redelivered(partial(world.receive, text, key))
    while world.queues.agent_queue_messages:
        queue_message = world.queues.agent_queue_messages.pop(0)
        try:
            world.run(queue_message)
        except Killed:
            world.queues.agent_queue_messages.append(queue_message)  # visible again, much later
            world.wait(60)
            _redelivered(world.sweep)
    for _ in range(4):
        world.wait(61)
        _redelivered(world.sweep)
        while world.queues.agent_queue_messages:
            queue_message = world.queues.agent_queue_messages[0]
            _redelivered(partial(world.run, queue_message))
            world.queues.agent_queue_messages.pop(0)


def _end_state(world: World) -> dict[str, Any]:
    conversation = world.conversation()
    return {
        "messages": [(m.text, m.crew_task_id is not None) for m in world.messages("in")],
        "replies": world.replies(),
        "sent": len(world.queues.sent),
        "noted": world.noted(),
        "calls": [(c.tool, c.args, c.ok) for c in world.tool_calls()],
        "tasks": [(t.role, t.status, t.parent_task_id is not None) for t in world.tasks()],
        "active": conversation.active_task_id,
        "handoffs": [(h["from"], h["to"]) for h in conversation.handoff_history],
        "outbox": world.queue_messages_left(),
        "events": sorted(world.event_names()),
    }


SCRIPTS = {
    "tool": [("gastei 10 com pão", "m1")],
    "two messages": [("gastei 10 com pão", "m1"), ("e 20 com leite", "m2")],
    "handoff": [("passa:hr gastei 10 reais com gasolina", "m1"), ("recusa isto", "m2")],
}


@pytest.mark.parametrize("script", SCRIPTS.values(), ids=SCRIPTS.keys())
def test_killed_at_any_boundary_ends_like_the_undisturbed_run(
    new_world: Callable[[], World], script: list[tuple[str, str]]
) -> None:
    undisturbed = new_world()
    _play(undisturbed, script)
    expected = _end_state(undisturbed)
    assert expected["outbox"] == []
    assert len(expected["replies"]) == 1
    for boundary in _boundaries(undisturbed):
        world = new_world()
        world.boundaries.kill_at = boundary
        _play(world, script)
        assert world.boundaries.kill_at is None, "the kill must have happened"
        assert _end_state(world) == expected, f"killed at boundary {boundary}"


def _boundaries(undisturbed: World) -> Iterator[int]:
    """Every place at which the undisturbed run could have been killed, its last sweeps included."""
    yield from range(1, undisturbed.boundaries.passed + 1)


def test_killed_at_every_attempt_ends_with_one_apology(new_world: Callable[[], World]) -> None:
    world = new_world()

    def die(_: Any) -> None:
        raise Killed

    world.agent.before_tools = die
    world.receive("gastei 10 com pão", "m1")
    for _ in range(4):
        while world.queues.agent_queue_messages:
            queue_message = world.queues.agent_queue_messages.pop(0)
            with pytest.raises(Killed):
                world.run(queue_message)
        world.wait(61)
        world.sweep()
    [task] = world.tasks()
    assert (task.status, task.attempts, task.error_message) == ("failed", 3, "WorkerLost")
    assert len(world.replies()) == 1
    assert world.noted() == {}
    assert world.event_names() == ["crews.task_failed"]


def test_a_lost_queue_message_is_announced_again(new_world: Callable[[], World]) -> None:
    world = new_world()
    world.queues.down = True
    world.receive("gastei 10 com pão", "m1")
    assert world.queues.agent_queue_messages == []
    world.queues.down = False
    world.wait(31)
    assert world.sweep().queue_messages == 1
    world.drain()
    assert len(world.replies()) == 1


def test_a_repeated_announcement_does_not_wait_behind_a_dead_workers_queue_message(
    new_world: Callable[[], World],
) -> None:
    world = new_world()
    world.receive("gastei 10 com pão", "m1")
    first = world.queues.agent_queue_messages.pop()
    world.wait(31)
    world.sweep()
    [again] = world.queues.agent_queue_messages
    assert again.group_id != first.group_id
    assert again.deduplication_id != first.deduplication_id
    assert again.payload == first.payload


def test_two_sweeps_at_the_same_deadline_announce_once(new_world: Callable[[], World]) -> None:
    world = new_world()
    world.receive("gastei 10 com pão", "m1")
    world.queues.agent_queue_messages.clear()
    world.wait(31)
    world.sweep()
    world.sweep()
    assert len(world.queues.agent_queue_messages) == 1


def test_one_companys_trouble_does_not_stop_the_others(new_world: Callable[[], World], database: Database) -> None:
    broken, healthy = new_world(), new_world()
    for world in (broken, healthy):
        world.receive("gastei 10 com pão", "m1")
        world.queues.agent_queue_messages.clear()
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
