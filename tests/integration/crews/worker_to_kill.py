"""A worker process that stops before a commit, holding its locks, until it is killed.

Started by `test_killed_workers.py`, which sends the task, the database and the number of the commit as JSON.
"""

import json
import signal
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from falachefe.crews.turns.run import TaskDependencies, run_task
from falachefe.db.address import DatabaseAddress
from falachefe.db.engine import Database, make_engine
from falachefe.db.outbox import QueueMessage
from falachefe.kernel.clock import FixedClock
from tests.integration.crews.harness import ScriptedAgent, fake_tool


class StoppingDatabase(Database):
    """Prints `held` before commit number `at`, when all its statements have run, and waits to be killed."""

    def __init__(self, address: DatabaseAddress, at: int, idle_ms: int) -> None:
        super().__init__(lambda: make_engine(address, pool_size=1))
        self._left = at
        self._idle_ms = idle_ms

    @contextmanager
    def tenant(self, company_id: UUID) -> Iterator[Session]:
        with super().tenant(company_id) as session:
            yield session
            self._left -= 1
            if self._left == 0:
                session.execute(text("select set_config('idle_in_transaction_session_timeout', :ms, false)"),
                                {"ms": f"{self._idle_ms}ms"})  # fmt: skip
                print("held", flush=True)
                signal.pause()


class NullPublisher:
    def publish(
        self, queue_messages: Sequence[QueueMessage]
    ) -> Sequence[UUID]:  # the process is killed before it publishes
        return ()


def main() -> None:
    config = json.load(sys.stdin)
    database = StoppingDatabase(DatabaseAddress(**config["address"]), config["at"], config["idle_ms"])
    clock = FixedClock(datetime.fromisoformat(config["now"]))
    run_task(config["task"], TaskDependencies(database, NullPublisher(), clock, ScriptedAgent(), fake_tool))


if __name__ == "__main__":
    main()
