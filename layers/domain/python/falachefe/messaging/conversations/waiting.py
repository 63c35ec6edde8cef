"""Queries about waiting messages and conversations of a company."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from falachefe.messaging.models import CONVERSATION_OF_MESSAGE, Conversation, Message


def unanswered(session: Session, company_id: UUID) -> int:
    """The number of messages that no turn has taken yet."""
    return session.execute(
        select(func.count()).where(
            Message.company_id == company_id,
            Message.direction == "in",
            Message.status == "received",
            Message.crew_task_id.is_(None),
        )
    ).scalar_one()


def unattended(session: Session, company_id: UUID, *, before: datetime, now: datetime, limit: int) -> list[UUID]:
    """Conversations without a turn that have an unassigned message older than `before`.

    In another order each minute, so that conversations that cannot be answered now (of a paused crew) do not crowd out
    others.
    """
    return list(
        session.execute(
            select(Message.conversation_id)
            .join(Conversation, CONVERSATION_OF_MESSAGE)
            .where(
                Message.company_id == company_id,
                Message.direction == "in",
                Message.status == "received",
                Message.crew_task_id.is_(None),
                Message.created_at < before,
                Conversation.active_task_id.is_(None),
            )
            .group_by(Message.conversation_id)
            .order_by(func.md5(func.concat(Message.conversation_id, now.strftime("%Y%m%d%H%M"))))
            .limit(limit)
        ).scalars()
    )


def crew_has_conversations(session: Session, company_id: UUID, crew_id: UUID) -> bool:
    found = select(Conversation.id).where(Conversation.company_id == company_id, Conversation.crew_id == crew_id)
    return session.execute(found.limit(1)).first() is not None
