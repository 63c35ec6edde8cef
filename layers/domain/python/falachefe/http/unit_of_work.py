"""The unit of work of a request, which also has the caller."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from falachefe.db.engine import Database
from falachefe.db.outbox import Outbox, QueueMessage
from falachefe.db.unit_of_work import UnitOfWork, saved_with
from falachefe.http.api import Api
from falachefe.http.principal import Principal
from falachefe.http.services import Services


@dataclass(frozen=True, slots=True)
class RequestUnitOfWork(UnitOfWork):
    who: Principal


@contextmanager
def request_unit_of_work(api: Api, company_id: UUID | None = None) -> Iterator[RequestUnitOfWork]:
    """A unit of work in the caller's company, or in `company_id`, to which the caller need not belong.

    Audit entries are written in that company. `api.committed` is set after the commit.
    """
    who = api.principal()
    if company_id is not None and company_id != who.company_id:
        who = replace(who, company_id=company_id, home_company_id=who.home)
    with _published(api, who, lambda database: database.tenant(who.company_id)) as work:
        yield work


@contextmanager
def platform_unit_of_work(api: Api) -> Iterator[RequestUnitOfWork]:
    """A transaction without a tenant, the only kind that can write the platform's rows.

    After `enter_company` it becomes a transaction of the caller's own company, for the audit log and the outbox.
    """
    who = api.principal()
    who = replace(who, company_id=who.home, home_company_id=None)
    with _published(api, who, lambda database: database.no_tenant()) as work:
        yield work


def enter_company(work: UnitOfWork) -> None:
    """Turns a transaction without a tenant into one of the unit of work's company."""
    work.session.flush()
    work.session.execute(text("select set_config('app.company_id', :id, true)"), {"id": str(work.company_id)})


@contextmanager
def _published(
    api: Api, who: Principal, begin: Callable[[Database], AbstractContextManager[Session]]
) -> Iterator[RequestUnitOfWork]:
    services, outbox = api.services, Outbox(who.company_id)
    with saved_with(outbox, lambda: begin(services.database())) as session:
        yield RequestUnitOfWork(session, outbox, api.actor(), services.clock().now(), who)
    api.committed = True
    outbox.publish(services.database(), _LazyPublisher(services))


class _LazyPublisher:
    """A publisher that creates the real one on first use: requests that only read do not need it."""

    def __init__(self, services: Services) -> None:
        self._services = services

    def publish(self, queue_messages: Sequence[QueueMessage]) -> Sequence[UUID]:
        return self._services.publisher().publish(queue_messages)
