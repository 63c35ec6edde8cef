"""Quarantine of queue messages that fail by their own fault: attempts of each, and the body of those quarantined.

A table of the platform, since an unreadable message names no company. Row-level security shows it only to transactions
without a company.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, cast
from uuid import UUID

from sqlalchemy import ColumnElement, CursorResult, UniqueConstraint, delete, func, or_, select, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.orm import Mapped, Session, mapped_column

from falachefe.db.base import Row
from falachefe.db.engine import Database
from falachefe.kernel.clock import Clock
from falachefe.kernel.ids import new_id

TRIES_ARE_KEPT: Final = timedelta(days=14)
"""The queues' retention: older attempts belong to messages that are no longer in a queue."""
WORKER_LOST: Final = "WorkerLost"


class QuarantinedMessage(Row):
    __tablename__ = "quarantined_messages"
    __table_args__ = (UniqueConstraint("queue", "message_id"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id, sort_order=-1)
    queue: Mapped[str]
    message_id: Mapped[str]
    """SQS's message id."""
    group_id: Mapped[str]
    attempts: Mapped[int] = mapped_column(default=0, server_default="0")
    """Attempts that failed by the message's own fault."""
    begun: Mapped[int] = mapped_column(default=0, server_default="0")
    """Consecutive attempts that started and have no recorded end."""
    error: Mapped[str | None]
    """The class of the last error, without its text, which may quote the message."""
    body: Mapped[str | None]
    """Stored when the message is quarantined."""
    parked_at: Mapped[datetime | None]
    release_at: Mapped[datetime | None]
    """Set by an operator: from then on the sweep sends the message to its queue again."""


@dataclass(frozen=True, slots=True)
class ReceivedMessage:
    """A message received from a queue."""

    queue: str
    message_id: str
    group_id: str
    body: str


class Quarantine:
    """Records attempts and quarantines messages, for workers. Each call is a transaction of its own."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def begin(self, message: ReceivedMessage) -> int:
        """Records the start of an attempt; returns how many consecutive ones have no recorded end, including this."""
        return self._count(message, QuarantinedMessage.begun, {"begun": 1}, {"begun": QuarantinedMessage.begun + 1})

    def fail(self, message: ReceivedMessage, error: str) -> int:
        """Records an attempt that failed by the message's own fault; returns how many did."""
        first = {"attempts": 1, "error": error}
        again = {"attempts": QuarantinedMessage.attempts + 1, "begun": 0, "error": error}
        return self._count(message, QuarantinedMessage.attempts, first, again)

    def _count(self, message: ReceivedMessage, counted: Any, first: dict[str, Any], again: dict[str, Any]) -> int:
        now = self._clock.now()
        key = {"queue": message.queue, "message_id": message.message_id, "group_id": message.group_id}
        statement = (
            upsert(QuarantinedMessage)
            .values(id=new_id(), **key, created_at=now, updated_at=now, **first)
            .on_conflict_do_update(index_elements=["queue", "message_id"], set_=again | {"updated_at": now})
            .returning(counted)
        )
        with self._database.no_tenant() as session:
            return int(session.execute(statement).scalar_one())

    def ended(self, message: ReceivedMessage) -> None:
        """Records that the started attempt ended in an outage, which does not count against the message."""
        self._change(message, begun=0)

    def park(self, message: ReceivedMessage, error: str) -> None:
        """Quarantines the message with its body; its row exists since `fail` or `begin`."""
        self._change(message, parked_at=self._clock.now(), body=_storable(message.body), error=error, begun=0)

    def forget(self, message: ReceivedMessage) -> None:
        """Deletes the attempts of a message that was processed."""
        with self._database.no_tenant() as session:
            session.execute(delete(QuarantinedMessage).where(*_same(message), QuarantinedMessage.parked_at.is_(None)))

    def _change(self, message: ReceivedMessage, **values: Any) -> None:
        with self._database.no_tenant() as session:
            session.execute(
                update(QuarantinedMessage)
                .where(*_same(message))
                .values(**values, updated_at=self._clock.now())
                .execution_options(synchronize_session=False)
            )


def _same(message: ReceivedMessage) -> tuple[ColumnElement[bool], ...]:
    return QuarantinedMessage.queue == message.queue, QuarantinedMessage.message_id == message.message_id


def _storable(body: str) -> str:
    """Escapes what Postgres cannot store; SQS should not allow such characters in a body."""
    return body.encode("utf-8", "backslashreplace").decode().replace("\x00", "\\u0000")


# ---- for the sweep and operators


def parked(session: Session, *, queue: str | None = None, ids: Sequence[UUID] = ()) -> list[QuarantinedMessage]:
    """Quarantined messages that are not released, oldest first, filtered by queue or ids."""
    statement = select(QuarantinedMessage).where(_parked()).order_by(QuarantinedMessage.parked_at)
    if queue is not None:
        statement = statement.where(QuarantinedMessage.queue == queue)
    if ids:
        statement = statement.where(QuarantinedMessage.id.in_(ids))
    return list(session.execute(statement).scalars())


def count_parked(session: Session) -> int:
    return session.execute(select(func.count()).where(_parked())).scalar_one()


def _parked() -> ColumnElement[bool]:
    return QuarantinedMessage.parked_at.is_not(None) & QuarantinedMessage.release_at.is_(None)


def to_release(session: Session, now: datetime, *, limit: int) -> list[QuarantinedMessage]:
    statement = (
        select(QuarantinedMessage)
        .where(QuarantinedMessage.parked_at.is_not(None), QuarantinedMessage.release_at <= now)
        .order_by(QuarantinedMessage.queue, QuarantinedMessage.created_at)
        .limit(limit)
    )
    return list(session.execute(statement).scalars())


def keep(session: Session, message_id: UUID) -> None:
    """Takes back the release of a message that its queue refused."""
    session.execute(update(QuarantinedMessage).where(QuarantinedMessage.id == message_id).values(release_at=None))


def discard(session: Session, ids: Sequence[UUID]) -> int:
    done = session.execute(delete(QuarantinedMessage).where(QuarantinedMessage.id.in_(ids)))
    return cast("CursorResult[Any]", done).rowcount


def forget_old_tries(session: Session, now: datetime) -> None:
    old = QuarantinedMessage.updated_at < now - TRIES_ARE_KEPT
    session.execute(delete(QuarantinedMessage).where(QuarantinedMessage.parked_at.is_(None), or_(old)))
