"""The tool calls of a conversation: what may be taken back, and which rows the last replies were about."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Select, select, update
from sqlalchemy.orm import Session

from falachefe.crews.models import CrewTask, ToolCall

_MOST_TASKS: Final = 200
"""How far back a conversation is read: an index gives its newest tasks, and each has a handful of calls."""


@dataclass(frozen=True, slots=True)
class RecordedCall:
    id: UUID
    task_id: UUID
    tool: str
    args: dict[str, Any]
    result: dict[str, Any]
    """As `ToolResult.stored` wrote it; empty while the call runs."""
    inverse: dict[str, Any] | None
    undone_at: datetime | None
    created_at: datetime


_COLUMNS: Final = tuple(getattr(ToolCall, name) for name in RecordedCall.__slots__)


def last_act(session: Session, company_id: UUID, conversation_id: UUID, *, since: datetime) -> RecordedCall | None:
    """The last call since then that changed something, undone or not, locked until the transaction ends.

    Of two transactions that want to take it back at once, the second waits here and then sees it undone.
    """
    found = _calls(company_id, conversation_id).where(ToolCall.inverse.is_not(None), ToolCall.created_at >= since)
    row = session.execute(found.limit(1).with_for_update(of=ToolCall)).first()
    return RecordedCall(*row) if row is not None else None


def acts_of_task(session: Session, company_id: UUID, conversation_id: UUID, task_id: UUID) -> list[RecordedCall]:
    """The calls of one task that changed something and have not been undone, the last one first, locked."""
    found = _calls(company_id, conversation_id).where(
        ToolCall.task_id == task_id, ToolCall.inverse.is_not(None), ToolCall.undone_at.is_(None)
    )
    return [RecordedCall(*row) for row in session.execute(found.with_for_update(of=ToolCall))]


def mark_undone(session: Session, company_id: UUID, call_id: UUID, now: datetime) -> None:
    session.execute(
        update(ToolCall)
        .where(ToolCall.company_id == company_id, ToolCall.id == call_id)
        .values(undone_at=now, updated_at=now)
        .execution_options(synchronize_session=False)
    )


def latest_calls(session: Session, company_id: UUID, conversation_id: UUID, *, limit: int) -> Sequence[RecordedCall]:
    """The conversation's ended calls, the newest first."""
    found = _calls(company_id, conversation_id).where(ToolCall.result != {}).limit(limit)
    return [RecordedCall(*row) for row in session.execute(found)]


def _calls(company_id: UUID, conversation_id: UUID) -> Select[Any]:
    """Newest first. Ids sort by time, those of tasks as those of calls."""
    tasks = (
        select(CrewTask.id)
        .where(CrewTask.company_id == company_id, CrewTask.conversation_id == conversation_id)
        .order_by(CrewTask.id.desc())
        .limit(_MOST_TASKS)
    )
    return (
        select(*_COLUMNS)
        .where(ToolCall.company_id == company_id, ToolCall.task_id.in_(tasks))
        .order_by(ToolCall.id.desc())
    )
