"""Conversations: their lock, turn, waiting messages, history and outbound messages, in the caller's transaction."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import Enum
from itertools import groupby
from typing import Any, Final, Literal, cast
from uuid import UUID

from sqlalchemy import (
    CompoundSelect,
    Insert,
    Integer,
    Select,
    Update,
    Uuid,
    and_,
    bindparam,
    case,
    false,
    func,
    insert,
    or_,
    select,
    true,
    update,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.exc import NoResultFound
from sqlalchemy.orm import Session

from falachefe.db.outbox import Outbox
from falachefe.db.statements import Query, defer, fetch, prepared
from falachefe.kernel.ids import new_id
from falachefe.messaging.models import (
    CONTACTS,
    CONVERSATIONS,
    MESSAGES,
    Conversation,
    Message,
)
from falachefe.messaging.webhook.queue_messages import conversation_group

HISTORY_LIMIT: Final = 20
WRITTEN_AT: Final = func.coalesce(MESSAGES.c.provider_at, MESSAGES.c.created_at).label("written_at")
"""Of an inbound message."""


class _Unchanged(Enum):
    UNCHANGED = "keep"


UNCHANGED: Final = _Unchanged.UNCHANGED


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
    """The user with this phone; None for a contact who is not staff, and has no permissions."""
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
    written_at: datetime
    """The provider's time, clamped when the message was stored (`message_time.written_at`)."""
    taken_before: bool = False
    """Whether the task had it already, from an earlier claim."""


@dataclass(frozen=True, slots=True)
class PastMessage:
    speaker: Literal["user", "agent"]
    text: str
    at: datetime
    """When a person wrote it; of a reply, when it was created."""


def lock(session: Session, company_id: UUID, conversation_id: UUID) -> ConversationState:
    """The conversation, locked until the transaction ends. Raises `NoResultFound` when it is not the company's."""
    return fetch(session, lock_query(company_id, conversation_id))


def lock_query(company_id: UUID, conversation_id: UUID) -> Query[ConversationState]:
    return _by_id.read(_one_state, company_id=company_id, conversation_id=conversation_id)


def lock_by_phone(session: Session, company_id: UUID, channel_id: UUID, phone: str) -> ConversationState | None:
    """The conversation with a phone on a channel, locked; None if there is none yet."""
    return fetch(session, lock_by_phone_query(company_id, channel_id, phone))


def lock_by_phone_query(company_id: UUID, channel_id: UUID, phone: str) -> Query[ConversationState | None]:
    return _by_phone.read(_state_if_any, company_id=company_id, channel_id=channel_id, phone=phone)


def _one_state(rows: list[Any]) -> ConversationState:
    if not rows:
        raise NoResultFound("no such conversation in the company")
    return ConversationState(*rows[0])


def _state_if_any(rows: list[Any]) -> ConversationState | None:
    return ConversationState(*rows[0]) if rows else None


@prepared
def _by_id() -> Select[Any]:
    return _locked().where(CONVERSATIONS.c.id == bindparam("conversation_id"))


@prepared
def _by_phone() -> Select[Any]:
    return _locked().where(
        CONVERSATIONS.c.channel_id == bindparam("channel_id"),
        CONTACTS.c.phone == bindparam("phone"),
        CONTACTS.c.deleted_at.is_(None),
    )


def _locked() -> Select[Any]:
    """The fields of `ConversationState`, in their order."""
    conversation, contact = CONVERSATIONS.c, CONTACTS.c
    columns = (
        conversation.id,
        conversation.company_id,
        conversation.channel_id,
        conversation.contact_id,
        contact.phone,
        contact.name.label("contact_name"),
        contact.user_id,
        conversation.crew_id,
        conversation.current_agent_id,
        conversation.active_task_id,
        conversation.handoff_history,
        conversation.human_until,
    )
    return (
        select(*columns)
        .join_from(
            CONVERSATIONS,
            CONTACTS,
            and_(contact.company_id == conversation.company_id, contact.id == conversation.contact_id),
        )
        .where(conversation.company_id == bindparam("company_id"))
        .with_for_update(of=CONVERSATIONS)
    )


def set_turn(
    session: Session,
    company_id: UUID,
    conversation_id: UUID,
    *,
    active_task_id: UUID | None,
    current_agent_id: UUID | _Unchanged | None = UNCHANGED,
    handoff: dict[str, Any] | None = None,
) -> None:
    """Sets the task that runs the turn (None: no turn). `handoff` is appended to the handoff history."""
    turn: dict[str, Any] = {
        "company_id": company_id,
        "conversation_id": conversation_id,
        "task_id": active_task_id,
        "handoff": [] if handoff is None else [handoff],
    }
    defer(
        session, _set_task(**turn) if current_agent_id is UNCHANGED else _set_agent(agent_id=current_agent_id, **turn)
    )


@prepared
def _set_task() -> Update:
    return (
        update(CONVERSATIONS)
        .where(
            CONVERSATIONS.c.company_id == bindparam("company_id"), CONVERSATIONS.c.id == bindparam("conversation_id")
        )
        .values(
            active_task_id=bindparam("task_id"),
            handoff_history=CONVERSATIONS.c.handoff_history.op("||")(bindparam("handoff", type_=JSONB)),
        )
    )


@prepared
def _set_agent() -> Update:
    return cast(Update, _set_task.build()).values(current_agent_id=bindparam("agent_id"))


def assign_waiting_query(company_id: UUID, conversation_id: UUID, task_id: UUID) -> Query[list[IncomingMessage]]:
    """Assigns the waiting messages to the task; the result is all messages of the task, in the order written.

    Repeated (after a redelivery), it returns the same ones and those that arrived since.
    """
    return _take.read(_as_written, company_id=company_id, conversation_id=conversation_id, task_id=task_id)


def _as_written(rows: list[Any]) -> list[IncomingMessage]:
    return as_written([IncomingMessage(*row) for row in rows])


def as_written(messages: Iterable[IncomingMessage]) -> list[IncomingMessage]:
    """In the order written. Providers' times are in seconds; within a second, in the order of arrival."""
    return sorted(messages, key=lambda message: (message.written_at, message.id))


@prepared
def _take() -> CompoundSelect[Any]:
    columns = (MESSAGES.c.id, MESSAGES.c.text, MESSAGES.c.kind, WRITTEN_AT)
    task_id = bindparam("task_id", type_=Uuid())
    now = (*columns, false().label("taken_before"))
    taken = update(MESSAGES).where(*_unassigned()).values(crew_task_id=task_id).returning(*now).cte("taken")
    # Both parts see the table as it was before, so a newly assigned message is in the first part only.
    had = select(*columns, true().label("taken_before")).where(
        MESSAGES.c.company_id == bindparam("company_id"),
        MESSAGES.c.crew_task_id == task_id,
        MESSAGES.c.direction == "in",
    )
    return select(taken).union_all(had)


def has_unassigned(session: Session, company_id: UUID, conversation_id: UUID) -> bool:
    return fetch(session, has_unassigned_query(company_id, conversation_id))


def has_unassigned_query(company_id: UUID, conversation_id: UUID) -> Query[bool]:
    return _any_unassigned.read(_exists, company_id=company_id, conversation_id=conversation_id)


def _exists(rows: list[Any]) -> bool:
    return bool(rows[0][0])


@prepared
def _any_unassigned() -> Select[Any]:
    return select(select(MESSAGES.c.id).where(*_unassigned()).exists().label("any"))


def _unassigned() -> tuple[Any, ...]:
    return (
        MESSAGES.c.company_id == bindparam("company_id"),
        MESSAGES.c.conversation_id == bindparam("conversation_id"),
        MESSAGES.c.direction == "in",
        MESSAGES.c.status == "received",
        MESSAGES.c.crew_task_id.is_(None),
    )


def newest_message_of_task(session: Session, company_id: UUID, task_id: UUID) -> UUID | None:
    """The inbound message of the task that was stored last."""
    found = select(MESSAGES.c.id).where(
        MESSAGES.c.company_id == company_id, MESSAGES.c.crew_task_id == task_id, MESSAGES.c.direction == "in"
    )
    return session.execute(found.order_by(MESSAGES.c.id.desc()).limit(1)).scalar()


def reassign(session: Session, company_id: UUID, from_task_id: UUID, to_task_id: UUID) -> None:
    """Assigns a task's messages to its child, after a handoff."""
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

    Without messages that still wait or that `before_task` answers, without sign-in messages and failed sends.
    """
    return fetch(session, history_query(company_id, conversation_id, before_task=before_task, limit=limit))


def history_query(
    company_id: UUID, conversation_id: UUID, *, before_task: UUID | None, limit: int = HISTORY_LIMIT
) -> Query[list[PastMessage]]:
    return _past.read(
        _oldest_first, company_id=company_id, conversation_id=conversation_id, before_task=before_task, most=limit
    )


def _oldest_first(rows: list[Any]) -> list[PastMessage]:
    """Consecutive inbound messages are in the order in which they were written.

    Between inbound and outbound messages the order is that of arrival: the clocks differ, and a question must not end
    up after its answer.
    """
    past: list[PastMessage] = []
    for incoming, together in groupby(reversed(rows), key=lambda row: row[0] == "in"):
        messages = list(together)
        if incoming:
            messages.sort(key=lambda row: (row[2], row[3]))
        past += [PastMessage("user" if incoming else "agent", row[1], row[2]) for row in messages]
    return past


@prepared
def _past() -> Select[Any]:
    message = MESSAGES.c
    asked = and_(
        message.direction == "in",
        message.crew_task_id.is_not(None),
        message.crew_task_id.is_distinct_from(bindparam("before_task", type_=Uuid())),
    )
    answered = and_(
        message.direction == "out",
        message.status != "failed",
        or_(message.crew_task_id.is_not(None), message.crew_metadata["by"].astext == "person"),
    )
    return (
        # A reply's `provider_at` is the time of its last status.
        select(
            message.direction,
            message.text,
            case((message.direction == "in", WRITTEN_AT), else_=message.created_at).label("at"),
            message.id,
        )
        .where(
            message.company_id == bindparam("company_id"),
            message.conversation_id == bindparam("conversation_id"),
            or_(asked, answered),
        )
        .order_by(message.id.desc())
        .limit(bindparam("most", type_=Integer()))
    )


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
    """Stores a turn's reply and its queue message. It is split into parts when it is sent."""
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
    """Stores an outbound message, with or without a turn, and its queue message."""
    message_id = message_id or new_id()
    defer(
        session,
        _queue(
            company_id=state.company_id,
            id=message_id,
            conversation_id=state.id,
            channel_id=state.channel_id,
            text=text,
            provider_at=now,
            created_at=now,
            **columns,
        ),
    )
    announce(outbox, state.channel_id, state.phone, message_id)
    return message_id


@prepared
def _queue() -> Insert:
    given = ("company_id", "id", "conversation_id", "channel_id", "text", "provider_at", "created_at")
    turn: dict[str, Any] = {
        "crew_task_id": None,
        "agent_response": {},
        "token_usage": {},
        "processing_time_ms": None,
        "confidence_score": None,
        "crew_metadata": {},
    }
    return insert(MESSAGES).values(
        {name: bindparam(name) for name in given}
        | {name: bindparam(name, value) for name, value in turn.items()}
        | {"direction": "out", "status": "queued"}
    )


def announce(outbox: Outbox, channel_id: UUID, phone: str, message_id: UUID, *, again: str | None = None) -> None:
    """Adds the message's queue message to the outbox. `again` identifies a repeated one."""
    outbox.send(
        "outbound",
        {"message_id": str(message_id), "company_id": str(outbox.company_id)},
        group_id=conversation_group(str(channel_id), phone),
        deduplication_id=str(message_id) if again is None else f"{message_id}#{again}",
    )


def silence(session: Session, company_id: UUID, conversation_id: UUID, until: datetime) -> None:
    """Silences the crew until then, because a person took over; never shortens an earlier takeover."""
    session.execute(
        update(Conversation)
        .where(Conversation.company_id == company_id, Conversation.id == conversation_id)
        .values(human_until=func.greatest(Conversation.human_until, until))
        .execution_options(synchronize_session=False)
    )


def texts_of(messages: Sequence[IncomingMessage]) -> str:
    """Several messages as one text, in order."""
    return "\n".join(message.text for message in messages if message.text.strip())
