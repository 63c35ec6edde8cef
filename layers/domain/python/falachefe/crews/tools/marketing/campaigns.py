"""Drafting campaigns and their results."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any
from uuid import UUID

from falachefe.crews.tools.argument_types import Nothing
from falachefe.crews.tools.formatting import count, per_cent, plain
from falachefe.crews.tools.marketing import arguments as args
from falachefe.crews.tools.spec import Row, ToolContext, ToolResult, ToolSpec
from falachefe.marketing import service
from falachefe.messaging.conversations.broadcasts import Outcomes

ROLE = "marketing"
MAX_LISTED = 10
_BECAUSE = {
    "opted_out": "que pediram para não receber",
    "window_closed": "a quem o WhatsApp só deixa escrever depois que escrevem",
    "no_channel": "por falta de um número ligado",
    "gone": "que não são mais contatos",
    "cancelled": "pelo cancelamento",
}
"""By `CampaignRecipient.skipped_because`."""


def create_campaign(context: ToolContext, wanted: args.CreateCampaign) -> ToolResult:
    view = service.draft_campaign(
        context.session,
        context.company_id,
        name=wanted.name,
        message=wanted.message,
        segment=wanted.segment,
        created_by=context.user_id,
        now=context.now,
        outbox=context.outbox,
    )
    people = count(view.audience, "pessoa", "pessoas")
    return ToolResult(
        True,
        f"Campanha *{plain(view.name)}* criada como rascunho para {view.segment_label} ({people}). "
        f"Nada foi enviado ainda; para enviar, escreva *envia a campanha {plain(view.name)}*.",
        {"id": str(view.id), "audience": view.audience, "status": view.status},
        inverse={"id": str(view.id), "version": 1, "name": view.name},
        rows=(Row("campaigns", view.id),),
    )


def undo_campaign(context: ToolContext, inverse: Mapping[str, Any]) -> ToolResult:
    service.discard_draft(
        context.session,
        context.company_id,
        UUID(inverse["id"]),
        version=inverse["version"],
        now=context.now,
        outbox=context.outbox,
    )
    return ToolResult(
        True, f"Desfeito: apaguei o rascunho da campanha *{plain(inverse['name'])}*.", {"id": inverse["id"]}
    )


def list_campaigns(context: ToolContext, _wanted: Nothing) -> ToolResult:
    campaigns = service.list_campaigns(context.session, context.company_id, limit=MAX_LISTED)
    data = {"campaigns": [{"name": c.name, "status": c.status, "audience": c.audience} for c in campaigns]}
    if not campaigns:
        return ToolResult(True, "Ainda não há campanhas. Quer criar a primeira?", data)
    lines = [
        f"• {plain(c.name)}: {c.status_label}, {c.segment_label} ({count(c.audience, 'pessoa', 'pessoas')})"
        for c in campaigns
    ]
    return ToolResult(True, "\n".join(["*Campanhas*", *lines]), data)


def campaign_results(context: ToolContext, wanted: args.CampaignResults) -> ToolResult:
    found = service.campaign_results(context.session, context.company_id, wanted.name)
    campaign, of, skipped = found.campaign, found.results.outcomes, sum(found.results.skipped.values())
    data = {"sent": of.sent, "delivered": of.delivered, "read": of.read, "replied": of.replied, "skipped": skipped}
    rows = (Row("campaigns", campaign.id),)
    title = f"*Campanha {plain(campaign.name)}* ({campaign.status_label})"
    if of == Outcomes() and not skipped:
        return ToolResult(True, f"{title}\nAinda não foi enviada, então não há resultados.", data, rows=rows)
    lines = [
        f"Enviadas: {of.sent}",
        f"Entregues: {of.delivered}{_rate(found.delivered_rate)}",
        f"Lidas: {of.read}{_rate(found.read_rate)}",
        f"Respondidas: {of.replied}{_rate(found.replied_rate)}",
    ]
    waiting = found.results.pending + of.queued
    more = [f"{label}: {number}" for label, number in (("Por enviar", waiting), ("Falharam", of.failed)) if number]
    left_out = _left_out(found.results.skipped)
    return ToolResult(True, "\n".join([title, *lines, *more, *left_out]), data, rows=rows)


def _left_out(skipped: Mapping[str, int]) -> list[str]:
    return [f"Ficaram de fora: {count(number, 'pessoa', 'pessoas')} {_BECAUSE[why]}" for why, number in skipped.items()]


def _rate(rate: Decimal | None) -> str:
    return "" if rate is None else f" ({per_cent(rate).removeprefix('+')})"


TOOLS = (
    ToolSpec(
        "create_campaign",
        ROLE,
        "marketing.write",
        "criar campanhas",
        "Draft a campaign: a name, the message word by word, and who gets it. Nothing is sent.",
        args.CreateCampaign,
        create_campaign,
        writes="campaigns",
        undo=undo_campaign,
        help='Criar campanhas: "crie uma campanha para os clientes ativos"',
    ),
    ToolSpec(
        "list_campaigns",
        ROLE,
        "marketing.read",
        "ver as campanhas",
        "The newest campaigns with their state and audience.",
        Nothing,
        list_campaigns,
        help='Ver campanhas: "quais campanhas temos?"',
    ),
    ToolSpec(
        "campaign_results",
        ROLE,
        "marketing.read",
        "ver os resultados das campanhas",
        "How many messages of a campaign were sent, delivered, read and answered.",
        args.CampaignResults,
        campaign_results,
        help='Resultados: "como foi a campanha de Natal?"',
    ),
)
