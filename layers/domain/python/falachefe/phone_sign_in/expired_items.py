"""Removing sign-in state that ran out. DynamoDB does so by itself, but only within days and without telling."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from falachefe.aws.tables import ConditionFailed, Table


@dataclass(frozen=True, slots=True)
class Cleaned:
    items: int
    sessions: int
    complete: bool
    """False when time ran out; the next run goes on."""


def clean(table: Table, now: datetime, *, has_time: Callable[[], bool]) -> Cleaned:
    """Deletes what expired, but nothing that was written to meanwhile."""
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
