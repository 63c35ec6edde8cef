"""Messages that wait and the crew must not act on: a person answered, they are too old, or the company is suspended.

Everything runs in the caller's transaction, with the conversation locked.
"""

from collections.abc import Collection
from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, DateTime, Update, bindparam, func, literal, literal_column, select, update
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Session

from falachefe.db.outbox import Outbox
from falachefe.db.statements import Query, prepared, run
from falachefe.messaging import notices
from falachefe.messaging.conversations import api_channel
from falachefe.messaging.conversations.sent_notices import send_notice
from falachefe.messaging.conversations.service import WRITTEN_AT, ConversationState, IncomingMessage
from falachefe.messaging.message_time import MAX_MESSAGE_AGE, is_too_old
from falachefe.messaging.models import MESSAGES, Message

_LONG_AGO: Final = datetime(2000, 1, 1, tzinfo=UTC)
UNANSWERED: Final = "unanswered"
"""In the metadata of a message that is to be told of when the company works again: why nobody answered it."""
COMPANY_SUSPENDED: Final = "company_suspended"


def set_aside(session: Session, company_id: UUID, ids: Collection[UUID]) -> None:
    """Marks messages as seen, so that no turn takes them."""
    if ids:
        session.execute(
            update(Message)
            .where(Message.company_id == company_id, Message.id.in_(ids))
            .values(status="read", crew_task_id=None)
            .execution_options(synchronize_session=False)
        )


def set_aside_waiting(session: Session, company_id: UUID, conversation_id: UUID) -> None:
    """All that waits, for the crew or for a sign-in: a person has the conversation now, and reads it."""
    run(session, _set_aside_waiting(company_id=company_id, conversation_id=conversation_id))


@prepared
def _set_aside_waiting() -> Update:
    return (
        update(MESSAGES).where(*waiting_in(bindparam("company_id"), bindparam("conversation_id"))).values(status="read")
    )


def waiting_in(company_id: Any, conversation_id: Any) -> tuple[ColumnElement[bool], ...]:
    """The messages that wait for a turn or for a sign-in."""
    return (
        MESSAGES.c.company_id == company_id,
        MESSAGES.c.conversation_id == conversation_id,
        MESSAGES.c.direction == "in",
        MESSAGES.c.status.in_([literal_column("'held'"), literal_column("'received'")]),
        MESSAGES.c.crew_task_id.is_(None),
    )


def set_aside_lapsed_query(state: ConversationState, now: datetime) -> Query[bool]:
    """Sets aside what waits for the crew and was written while a person talked, or too long ago.

    The answer says whether some were too old, of which the person is told.
    """
    return _drop_lapsed.read(
        _any_too_old,
        company_id=state.company_id,
        conversation_id=state.id,
        silent_until=state.human_until or _LONG_AGO,
        too_old=now - MAX_MESSAGE_AGE,
    )


@prepared
def _drop_lapsed() -> Update:
    moment = DateTime(timezone=True)
    silent_until = bindparam("silent_until", type_=moment)
    until = func.greatest(silent_until, bindparam("too_old", type_=moment))
    return (
        update(MESSAGES)
        .where(
            *waiting_in(bindparam("company_id"), bindparam("conversation_id")),
            MESSAGES.c.status == "received",
            WRITTEN_AT.element < until,
        )
        .values(status="read")
        .returning((WRITTEN_AT.element >= silent_until).label("too_old"))
    )


def _any_too_old(rows: list[Any]) -> bool:
    return any(row[0] for row in rows)


def split_by_age(
    messages: Collection[IncomingMessage], now: datetime
) -> tuple[list[IncomingMessage], list[IncomingMessage]]:
    """Those that may be acted on, and those that are too old."""
    old = [one for one in messages if is_too_old(one.written_at, now)]
    return [one for one in messages if one not in old], old


def send_not_acted_on_notice(session: Session, outbox: Outbox, state: ConversationState, *, now: datetime) -> None:
    """Says once for all of them that messages were not acted on. Who talks by the API got an error for each."""
    if not api_channel.is_api(state):
        send_notice(session, outbox, state, "not_acted_on", notices.NOT_ACTED_ON, now=now)


def mark_unanswered(session: Session, state: ConversationState, task_id: UUID, *, company_active: bool) -> None:
    """Nobody answers a cancelled task's messages, nor those that waited behind them, also not later."""
    note = {} if company_active else {UNANSWERED: COMPANY_SUSPENDED}
    in_conversation = (
        Message.company_id == state.company_id,
        Message.conversation_id == state.id,
        Message.direction == "in",
    )
    waiting = Message.crew_task_id.is_(None) & (Message.status == "received")
    session.execute(
        update(Message)
        .where(*in_conversation, waiting | (Message.crew_task_id == task_id))
        .values(status="read", crew_metadata=Message.crew_metadata.op("||")(literal(note, JSONB)))
        .execution_options(synchronize_session=False)
    )


def conversations_to_notify(session: Session, company_id: UUID, *, limit: int) -> list[UUID]:
    """Conversations with messages that came while the company was suspended, longest waiting first."""
    return list(
        session.execute(
            select(Message.conversation_id)
            .where(Message.company_id == company_id, Message.crew_metadata.has_key(UNANSWERED))
            .group_by(Message.conversation_id)
            .order_by(func.min(Message.created_at))
            .limit(limit)
        ).scalars()
    )


def send_suspension_notice(session: Session, outbox: Outbox, state: ConversationState, *, now: datetime) -> bool:
    """Tells the person of what came while the company was suspended; False when that was done already."""
    marked = session.execute(
        update(Message)
        .where(
            Message.company_id == state.company_id,
            Message.conversation_id == state.id,
            Message.crew_metadata.has_key(UNANSWERED),
        )
        .values(crew_metadata=Message.crew_metadata.op("-")(UNANSWERED))
        .returning(Message.id)
        .execution_options(synchronize_session=False)
    ).all()
    if marked:
        send_not_acted_on_notice(session, outbox, state, now=now)
    return bool(marked)
