"""Use cases of a person's reminders. Every function runs in the caller's transaction of one company."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, cast
from uuid import UUID

from sqlalchemy import CursorResult, func, insert, select, update
from sqlalchemy.orm import Session

from falachefe.db.advisory_locks import take_advisory_lock
from falachefe.db.outbox import Outbox
from falachefe.kernel.errors import Conflict, NotFound
from falachefe.kernel.events import DomainEvent, Json
from falachefe.kernel.ids import new_id
from falachefe.reminders import rules
from falachefe.reminders.models import Reminder


@dataclass(frozen=True, slots=True)
class ReminderView:
    """`at` is when it is due next, aware; `version` counts its changes."""

    id: UUID
    text: str
    at: datetime
    starts_at: datetime
    repeats: rules.Repeats | None
    status: str
    version: int


_SHOWN: Final = tuple(getattr(Reminder, name) for name in ReminderView.__slots__)


def remind(
    session: Session,
    company_id: UUID,
    *,
    user_id: UUID,
    text: str,
    at: datetime,
    repeats: rules.Repeats | None,
    now: datetime,
    outbox: Outbox | None = None,
) -> ReminderView:
    """Adds a reminder for the user. Raises `InvalidInput` for a text or a time that is not accepted."""
    shown, due = rules.reminder_text(text), rules.due_time(at, now)
    take_advisory_lock(session, f"reminders#{company_id}#{user_id}")
    pending = session.scalar(select(func.count()).select_from(Reminder).where(*_pending_of(company_id, user_id)))
    if (pending or 0) >= rules.MAX_PENDING:
        message = f"Você já tem {rules.MAX_PENDING} lembretes por enviar. Cancele algum antes de criar outro."
        raise Conflict(message, code="too_many_reminders")
    view = ReminderView(new_id(), shown, due, due, repeats, "pending", 1)
    values: dict[str, Any] = {name: getattr(view, name) for name in ReminderView.__slots__}
    session.execute(
        insert(Reminder).values(company_id=company_id, user_id=user_id, created_at=now, updated_at=now, **values)
    )
    _record(outbox, "reminders.reminder_created", company_id, view, now)
    return view


def list_reminders(session: Session, company_id: UUID, user_id: UUID, *, limit: int = 50) -> list[ReminderView]:
    """The user's reminders that are still to be sent, the next one first."""
    pending = select(*_SHOWN).where(*_pending_of(company_id, user_id)).order_by(Reminder.at, Reminder.id)
    return [_view(row) for row in session.execute(pending.limit(limit))]


def reminder_of(session: Session, company_id: UUID, user_id: UUID, reminder_id: UUID) -> ReminderView:
    """One of the user's reminders, whatever its state. Raises `NotFound`."""
    row = session.execute(select(*_SHOWN).where(*_own(company_id, user_id, reminder_id))).one_or_none()
    if row is None:
        raise NotFound("Não encontrei esse lembrete.", code="reminder_not_found")
    return _view(row)


def cancel_reminder(
    session: Session,
    company_id: UUID,
    user_id: UUID,
    reminder_id: UUID,
    *,
    version: int | None = None,
    now: datetime,
    outbox: Outbox | None = None,
) -> ReminderView:
    """Cancels a reminder, with all its repetitions. A repetition of the call changes nothing.

    Raises `Conflict` for one that was sent, or that is not at `version` any more.
    """
    return _set_status(session, company_id, user_id, reminder_id, "cancelled", version=version, now=now, outbox=outbox)


def reopen_reminder(
    session: Session,
    company_id: UUID,
    user_id: UUID,
    reminder_id: UUID,
    *,
    version: int | None = None,
    now: datetime,
    outbox: Outbox | None = None,
) -> ReminderView:
    """Takes a cancellation back. Raises `InvalidInput` when its time has passed meanwhile."""
    return _set_status(session, company_id, user_id, reminder_id, "pending", version=version, now=now, outbox=outbox)


def _set_status(
    session: Session,
    company_id: UUID,
    user_id: UUID,
    reminder_id: UUID,
    status: str,
    *,
    version: int | None,
    now: datetime,
    outbox: Outbox | None,
) -> ReminderView:
    own = _own(company_id, user_id, reminder_id)
    session.execute(select(Reminder.id).where(*own).with_for_update())
    before = reminder_of(session, company_id, user_id, reminder_id)
    if version is not None and before.version != version:
        raise Conflict("Este lembrete mudou desde então.", code="changed_meanwhile")
    if rules.changed_status(before.status, status) == before.status:
        return before
    if status == "pending":
        rules.due_time(before.at, now)
    row = session.execute(
        update(Reminder)
        .where(*own)
        .values(status=status, updated_at=now, version=Reminder.version + 1)
        .returning(*_SHOWN)
        .execution_options(synchronize_session=False)
    ).one()
    _record(outbox, "reminders.reminder_updated", company_id, _view(row), now)
    return _view(row)


def cancel_all_of(session: Session, company_id: UUID, user_id: UUID, now: datetime) -> int:
    """Cancels what is still to be sent to a person who is not active any more."""
    result = session.execute(
        update(Reminder)
        .where(*_pending_of(company_id, user_id))
        .values(status="cancelled", updated_at=now, version=Reminder.version + 1)
        .execution_options(synchronize_session=False)
    )
    return cast("CursorResult[Any]", result).rowcount


def _own(company_id: UUID, user_id: UUID, reminder_id: UUID) -> Sequence[Any]:
    return (
        Reminder.company_id == company_id,
        Reminder.user_id == user_id,
        Reminder.id == reminder_id,
        Reminder.deleted_at.is_(None),
    )


def _pending_of(company_id: UUID, user_id: UUID) -> Sequence[Any]:
    return (
        Reminder.company_id == company_id,
        Reminder.user_id == user_id,
        Reminder.status == "pending",
        Reminder.deleted_at.is_(None),
    )


def _view(row: Any) -> ReminderView:
    return ReminderView(*row)


def _record(outbox: Outbox | None, name: str, company_id: UUID, view: ReminderView, now: datetime) -> None:
    if outbox is not None:
        data: dict[str, Json] = {"reminder_id": str(view.id), "at": view.at.isoformat(), "status": view.status}
        outbox.record(DomainEvent(name, company_id, now, data))
