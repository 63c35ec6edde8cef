"""REST schemas of campaigns."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from pydantic import Field

from falachefe.resources.schemas import Document, Input, Moment


class CampaignIn(Input):
    name: str = Field(examples=["Natal 2026"])
    message: str = Field(examples=["Encomendas de panetone até 20/12!"])
    segment: Literal["all", "active", "inactive", "new"] = "all"


class SendIn(Input):
    """`at`: when to begin, within a year; without it, within a minute."""

    at: Moment | None = Field(default=None, examples=["2026-12-05T09:00:00-03:00"])


class CampaignOut(Document):
    """`audience`: how many contacts the segment had when it was chosen, and from the start of the sending on, how many
    it goes to. The other figures are counted from its messages; `skipped` says why people did not get it."""

    name: str
    message: str
    segment: Literal["all", "active", "inactive", "new"]
    segment_label: str
    status: Literal["draft", "scheduled", "sending", "sent", "cancelled"]
    status_label: str
    scheduled_for: datetime | None
    audience: int
    sent: int
    delivered: int
    read: int
    replied: int
    failed: int
    skipped: dict[str, int]
    created_by: UUID | None
