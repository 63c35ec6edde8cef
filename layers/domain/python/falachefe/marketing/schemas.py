"""REST schemas of campaigns."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from pydantic import Field

from falachefe.resources.schemas import Document, Input


class CampaignIn(Input):
    name: str = Field(examples=["Natal 2026"])
    message: str = Field(examples=["Encomendas de panetone até 20/12!"])
    segment: Literal["all", "active", "inactive", "new"] = "all"


class CampaignOut(Document):
    """`audience`: how many contacts the segment had when it was chosen."""

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
    created_by: UUID | None
