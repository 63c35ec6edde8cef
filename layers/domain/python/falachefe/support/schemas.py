"""REST schemas of tickets."""

from typing import Literal
from uuid import UUID

from pydantic import Field

from falachefe.resources.schemas import Document, Input


class TicketIn(Input):
    subject: str = Field(examples=["Pedido chegou incompleto"])
    description: str = ""
    contact_id: UUID | None = None


class TicketChange(Input):
    subject: str
    description: str
    status: Literal["open", "in_progress", "resolved", "closed"]


class TicketOut(Document):
    """`number` counts from 1 within the company; people refer to the ticket by it."""

    number: int
    subject: str
    description: str
    status: Literal["open", "in_progress", "resolved", "closed"]
    status_label: str
    contact_id: UUID | None
