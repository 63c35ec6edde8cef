"""Parses requests for reports on the company's money: cash flow, trends, budgets."""

from collections.abc import Sequence
from datetime import date
from typing import Final

from falachefe.finance.rules import MAX_MONTHS
from falachefe.language.days.calendar import add_months
from falachefe.language.days.number_words import COUNTS
from falachefe.language.spans.days import read_days
from falachefe.language.spans.numbers import read_numbers
from falachefe.language.spans.types import When
from falachefe.language.subjects.interpretation import (
    Draft,
    Interpretation,
    for_tool,
    money,
)
from falachefe.language.subjects.sums import find_sums
from falachefe.language.text.normalize import Text, rx
from falachefe.language.types import JsonValue
from falachefe.language.values.categories import EXPENSE, category_in

_BUDGET: Final = (
    r"\b(?:orcamento|orcamentos|teto|limite|meta de (?:gasto|despesa)s?|meta|verba|budget)\b|"
    r"\b(?:gastar|usar|investir|passar)\b.{0,15}\b(?:no maximo|ate|so)\b|\bnao (?:quero "
    r"|posso |vamos |podemos |vou |devo |pode )?(?:gastar|passar|usar)\b.{0,6}\bmais "
    r"(?:que|de|do que)\b|\blimit(?:a|ar|e|o)\b|\b(?:so|apenas|somente) (?:posso |vou "
    r"|quero |podemos |vamos )?(?:gastar|usar)\b|\b(?:so|apenas) (?:posso|podemos|quero) "
    r"(?:gastar|usar)\b|\bno maximo\b.{0,25}\b(?:com|em|de|pra|para)\b|\b(?:reserv(?:a|"
    r"ar|e)|separ(?:a|ar|e)|destin(?:a|ar|e))\b"
)
_NOT_BUDGET: Final = (
    r"\b(?:passei|mandei|enviei|passamos|mandamos) (?:o |um |uma |meu )?orcamento|\borcamento\b.{0,20}\b(?:pro|pra"
    r"|ao|para o|para a) "
    r"(?:client|freg|dona|seu )|\baprov(?:ou|aram) (?:o |um )?orcamento|\borcamento aprovado|"
    r"\b(?:voces|fazem|faz)\b.{0,15}\borcamento|\borcamento sem compromisso|\borcamento "
    r"(?:ficou|deu|veio|saiu|foi)\b|\borcamento d[oae] "
    r"(?:mecanico|pintor|pedreiro|eletricista|encanador|fornecedor|oficina|empreiteir\w+|"
    r"marceneiro|serralheiro|vidraceiro|grafica)\b|"
    r"\borcamento (?:d[eoa] )?(?:cliente|conserto|servico|obra|pintura|cirurgia|banho|"
    r"reforma|pra mim|para mim|pro cliente)\b|\blimite d[oe] (?:cartao|credito|cheque)\b|"
    r"\blimite da conta\b|\bmeta de vendas\b|\bbateu a meta\b"
)
_TREND: Final = (
    r"\b(?:qual|que) categoria\b|\bcategorias?\b.{0,20}\bmais\b|\b(?:eu )?mais gasto\b|\bgasto mais\b|"
    r"\b(?:em que|qual(?: foi)?(?: o)?|que) (?:melhor |pior )?mes\b.{0,30}\b(?:mais|"
    r"menos|melhor|pior|vend\w+|gast\w+|fatur\w+)\b|\b(?:melhor|pior) mes\b|"
    r"\btendenci\w*|\bevolu\w+|\b(?:analis[ae]r?|analise|analisando|estudo|diagnostico)\b|"
    r"\bcompar\w+|\bmes a mes\b|\bmedia (?:mensal|d[oe]s? (?:meses|ultimos))|\bprojec\w+|"
    r"\bprevis(?:ao|oes)\b(?! do tempo)|\bhistorico d[eoa]s? (?:gastos|vendas|ultimos|"
    r"meses|despesas|receitas|faturamento)|\b(?:gastando|vendendo|faturando|ganhando|"
    r"pagando|crescendo|caindo|subindo|aumentando|diminuindo|piorando|melhorando|lucrando)\b|"
    r"\b(?:aumentaram|aumentou|diminuiram|diminuiu|subiram|subiu|cairam|cresceram|cresceu|"
    r"piorou|melhorou|melhoraram)\b|\b(?:mais|menos|maior|menor|melhor|pior)\b.{0,25}\b(?:que|"
    r"do que) (?:antes|(?:n?o )?mes passado|o normal|o de costume|nos? outros? mes\w*|"
    r"o anterior)|\bo que mais (?:pesa|gasto|vendo|cresceu)\b|\bonde (?:eu )?(?:mais "
    r"gasto|estou gastando|da pra (?:cortar|economizar)|posso (?:cortar|economizar))|"
    r"\bpra onde (?:esta )?(?:indo|vai)\b.{0,15}\bdinheiro\b|\bem que (?:eu )?(?:mais|"
    r"estou) gast\w+|\bmaior(?:es)? (?:gasto|despesa)s?\b|\bpadrao de (?:gasto|venda)s?\b|"
    r"\bcomo (?:o|a)s? (?:negocio|empresa|loja|faturamento|vendas|gastos|despesas) (?:vem|"
    r"vem indo|anda\w*|tem ido|tem se comportado|evolu\w+)"
)
_MONEY_TOPIC: Final = (
    r"\b(?:gast\w*|despesas?|vendas?|vend\w+|receitas?|fatur\w+|lucr\w*|caixa|dinheiro|"
    r"financ\w+|contas?|custos?|entradas?|saidas?|movimento|negocio|empresa|tendenci\w*|"
    r"meses|semestre|trimestre|resultado\w*|combustivel|negocios|loja|saldo)\b"
)
_REPORT: Final = (
    r"\bcomo (?:fechou|fechamos|foi|ficou|esta|terminou) (?:o |a )?(?:mes|semana|dia|ano|janeiro|fevereiro|marco|"
    r"abril|maio|"
    r"junho|julho|agosto|setembro|outubro|novembro|dezembro)\b|"
    r"\bcomo (?:estou|estamos|fiquei|ficamos) (?:de |no |com |em )?(?:o )?(?:caixa|"
    r"dinheiro|grana|saldo|contas|financeiro)\b|"
    r"\b(?:sobrando|faltando|entrando|saindo)\b.{0,12}\b(?:dinheiro|grana)\b|\bcomo "
    r"(?:esta|anda|vai|que esta)\b.{0,10}\b(?:grana|dinheiro)\b|"
    r"\bdinheiro (?:que )?(?:tem|tenho|temos|sobrou|entrou|saiu)\b|\bresultado d[oae] "
    r"(?:mes|semana|dia|ano|loja|empresa|negocio)\b|"
    r"\bfluxo(?: de caixa)?\b|\bsaldo\b|\bextrato\b|\bbalanc(?:o|ete)\b|\bfechamento\b|"
    r"\bdre\b|\brelatorios?\b|\bresum(?:o|e|ir|a)\b|\bprestacao de contas\b|\blucr\w+|"
    r"\bprejuizo\b|\bfaturamento\b|\bsituacao financeira\b|\bparcial\b|\bapanhado\b|"
    r"\bdemonstrativo\b|\bmovimentac\w+|\bquanto\b.{0,30}\b(?:gast\w+|pag(?:uei|amos|"
    r"ou|aram|o)|vend\w+|receb\w+|fatur\w+|ganh\w+|entr(?:ou|aram|a|ando)|sai(?:u|ram|"
    r"ndo)?|sobr\w+|lucr\w+|tem(?:os)?|tenho|caiu|fiz|fizemos|deu|moviment\w+|compr(?:ei|"
    r"amos|ou)|foi|foram|resta|rest\w+|ficou|dinheiro|abasteci)\b|\b(?:gastei|gastamos|"
    r"vendi|vendemos|faturei|faturamos|recebi|recebemos|entrou|saiu|lucrei|ganhei|sobrou|"
    r"paguei|tenho|deu)\b.{0,12}\bquanto\b|\bcomo (?:estao|esta|anda|andam|vao|vai|foi|"
    r"foram|ficou|ficaram|fechou|fechamos|terminou|que esta|que estao|que foi|que ficou|"
    r"e que esta)\b.{0,12}\b(?:financ\w+|financeiro|contas|grana|caixa|vendas|gastos|despesas|"
    r"movimento|semana|mes|dinheiro|faturamento|receitas|dia|ontem|loja|negocio|balanco|"
    r"ano|entradas|saidas)\b|\b(?:entradas? e (?:as )?saidas?|receitas? e (?:as )?despesas?|"
    r"despesas? e (?:as )?receitas?|ganhos e gastos|saidas e (?:as )?entradas|o que "
    r"entrou|o que saiu|que entrou e saiu)\b|\b(?:mostr\w+|ver|lista\w*|liste|quais|"
    r"qual|me (?:da|de|manda|passa|fala|diz|diga|envia|mande|conta)|manda\w*|cade|puxa\w*|"
    r"quero|consult\w+|tira|gera\w*|exib\w+|total d[aeo]s?|soma d[aeo]s?|minhas|meus|"
    r"me)\b.{0,25}\b(?:gastos|despesas|receitas|vendas|entradas|saidas|lancamentos|ganhos|"
    r"contas d[oe]|custos|pagamentos|recebimentos|transacoes|caixa|financeiro|faturamento)\b|"
    r"\b(?:gastos|despesas|vendas|receitas|movimento|caixa|contas|financeiro|entradas|"
    r"saidas|total) (?:d[aeo]s?|n[ao]s?|de|em|desse|dessa|deste|desta) (?:hoje|ontem|"
    r"semana|mes|dia|ano|ultim\w+|esse|essa|este|esta|segunda|terca|quarta|quinta|sexta|"
    r"sabado|domingo|janeiro|fevereiro|marco|abril|maio|junho|julho|agosto|setembro|"
    r"outubro|novembro|dezembro)\b|\b(?:estou|estamos|fiquei|ficamos|fechei|fechamos|"
    r"esta) (?:no|em|com o caixa no) (?:vermelho|azul|positivo|negativo|prejuizo|lucro)\b|"
    r"\btem dinheiro (?:em|no) caixa\b|\b(?:tem|tenho|temos|esta com|estou com|estamos "
    r"com) quanto\b|\bcom quanto (?:eu )?(?:estou|fiquei|estamos|fechei|fechamos)\b|"
    r"\bqual (?:foi |e |esta )?(?:o |a )?(?:total|meu saldo|saldo|gasto|despesa|receita|"
    r"faturamento|venda|lucro|caixa|resultado|movimento)\b|\bbati(?:u)? o caixa\b|\b(?:contas?|"
    r"caixa) fech\w+|\bo que (?:eu |a gente |nos )?(?:gastei|gastamos|vendi|vendemos|"
    r"comprei|compramos|paguei|pagamos|recebi|recebemos|entrou|saiu|tem lancado|foi "
    r"lancado)\b|\bfinanceiro\b.{0,15}\b(?:hoje|ontem|semana|mes)\b|\b(?:atualiza|posicao|"
    r"situacao|panorama|visao|numeros)\b.{0,20}\b(?:financeir\w+|caixa|financas|vendas|"
    r"mes|dia|semana|loja|negocio)\b|\bbalanco\b"
)
_PAST_MONEY: Final = (
    r"\b(?:gastei|gastamos|vendi|vendemos|faturei|faturamos|recebi|recebemos|lucrei|"
    r"lucramos|entrou|saiu|vendeu|gastou|faturou)\b"
)
_NOT_REPORT: Final = (
    r"\bquanto (?:custa|cobra\w*|e|fica|sai|esta|voces?|tempo|falta|devo|vale|custam)\b(?! "
    r".{0,25}\b(?:caixa|saldo|gast|entrad|saldo))|\b(?:gastaria|pagaria|custaria|ganharia|"
    r"venderia)\b|\bcampanha|\bfuncionari|\bresultado da campanha|\bferias|\bpost\b|"
    r"\bposto hoje|\bquanto\b.{0,6}\b(?:o|a) [a-z]+ (?:recebe|ganha|tira)\b"
    r"|\bcada (?:um|uma|colaborador\w*|funcionari\w*|pessoa)\b.{0,10}\b(?:ganha|recebe)|\bpessoais del[ae]"
    r"|\b(?:d[ao]|n[ao]) (?:concorrencia|outr[ao] (?:franquia|filial|loja|empresa))\b"
)


def parse_report(text: Text, today: date) -> Interpretation | None:
    asks_past = text.has(r"\?") and text.has(_PAST_MONEY) and (not find_sums(text.plain))
    supposed = text.has(r"\bse (?:eu |a gente )?[a-z]+(?:ar|er|ir|sse|rmos)\b")
    if supposed or not (asks_past or text.has(_REPORT) or _names_period(text, today)) or text.has(_NOT_REPORT):
        return None
    return report_for(text, today)


def _names_period(text: Text, today: date) -> bool:
    """`gastos de janeiro a março`: a report's subject and its period, and no amount to record."""
    if not text.has(
        r"^\W*(?:(?:os|as|meus|minhas|nossos|nossas|ver|mostra\w*) )*"
        r"(?:gastos|despesas|receitas|vendas|entradas|saidas)\b"
    ):
        return False
    days = read_days(text, today, prefer="past")
    return any(w.kind == "range" for w in days) and not find_sums(text.plain, [(w.start, w.end) for w in days])


def report_for(text: Text, today: date) -> Interpretation:
    """A cash-flow report over the named period, by default from the first of the month to today."""
    days = read_days(text, today, prefer="past")
    if any(w.kind == "impossible" for w in days):
        return for_tool(Draft("cash_flow_report", {}, ("start", "end"), "impossible_date"))
    start, end = _span(text.plain, list(days), today)
    return for_tool(Draft("cash_flow_report", {"start": start.isoformat(), "end": end.isoformat()}))


def _span(plain: str, days: list[When], today: date) -> tuple[date, date]:
    if not days:
        if rx(r"\b(?:do dia|de hoje|diario|dia de hoje|no dia)\b").search(plain):
            return (today, today)
        return (today.replace(day=1), today)
    if (
        len(days) == 1
        and days[0].first <= today
        and rx(r"\b(?:desde|a partir d[eoa]|de)\s+(?:o |a )?$").search(plain[: days[0].start] + " ")
    ) and (
        rx(r"\b(?:desde|a partir d[eoa])\s+(?:o |a )?$").search(plain[: days[0].start])
        or rx(r"^\s*(?:pra ca|ate agora|ate hoje|para ca|em diante)").search(plain[days[0].end :])
    ):
        return (days[0].first, today)
    if len(days) > 1 and rx(r"\bvs\b|\bversus\b|\bcontra\b").search(plain):
        return (days[0].first, days[0].last)
    return (min(w.first for w in days), max(w.last for w in days))


def parse_trends(text: Text) -> Interpretation | None:
    periods = r"(?:mes|meses|ano|trimestre|semestre)\b"
    plainly = text.has(
        r"\btendenci\w*|\bevoluc\w+|\bmes a mes\b|\bcompar\w+\b.{0,30}\b"
        + periods
        + r"|\banalis\w+\b.{0,30}\b"
        + periods
    )
    if (
        not text.has(_TREND)
        or not (plainly or text.has(_MONEY_TOPIC))
        or text.has(r"\bcampanha|\bfuncionari|\bexame|\banalise de (?:sangue|agua|credito)|\blaborat")
    ):
        return None
    if find_sums(text.plain) and (not text.has(r"\b(?:meses|mes|anos?)\b")):
        return None
    phrase = months_said(text.plain)
    note = f"Olho no máximo {MAX_MONTHS} meses para trás." if phrase > MAX_MONTHS else ""
    return for_tool(Draft("analyze_trends", {"months": min(phrase, MAX_MONTHS)}, note=note), confidence=0.88)


def months_said(plain: str) -> int:
    """Months in `últimos 6 meses`, `semestre`, `ano`, `3 anos`; 3 by default. May exceed what a report covers."""
    match = rx(r"\b(\d{1,2}|" + "|".join(COUNTS) + r")\s+(?:ultimos\s+)?mes(?:es)?\b").search(plain)
    if match:
        word = match.group(1)
        count = COUNTS.get(word) or int(word)
        return max(1, count)
    years = rx(r"\b(\d{1,2}|" + "|".join(COUNTS) + r")\s+(?:ultimos\s+)?anos\b").search(plain)
    if years:
        return max(1, COUNTS.get(years.group(1)) or int(years.group(1))) * 12
    for pattern, months in (
        (r"\bbimestre\b", 2),
        (r"\btrimestre\b", 3),
        (r"\bsemestre\b|\bmeio ano\b", 6),
        (r"\bano\b|\banual\b|\b12 meses\b|\bum ano\b", 12),
    ):
        if rx(pattern).search(plain):
            return months
    return 3


def parse_budget(text: Text, today: date) -> Interpretation | None:
    """`orçamento de 500 pra marketing em dezembro`; a question about an existing budget is not matched."""
    if (
        not text.has(_BUDGET)
        or text.has(_NOT_BUDGET)
        or text.has(r"\b(?:quanto|qual|quais|cade|estourou|estourei|passei do)\b")
        or text.has(r"\b(?:gastei|paguei|comprei|recebi|vendi|contratei)\b")
    ):
        return None
    days = read_days(text, today, prefer="future")
    amounts = list(find_sums(text.plain, [(w.start, w.end) for w in days]))
    if not amounts and (not text.has(r"\b(?:orcamento|teto|limite|meta de|budget|verba)\b")):
        return None
    if text.has(r"\b(?:reserv|separ|destin)\w*") and (not (amounts and text.has(r"\bmes|\borcamento|\blimite"))):
        return None
    if text.has(r"\bmeta\b") and (
        not text.has(
            r"\bmeta (?:de|d[eo] )(?:gast|despes)|\bmeta .{0,30}\b(?:gast|despes)\w*|\b(?:orcamento|"
            r"teto|limite)\b"
        )
    ):
        return None
    if several := _several_budgets(text, days, _month(text.plain, list(days), today)):
        return several
    args: dict[str, JsonValue] = {}
    missing: list[str] = []
    named = budget_category(text.plain)
    if named:
        args["category"] = named
    else:
        missing.append("category")
    capped = text.has(r"\bmais (?:que|de|do que)\b|\bate\b|\bmaximo\b")
    sound = [a for a in amounts if a.flaw in (None, "each") or (capped and a.flaw == "vague")]
    if len({a.value for a in sound}) == 1 and len(sound) == len(amounts):
        args["amount"] = money(sound[0].value)
    else:
        missing.append("amount")
    args["month"] = _month(text.plain, list(days), today)
    return for_tool(Draft("create_budget", args, tuple(missing), amounts[0].flaw if amounts and (not sound) else None))


def _several_budgets(text: Text, days: Sequence[When], month: str) -> Interpretation | None:
    """`orçamento de março: fornecedores 6 mil, transporte 900`: each amount after a category of its own."""
    amounts = read_numbers(text.plain, [(day.start, day.end) for day in days]).money
    if len(amounts) < 2 or any(amount.flaw for amount in amounts):
        return None
    start, drafts = 0, []
    for amount in amounts:
        category = budget_category(text.plain[start : amount.start])
        if category is None or amount.value is None:
            return None
        drafts.append(Draft("create_budget", {"category": category, "amount": money(amount.value), "month": month}))
        start = amount.end
    return for_tool(*drafts) if len({draft.args["category"] for draft in drafts}) == len(drafts) else None


def budget_category(plain: str) -> str | None:
    """A category named by its slug wins over the category of the item."""
    spoken = rx(r"\b(" + "|".join(s.replace("_", "[ _](?:de |e )?") for s in (*EXPENSE, "outros")) + r")\b").search(
        plain
    )
    if spoken and spoken.group(1) not in ("agua", "servicos"):
        phrase = spoken.group(1).replace(" de ", "_").replace(" e ", "_").replace(" ", "_")
        return phrase if phrase in EXPENSE or phrase == "outros" else None
    named = category_in(rx(r"\b(?:orcamento|limite|teto|meta|mes|verba)\b").sub("¦", plain), "expense")
    return named[0] if named else None


def _month(plain: str, days: list[When], today: date) -> str:
    if rx(r"\bmes que vem\b|\bproximo mes\b").search(plain):
        return add_months(today, 1).strftime("%Y-%m")
    numbered = rx(r"\b(?:em |de |pra |para )?(0?[1-9]|1[0-2])/(20\d\d)\b(?!/)").search(plain)
    if numbered:
        return f"{numbered.group(2)}-{int(numbered.group(1)):02d}"
    for mention in days:
        if mention.kind == "range" and mention.first.day == 1:
            return mention.first.strftime("%Y-%m")
    return today.strftime("%Y-%m")
