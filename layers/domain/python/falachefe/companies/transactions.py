"""The transactions of those who look after companies: in another company, or on what belongs to the platform."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from typing import Annotated, Any, Final
from uuid import UUID, uuid5

from aws_lambda_powertools.event_handler.openapi.params import Header, Path
from sqlalchemy import text

from falachefe.audit.rules import changed_fields
from falachefe.audit.service import note
from falachefe.companies.schemas import FLAG_NAME
from falachefe.db.outbox import Outbox
from falachefe.http.api import Api
from falachefe.kernel.events import DomainEvent, Json
from falachefe.resources.declaration import Work

IfMatch = Annotated[str | None, Header(alias="If-Match", description="The version that was read, as its ETag")]
NamedFlag = Annotated[str, Path(pattern=FLAG_NAME)]
_NAMED: Final = UUID("6f1c3f0e-93a5-5d0c-8a6e-2f4f0f6b7c11")


@contextmanager
def working_at(api: Api, company_id: UUID) -> Iterator[Work]:
    """One transaction in a company that the caller need not belong to; what is noted stays in that company's log."""
    who = api.principal()
    if company_id != who.company_id:
        who = replace(who, company_id=company_id, home_company_id=who.home)
    services, outbox = api.services, Outbox(company_id)
    with services.database().tenant(company_id) as session:
        yield Work(session, outbox, who, api.actor(), services.clock().now())
        outbox.save(session)
    api.committed = True
    if outbox.queue_messages:
        outbox.publish(services.database(), services.publisher())


@contextmanager
def working_on_platform(api: Api) -> Iterator[Work]:
    """One transaction of no company, which alone writes the platform's own rows.

    After `go_home` the same transaction is one of the caller's own company, for the audit log and the outbox.
    """
    who = api.principal()
    who = replace(who, company_id=who.home, home_company_id=None)
    services, outbox = api.services, Outbox(who.home)
    with services.database().no_tenant() as session:
        yield Work(session, outbox, who, api.actor(), services.clock().now())
        outbox.save(session)
    api.committed = True
    if outbox.queue_messages:
        outbox.publish(services.database(), services.publisher())


def go_home(work: Work) -> None:
    work.session.flush()
    work.session.execute(text("select set_config('app.company_id', :home, true)"), {"home": str(work.company_id)})


def tell(
    work: Work,
    action: str,
    resource: str,
    resource_id: UUID,
    event: str,
    *,
    before: Mapping[str, Any],
    after: Mapping[str, Any],
    data: Mapping[str, Json] | None = None,
) -> None:
    """The audit row of a deed and its domain event."""
    changes = changed_fields(before, after)
    note(
        work.session,
        work.company_id,
        work.actor,
        action=action,
        resource=resource,
        resource_id=resource_id,
        changes=changes,
        now=work.now,
    )
    facts: dict[str, Json] = {"id": str(resource_id), "fields": [*sorted(changes)], **(data or {})}
    work.outbox.record(DomainEvent(event, work.company_id, work.now, facts))


def id_of(kind: str, name: str) -> UUID:
    """An identifier for what has a name instead of one, as the audit log asks for one."""
    return uuid5(_NAMED, f"{kind}/{name}")
