"""Sending notices, stored with their name so that they are not repeated with every message."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from falachefe.db.outbox import Outbox
from falachefe.messaging.conversations import service as conversations
from falachefe.messaging.conversations.service import ConversationState
from falachefe.messaging.models import Message


def send_notice(
    session: Session, outbox: Outbox, state: ConversationState, notice: str, text: str, *, now: datetime
) -> None:
    conversations.queue_message(session, outbox, state, text, now=now, crew_metadata={"notice": notice})


def last_sent(session: Session, state: ConversationState, notice: str) -> datetime | None:
    """When this notice was last sent in the conversation, which the caller has locked."""
    sent_at: datetime | None = session.scalar(
        select(Message.provider_at)
        .where(
            Message.company_id == state.company_id,
            Message.conversation_id == state.id,
            Message.direction == "out",
            Message.crew_metadata["notice"].astext == notice,
        )
        .order_by(Message.id.desc())
        .limit(1)
    )
    return sent_at
