"""Messages that wait too long, for the sweep: sends that a queue lost, and held messages that expire."""

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
"""Longer than the outbound queue's back-off (five minutes at most); an attempt to send updates the message's row."""
_MOST_CONVERSATIONS: Final = 50
_MOST_MESSAGES: Final = 200


def announce_queued(session: Session, outbox: Outbox, now: datetime) -> int:
    """Announces queued messages again whose queue messages seem to be lost, in order within each conversation.

    Sending decides whether they are too old. A duplicate queue message is harmless. Nothing is announced while the
    outbox still has messages to the queue.
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
    """Conversations with messages to send that no attempt has updated since, longest waiting first."""
    return (
        select(Message.conversation_id)
        .where(Message.company_id == company_id, Message.status.in_(("queued", "sending")))
        .group_by(Message.conversation_id)
        .having(func.max(Message.updated_at) < before)
        .order_by(func.max(Message.updated_at))
        .limit(_MOST_CONVERSATIONS)
    )


def expire_held(session: Session, company_id: UUID, now: datetime) -> int:
    """Sets aside messages whose sign-in did not happen within a day."""
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
