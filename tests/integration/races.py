"""Two transactions at once, for certain: the second one is started while the first has not committed."""

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from time import monotonic, sleep
from typing import Any
from uuid import UUID

from sqlalchemy import Engine, text
from sqlalchemy.orm import Session

from falachefe.db.engine import Database

PATIENCE_S = 20
"""Only how long a broken test hangs."""


class Racing(Database):
    """Before its first commit it starts `other` and goes on when that one waits for a lock, or has ended."""

    def __init__(self, real: Database, superuser: Engine, other: Callable[[], Any], *, at: int = 1) -> None:
        super().__init__(lambda: real.engine)
        self._superuser = superuser
        self._other = other
        self._left = at
        self._pool = ThreadPoolExecutor(1)
        self.started: Future[Any] | None = None
        self.waited = False

    @contextmanager
    def tenant(self, company_id: UUID) -> Iterator[Session]:
        with super().tenant(company_id) as session:
            yield session
            self._left -= 1
            if self._left == 0:
                session.connection()
                session.execute(text("select 1"))  # what was queued for the commit holds its locks from here on
                self.started = self._pool.submit(self._other)
                self.waited = self._until_it_waits(self.started)

    def other(self) -> Any:
        """What became of the second one, once the first one has committed."""
        assert self.started is not None, "the first one never came so far"
        return self.started.result(PATIENCE_S)

    def _until_it_waits(self, other: Future[Any]) -> bool:
        until = monotonic() + PATIENCE_S
        while not other.done():
            with self._superuser.connect() as connection:
                if connection.scalar(text("select count(*) from pg_locks where not granted")):
                    return True
            assert monotonic() < until, "the second one neither waits nor ends"
            sleep(0.005)
        return False
