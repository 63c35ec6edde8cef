"""Response templates: the pt-BR sentences that the engine answers with."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Final

from falachefe.language.subjects.interpretation import Draft
from falachefe.language.types import Role

AREA: Final[dict[Role, str]] = {
    "orchestrator": "a recepção",
    "financial": "o financeiro",
    "marketing": "o marketing",
    "hr": "o RH",
    "support": "o atendimento",
}
RESPONSES: Final[dict[str, str]] = {
    "refused": (
        "Isso eu não posso fazer por aqui. Se quiser, me conte com suas palavras "
        "o que precisa registrar ou consultar da sua empresa."
    ),
    "cancel": (
        "Tudo bem, não vou registrar mais nada sobre isso. Se algum lançamento já "
        "feito precisa mudar, me diga qual e como ele deve ficar."
    ),
    "correction": (
        "Entendi que algo precisa ser corrigido. Para eu não lançar em dobro: qual "
        "é o lançamento e como ele deve ficar?"
    ),
    "small_talk": "Combinado! Se precisar de algo, é só chamar.",
    "not_yet": (
        "Por enquanto não registrei nada, porque me parece que isso ainda não aconteceu "
        "na empresa. Quando acontecer, me mande o valor e eu anoto na hora."
    ),
    "nothing_moved": (
        "Certo, então não anotei nada. Se algo disso já estava lançado, me diga qual lançamento é para eu apagar."
    ),
    "greet_elsewhere": "Olá! Tudo bem? Em que posso ajudar?",
    "help_elsewhere": "Pode me perguntar o que quiser saber ou contar o que aconteceu. Se preferir, chamo uma pessoa.",
    "not_offered": "Isso eu ainda não faço por aqui, então nada mudou.",
    "off_topic": (
        "Nisso eu não consigo ajudar, mas com as contas, a equipe e as campanhas "
        "da empresa pode contar comigo. O que você precisa?"
    ),
    "unknown": "Não entendi bem. É sobre dinheiro, equipe, campanhas ou quer falar com alguém?",
}
_AMOUNT_QUESTIONS: Final[dict[str | None, str]] = {
    None: "qual foi o valor",
    "vague": "qual foi o valor exato",
    "two": "qual dos valores devo lançar",
    "zero": "qual foi o valor (precisa ser maior que zero)",
    "negative": "qual foi o valor (sem sinal de menos)",
    "too_big": "qual foi o valor (esse número é grande demais)",
    "malformed": "qual foi o valor (não consegui ler com certeza)",
    "ambiguous": "qual foi o valor exato (dá para ler de mais de um jeito)",
    "foreign": "quanto deu em reais",
    "each": "quanto deu no total",
    "instalments": "qual foi o valor total da compra, ou só da parcela paga",
}
_SLOT_QUESTIONS: Final[dict[tuple[str, str], str]] = {
    ("add_bill", "amount"): "qual é o valor",
    ("add_bill", "due"): "quando vence",
    ("create_budget", "category"): "para qual categoria é o orçamento",
    ("create_budget", "amount"): "qual é o valor do orçamento",
    ("create_campaign", "message"): "que mensagem você quer mandar para os clientes",
    ("campaign_results", "name"): "de qual campanha você quer ver o resultado",
    ("add_employee", "name"): "qual é o nome da pessoa",
    ("add_employee", "position"): "qual é o cargo",
    ("add_employee", "salary"): "qual é o salário exato",
    ("request_time_off", "start"): "de que dia até que dia",
    ("request_time_off", "end"): "até que dia",
    ("register_absence", "employee"): "quem faltou",
    ("register_absence", "date"): "em que dia foi",
    ("open_ticket", "description"): "o que está acontecendo",
    ("remind", "at"): "quando devo lembrar você",
    ("remind", "text"): "do que devo lembrar você",
    ("correct_entry", "amount"): "como ele deve ficar: o valor, a data ou a categoria certa",
    ("decide_time_off", "employee"): "de quem é a folga",
    ("update_employee", "employee"): "de quem é a mudança",
    ("update_employee", "salary"): "qual é o novo salário",
    ("end_employment", "employee"): "quem saiu da equipe",
    ("send_campaign", "name"): "qual campanha devo enviar",
    ("cancel_campaign", "name"): "qual campanha devo cancelar",
    ("cash_flow_report", "start"): "de que dia até que dia você quer ver",
}
_EXAMPLES: Final[dict[str, str]] = {
    "add_expense": "“gastei 80 de gasolina ontem”",
    "add_income": "“recebi 300 da Ana hoje”",
    "add_bill": "“comprei 700 de tecido pra pagar dia 10”",
    "create_budget": "“orçamento de 500 para marketing este mês”",
    "create_campaign": "“campanha para os clientes inativos: sentimos sua falta!”",
    "campaign_results": "“como foi a campanha Natal?”",
    "add_employee": "“contratei a Ana como recepcionista, salário 1.800”",
    "request_time_off": "“férias de 10 a 20 de dezembro”",
    "register_absence": "“a Maria faltou ontem”",
    "open_ticket": "“abre um chamado: a maquininha não liga”",
    "remind": "“me lembra amanhã às 9 de ligar pro contador”",
    "correct_entry": "“muda a gasolina de ontem pra 60”",
    "cash_flow_report": "“quanto gastei de 1 a 15 de outubro?”",
}


def reais(amount: str) -> str:
    """`1234.50` as `R$ 1.234,50`."""
    return "R$ " + f"{Decimal(amount):,.2f}".translate(str.maketrans(",.", ".,"))


def question(draft: Draft) -> str:
    """One sentence that asks for all missing slots of the call."""
    if draft.flaw == "offer":
        return draft.note
    if draft.flaw == "side":
        amount = draft.args.get("amount")
        shown = f"{reais(amount)}: " if isinstance(amount, str) else ""
        return (
            f"{shown}foi um gasto ou uma entrada, e de quê?".capitalize()
            if not shown
            else f"{shown}foi gasto ou entrada, e de quê?"
        )
    parts: list[str] = []
    for name in draft.missing:
        if draft.tool == "request_time_off" and name == "end" and "start" in draft.missing:
            continue
        if draft.tool == "cash_flow_report" and name == "end":
            continue
        parts.append(_part(draft, name))
    asked = " e ".join((", ".join(parts[:-1]), parts[-1])) if len(parts) > 1 else parts[0]
    return _opening(draft) + asked[:1].upper() + asked[1:] + "?"


def _part(draft: Draft, name: str) -> str:
    if name == "amount" and draft.tool in ("add_expense", "add_income"):
        about = draft.args.get("description")
        if len(draft.readings) == 2:
            one, other = (reais(f"{value}") for value in draft.readings)
            return f"o valor é {one} ou {other}"
        asked = _AMOUNT_QUESTIONS.get(draft.flaw, _AMOUNT_QUESTIONS[None])
        return f"{asked} ({about})" if about and draft.flaw is None and len(str(about).split()) <= 3 else asked
    if name == "date" and draft.tool in ("add_expense", "add_income"):
        return "em que dia foi"
    return _SLOT_QUESTIONS.get((draft.tool, name), "pode me dar mais detalhes")


def _opening(draft: Draft) -> str:
    if draft.flaw == "impossible_date":
        return "Essa data não existe no calendário. "
    return "Certo! "


def still_open(drafts: Sequence[Draft]) -> str:
    """Says, after the answer to another request, what the earlier one still waits for."""
    waiting = next(draft for draft in drafts if draft.missing)
    asked = question(waiting).removeprefix("Certo! ")
    return f"E continuo esperando: {asked[:1].lower()}{asked[1:]}"


def gave_up(draft: Draft) -> str:
    """Says that nothing was recorded, with an example of a complete request, after a question went unanswered."""
    example = _EXAMPLES.get(draft.tool)
    how = f" Quando quiser, me mande tudo junto, por exemplo: {example}." if example else ""
    return "Sem problema, não registrei nada por enquanto." + how


def handoff_reason(role: Role) -> str:
    return f"Assunto para {AREA[role]}."


def unavailable(role: Role) -> str:
    return f"Isso é com {AREA[role]}, que não está atendendo no momento. Quer que eu chame uma pessoa?"
