"""Answering a greeting."""

from falachefe.crews.tools.argument_types import Nothing
from falachefe.crews.tools.formatting import first_name, plain
from falachefe.crews.tools.spec import ToolContext, ToolResult, ToolSpec


def greet(context: ToolContext, _wanted: Nothing) -> ToolResult:
    name = first_name(context.sender_name)
    hello = f"{_part_of_day(context)}, {name}!" if name else f"{_part_of_day(context)}!"
    company = f" da {plain(context.company_name)}" if context.company_name.strip() else ""
    return ToolResult(
        True,
        f"{hello} Sou a equipe virtual{company}. Como posso ajudar? Se quiser ver o que eu faço, escreva *ajuda*.",
    )


def _part_of_day(context: ToolContext) -> str:
    hour = context.local_hour
    if 5 <= hour < 12:
        return "Bom dia"
    return "Boa tarde" if 12 <= hour < 18 else "Boa noite"


TOOLS = (ToolSpec("greet", "orchestrator", None, "cumprimentar", "Answer a greeting or small talk.", Nothing, greet),)
