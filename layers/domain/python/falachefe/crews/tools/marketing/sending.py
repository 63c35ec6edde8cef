"""Sending and cancelling campaigns, and who they would reach."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from falachefe.crews.tools.formatting import count, plain
from falachefe.crews.tools.marketing import arguments as args
from falachefe.crews.tools.spec import Row, ToolContext, ToolResult, ToolSpec
from falachefe.http.principal import allows
from falachefe.kernel.clock import when_in_words
from falachefe.marketing import rules, sending, service

ROLE = "marketing"


def send_campaign(context: ToolContext, wanted: args.SendCampaign) -> ToolResult:
    campaign = service.campaign_named(context.session, context.company_id, wanted.name)
    done = sending.order_sending(
        context.session,
        context.company_id,
        campaign.id,
        at=None if wanted.at is None else context.moment(wanted.at),
        most_people=rules.most_people(may_send_to_many=allows(context.permissions, rules.LARGE)),
        now=context.now,
        outbox=context.outbox,
    )
    ordered = _ordered(context, plain(done.name), campaign.scheduled_for, wanted.at and done.scheduled_for)
    people = f"{count(done.audience, 'pessoa', 'pessoas')} ({rules.SEGMENT_LABELS[done.segment]})"
    return ToolResult(
        True,
        f"{ordered} para {people}.",
        {"id": str(done.id), "audience": done.audience, "status": done.status},
        inverse={
            "id": str(done.id),
            "version": done.version,
            "name": done.name,
            "before": None if campaign.scheduled_for is None else campaign.scheduled_for.isoformat(),
        },
        rows=(Row("campaigns", done.id),),
    )


def _ordered(context: ToolContext, name: str, before: datetime | None, at: datetime | None) -> str:
    """`at` None: now."""
    if at is None:
        return f"Combinado: a campanha *{name}* começa a sair agora"
    when = when_in_words(at, context.now, context.time_zone)
    if before is None or before == at:
        return f"Agendado: a campanha *{name}* sai {when}"
    earlier = when_in_words(before, context.now, context.time_zone)
    return f"Reagendado: a campanha *{name}*, que sairia {earlier}, sai {when}"


def undo_sending(context: ToolContext, inverse: Mapping[str, Any]) -> ToolResult:
    """A draft again, or at the time that it had; what has begun to go out is stopped only by `cancel_campaign`."""
    sending.take_order_back(
        context.session,
        context.company_id,
        UUID(inverse["id"]),
        version=inverse["version"],
        before=None if inverse["before"] is None else datetime.fromisoformat(inverse["before"]),
        now=context.now,
        outbox=context.outbox,
    )
    again = "voltou a ser rascunho" if inverse["before"] is None else "volta ao horário de antes"
    return ToolResult(True, f"Desfeito: a campanha *{plain(inverse['name'])}* {again}; nada foi enviado.")


def cancel_campaign(context: ToolContext, wanted: args.CancelCampaign) -> ToolResult:
    campaign = service.campaign_named(context.session, context.company_id, wanted.name)
    done = sending.cancel_campaign(
        context.session, context.company_id, campaign.id, now=context.now, outbox=context.outbox
    )
    name = plain(done.campaign.name)
    before = done.scheduled_before
    inverse = None
    if done.before != "sending":  # what was stopped on its way cannot go on as if nothing had happened
        inverse = {
            "id": str(done.campaign.id),
            "version": done.campaign.version,
            "name": done.campaign.name,
            "status": done.before,
            "scheduled_for": None if before is None else before.isoformat(),
        }
    return ToolResult(
        True,
        _cancelled(context, name, done),
        {"id": str(done.campaign.id), "reached": done.reached, "spared": done.spared},
        inverse=inverse,
        rows=(Row("campaigns", done.campaign.id),),
    )


def _cancelled(context: ToolContext, name: str, done: sending.Cancelled) -> str:
    if done.before == "sending":
        got = count(done.reached, "pessoa já recebeu", "pessoas já receberam")
        rest = count(done.spared, "pessoa não vai receber", "pessoas não vão receber")
        return f"Parei o envio da campanha *{name}*: {got} e {rest}."
    if done.before == "scheduled" and done.scheduled_before is not None:
        when = when_in_words(done.scheduled_before, context.now, context.time_zone)
        return f"Cancelada: a campanha *{name}*, que sairia {when}, não vai mais ser enviada."
    return f"Cancelada: a campanha *{name}*, que era só um rascunho. Ninguém tinha recebido nada."


def undo_cancelling(context: ToolContext, inverse: Mapping[str, Any]) -> ToolResult:
    before = inverse["scheduled_for"]
    sending.reopen(
        context.session,
        context.company_id,
        UUID(inverse["id"]),
        version=inverse["version"],
        status=inverse["status"],
        scheduled_for=None if before is None else datetime.fromisoformat(before),
        now=context.now,
        outbox=context.outbox,
    )
    label = rules.STATUS_LABELS[inverse["status"]]
    return ToolResult(True, f"Desfeito: a campanha *{plain(inverse['name'])}* voltou a ficar {label}.")


def count_contacts(context: ToolContext, wanted: args.CountContacts) -> ToolResult:
    number = service.count_contacts(context.session, context.company_id, wanted.segment, context.now)
    whom = "" if wanted.segment == "all" else f" {rules.SEGMENT_WORDS[wanted.segment]}"
    if number == 0:
        return ToolResult(True, f"Ainda não há contatos{whom} que recebam campanhas.", {"count": 0})
    people = count(number, "contato", "contatos")
    return ToolResult(True, f"São *{people}*{whom} que recebem campanhas.", {"count": number})


TOOLS = (
    ToolSpec(
        "send_campaign",
        ROLE,
        "marketing.send",
        "enviar campanhas",
        "Send a campaign that exists, now or at a date with time by the company's clock (2026-12-05T09:00): "
        '"envia a campanha de Natal", "manda a promoção sexta às 10". Also changes the time of a scheduled one.',
        args.SendCampaign,
        send_campaign,
        writes="campaigns",
        undo=undo_sending,
        help='Enviar campanhas: "envia a campanha de Natal amanhã às 10h"',
    ),
    ToolSpec(
        "cancel_campaign",
        ROLE,
        "marketing.send",
        "cancelar campanhas",
        'Cancel a campaign, or stop one that is being sent: "cancela a campanha de Natal".',
        args.CancelCampaign,
        cancel_campaign,
        writes="campaigns",
        undo=undo_cancelling,
        help='Cancelar campanhas: "cancela a campanha de Natal"',
    ),
    ToolSpec(
        "count_contacts",
        ROLE,
        "marketing.read",
        "contar os contatos",
        "How many contacts a campaign would reach: all, active (wrote within 30 days), inactive (not for 60) or new "
        '(verified within 30): "quantos clientes eu tenho?".',
        args.CountContacts,
        count_contacts,
        help='Contar contatos: "quantos clientes ativos temos?"',
    ),
)
