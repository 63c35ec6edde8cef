"""A moto DynamoDB table that is safe for concurrent writes."""

from collections.abc import Callable
from threading import Lock
from typing import Any

import pytest

from falachefe.aws.tables import Table


class AtomicTable(Table):
    """DynamoDB serialises the writes on an item; moto does not across threads, so a lock does it here."""

    _one_at_a_time = Lock()

    def _write(self, *args: Any, **options: Any) -> dict[str, Any]:
        with self._one_at_a_time:
            return super()._write(*args, **options)


def serialize_writes(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same for every table, also those that the functions create, and for transactions."""
    lock = Lock()

    def locked(method: Callable[..., Any]) -> Callable[..., Any]:
        def call(*args: Any, **options: Any) -> Any:
            with lock:
                return method(*args, **options)

        return call

    for name in ("_write", "together"):
        monkeypatch.setattr(Table, name, locked(getattr(Table, name)))
