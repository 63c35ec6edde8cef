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

ROLE = "marketing"
MAX_LISTED = 10


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
        "Nada foi enviado ainda.",
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
    results = service.campaign_results(context.session, context.company_id, wanted.name)
    campaign = results.campaign
    data = {"sent": campaign.sent, "delivered": campaign.delivered, "read": campaign.read, "replied": campaign.replied}
    title = f"*Campanha {plain(campaign.name)}* ({campaign.status_label})"
    if campaign.sent == 0:
        return ToolResult(True, f"{title}\nAinda não foi enviada, então não há resultados.", data)
    return ToolResult(
        True,
        "\n".join(
            [
                title,
                f"Enviadas: {campaign.sent}",
                f"Entregues: {campaign.delivered}{_rate(results.delivered_rate)}",
                f"Lidas: {campaign.read}{_rate(results.read_rate)}",
                f"Respondidas: {campaign.replied}{_rate(results.replied_rate)}",
            ]
        ),
        data,
    )


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
