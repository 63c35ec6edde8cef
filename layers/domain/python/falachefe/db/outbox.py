"""Transactional outbox: queue messages and events are written with the transaction and published after its commit.

A row is deleted once its destination has accepted it. A row that stays (crash, outage) is published by the sweep; the
deduplication id and the consumers' own keys make a second publication harmless. A message that is refused as invalid,
not because of an outage, is parked so that it does not block others.
"""

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Protocol, cast
from uuid import UUID

from sqlalchemy import Insert, Table, bindparam, case, func, insert, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from falachefe.db.base import TenantRow, of_company
from falachefe.db.engine import Database
from falachefe.db.statements import defer, prepared
from falachefe.kernel.errors import Unavailable
from falachefe.kernel.events import DomainEvent
from falachefe.kernel.ids import new_id
from falachefe.kernel.observability.tracing import with_trace

EVENT_BUS = "events"
MOST_REFUSALS: Final = 5


class OutboxRow(TenantRow):
    __tablename__ = "outbox"
    __table_args__ = (of_company(),)

    destination: Mapped[str]
    """A queue's logical name (`outbound`, `agent-hr`) or `events` for the bus."""
    group_id: Mapped[str]
    deduplication_id: Mapped[str]
    payload: Mapped[dict[str, Any]]
    attempts: Mapped[int] = mapped_column(default=0, server_default="0")
    """How often its destination refused it as invalid; outages do not count."""
    parked_at: Mapped[datetime | None]


@dataclass(frozen=True, slots=True)
class QueueMessage:
    """One message to one destination. `group_id` and `deduplication_id` are those of a FIFO queue."""

    destination: str
    group_id: str
    deduplication_id: str
    payload: Mapping[str, Any]
    company_id: UUID
    id: UUID


@prepared
def _insert() -> Insert:
    columns = ("company_id", "id", "destination", "group_id", "deduplication_id", "payload")
    return insert(cast(Table, OutboxRow.__table__)).values({name: bindparam(name) for name in columns})


class Taken(list[UUID]):
    """The ids of accepted queue messages in order, and in `refused` those refused as invalid."""

    def __init__(self, taken: Iterable[UUID] = (), *, refused: Iterable[UUID] = ()) -> None:
        super().__init__(taken)
        self.refused = set(refused)


class Publisher(Protocol):
    def publish(self, queue_messages: Sequence[QueueMessage]) -> Sequence[UUID]:
        """Sends the messages in order and returns the ids of those accepted, as `Taken` when some were refused.

        Does not raise for a destination that refuses or is down: messages missing in the result stay in the outbox.
        """
        ...


class Outbox:
    """Collects the queue messages of one transaction; `publish` after the commit."""

    def __init__(self, company_id: UUID) -> None:
        self.company_id = company_id
        self._queue_messages: list[QueueMessage] = []

    def send(
        self,
        destination: str,
        payload: Mapping[str, Any],
        *,
        group_id: str,
        deduplication_id: str | None = None,
    ) -> None:
        queue_message_id = new_id()
        if self._queue_messages and queue_message_id <= self._queue_messages[-1].id:
            # The sweep publishes in the order of ids, which a clock that was set back would break.
            queue_message_id = UUID(int=self._queue_messages[-1].id.int + 1)
        self._queue_messages.append(
            QueueMessage(
                destination,
                group_id,
                deduplication_id or str(queue_message_id),
                with_trace(payload),
                self.company_id,
                queue_message_id,
            )
        )

    def record(self, event: DomainEvent) -> None:
        payload = {
            "id": str(event.id),
            "name": event.name,
            "company_id": str(event.company_id),
            "occurred_at": event.occurred_at.isoformat(),
            "data": dict(event.data),
        }
        self.send(EVENT_BUS, payload, group_id=str(event.company_id), deduplication_id=str(event.id))

    def adopt(self, other: "Outbox") -> None:
        """Adds the queue messages of a part of the transaction that succeeded."""
        self._queue_messages += other._queue_messages

    def save(self, session: Session) -> None:
        """Writes the queue messages into the transaction, sent together with its commit."""
        defer(
            session,
            *(
                _insert(
                    company_id=queue_message.company_id,
                    id=queue_message.id,
                    destination=queue_message.destination,
                    group_id=queue_message.group_id,
                    deduplication_id=queue_message.deduplication_id,
                    payload=dict(queue_message.payload),
                )
                for queue_message in self._queue_messages
            ),
        )

    @property
    def queue_messages(self) -> tuple[QueueMessage, ...]:
        return tuple(self._queue_messages)

    def publish(self, database: Database, publisher: Publisher) -> int:
        """Publishes after the commit and returns how many were accepted. The sweep publishes the rest."""
        return publish_outbox(database, publisher, self.company_id, self._queue_messages)


def publish_outbox(
    database: Database, publisher: Publisher, company_id: UUID, queue_messages: Sequence[QueueMessage]
) -> int:
    if not queue_messages:
        return 0
    taken = publisher.publish(queue_messages)
    if taken:
        # The messages are sent. If their rows stay, the sweep sends them again, and deduplication drops them.
        with suppress(Unavailable):
            database.delete_rows(company_id, OutboxRow.__tablename__, taken)
    if isinstance(taken, Taken) and taken.refused:
        with suppress(Unavailable), database.tenant(company_id) as session:
            _count_refusals(session, company_id, taken.refused)
    return len(taken)


def _count_refusals(session: Session, company_id: UUID, ids: Iterable[UUID]) -> None:
    attempts = OutboxRow.attempts + 1
    session.execute(
        update(OutboxRow)
        .where(OutboxRow.company_id == company_id, OutboxRow.id.in_(ids))
        .values(attempts=attempts, parked_at=case((attempts >= MOST_REFUSALS, func.now()), else_=None))
        .execution_options(synchronize_session=False)
    )


def overdue_queue_messages(
    session: Session, company_id: UUID, *, before: datetime, limit: int = 100
) -> list[QueueMessage]:
    """Unpublished messages written before `before`: the oldest `limit` of each destination, in order.

    The limit is per destination, so that one that is down does not block the others.
    """
    place = func.row_number().over(partition_by=OutboxRow.destination, order_by=OutboxRow.id).label("place")
    waiting = (
        select(OutboxRow.id, place)
        .where(OutboxRow.company_id == company_id, OutboxRow.created_at < before, OutboxRow.parked_at.is_(None))
        .subquery()
    )
    rows = session.execute(
        select(
            OutboxRow.destination,
            OutboxRow.group_id,
            OutboxRow.deduplication_id,
            OutboxRow.payload,
            OutboxRow.id,
        )
        .join(waiting, waiting.c.id == OutboxRow.id)
        .where(OutboxRow.company_id == company_id, waiting.c.place <= limit)
        .order_by(OutboxRow.id)
    )
    return [QueueMessage(d, g, k, p, company_id, i) for d, g, k, p, i in rows]
