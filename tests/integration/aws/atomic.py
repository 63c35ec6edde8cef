"""A moto DynamoDB table that is safe for concurrent writes."""

from threading import Lock
from typing import Any

from falachefe.aws.tables import Table


class AtomicTable(Table):
    """DynamoDB serialises the writes on an item; moto does not across threads, so a lock does it here."""

    _one_at_a_time = Lock()

    def _write(self, *args: Any, **options: Any) -> dict[str, Any]:
        with self._one_at_a_time:
            return super()._write(*args, **options)
