"""The support agent's tools: published answers, tickets and calling a human. None needs a permission."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from falachefe.companies.rules import takeover_of
from falachefe.companies.service import company
from falachefe.companies.settings_rules import (
    is_open,
    next_opening,
    opening_in_words,
    settings_of,
)
from falachefe.crews.tools import arguments as args
from falachefe.crews.tools.formatting import plain
from falachefe.crews.tools.spec import ToolContext, ToolResult, ToolSpec
from falachefe.kernel.events import DomainEvent
from falachefe.messaging.conversations import service as conversations
from falachefe.messaging.conversations import skipped
from falachefe.support import service

ROLE = "support"


def answer_question(context: ToolContext, wanted: args.AnswerQuestion) -> ToolResult:
    article = service.answer(context.session, context.company_id, wanted.question)
    if article is None:
        return ToolResult(
            True,
            "Não encontrei essa informação. Posso *abrir um chamado* ou *chamar uma pessoa* para ajudar: "
            "o que prefere?",
            {"found": False},
        )
    return ToolResult(True, article.answer, {"found": True, "question": article.question})


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
    )


def talk_to_human(context: ToolContext, _wanted: args.TalkToHuman) -> ToolResult:
    settings = company(context.session, context.company_id).settings
    until = context.now + takeover_of(settings)
    conversations.silence(context.session, context.company_id, context.conversation_id, until)
    # Messages that arrived meanwhile are left for the human who takes over.
    skipped.set_aside_waiting(context.session, context.company_id, context.conversation_id)
    # Without the reason: events carry no message text, and the human reads it in the conversation.
    context.outbox.record(
        DomainEvent(
            "crews.human_requested",
            context.company_id,
            context.now,
            {"conversation_id": str(context.conversation_id), "task_id": str(context.task_id)},
        )
    )
    local = context.now.astimezone(ZoneInfo(context.time_zone))
    return ToolResult(True, f"Certo, já avisei a equipe. {_who_answers_when(settings, local)}")


def _who_answers_when(settings: Mapping[str, Any], local: datetime) -> str:
    hours = settings_of(settings).business_hours
    opening = None if is_open(hours, local) else next_opening(hours, local)
    if opening is None:
        return "Uma pessoa vai continuar a conversa por aqui."
    when = opening_in_words(opening, local)
    return f"Agora estamos fora do horário de atendimento: uma pessoa responde por aqui {when}."


TOOLS = (
    ToolSpec(
        "answer_question",
        ROLE,
        None,
        "responder dúvidas",
        "Look a question up in what the company published (hours, address, payment, services …).",
        args.AnswerQuestion,
        answer_question,
    ),
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
    ),
    ToolSpec(
        "talk_to_human",
        ROLE,
        None,
        "chamar uma pessoa",
        "Call a person of the company into the conversation; the crew then stays silent.",
        args.TalkToHuman,
        talk_to_human,
        writes="conversations",
        masked=frozenset({"reason"}),
    ),
)
