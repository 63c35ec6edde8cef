"""Calling a human into the conversation. Needs no permission."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from falachefe.companies.rules import takeover_of
from falachefe.companies.service import company
from falachefe.companies.settings_rules import is_open, next_opening, opening_in_words, settings_of
from falachefe.crews.tools.spec import ToolContext, ToolResult, ToolSpec
from falachefe.crews.tools.support import arguments as args
from falachefe.kernel.events import DomainEvent
from falachefe.messaging.conversations import service as conversations
from falachefe.messaging.conversations import skipped

ROLE = "support"


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
        "talk_to_human",
        ROLE,
        None,
        "chamar uma pessoa",
        "Call a person of the company into the conversation; the crew then stays silent.",
        args.TalkToHuman,
        talk_to_human,
        writes="conversations",
        masked=frozenset({"reason"}),
        help='Falar com uma pessoa: "quero falar com um atendente"',
    ),
)
