"""Waiting messages that the crew must not act on: after a takeover, when too old, or in a suspended company.

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
"""Metadata key: why a message was not answered; a notice follows when the company is active again."""
COMPANY_SUSPENDED: Final = "company_suspended"


def set_aside(session: Session, company_id: UUID, ids: Collection[UUID]) -> None:
    """Marks messages as read, so that no turn takes them."""
    if ids:
        session.execute(
            update(Message)
            .where(Message.company_id == company_id, Message.id.in_(ids))
            .values(status="read", crew_task_id=None)
            .execution_options(synchronize_session=False)
        )


def set_aside_waiting(session: Session, company_id: UUID, conversation_id: UUID) -> None:
    """Sets aside all messages that wait for the crew or a sign-in, because a person took over."""
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
    """Sets aside messages that wait for the crew and were written during a takeover, or are too old.

    The result says whether some were too old, which calls for a notice.
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
    """The messages that may be acted on, and those that are too old."""
    old = [one for one in messages if is_too_old(one.written_at, now)]
    return [one for one in messages if one not in old], old


def send_not_acted_on_notice(session: Session, outbox: Outbox, state: ConversationState, *, now: datetime) -> None:
    """Queues one notice that messages were not acted on; not over the API, where each call got an error."""
    if not api_channel.is_api(state):
        send_notice(session, outbox, state, "not_acted_on", notices.NOT_ACTED_ON, now=now)


def mark_unanswered(session: Session, state: ConversationState, task_id: UUID, *, company_active: bool) -> None:
    """Sets aside a cancelled task's messages and those waiting behind them; if suspended, marked for the notice."""
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
    """Conversations with messages from a suspension, longest waiting first."""
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
    """Sends the notice about messages from a suspension; False when it was sent already."""
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
