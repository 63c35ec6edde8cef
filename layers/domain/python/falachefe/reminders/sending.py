"""The worker of reminders: each minute, writes those that are due.

The message, its queue message and the reminder's next state are one transaction, so that nothing is sent twice or lost
by a crash; workers at the same time skip each other's rows.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from falachefe.companies import service as companies
from falachefe.companies.due_rows import TIME_BUDGET, due_rows
from falachefe.db.engine import Database
from falachefe.db.outbox import Publisher
from falachefe.db.unit_of_work import UnitOfWork, unit_of_work
from falachefe.kernel.clock import Clock
from falachefe.kernel.observability.logs import logger
from falachefe.messaging.conversations.staff_messages import StaffMessages, Way
from falachefe.phone_sign_in.people import active_member
from falachefe.reminders import rules, service
from falachefe.reminders.models import Reminder

MOST_OF_COMPANY: Final = 500
"""Reminders of one company in one run."""


@dataclass(slots=True)
class Sent:
    """The counts of a run, for its log line."""

    companies: int = 0
    whatsapp: int = 0
    api: int = 0
    waits: int = 0
    """Those that wait until their person writes."""
    cancelled: int = 0
    """Those of people who are not active any more."""
    errors: list[str] = field(default_factory=list)
    """Class names; an error with one reminder does not stop the others."""


@dataclass(frozen=True, slots=True)
class SendReminders:
    database: Database
    publisher: Publisher
    clock: Clock
    messages: StaffMessages

    def __call__(self, deadline: datetime | None = None) -> Sent:
        """Sends what is due now or within `rules.EARLY`, beginning none after `deadline`, by default `TIME_BUDGET` from
        now. Safe to run concurrently and to repeat."""
        now, sent = self.clock.now(), Sent()
        deadline, until = deadline or now + TIME_BUDGET, now + rules.EARLY

        def due(session: Session, company_id: UUID) -> Sequence[UUID]:
            rows = select(Reminder.id).where(*_due(company_id, until)).order_by(Reminder.at, Reminder.id)
            return session.scalars(rows.limit(MOST_OF_COMPANY)).all()

        for company_id, reminders in due_rows(self.database, "companies_with_due_reminders", until, due):
            sent.companies += 1
            for reminder_id in reminders:
                if self.clock.now() > deadline:
                    return sent
                self._send(company_id, reminder_id, sent)
        return sent

    def _send(self, company_id: UUID, reminder_id: UUID, sent: Sent) -> None:
        try:
            with unit_of_work(self.database, self.publisher, company_id, now=self.clock.now()) as work:
                self._send_locked(work, reminder_id, sent)
        except Exception as error:  # noqa: BLE001  # counted, and the handler fails after the last one
            logger().exception("a reminder was not sent", company_id=str(company_id), error=type(error).__name__)
            sent.errors.append(type(error).__name__)

    def _send_locked(self, work: UnitOfWork, reminder_id: UUID, sent: Sent) -> None:
        row = work.session.execute(
            select(Reminder.user_id, Reminder.text, Reminder.at, Reminder.starts_at, Reminder.repeats)
            .where(*_due(work.company_id, work.now + rules.EARLY), Reminder.id == reminder_id)
            .with_for_update(skip_locked=True)
        ).one_or_none()
        if row is None:  # another worker has it, or it was changed meanwhile
            return
        member = active_member(work.session, work.company_id, row.user_id)
        if member is None:
            sent.cancelled += service.cancel_all_of(work.session, work.company_id, row.user_id, work.now)
            return
        zone = companies.company(work.session, work.company_id).time_zone
        due, values = _next(row, work.now, zone)
        way = self.messages.write(work, member, rules.message(row.text, due, work.now, zone), notice="reminder")
        if way is Way.WAITS:
            sent.waits += 1
            return
        _write(work, reminder_id, values)
        work.record("reminders.reminder_sent", {"reminder_id": str(reminder_id), "at": due.isoformat()})
        sent.whatsapp += way is Way.WHATSAPP
        sent.api += way is Way.API


def _next(row: Any, now: datetime, zone: str) -> tuple[datetime, Mapping[str, Any]]:
    """For when this one is, and what the row becomes. Of repetitions that were missed, only the last one is sent."""
    if row.repeats is None:
        return row.at, {"status": "sent"}
    number = rules.latest(row.starts_at, row.repeats, now + rules.EARLY, zone)
    due = max(row.at, rules.occurrence(row.starts_at, row.repeats, number, zone))
    return due, {"at": rules.occurrence(row.starts_at, row.repeats, number + 1, zone)}


def _write(work: UnitOfWork, reminder_id: UUID, values: Mapping[str, Any]) -> None:
    work.session.execute(
        update(Reminder)
        .where(Reminder.company_id == work.company_id, Reminder.id == reminder_id)
        .values(**values, sent_at=work.now, updated_at=work.now, version=Reminder.version + 1)
        .execution_options(synchronize_session=False)
    )


def _due(company_id: UUID, until: datetime) -> tuple[Any, ...]:
    return (
        Reminder.company_id == company_id,
        Reminder.status == "pending",
        Reminder.deleted_at.is_(None),
        Reminder.at <= until,
    )
