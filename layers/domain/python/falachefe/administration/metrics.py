"""Metrics of a company for a period, with daily figures."""

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Annotated, Any, Final, TypedDict

from pydantic import Field

from falachefe.accounts.user_limit import count_active, count_signed_in
from falachefe.companies.service import company_clock
from falachefe.crews.api.reports import ExecutionTimes, TasksOfDay, execution_times, tasks_by_day
from falachefe.db.id_ranges import DayRange
from falachefe.exports.storage_usage import stored_bytes
from falachefe.http.schemas import Day
from falachefe.http.unit_of_work import RequestUnitOfWork
from falachefe.kernel.errors import invalid_field
from falachefe.messaging.api.reports import MessagesOfDay, messages_by_day

MAX_DAYS: Final = 92
DEFAULT_DAYS: Final = 30
"""Days of the default period."""
STATES: Final = ("pending", "in_progress", "completed", "failed", "cancelled")

Number = Annotated[int, Field(ge=0, examples=[12])]
Dollars = Annotated[str, Field(pattern=r"^\d+\.\d{6}$", examples=["0.012300"])]
"""USD as a decimal string."""
Milliseconds = Annotated[int | None, Field(examples=[840])]


class TasksByState(TypedDict):
    pending: Number
    in_progress: Number
    completed: Number
    failed: Number
    cancelled: Number


class ProcessingTime(TypedDict):
    """Processing times of completed tasks; null when there are none."""

    average_ms: Milliseconds
    median_ms: Milliseconds
    p95_ms: Milliseconds


class Totals(TypedDict):
    """`users` and `export_bytes` are current values; `users_signed_in` counts last sign-ins since `start`."""

    messages_received: Number
    messages_sent: Number
    turns: Number
    tasks: TasksByState
    tokens: Number
    cost_usd: Dollars
    processing_time: ProcessingTime
    users: Number
    users_signed_in: Number
    export_bytes: Number


class OfAgent(TypedDict):
    role: Annotated[str, Field(examples=["financial"])]
    tasks: TasksByState
    tokens: Number
    cost_usd: Dollars


class OfDay(TypedDict):
    """`conversations` counts those with a received message."""

    day: Day
    messages_received: Number
    messages_sent: Number
    conversations: Number
    turns: Number
    tasks: Number
    tokens: Number
    cost_usd: Dollars


class Metrics(TypedDict):
    """`days` contains every day of the period, in the company's time zone."""

    start: Day
    end: Day
    time_zone: Annotated[str, Field(examples=["America/Sao_Paulo"])]
    totals: Totals
    agents: list[OfAgent]
    days: list[OfDay]


def measure(work: RequestUnitOfWork, start: date | None, end: date | None) -> Metrics:
    """The company's metrics from `start` to `end`, both included.

    Raises `InvalidInput` for an empty period or one of more than `MAX_DAYS` days.
    """
    session, company_id = work.session, work.company_id
    clock = company_clock(session, company_id, work.now)
    span = span_of(start, end, today=clock.today, time_zone=clock.time_zone)
    messages, done = messages_by_day(session, company_id, span), tasks_by_day(session, company_id, span)
    return {
        "start": span.first.isoformat(),
        "end": span.last.isoformat(),
        "time_zone": span.time_zone,
        "totals": {
            "messages_received": sum(one.received for one in messages),
            "messages_sent": sum(one.sent for one in messages),
            "turns": sum(one.turns for one in done),
            "tasks": _by_state(done),
            "tokens": sum(one.tokens for one in done),
            "cost_usd": _dollars(done),
            "processing_time": _processing_time(execution_times(session, company_id, span)),
            "users": count_active(session, company_id),
            "users_signed_in": count_signed_in(session, company_id, span.starts_at),
            "export_bytes": stored_bytes(session, company_id, work.now),
        },
        "agents": [_of_agent(role, done) for role in sorted({one.role for one in done})],
        "days": [_of_day(day, messages, done) for day in span.days],
    }


def span_of(start: date | None, end: date | None, *, today: date, time_zone: str) -> DayRange:
    """The requested period: `end` defaults to today, `start` to `DEFAULT_DAYS` days up to and including `end`."""
    if any(day is not None and not 1990 <= day.year <= 2200 for day in (start, end)):
        raise invalid_field("start", "Não há nada em datas tão distantes.", "period_invalid")
    last = end or today
    first = start or last - timedelta(days=DEFAULT_DAYS - 1)
    if first > last:
        raise invalid_field("start", "O começo do período vem depois do fim.", "period_invalid")
    if (last - first).days >= MAX_DAYS:
        raise invalid_field("start", f"O período pode ter no máximo {MAX_DAYS} dias.", "period_invalid")
    return DayRange(first, last, time_zone)


def _of_agent(role: str, tasks: Sequence[TasksOfDay]) -> OfAgent:
    own = [one for one in tasks if one.role == role]
    return {
        "role": role,
        "tasks": _by_state(own),
        "tokens": sum(one.tokens for one in own),
        "cost_usd": _dollars(own),
    }


def _of_day(day: date, messages: Iterable[MessagesOfDay], tasks: Iterable[TasksOfDay]) -> OfDay:
    exchanged = next((one for one in messages if one.day == day), None)
    own = [one for one in tasks if one.day == day]
    return {
        "day": day.isoformat(),
        "messages_received": exchanged.received if exchanged else 0,
        "messages_sent": exchanged.sent if exchanged else 0,
        "conversations": exchanged.conversations if exchanged else 0,
        "turns": sum(one.turns for one in own),
        "tasks": sum(one.tasks for one in own),
        "tokens": sum(one.tokens for one in own),
        "cost_usd": _dollars(own),
    }


def _by_state(tasks: Sequence[TasksOfDay]) -> TasksByState:
    counted: Any = {state: sum(one.tasks for one in tasks if one.status == state) for state in STATES}
    return counted  # type: ignore[no-any-return]  # its keys are the states


def _dollars(tasks: Iterable[TasksOfDay]) -> str:
    return f"{sum((one.cost_usd for one in tasks), Decimal(0)):.6f}"


def _processing_time(taken: ExecutionTimes) -> ProcessingTime:
    def whole(value: float | None) -> int | None:
        return None if value is None else round(value)

    return {"average_ms": whole(taken.average), "median_ms": whole(taken.median), "p95_ms": whole(taken.p95)}
