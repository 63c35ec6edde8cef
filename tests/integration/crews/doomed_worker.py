"""A worker in a process of its own that stops in front of a commit, with its locks held, until it is killed.

Started by `test_killed_workers.py`, which sends the task, the database and the commit to stop at as JSON.
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

from falachefe.crews.turns.run import Workshop, run_task
from falachefe.db.address import DatabaseAddress
from falachefe.db.engine import Database, make_engine
from falachefe.db.outbox import QueueMessage
from falachefe.kernel.clock import FixedClock
from tests.integration.crews.rig import ScriptedAgent, fake_tool


class Stopping(Database):
    """Says `held` before its commit number `at`, when all its statements have run, and waits for its end."""

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


class Nowhere:
    def publish(self, queue_messages: Sequence[QueueMessage]) -> Sequence[UUID]:  # the process ends before
        return ()


def main() -> None:
    told = json.load(sys.stdin)
    database = Stopping(DatabaseAddress(**told["address"]), told["at"], told["idle_ms"])
    clock = FixedClock(datetime.fromisoformat(told["now"]))
    run_task(told["task"], Workshop(database, Nowhere(), clock, ScriptedAgent(), fake_tool))


if __name__ == "__main__":
    main()
