"""Reports on a company's tasks: counts, tokens and cost by day, role and status, and execution times."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Select, cast, func, select

from falachefe.crews.models import TASKS
from falachefe.db.id_ranges import Span, day_of, within
from falachefe.db.statements import Query, prepared


@dataclass(frozen=True, slots=True)
class TasksOfDay:
    day: date
    role: str
    status: str
    tasks: int
    turns: int
    """Tasks that a message started; the others came from handoffs."""
    tokens: int
    cost_usd: Decimal


@dataclass(frozen=True, slots=True)
class ExecutionTimes:
    """Execution times of completed tasks in milliseconds; None when there are none."""

    average: float | None
    median: float | None
    p95: float | None


def reading_tasks(company_id: UUID, span: Span) -> Query[list[TasksOfDay]]:
    return _by_day.read(
        lambda rows: [TasksOfDay(*row) for row in rows],
        company_id=company_id,
        zone=span.time_zone,
        **span.values(),
    )


def reading_pace(company_id: UUID, span: Span) -> Query[ExecutionTimes]:
    def read(rows: list[Any]) -> ExecutionTimes:
        return ExecutionTimes(*(None if value is None else float(value) for value in rows[0]))

    return _pace.read(read, company_id=company_id, **span.values())


@prepared
def _by_day() -> Select[Any]:
    task = TASKS.c
    tokens = cast(task.token_usage["total"].astext, BigInteger)
    return (
        select(
            day_of(TASKS).label("day"),
            task.role,
            task.status,
            func.count().label("tasks"),
            func.count().filter(task.parent_task_id.is_(None)).label("turns"),
            cast(func.coalesce(func.sum(tokens), 0), BigInteger).label("tokens"),
            func.coalesce(func.sum(task.cost_usd), 0).label("cost_usd"),
        )
        .where(*within(TASKS))
        .group_by("day", task.role, task.status)
        .order_by("day", task.role, task.status)
    )


@prepared
def _pace() -> Select[Any]:
    taken = TASKS.c.execution_time_ms
    return select(
        func.avg(taken).label("average"),
        func.percentile_cont(0.5).within_group(taken).label("median"),
        func.percentile_cont(0.95).within_group(taken).label("p95"),
    ).where(*within(TASKS), TASKS.c.status == "completed", taken.is_not(None))
