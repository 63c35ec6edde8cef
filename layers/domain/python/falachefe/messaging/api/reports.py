"""A company's message counts by day."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from falachefe.db.id_ranges import DayRange, day_of, within
from falachefe.messaging.models import MESSAGES


@dataclass(frozen=True, slots=True)
class MessagesOfDay:
    day: date
    received: int
    sent: int
    conversations: int
    """Conversations with an inbound message."""


def messages_by_day(session: Session, company_id: UUID, span: DayRange) -> list[MessagesOfDay]:
    received = MESSAGES.c.direction == "in"
    rows = session.execute(
        select(
            day_of(MESSAGES, span).label("day"),
            func.count().filter(received),
            func.count().filter(MESSAGES.c.direction == "out"),
            func.count(MESSAGES.c.conversation_id.distinct()).filter(received),
        )
        .where(*within(MESSAGES, company_id, span))
        .group_by("day")
        .order_by("day")
    )
    return [MessagesOfDay(*row) for row in rows]
