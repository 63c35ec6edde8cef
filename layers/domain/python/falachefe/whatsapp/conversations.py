"""Conversations as the crew uses them. Everything runs in the caller's transaction."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from enum import Enum
from typing import Any, Final, Literal
from uuid import UUID

from sqlalchemy import Select, and_, exists, func, insert, literal, or_, select, update
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Session

from falachefe.data.outbox import Outbox
from falachefe.kernel.ids import new_id
from falachefe.whatsapp.letters import conversation_group
from falachefe.whatsapp.models import Contact, Conversation, Message

HISTORY_LIMIT: Final = 20
TAKEOVER: Final = timedelta(minutes=60)


class _Keep(Enum):
    KEEP = "keep"


KEEP: Final = _Keep.KEEP


@dataclass(frozen=True, slots=True)
class ConversationState:
    """A conversation under its row lock."""

    id: UUID
    company_id: UUID
    channel_id: UUID
    contact_id: UUID
    phone: str
    contact_name: str | None
    user_id: UUID | None
    """The staff member behind the phone; None for a contact, who has no permission at all."""
    crew_id: UUID
    current_agent_id: UUID | None
    active_task_id: UUID | None
    handoff_history: list[Any]
    human_until: datetime | None


@dataclass(frozen=True, slots=True)
class IncomingMessage:
    id: UUID
    text: str
    kind: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class PastMessage:
    speaker: Literal["user", "agent"]
    text: str
    at: datetime


def lock(session: Session, company_id: UUID, conversation_id: UUID) -> ConversationState:
    """The conversation, locked until the transaction ends. Raises `NoResultFound` when it is not the company's."""
    return state_of(session.execute(_locked(company_id).where(Conversation.id == conversation_id)).one())


def lock_with(session: Session, company_id: UUID, channel_id: UUID, phone: str) -> ConversationState | None:
    """The conversation with a phone on a channel, locked, if there is one already."""
    statement = _locked(company_id).where(
        Conversation.channel_id == channel_id, Contact.phone == phone, Contact.deleted_at.is_(None)
    )
    row = session.execute(statement).one_or_none()
    return state_of(row) if row is not None else None


def _locked(company_id: UUID) -> Select[Any]:
    columns = (
        Conversation.id,
        Conversation.company_id,
        Conversation.channel_id,
        Conversation.contact_id,
        Contact.phone,
        Contact.name.label("contact_name"),
        Contact.user_id,
        Conversation.crew_id,
        Conversation.current_agent_id,
        Conversation.active_task_id,
        Conversation.handoff_history,
        Conversation.human_until,
    )
    return (
        select(*columns)
        .join(Contact, and_(Contact.company_id == Conversation.company_id, Contact.id == Conversation.contact_id))
        .where(Conversation.company_id == company_id)
        .with_for_update(of=Conversation)
    )


def state_of(row: Any) -> ConversationState:
    return ConversationState(**row._mapping)


def set_turn(
    session: Session,
    company_id: UUID,
    conversation_id: UUID,
    *,
    active_task_id: UUID | None,
    current_agent_id: UUID | _Keep | None = KEEP,
    handoff: dict[str, Any] | None = None,
) -> None:
    """Says which task runs the turn (None: nobody's turn). `handoff` is one entry more of the handoff history."""
    values: dict[str, Any] = {"active_task_id": active_task_id}
    if current_agent_id is not KEEP:
        values["current_agent_id"] = current_agent_id
    if handoff is not None:
        values["handoff_history"] = Conversation.handoff_history.op("||")(literal([handoff], JSONB))
    session.execute(
        update(Conversation)
        .where(Conversation.company_id == company_id, Conversation.id == conversation_id)
        .values(values)
        .execution_options(synchronize_session=False)
    )


def take_unassigned(session: Session, company_id: UUID, conversation_id: UUID, task_id: UUID) -> list[IncomingMessage]:
    """Gives the waiting messages to the task; returns all that are the task's, in the order of their arrival.

    A task that asks again (redelivery) gets the same ones, and those that came since.
    """
    taken = (
        update(Message)
        .where(*_unassigned(company_id, conversation_id))
        .values(crew_task_id=task_id)
        .returning(Message.id, Message.text, Message.kind, Message.created_at)
        .cte("taken")
    )
    # Both parts see the table as it was before: what is taken now is in the first part only.
    had = select(Message.id, Message.text, Message.kind, Message.created_at).where(
        Message.company_id == company_id, Message.crew_task_id == task_id, Message.direction == "in"
    )
    rows = session.execute(select(taken).union_all(had)).all()
    return sorted((IncomingMessage(*row) for row in rows), key=lambda message: message.id)


def has_unassigned(session: Session, company_id: UUID, conversation_id: UUID) -> bool:
    return bool(session.scalar(select(exists().where(*_unassigned(company_id, conversation_id)))))


def _unassigned(company_id: UUID, conversation_id: UUID) -> tuple[Any, ...]:
    return (
        Message.company_id == company_id,
        Message.conversation_id == conversation_id,
        Message.direction == "in",
        Message.status == "received",
        Message.crew_task_id.is_(None),
    )


def reassign(session: Session, company_id: UUID, from_task_id: UUID, to_task_id: UUID) -> None:
    """After a handoff the child task answers the messages of its parent."""
    session.execute(
        update(Message)
        .where(Message.company_id == company_id, Message.crew_task_id == from_task_id, Message.direction == "in")
        .values(crew_task_id=to_task_id)
        .execution_options(synchronize_session=False)
    )


def history(
    session: Session,
    company_id: UUID,
    conversation_id: UUID,
    *,
    before_task: UUID | None,
    limit: int = HISTORY_LIMIT,
) -> list[PastMessage]:
    """The last messages of earlier turns, oldest first.

    What still waits is not among them, nor what `before_task` is to answer, nor sign-in talk, nor what never arrived.
    """
    asked = and_(Message.direction == "in", Message.crew_task_id.is_not(None))
    if before_task is not None:
        asked = and_(asked, Message.crew_task_id != before_task)
    answered = and_(
        Message.direction == "out",
        Message.status != "failed",
        or_(Message.crew_task_id.is_not(None), Message.crew_metadata["by"].astext == "person"),
    )
    rows = session.execute(
        select(Message.direction, Message.text, Message.created_at)
        .where(Message.company_id == company_id, Message.conversation_id == conversation_id, or_(asked, answered))
        .order_by(Message.id.desc())
        .limit(limit)
    ).all()
    return [PastMessage("user" if row[0] == "in" else "agent", row[1], row[2]) for row in reversed(rows)]


def queue_reply(
    session: Session,
    outbox: Outbox,
    state: ConversationState,
    text: str,
    *,
    task_id: UUID,
    now: datetime,
    agent_response: dict[str, Any],
    token_usage: dict[str, Any],
    processing_time_ms: int,
    confidence: Decimal | None,
) -> UUID:
    """Stores a turn's reply and its letter to the outbound queue. Splitting happens when it is sent."""
    return queue_message(
        session,
        outbox,
        state,
        text,
        now=now,
        crew_task_id=task_id,
        agent_response=agent_response,
        token_usage=token_usage,
        processing_time_ms=processing_time_ms,
        confidence_score=confidence,
    )


def queue_message(
    session: Session,
    outbox: Outbox,
    state: ConversationState,
    text: str,
    *,
    now: datetime,
    message_id: UUID | None = None,
    **columns: Any,
) -> UUID:
    """Stores an outgoing message, with or without a turn behind it, and its letter to the outbound queue."""
    message_id = message_id or new_id()
    session.execute(
        insert(Message).values(
            company_id=state.company_id,
            id=message_id,
            conversation_id=state.id,
            channel_id=state.channel_id,
            direction="out",
            text=text,
            status="queued",
            provider_at=now,
            **columns,
        )
    )
    announce(outbox, state.channel_id, state.phone, message_id)
    return message_id


def announce(outbox: Outbox, channel_id: UUID, phone: str, message_id: UUID, *, again: str | None = None) -> None:
    """Writes the letter that wakes the sender. `again` names a further one for the same message."""
    outbox.send(
        "outbound",
        {"message_id": str(message_id), "company_id": str(outbox.company_id)},
        group_id=conversation_group(str(channel_id), phone),
        deduplication_id=str(message_id) if again is None else f"{message_id}#{again}",
    )


def silence(session: Session, company_id: UUID, conversation_id: UUID, until: datetime) -> None:
    """A person talks now: the crew stays silent until then (never shorter than it was told before)."""
    session.execute(
        update(Conversation)
        .where(Conversation.company_id == company_id, Conversation.id == conversation_id)
        .values(human_until=func.greatest(Conversation.human_until, until))
        .execution_options(synchronize_session=False)
    )


def texts_of(messages: Sequence[IncomingMessage]) -> str:
    """Several messages as one text, in order."""
    return "\n".join(message.text for message in messages if message.text.strip())
