"""A worker's process is killed, or frozen for good, while its transaction is open: the next one does the work once."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, text

from infra.local.stack.postgres import PostgresAddress
from tests.integration.conftest import application_address
from tests.integration.crews.rig import World

ROOT = Path(__file__).parents[4]
COMMITS = {"claim": 1, "tool": 2, "finish": 3}


@contextmanager
def held(postgres: PostgresAddress, world: World, task: Mapping[str, Any], at: int, *, idle_ms: int) -> Iterator[int]:
    """The process id of a worker that holds its locks in front of a commit."""
    order = {
        "address": asdict(application_address(postgres, "falachefe")),
        "at": at,
        "idle_ms": idle_ms,
        "now": world.clock.now().isoformat(),
        "task": dict(task),
    }
    paths = os.pathsep.join([str(ROOT), *(path for path in sys.path if path)])
    with subprocess.Popen(
        [sys.executable, "-m", "tests.integration.crews.worker_to_kill"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": paths},
    ) as worker:
        assert worker.stdin is not None
        assert worker.stdout is not None
        try:
            worker.stdin.write(json.dumps(order))
            worker.stdin.close()
            assert worker.stdout.readline() == "held\n"
            yield worker.pid
        finally:
            worker.kill()


def open_transactions(superuser: Engine) -> int:
    with superuser.connect() as connection:
        return int(
            connection.scalar(
                text(
                    "select count(*) from pg_stat_activity"
                    " where state = 'idle in transaction' and usename = 'falachefe_app'"
                )
            )
            or 0
        )


@pytest.mark.parametrize("at", COMMITS.values(), ids=COMMITS.keys())
def test_a_worker_killed_with_its_locks_held_is_replaced_and_the_work_is_done_once(
    world: World, postgres: PostgresAddress, superuser: Engine, at: int
) -> None:
    world.receive("gastei 10 com pão", "m1")
    queue_message = world.queues.agent_queue_messages.pop()
    with held(postgres, world, queue_message.payload, at, idle_ms=0) as pid:
        assert open_transactions(superuser) == 1
        os.kill(pid, signal.SIGKILL)
    _someone_else_does_it(world)


@pytest.mark.parametrize("at", COMMITS.values(), ids=COMMITS.keys())
def test_a_worker_that_is_frozen_with_its_locks_held_loses_them(
    world: World, postgres: PostgresAddress, superuser: Engine, at: int
) -> None:
    """A function that ran out of time keeps its socket: only the server can end its transaction."""
    world.receive("gastei 10 com pão", "m1")
    queue_message = world.queues.agent_queue_messages.pop()
    with held(postgres, world, queue_message.payload, at, idle_ms=300) as pid:
        os.kill(pid, signal.SIGSTOP)
        _someone_else_does_it(world)
        os.kill(pid, signal.SIGCONT)
    assert open_transactions(superuser) == 0
    assert len(world.replies()) == 1


def _someone_else_does_it(world: World) -> None:
    """The next delivery waits for the locks to go; then the sweep, as nothing of the dead worker was published."""
    world.wait(61)
    world.receive("conversa", "m2")
    world.sweep()
    world.settle()
    assert world.noted() == {"gastei 10 com pão": 1}
    assert "; ".join(world.replies()).count("Anotado: gastei 10 com pão") == 1
    assert world.active_tasks() == []
