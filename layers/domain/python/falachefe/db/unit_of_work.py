"""The unit of work: one transaction of a company with all that belongs to it.

Rows, audit entries and queue messages are committed together; the queue messages are published right after the commit.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from falachefe.db.engine import Database
from falachefe.db.outages import ends_the_session, sqlstate
from falachefe.db.outbox import Outbox, Publisher
from falachefe.kernel.actors import JOB, Actor
from falachefe.kernel.errors import mark_undone
from falachefe.kernel.events import DomainEvent, Json


@dataclass(frozen=True, slots=True)
class UnitOfWork:
    """The open transaction, what is published after it, who acts, and the moment that counts for all of it."""

    session: Session
    outbox: Outbox
    actor: Actor
    now: datetime

    @property
    def company_id(self) -> UUID:
        return self.outbox.company_id

    def record(self, event: str, data: Mapping[str, Json]) -> None:
        """Adds a domain event, e.g. `finance.transaction_created`."""
        self.outbox.record(DomainEvent(event, self.company_id, self.now, data))


@contextmanager
def unit_of_work(
    database: Database, publisher: Publisher, company_id: UUID, *, now: datetime, actor: Actor = JOB
) -> Iterator[UnitOfWork]:
    """Commits at the end of the block and publishes then. A block that raises changes and publishes nothing."""
    outbox = Outbox(company_id)
    with saved_with(outbox, lambda: database.tenant(company_id)) as session:
        yield UnitOfWork(session, outbox, actor, now)
    outbox.publish(database, publisher)


@contextmanager
def saved_with(outbox: Outbox, begin: Callable[[], AbstractContextManager[Session]]) -> Iterator[Session]:
    """Writes the outbox at the end of the transaction that `begin` opens; the caller publishes it after the commit.

    A failure that is known to have undone everything is marked so (`is_undone`): any before the commit, and one of the
    commit that Postgres itself answered with. Without an answer the outcome is unknown.
    """
    committing = False
    try:
        with begin() as session:
            yield session
            outbox.save(session)
            committing = True
    except Exception as error:
        if not committing or _refused_by_postgres(error):
            mark_undone(error)
        raise


def _refused_by_postgres(error: Exception) -> bool:
    cause = error if isinstance(error, DBAPIError) else error.__cause__
    if not isinstance(cause, DBAPIError) or cause.orig is None:
        return False
    return bool(sqlstate(cause.orig)) and not ends_the_session(cause.orig)
