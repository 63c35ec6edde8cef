"""What the end of an attempt writes: the task's columns, while the worker still has the lease, and its metrics."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, insert, null, update
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Session

from falachefe.crews.models import METRICS, TASKS
from falachefe.crews.turns.claim import ClaimedTask, LeaseLost
from falachefe.crews.turns.tool_calls import fence, fence_of, lock_conversation_query
from falachefe.db.statements import Query, defer, prepared, run
from falachefe.kernel.ids import new_id
from falachefe.messaging.conversations.service import ConversationState


@dataclass(frozen=True, slots=True)
class Ending:
    """The columns of a task that ends."""

    status: str
    result: Mapping[str, Any]
    usage: Mapping[str, int] = field(default_factory=dict)
    cost_usd: Decimal | None = None
    error: str | None = None


def end(
    session: Session,
    claimed: ClaimedTask,
    ending: Ending,
    journal: list[Any] | None,
    *with_it: Query[Any],
    took: int,
    now: datetime,
) -> ConversationState:
    """Locks the conversation, ends the task and runs `with_it`, in one round trip.

    Raises `LeaseLost` when another worker has the task: the transaction must then be rolled back.
    """
    values: dict[str, Any] = {
        "ending": ending.status,
        "result": dict(ending.result),
        "token_usage": dict(ending.usage),
        "cost_usd": ending.cost_usd,
        "execution_time_ms": took,
        "completed_at": now,
        "error_message": ending.error,
    }
    locked = lock_conversation_query(claimed)
    if journal is None:
        ended = _end_task(**fence_of(claimed), **values)
    else:
        ended = _end_with_journal(**fence_of(claimed), **values, journal=journal)
    run(session, locked, ended, *with_it)
    if not ended.result:
        raise LeaseLost
    return locked.result


@prepared
def _end_task() -> Any:
    columns = ("result", "token_usage", "cost_usd", "execution_time_ms", "completed_at", "error_message")
    return (
        update(TASKS)
        .where(*fence())
        # Not named "status": the fence compares that column too.
        .values({name: bindparam(name) for name in columns} | {"status": bindparam("ending"), "lease_until": null()})
        .returning(TASKS.c.id)
    )


@prepared
def _end_with_journal() -> Any:
    return _end_task.build().values(journal=bindparam("journal"))


def release_for_retry(session: Session, claimed: ClaimedTask, error: str, *, lease_until: datetime) -> None:
    """Leaves the task for another attempt. Raises `LeaseLost` as `end` does."""
    # The end of this attempt is known: its delivery needs no longer be kept.
    known = {"tries": [one for one in claimed.metadata.get("tries") or [] if one["attempt"] != claimed.attempt]}
    released = _release_for_retry(**fence_of(claimed), error_message=error, lease_until=lease_until, known=known)
    run(session, lock_conversation_query(claimed), released)
    if not released.result:
        raise LeaseLost


@prepared
def _release_for_retry() -> Any:
    return (
        update(TASKS)
        .where(*fence())
        .values(
            status="pending",
            error_message=bindparam("error_message"),
            lease_until=bindparam("lease_until"),
            metadata=TASKS.c.metadata.op("||")(bindparam("known", type_=JSONB)),
        )
        .returning(TASKS.c.id)
    )


def release_after_outage(session: Session, claimed: ClaimedTask, *, now: datetime) -> None:
    """Records that an outage ended this attempt, so that it does not count; the next one may begin at once."""
    excused = [*(claimed.metadata.get("excused") or []), claimed.attempt]
    defer(session, _release_after_outage(**fence_of(claimed), known={"excused": excused}, lease_until=now))


@prepared
def _release_after_outage() -> Any:
    known = TASKS.c.metadata.op("||")(bindparam("known", type_=JSONB))
    return update(TASKS).where(*fence()).values(metadata=known, lease_until=bindparam("lease_until"))


def close(session: Session, company_id: UUID, task_id: UUID, *, status: str, error: str, now: datetime) -> None:
    """Ends a locked task that no worker has claimed."""
    session.execute(
        update(TASKS)
        .where(TASKS.c.company_id == company_id, TASKS.c.id == task_id)
        .values(status=status, error_message=error, completed_at=now, lease_until=None)
    )


def record_metrics(
    session: Session, claimed: ClaimedTask, usage: Mapping[str, int], cost: Decimal | None, *, took: int, now: datetime
) -> None:
    """Adds the task's duration, tokens and cost to the company's metrics."""
    figures = [("performance", "execution_time", Decimal(took), "ms")]
    if usage.get("total"):
        figures.append(("usage", "tokens", Decimal(usage["total"]), "tokens"))
    if cost:
        figures.append(("cost", "model_cost", cost, "usd"))
    defer(
        session,
        *(
            _metric(
                company_id=claimed.ref.company_id,
                id=new_id(),
                crew_id=claimed.crew.crew_id,
                agent_id=claimed.agent_id,
                metric_type=kind,
                metric_name=name,
                value=value,
                unit=unit,
                recorded_at=now,
            )
            for kind, name, value, unit in figures
        ),
    )


@prepared
def _metric() -> Any:
    columns = (
        "company_id",
        "id",
        "crew_id",
        "agent_id",
        "metric_type",
        "metric_name",
        "value",
        "unit",
        "recorded_at",
    )
    return insert(METRICS).values({name: bindparam(name) for name in columns})
