"""The orchestrator's tools: a greeting, and the list of what the sender may ask for."""

from collections.abc import Sequence

from falachefe.crews.tools import arguments as args
from falachefe.crews.tools.formatting import first_name, plain
from falachefe.crews.tools.spec import ToolContext, ToolResult, ToolSpec
from falachefe.http.principal import allows

ROLE = "orchestrator"

HELP = {
    "add_expense": 'Anotar despesas: "gastei 150 de gasolina hoje"',
    "add_income": 'Anotar receitas: "recebi 800 de uma venda"',
    "cash_flow_report": 'Fluxo de caixa: "como está o caixa este mês?"',
    "create_budget": 'Orçamentos: "orçamento de 500 para marketing"',
    "analyze_trends": 'Tendências: "compare os últimos 3 meses"',
    "create_campaign": 'Criar campanhas: "crie uma campanha para os clientes ativos"',
    "list_campaigns": 'Ver campanhas: "quais campanhas temos?"',
    "campaign_results": 'Resultados: "como foi a campanha de Natal?"',
    "suggest_post": 'Ideias de post: "sugira um post sobre a promoção"',
    "add_employee": 'Cadastrar funcionários: "cadastre a Ana como vendedora"',
    "list_employees": 'Ver a equipe: "quem trabalha aqui?"',
    "request_time_off": 'Pedir folga ou férias: "quero folga dia 10"',
    "register_absence": 'Registrar faltas: "o João faltou hoje"',
    "answer_question": 'Tirar dúvidas: "qual é o horário de atendimento?"',
    "open_ticket": 'Abrir um chamado: "quero abrir um chamado"',
    "talk_to_human": 'Falar com uma pessoa: "quero falar com um atendente"',
}


def greet(context: ToolContext, _wanted: args.Nothing) -> ToolResult:
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


def tools(others: Sequence[ToolSpec]) -> tuple[ToolSpec, ...]:
    """The orchestrator's tools; `help` lists those of the `others` that the sender may use."""
    needed = {spec.name: spec.permission for spec in others}

    def help_(context: ToolContext, _wanted: args.Nothing) -> ToolResult:
        may = [name for name in HELP if (permission := needed[name]) is None or allows(context.permissions, permission)]
        lines = [f"• {HELP[name]}" for name in may]
        return ToolResult(True, "\n".join(["*O que posso fazer por você:*", *lines]), {"tools": may})

    return (
        ToolSpec("greet", ROLE, None, "cumprimentar", "Answer a greeting or small talk.", args.Nothing, greet),
        ToolSpec(
            "help", ROLE, None, "explicar o que faço", "Tell the person what they may ask for.", args.Nothing, help_
        ),
    )
