"""REST schemas of reminders."""

import re
from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import AwareDatetime, BeforeValidator, Field

from falachefe.kernel.errors import InvalidValue
from falachefe.resources.schemas import Document, Input


def _moment(value: object) -> object:
    """Accepts only date and time as text: Pydantic would read a number as seconds since 1970."""
    if isinstance(value, datetime) or (isinstance(value, str) and re.match(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T", value)):
        return value
    raise InvalidValue("Use uma data com hora, como 2026-11-22T12:00:00-03:00.")


Moment = Annotated[AwareDatetime, BeforeValidator(_moment), Field(examples=["2026-12-05T09:00:00-03:00"])]


class ReminderIn(Input):
    """`at`: when to send it, within three years. Repetitions are at the same time of the company's clock; a day that a
    month does not have becomes its last one."""

    text: str = Field(examples=["Pagar o aluguel"])
    at: Moment
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
