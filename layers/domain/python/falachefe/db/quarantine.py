"""Messages of queues that could not be understood: how often each was tried, and the text of those put aside.

A table of the platform, not of a company: a message that cannot be read names no company. It exists only for
transactions of no company, so that nothing that acts for a company ever sees it.
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
"""As long as a queue keeps a message; tries of messages that were processed after all go then."""
WORKER_LOST: Final = "WorkerLost"


class QuarantinedMessage(Row):
    __tablename__ = "quarantined_messages"
    __table_args__ = (UniqueConstraint("queue", "message_id"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id, sort_order=-1)
    queue: Mapped[str]
    message_id: Mapped[str]
    """The id that SQS gave it."""
    group_id: Mapped[str]
    attempts: Mapped[int] = mapped_column(default=0, server_default="0")
    """Tries that ended with an error of the message's own."""
    begun: Mapped[int] = mapped_column(default=0, server_default="0")
    """Tries in a row that began and of whose end nobody knows."""
    error: Mapped[str | None]
    """The class of the last error; never its text, which may quote the message."""
    body: Mapped[str | None]
    """Kept from the moment it is put aside."""
    parked_at: Mapped[datetime | None]
    release_at: Mapped[datetime | None]
    """Asked for by an operator: the sweep sends it to its queue again from then on."""


@dataclass(frozen=True, slots=True)
class Suspect:
    """A message of a queue."""

    queue: str
    message_id: str
    group_id: str
    body: str


class Quarantine:
    """What workers write down of messages in trouble. Each call is a transaction of its own."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def begin(self, message: Suspect) -> int:
        """Notes that a try begins; returns how many have begun in a row without an end, this one included."""
        return self._count(message, QuarantinedMessage.begun, {"begun": 1}, {"begun": QuarantinedMessage.begun + 1})

    def fail(self, message: Suspect, error: str) -> int:
        """Notes a try that ended with an error of the message's own; returns how many did."""
        first = {"attempts": 1, "error": error}
        again = {"attempts": QuarantinedMessage.attempts + 1, "begun": 0, "error": error}
        return self._count(message, QuarantinedMessage.attempts, first, again)

    def _count(self, message: Suspect, counted: Any, first: dict[str, Any], again: dict[str, Any]) -> int:
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

    def ended(self, message: Suspect) -> None:
        """The try that began has ended, with an outage: nothing is known against the message."""
        self._change(message, begun=0)

    def park(self, message: Suspect, error: str) -> None:
        """Puts the message aside with its text; `fail` or `begin` has made its row."""
        self._change(message, parked_at=self._clock.now(), body=_storable(message.body), error=error, begun=0)

    def forget(self, message: Suspect) -> None:
        """It was processed after all."""
        with self._database.no_tenant() as session:
            session.execute(delete(QuarantinedMessage).where(*_same(message), QuarantinedMessage.parked_at.is_(None)))

    def _change(self, message: Suspect, **values: Any) -> None:
        with self._database.no_tenant() as session:
            session.execute(
                update(QuarantinedMessage)
                .where(*_same(message))
                .values(**values, updated_at=self._clock.now())
                .execution_options(synchronize_session=False)
            )


def _same(message: Suspect) -> tuple[ColumnElement[bool], ...]:
    return QuarantinedMessage.queue == message.queue, QuarantinedMessage.message_id == message.message_id


def _storable(body: str) -> str:
    """SQS allows nothing that Postgres refuses; should it happen all the same, the text is kept in a readable way."""
    return body.encode("utf-8", "backslashreplace").decode().replace("\x00", "\\u0000")


# ---- what the sweep and an operator do


def parked(session: Session, *, queue: str | None = None, ids: Sequence[UUID] = ()) -> list[QuarantinedMessage]:
    """What is put aside and not on its way back, oldest first; of a queue or by ids when they are given."""
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
    """It cannot go back as it is: put aside as before it was released."""
    session.execute(update(QuarantinedMessage).where(QuarantinedMessage.id == message_id).values(release_at=None))


def discard(session: Session, ids: Sequence[UUID]) -> int:
    done = session.execute(delete(QuarantinedMessage).where(QuarantinedMessage.id.in_(ids)))
    return cast("CursorResult[Any]", done).rowcount


def forget_old_tries(session: Session, now: datetime) -> None:
    old = QuarantinedMessage.updated_at < now - TRIES_ARE_KEPT
    session.execute(delete(QuarantinedMessage).where(QuarantinedMessage.parked_at.is_(None), or_(old)))
