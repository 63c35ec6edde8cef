"""Deletes expired sign-in items. DynamoDB's TTL would do so only within days and without a count."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from falachefe.aws.tables import ConditionFailed, Table


@dataclass(frozen=True, slots=True)
class Cleaned:
    items: int
    sessions: int
    complete: bool
    """False when time ran out; the next run continues."""


def clean(table: Table, now: datetime, *, has_time: Callable[[], bool]) -> Cleaned:
    """Deletes expired items, except those renewed since they were read."""
    moment = int(now.timestamp())
    items = sessions = 0
    for item in table.expired(moment):
        if not has_time():
            return Cleaned(items, sessions, complete=False)
        try:
            table.delete(item["pk"], item["sk"], condition="expires_at <= :now", values={":now": moment})
        except ConditionFailed:
            continue
        items += 1
        sessions += len(item.get("state", {}).get("sessions", ()))
    return Cleaned(items, sessions, complete=True)
