"""What waits in a company's conversations for too long, and what the sweep does about it."""

from datetime import datetime, timedelta
from typing import Any, Final, cast
from uuid import UUID

from sqlalchemy import CursorResult, exists, func, select, update
from sqlalchemy.orm import Session

from falachefe.db.outbox import Outbox, OutboxRow
from falachefe.messaging.conversations.service import announce
from falachefe.messaging.message_time import MAX_MESSAGE_AGE
from falachefe.messaging.models import CONTACT_OF_CONVERSATION, CONVERSATION_OF_MESSAGE, Contact, Conversation, Message

QUEUED_AGE: Final = timedelta(minutes=10)
"""A message whose queue still has it is looked at every five minutes at least, which leaves a mark on its row."""
_MOST_CONVERSATIONS: Final = 50
_MOST_MESSAGES: Final = 200


def announce_queued(session: Session, outbox: Outbox, now: datetime) -> int:
    """Wakes the sender again for messages that no queue seems to hold any more, each conversation's in their order.

    The sender decides: it sends them, or says that they are too old. A copy of a message that waits all the same is
    harmless. What the outbox still holds is not lost.
    """
    company_id = outbox.company_id
    if session.scalar(select(_waits_in_outbox(company_id))):
        return 0
    rows = session.execute(
        select(Message.id, Message.channel_id, Contact.phone)
        .join(Conversation, CONVERSATION_OF_MESSAGE)
        .join(Contact, CONTACT_OF_CONVERSATION)
        .where(
            Message.company_id == company_id,
            Message.status == "queued",
            Message.conversation_id.in_(_inactive_conversations(company_id, now - QUEUED_AGE)),
        )
        .order_by(Message.id)
        .limit(_MOST_MESSAGES)
    ).all()
    for row in rows:
        announce(outbox, row.channel_id, row.phone, row.id, again=f"sweep-{int(now.timestamp())}")
    if rows:
        session.execute(
            update(Message)
            .where(Message.company_id == company_id, Message.id.in_([row.id for row in rows]))
            .values(updated_at=now)
            .execution_options(synchronize_session=False)
        )
    return len(rows)


def _waits_in_outbox(company_id: UUID) -> Any:
    return exists().where(
        OutboxRow.company_id == company_id, OutboxRow.destination == "outbound", OutboxRow.parked_at.is_(None)
    )


def _inactive_conversations(company_id: UUID, before: datetime) -> Any:
    """Conversations with something to send that no sender has touched since, those that wait longest first."""
    return (
        select(Message.conversation_id)
        .where(Message.company_id == company_id, Message.status.in_(("queued", "sending")))
        .group_by(Message.conversation_id)
        .having(func.max(Message.updated_at) < before)
        .order_by(func.max(Message.updated_at))
        .limit(_MOST_CONVERSATIONS)
    )


def expire_held(session: Session, company_id: UUID, now: datetime) -> int:
    """Messages held for a sign-in that did not come within a day are history; no turn is to read them any more."""
    result = session.execute(
        update(Message)
        .where(
            Message.company_id == company_id,
            Message.direction == "in",
            Message.status == "held",
            Message.crew_task_id.is_(None),
            Message.created_at < now - MAX_MESSAGE_AGE,
        )
        .values(status="read")
        .execution_options(synchronize_session=False)
    )
    return cast("CursorResult[Any]", result).rowcount
