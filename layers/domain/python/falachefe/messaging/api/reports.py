"""How many messages a company exchanged with its people, by day."""

from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, select

from falachefe.db.id_ranges import Span, day_of, within
from falachefe.db.statements import Query, prepared
from falachefe.messaging.models import MESSAGES


@dataclass(frozen=True, slots=True)
class MessagesOfDay:
    day: date
    received: int
    sent: int
    conversations: int
    """In which somebody wrote."""


def reading_messages(company_id: UUID, span: Span) -> Query[list[MessagesOfDay]]:
    return _by_day.read(
        lambda rows: [MessagesOfDay(*row) for row in rows],
        company_id=company_id,
        zone=span.time_zone,
        **span.values(),
    )


@prepared
def _by_day() -> Select[Any]:
    received = MESSAGES.c.direction == "in"
    columns: list[Any] = [
        day_of(MESSAGES).label("day"),
        func.count().filter(received).label("received"),
        func.count().filter(MESSAGES.c.direction == "out").label("sent"),
        func.count(MESSAGES.c.conversation_id.distinct()).filter(received).label("conversations"),
    ]
    return select(*columns).where(*within(MESSAGES)).group_by("day").order_by("day")
