"""Reports on a company's tasks: counts, tokens and cost by day, role and status, and execution times."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

from sqlalchemy import BigInteger, cast, func, select
from sqlalchemy.orm import Session

from falachefe.crews.models import TASKS
from falachefe.db.id_ranges import DayRange, day_of, within


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


def tasks_by_day(session: Session, company_id: UUID, span: DayRange) -> list[TasksOfDay]:
    task = TASKS.c
    tokens = cast(task.token_usage["total"].astext, BigInteger)
    rows = session.execute(
        select(
            day_of(TASKS, span).label("day"),
            task.role,
            task.status,
            func.count().label("tasks"),
            func.count().filter(task.parent_task_id.is_(None)).label("turns"),
            cast(func.coalesce(func.sum(tokens), 0), BigInteger).label("tokens"),
            func.coalesce(func.sum(task.cost_usd), 0).label("cost_usd"),
        )
        .where(*within(TASKS, company_id, span))
        .group_by("day", task.role, task.status)
        .order_by("day", task.role, task.status)
    )
    return [TasksOfDay(*row) for row in rows]


def execution_times(session: Session, company_id: UUID, span: DayRange) -> ExecutionTimes:
    taken = TASKS.c.execution_time_ms
    figures = session.execute(
        select(
            func.avg(taken),
            func.percentile_cont(0.5).within_group(taken),
            func.percentile_cont(0.95).within_group(taken),
        ).where(*within(TASKS, company_id, span), TASKS.c.status == "completed", taken.is_not(None))
    ).one()
    return ExecutionTimes(*(None if value is None else float(value) for value in figures))
