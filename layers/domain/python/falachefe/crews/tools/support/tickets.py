"""Opening tickets for the team. Needs no permission."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from falachefe.crews.tools.formatting import plain
from falachefe.crews.tools.spec import Row, ToolContext, ToolResult, ToolSpec
from falachefe.crews.tools.support import arguments as args
from falachefe.support import service

ROLE = "support"


def open_ticket(context: ToolContext, wanted: args.OpenTicket) -> ToolResult:
    ticket = service.open_ticket(
        context.session,
        context.company_id,
        subject=wanted.subject,
        description=wanted.description,
        contact_id=context.contact_id,
        now=context.now,
        outbox=context.outbox,
    )
    return ToolResult(
        True,
        f"Chamado *nº {ticket.number}* aberto: {plain(ticket.subject)}. A equipe vai responder por aqui.",
        {"id": str(ticket.id), "number": ticket.number},
        inverse={"id": str(ticket.id), "version": 1, "number": ticket.number},
        rows=(Row("tickets", ticket.id),),
    )


def undo_ticket(context: ToolContext, inverse: Mapping[str, Any]) -> ToolResult:
    service.withdraw_ticket(
        context.session,
        context.company_id,
        UUID(inverse["id"]),
        version=inverse["version"],
        now=context.now,
        outbox=context.outbox,
    )
    return ToolResult(True, f"Desfeito: retirei o chamado *nº {inverse['number']}*.", {"id": inverse["id"]})


TOOLS = (
    ToolSpec(
        "open_ticket",
        ROLE,
        None,
        "abrir chamados",
        "Open a ticket for the team: a short subject and what happened.",
        args.OpenTicket,
        open_ticket,
        writes="tickets",
        masked=frozenset({"subject", "description"}),
        undo=undo_ticket,
        help='Abrir um chamado: "quero abrir um chamado"',
    ),
)
