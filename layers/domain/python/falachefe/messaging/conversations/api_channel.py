"""Conversations over the API: a channel without a provider."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from sqlalchemy import insert, select
from sqlalchemy import text as sql
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.orm import Session

from falachefe.db.outbox import Outbox
from falachefe.kernel.ids import new_id
from falachefe.messaging.models import (
    CONTACT_OF_CONVERSATION,
    Channel,
    Contact,
    Conversation,
    Message,
)

if TYPE_CHECKING:
    from falachefe.messaging.conversations.service import ConversationState

_PREFIX: Final = "api:"
"""Prefix of the contact's `phone`: it is followed by the user's id, as the user may have no phone."""


def is_api(state: "ConversationState") -> bool:
    return state.phone.startswith(_PREFIX)


def conversation_of(session: Session, company_id: UUID, user_id: UUID, crew_id: UUID) -> UUID:
    """The user's API conversation, created on first use."""
    phone = f"{_PREFIX}{user_id}"
    found = session.execute(
        select(Conversation.id)
        .join(Contact, CONTACT_OF_CONVERSATION)
        .where(Conversation.company_id == company_id, Contact.phone == phone, Contact.deleted_at.is_(None))
    ).scalar()
    return found or _new_conversation(session, company_id, user_id, crew_id, phone)


def _new_conversation(session: Session, company_id: UUID, user_id: UUID, crew_id: UUID, phone: str) -> UUID:
    """Concurrent first calls create only one of each row."""
    session.execute(
        upsert(Channel)
        .values(company_id=company_id, id=new_id(), name="API", provider="api", phone="", base_url="", secret_name="")
        .on_conflict_do_nothing(index_elements=["company_id"], index_where=sql("provider = 'api'"))
    )
    session.execute(
        upsert(Contact)
        .values(company_id=company_id, id=new_id(), phone=phone, user_id=user_id)
        .on_conflict_do_nothing(index_elements=["company_id", "phone"], index_where=sql("deleted_at is null"))
    )
    channel_id = session.execute(
        select(Channel.id).where(Channel.company_id == company_id, Channel.provider == "api")
    ).scalar_one()
    contact_id = session.execute(
        select(Contact.id).where(Contact.company_id == company_id, Contact.phone == phone, Contact.deleted_at.is_(None))
    ).scalar_one()
    session.execute(
        upsert(Conversation)
        .values(company_id=company_id, id=new_id(), channel_id=channel_id, contact_id=contact_id, crew_id=crew_id)
        .on_conflict_do_nothing(index_elements=["company_id", "channel_id", "contact_id"])
    )
    return session.execute(
        select(Conversation.id).where(
            Conversation.company_id == company_id,
            Conversation.channel_id == channel_id,
            Conversation.contact_id == contact_id,
        )
    ).scalar_one()


def receive(session: Session, state: "ConversationState", body: str, *, key: str | None, now: datetime) -> UUID | None:
    """Stores an API client's message; None when one with the idempotency key `key` is stored already."""
    return session.execute(
        upsert(Message)
        .values(
            company_id=state.company_id,
            id=new_id(),
            conversation_id=state.id,
            channel_id=state.channel_id,
            direction="in",
            text=body,
            status="received",
            provider_message_id=_provider_id(state, key) if key else None,
            provider_at=now,
        )
        .on_conflict_do_nothing()
        .returning(Message.id)
    ).scalar()


@dataclass(frozen=True, slots=True)
class EarlierMessage:
    """The stored message with an idempotency key."""

    text: str
    status: str
    task_id: UUID | None
    """The task that answers or answered it."""


def earlier_message(session: Session, state: "ConversationState", key: str) -> EarlierMessage | None:
    row = session.execute(
        select(Message.text, Message.status, Message.crew_task_id).where(
            Message.company_id == state.company_id,
            Message.channel_id == state.channel_id,
            Message.provider_message_id == _provider_id(state, key),
        )
    ).first()
    return EarlierMessage(*row) if row is not None else None


def reply_of(session: Session, company_id: UUID, task_id: UUID) -> str | None:
    return session.execute(
        select(Message.text).where(
            Message.company_id == company_id, Message.crew_task_id == task_id, Message.direction == "out"
        )
    ).scalar()


def store_reply(
    session: Session,
    outbox: Outbox,  # noqa: ARG001  # same signature as `conversations.queue_reply`
    state: "ConversationState",
    text: str,
    *,
    task_id: UUID,
    now: datetime,
    agent_response: dict[str, Any],
    token_usage: dict[str, Any],
    processing_time_ms: int,
    confidence: Decimal | None,
) -> UUID:
    """Stores the reply for the waiting call; nothing is sent."""
    message_id = new_id()
    session.execute(
        insert(Message).values(
            company_id=state.company_id,
            id=message_id,
            conversation_id=state.id,
            channel_id=state.channel_id,
            direction="out",
            text=text,
            status="sent",
            provider_at=now,
            crew_task_id=task_id,
            agent_response=agent_response,
            token_usage=token_usage,
            processing_time_ms=processing_time_ms,
            confidence_score=confidence,
        )
    )
    return message_id


def _provider_id(state: "ConversationState", key: str) -> str:
    """Includes the contact, because two users may choose the same key."""
    return f"{state.contact_id}:{key}"
