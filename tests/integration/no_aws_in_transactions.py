"""No request to AWS while a transaction is open: it would hold a connection, and rows, for as long as AWS takes.

A process that is stopped then leaves its locks behind (REVIEW H8). Every test of this folder runs under this guard.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

import botocore.client
import pytest
from sqlalchemy.orm import Session

from falachefe.db.engine import Database


class CalledInside(BaseException):
    """No `Exception`: nothing that takes an outage of AWS for one may swallow it."""


@contextmanager
def no_calls_inside_transactions() -> Iterator[list[str]]:
    """Fails the caller of AWS in a thread whose transaction is open; yields what was caught, should a test hide it."""
    here, caught = threading.local(), list[str]()
    opening = Database._transaction
    client: Any = botocore.client.BaseClient
    calling = client._make_api_call

    @contextmanager
    def counted(self: Database, company_id: UUID | None, *, snapshot: bool = False) -> Iterator[Session]:
        # Not before it is open: the first transaction of a runtime reads the secret of the database.
        with opening(self, company_id, snapshot=snapshot) as session:
            here.depth = getattr(here, "depth", 0) + 1
            try:
                yield session
            finally:
                here.depth -= 1

    def checked(self: Any, operation: str, parameters: Any) -> Any:
        if getattr(here, "depth", 0):
            caught.append(f"{self.meta.service_model.service_name}.{operation}")
            raise CalledInside(f"{caught[-1]} was called while a transaction was open")
        return calling(self, operation, parameters)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Database, "_transaction", counted)
        patch.setattr(client, "_make_api_call", checked)
        yield caught
