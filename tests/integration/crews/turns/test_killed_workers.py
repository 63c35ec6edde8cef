"""When a worker's process is killed or frozen in an open transaction, the next worker does the work once."""

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
from tests.integration.crews.harness import TurnHarness

ROOT = Path(__file__).parents[4]
COMMITS = {"claim": 1, "tool": 2, "finish": 3}


@contextmanager
def worker_holding_locks(
    postgres: PostgresAddress, crew: TurnHarness, task: Mapping[str, Any], at: int, *, idle_ms: int
) -> Iterator[int]:
    """The process id of a worker that holds its locks before a commit."""
    order = {
        "address": asdict(application_address(postgres, "falachefe")),
        "at": at,
        "idle_ms": idle_ms,
        "now": crew.clock.now().isoformat(),
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
def test_after_a_worker_is_killed_with_its_locks_held_another_does_the_work_once(
    crew: TurnHarness, postgres: PostgresAddress, superuser: Engine, at: int
) -> None:
    crew.receive("gastei 10 com pão", "m1")
    queue_message = crew.queues.agent_queue_messages.pop()
    with worker_holding_locks(postgres, crew, queue_message.payload, at, idle_ms=0) as pid:
        assert open_transactions(superuser) == 1
        os.kill(pid, signal.SIGKILL)
    _assert_done_once_by_another_worker(crew)


@pytest.mark.parametrize("at", COMMITS.values(), ids=COMMITS.keys())
def test_a_frozen_worker_loses_its_locks(
    crew: TurnHarness, postgres: PostgresAddress, superuser: Engine, at: int
) -> None:
    """A function that timed out keeps its socket open: only the server can end its transaction."""
    crew.receive("gastei 10 com pão", "m1")
    queue_message = crew.queues.agent_queue_messages.pop()
    with worker_holding_locks(postgres, crew, queue_message.payload, at, idle_ms=300) as pid:
        os.kill(pid, signal.SIGSTOP)
        _assert_done_once_by_another_worker(crew)
        os.kill(pid, signal.SIGCONT)
    assert open_transactions(superuser) == 0
    assert len(crew.replies()) == 1


def _assert_done_once_by_another_worker(crew: TurnHarness) -> None:
    """The next delivery waits for the locks; then the sweep, as the dead worker published nothing."""
    crew.wait(61)
    crew.receive("conversa", "m2")
    crew.sweep()
    crew.settle()
    assert crew.entry_counts() == {"gastei 10 com pão": 1}
    assert "; ".join(crew.replies()).count("Anotado: gastei 10 com pão") == 1
    assert crew.active_tasks() == []
