"""Charts of the cash flow and files of the ledger's entries."""

from datetime import date
from typing import Final

from falachefe.language.subjects.financial.reports import report_for
from falachefe.language.subjects.interpretation import Draft, Interpretation, for_tool
from falachefe.language.text.normalize import Text

_CHART: Final = r"\b(?:graficos?|grafiquinho|diagrama|curva do caixa)\b"
_FILE: Final = r"\b(?:excel|csv|pdf|planilhas?|xlsx?|arquivo|export\w+)\b"
_OF_THE_LEDGER: Final = (
    r"\b(?:lancamentos?|caixa|gastos?|despesas?|receitas?|vendas?|entradas?|saidas?|movimentac(?:ao|oes)|movimento|"
    r"relatorio|extrato|"
    r"contabil\w*|contador\w*|financeir\w+|financas|mes|semana|ano|janeiro|fevereiro|marco|abril|maio|junho|julho|"
    r"agosto|setembro|outubro|"
    r"novembro|dezembro|dados|tudo|isso|fluxo)\b"
)


def parse_chart(text: Text, today: date) -> Interpretation | None:
    """`me mostra um gráfico do mês`: over the named period, by default the month so far."""
    if not text.has(_CHART) or text.has(r"\b(?:post|campanha|designer|paguei|gastei|comprei|contrat\w+|nao quero)\b"):
        return None
    return _over(text, today, "cash_flow_chart")


def parse_export(text: Text, today: date) -> Interpretation | None:
    """`exporta em excel`, `me manda um pdf de novembro`."""
    if not text.has(_FILE) or not text.has(_OF_THE_LEDGER + r"|^\W*(?:me )?(?:export\w+|gera\w*|mand\w+|baix\w+)\b"):
        return None
    if text.has(
        r"\b(?:paguei|gastei|comprei|recebi|boleto|import\w+|curriculo|contrato|cardapio|catalogo|nota fiscal|curso|"
        r"comprar|curso de|"
        r"clientes?|funcionari\w+|campanha)\b"
    ) or not text.has(
        r"\b(?:export\w+|ger\w+|mand\w+|envi\w+|quero|queria|preciso|baix\w+|faz\w*|me (?:da|passa|manda|envia)|"
        r"tem como|da pra|pode|em (?:excel|csv|pdf|planilha))\b"
    ):
        return None
    return _over(text, today, "export_entries", format="pdf" if text.has(r"\bpdf\b") else "csv")


def _over(text: Text, today: date, tool: str, **more: str) -> Interpretation:
    report = report_for(text, today).drafts[0]
    return for_tool(Draft(tool, {**report.args, **more}, report.missing, report.flaw), confidence=0.93)
