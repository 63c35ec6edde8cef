"""Declares reminders as a REST resource: everybody sees and changes their own only."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from falachefe.http.principal import Principal
from falachefe.http.unit_of_work import RequestUnitOfWork
from falachefe.kernel.errors import Forbidden
from falachefe.reminders import rules, service
from falachefe.reminders.models import Reminder
from falachefe.reminders.schemas import ReminderChange, ReminderIn, ReminderOut
from falachefe.resources.declaration import Created, Hooks, Resource, Values
from falachefe.resources.schemas import partial_of
from falachefe.resources.specifications import Specification, equals


def _own(who: Principal, _: datetime) -> Specification:
    return equals("user_id", who.user_id)


def _create(work: RequestUnitOfWork, wanted: ReminderIn) -> Created:
    if work.who.author_id is None:
        raise Forbidden("Lembretes são de quem é da empresa.", code="members_only")
    made = service.remind(
        work.session,
        work.company_id,
        user_id=work.who.author_id,
        text=wanted.text,
        at=wanted.at,
        repeats=wanted.repeats,
        now=work.now,
        outbox=work.outbox,
    )
    return Created(made.id)


def _change(work: RequestUnitOfWork, row: Reminder, changes: Values) -> Values:
    checked = dict(changes)
    status = rules.changed_status(row.status, checked.get("status", row.status))
    if "text" in checked:
        checked["text"] = rules.reminder_text(checked["text"])
    if checked.get("at", row.at) != row.at:
        checked["at"] = checked["starts_at"] = rules.due_time(checked["at"], work.now)
        if row.status == "sent":  # it is sent once more, at the new time
            checked["status"] = "pending"
    elif status == "pending" and row.status != "pending":
        rules.due_time(row.at, work.now)
    return checked


def _restore(work: RequestUnitOfWork, row: Reminder) -> None:
    if row.status == "pending":
        rules.due_time(row.at, work.now)


def _labels(_: RequestUnitOfWork, rows: Sequence[Reminder]) -> list[Mapping[str, Any]]:
    return [{"status_label": rules.STATUS_LABELS[row.status]} for row in rows]


REMINDERS: Final = Resource[Reminder, ReminderIn, ReminderOut](
    name="reminders",
    singular="reminder",
    context="reminders",
    model=Reminder,
    read=ReminderOut,
    create=ReminderIn,
    update=partial_of(ReminderChange),
    filter_by=("at", "status", "repeats", "created_at"),
    sort_by=("at", "created_at"),
    search_in=("text",),
    default_sort="at",
    masked=frozenset({"text"}),  # a person's own notes
    visible_to=_own,
    hooks=Hooks(create=_create, before_update=_change, before_restore=_restore, extras=_labels),
)
