"""Storing inbound messages, and releasing those that wait to the crew."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Update, bindparam, exists, select, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.orm import Session

from falachefe.db.outbox import Outbox
from falachefe.db.statements import Query, prepared, run
from falachefe.kernel.ids import new_id
from falachefe.messaging import notices
from falachefe.messaging.conversations import skipped
from falachefe.messaging.conversations.service import (
    WRITTEN_AT,
    ConversationState,
    IncomingMessage,
    as_written,
)
from falachefe.messaging.message_time import is_too_old
from falachefe.messaging.models import CONVERSATIONS, MESSAGES, Message
from falachefe.phone_sign_in.codes import typed_code


@dataclass(frozen=True, slots=True)
class Waiting:
    """The messages of a conversation that wait for the crew."""

    messages: Sequence[IncomingMessage]
    new: frozenset[UUID]
    """The ids of those that count as received only now: just stored, or held for a sign-in until now."""

    def without(self, ids: Collection[UUID]) -> "Waiting":
        return Waiting([one for one in self.messages if one.id not in ids], self.new - set(ids))

    def written_after(self, silence_until: datetime | None) -> "tuple[Waiting, frozenset[UUID]]":
        """Without the messages written before the end of a takeover, and their ids."""
        if silence_until is None:
            return self, frozenset()
        theirs = frozenset(one.id for one in self.messages if one.written_at < silence_until)
        return (self.without(theirs) if theirs else self), theirs


@dataclass(frozen=True, slots=True)
class Stored:
    message: IncomingMessage
    behind_others: bool
    """Whether earlier messages of the conversation wait too."""


def store(
    session: Session,
    state: ConversationState,
    message: Mapping[str, Any],
    notes: dict[str, str],
    *with_it: Query[Any],
    known: bool,
    kept: bool,
    now: datetime,
    at: datetime,
) -> Stored | None:
    """Inserts the message and updates its conversation; None when its provider's id is stored already.

    With `kept` it is not passed to the crew. The queries of `with_it` run in the same round trip.
    """
    secret = not known and typed_code(message["text"]) is not None
    text = notices.MASKED_CODE if secret else message["text"]
    claimed = _claim(
        company_id=state.company_id,
        id=new_id(),
        conversation_id=state.id,
        channel_id=state.channel_id,
        kind=message["kind"],
        text=text,
        # A message is held until the sign-in; one that may be a code is never passed to the crew.
        status="read" if kept or secret else "received" if known else "held",
        provider_message_id=message["provider_message_id"],
        provider_at=at,
        reply_to=message.get("reply_to"),
        crew_metadata=notes,
        now=now,
    )
    run(session, claimed, *with_it)
    if not claimed.result:
        return None
    [row] = claimed.result
    return Stored(IncomingMessage(row.id, text, message["kind"], at), row.behind_others)


@prepared
def _claim() -> Update:
    """One statement: its parts see the table as it was before, so `behind_others` does not count this message."""
    columns = (
        "company_id",
        "id",
        "conversation_id",
        "channel_id",
        "kind",
        "text",
        "status",
        "provider_message_id",
        "provider_at",
        "reply_to",
        "crew_metadata",
    )
    claimed = (
        upsert(MESSAGES)
        .values({name: bindparam(name) for name in columns} | {"direction": "in", "created_at": bindparam("now")})
        .on_conflict_do_nothing()
        .returning(MESSAGES.c.id, MESSAGES.c.conversation_id)
        .cte("claimed")
    )
    behind_others = exists().where(*skipped.waiting_in(bindparam("company_id"), bindparam("conversation_id")))
    return (
        update(CONVERSATIONS)
        .where(CONVERSATIONS.c.company_id == bindparam("company_id"), CONVERSATIONS.c.id == claimed.c.conversation_id)
        .values(last_message_at=bindparam("now"))
        .returning(claimed.c.id, behind_others.label("behind_others"))
    )


def store_answer(session: Session, state: ConversationState, message: Mapping[str, Any], at: datetime) -> bool:
    statement = upsert(Message).values(
        company_id=state.company_id,
        id=new_id(),
        conversation_id=state.id,
        channel_id=state.channel_id,
        direction="out",
        text=message["text"],
        status="sent",
        provider_message_id=message["provider_message_id"],
        provider_at=at,
        crew_metadata={"by": "person"},
    )
    return session.scalar(statement.on_conflict_do_nothing().returning(Message.id)) is not None


def release(session: Session, state: ConversationState, new: frozenset[UUID] = frozenset()) -> Waiting:
    """All waiting messages of the conversation; held ones count as received from now on."""
    before = (
        select(Message.id, (Message.status == "held").label("was_held"))
        .where(*skipped.waiting_in(state.company_id, state.id))
        .with_for_update()
        .cte("before")
    )
    rows = session.execute(
        update(Message)
        .where(Message.company_id == state.company_id, Message.id == before.c.id)
        .values(status="received")
        .returning(Message.id, Message.text, Message.kind, WRITTEN_AT, before.c.was_held)
        .execution_options(synchronize_session=False)
    ).all()
    messages = as_written(IncomingMessage(*row[:4]) for row in rows)
    return Waiting(messages, new | {row.id for row in rows if row.was_held})


def drop_too_old(
    session: Session, outbox: Outbox, state: ConversationState, waiting: Waiting, now: datetime
) -> Waiting:
    """Sets aside the messages that are too old to be acted on, with one notice."""
    old = {one.id for one in waiting.messages if is_too_old(one.written_at, now)}
    if not old:
        return waiting
    skipped.set_aside(session, state.company_id, old)
    skipped.send_not_acted_on_notice(session, outbox, state, now=now)
    return waiting.without(old)
