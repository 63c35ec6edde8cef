"""A DynamoDB table of moto's that many threads may write to at once."""

from threading import Lock
from typing import Any

from falachefe.aws.tables import Table


class AtomicTable(Table):
    """DynamoDB does one write on an item at a time; moto's threads do not, so a lock stands in for that."""

    _one_at_a_time = Lock()

    def _write(self, *args: Any, **options: Any) -> dict[str, Any]:
        with self._one_at_a_time:
            return super()._write(*args, **options)
