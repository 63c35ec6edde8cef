"""Declares tickets as a REST resource that applies the rules of support."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from falachefe.http.unit_of_work import RequestUnitOfWork
from falachefe.resources.declaration import Created, Hooks, Resource, Values
from falachefe.resources.schemas import partial_of
from falachefe.support import rules, service
from falachefe.support.models import Ticket
from falachefe.support.schemas import TicketChange, TicketIn, TicketOut


def _create_ticket(work: RequestUnitOfWork, ticket: TicketIn) -> Created:
    opened = service.open_ticket(
        work.session,
        work.company_id,
        subject=ticket.subject,
        description=ticket.description,
        contact_id=ticket.contact_id,
        now=work.now,
        outbox=work.outbox,
    )
    return Created(opened.id)


def _update_ticket(_: RequestUnitOfWork, row: Ticket, changes: Values) -> Values:
    subject = rules.ticket_subject(changes.get("subject", row.subject))
    checked = changes | {"subject": subject}
    if "description" in changes:
        checked["description"] = rules.ticket_description(changes["description"], subject)
    return checked


def _add_labels(_: RequestUnitOfWork, rows: Sequence[Ticket]) -> list[Mapping[str, Any]]:
    return [{"status_label": rules.STATUS_LABELS[row.status]} for row in rows]


TICKETS: Final = Resource[Ticket, TicketIn, TicketOut](
    name="tickets",
    singular="ticket",
    context="support",
    model=Ticket,
    read=TicketOut,
    create=TicketIn,
    update=partial_of(TicketChange),
    filter_by=("number", "status", "contact_id", "subject", "created_at"),
    sort_by=("number", "status", "created_at"),
    search_in=("subject", "description"),
    default_sort="-number",
    masked=frozenset({"subject", "description"}),  # written by contacts about themselves
    hooks=Hooks(create=_create_ticket, before_update=_update_ticket, extras=_add_labels),
)
