"""REST schemas of reminders."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from pydantic import Field

from falachefe.resources.schemas import Document, Input, Moment


class ReminderIn(Input):
    """`at`: when to send it, within three years. Repetitions are at the same time of the company's clock; a day that a
    month does not have becomes its last one."""

    text: str = Field(examples=["Pagar o aluguel"])
    at: Moment = Field(examples=["2026-12-05T09:00:00-03:00"])
    repeats: Literal["daily", "weekly", "monthly"] | None = None


class ReminderChange(ReminderIn):
    status: Literal["pending", "cancelled"]


class ReminderOut(Document):
    """One of the caller's own reminders. `at` is when it is due next, or was due last."""

    text: str
    at: datetime
    repeats: Literal["daily", "weekly", "monthly"] | None
    status: Literal["pending", "sent", "cancelled"]
    status_label: str
    sent_at: datetime | None
    user_id: UUID
