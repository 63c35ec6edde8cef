"""Cash flow and trends of the ledger."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from falachefe.crews.tools.financial import arguments as args
from falachefe.crews.tools.formatting import count, month, per_cent, period
from falachefe.crews.tools.spec import ToolContext, ToolResult, ToolSpec
from falachefe.finance import service
from falachefe.finance.rules import CashFlow, CategoryTotal, MonthTrend
from falachefe.kernel.money import format_brl

ROLE = "financial"
MAX_CATEGORIES = 6


def cash_flow_report(context: ToolContext, wanted: args.CashFlowReport) -> ToolResult:
    flow = service.cash_flow(context.session, context.company_id, wanted.start, wanted.end)
    title = f"*Fluxo de caixa: {period(flow.start, flow.end, context.reply_date)}*"
    data = {"income": str(flow.income), "expense": str(flow.expense), "balance": str(flow.balance), "count": flow.count}
    if flow.count == 0:
        return ToolResult(True, f"{title}\nNenhum lançamento nesse período.", data)
    return ToolResult(True, "\n".join([title, *_flow_lines(flow)]), data)


def _flow_lines(flow: CashFlow) -> list[str]:
    lines = [
        f"Entradas: {format_brl(flow.income)}",
        f"Saídas: {format_brl(flow.expense)}",
        f"*Saldo: {format_brl(flow.balance)}*",
        f"({count(flow.count, 'lançamento', 'lançamentos')})",
    ]
    spent = [line for line in flow.by_category if line.kind == "expense"]
    if spent:
        lines += ["", "*Onde mais saiu:*", *_category_lines(spent)]
    return lines


def _category_lines(totals: Sequence[CategoryTotal]) -> list[str]:
    lines = [f"• {line.label}: {format_brl(line.total)}" for line in totals[:MAX_CATEGORIES]]
    rest = totals[MAX_CATEGORIES:]
    if rest:
        total = sum((line.total for line in rest), Decimal(0))
        lines.append(f"• Mais {count(len(rest), 'categoria', 'categorias')}: {format_brl(total)}")
    return lines


def analyze_trends(context: ToolContext, wanted: args.AnalyzeTrends) -> ToolResult:
    trends = service.trends(context.session, context.company_id, months=wanted.months, today=context.today)
    title = f"*Tendência: {count(len(trends), 'mês', 'meses')}*"
    data = {"months": [_trend_data(trend) for trend in trends]}
    if all(trend.income == 0 and trend.expense == 0 for trend in trends):
        return ToolResult(True, f"{title}\nAinda não há lançamentos para comparar.", data)
    lines = [line for trend in trends for line in _trend_lines(trend)]
    return ToolResult(True, "\n".join([title, *lines]), data)


def _trend_lines(trend: MonthTrend) -> list[str]:
    return [
        f"*{month(trend.month).capitalize()}*",
        f"Entradas {format_brl(trend.income)}{_change(trend.income_variation)}",
        f"Saídas {format_brl(trend.expense)}{_change(trend.expense_variation)}",
        f"Saldo {format_brl(trend.balance)}",
    ]


def _change(variation: Decimal | None) -> str:
    return "" if variation is None else f" ({per_cent(variation)})"


def _trend_data(trend: MonthTrend) -> dict[str, Any]:
    return {"month": f"{trend.month:%Y-%m}", "income": str(trend.income), "expense": str(trend.expense)}


TOOLS = (
    ToolSpec(
        "cash_flow_report",
        ROLE,
        "finance.read",
        "ver o fluxo de caixa",
        "Income, expenses and balance between two dates, both included. Default: the present month.",
        args.CashFlowReport,
        cash_flow_report,
        help='Fluxo de caixa: "como está o caixa este mês?"',
    ),
    ToolSpec(
        "analyze_trends",
        ROLE,
        "finance.read",
        "ver as tendências",
        "Compare income and expenses month by month. Default: 3 months.",
        args.AnalyzeTrends,
        analyze_trends,
        help='Tendências: "compare os últimos 3 meses"',
    ),
)
