"""The financial agent's tools: the ledger, its reports and budgets."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from falachefe.crews.tools import arguments as args
from falachefe.crews.tools.formatting import count, day, month, per_cent, period, plain
from falachefe.crews.tools.spec import ToolContext, ToolResult, ToolSpec
from falachefe.finance import service
from falachefe.finance.rules import BudgetView, CashFlow, CategoryTotal, MonthTrend
from falachefe.kernel.money import format_brl

ROLE = "financial"
MAX_CATEGORIES = 6


def add_expense(context: ToolContext, wanted: args.AddExpense) -> ToolResult:
    return _record(context, "expense", wanted)


def add_income(context: ToolContext, wanted: args.AddIncome) -> ToolResult:
    return _record(context, "income", wanted)


def _record(context: ToolContext, kind: str, wanted: args.AddExpense | args.AddIncome) -> ToolResult:
    view = service.record_transaction(
        context.session,
        context.company_id,
        kind=kind,
        amount=wanted.amount,
        description=wanted.description,
        category=wanted.category,
        occurred_on=wanted.date,
        created_by=context.user_id,
        source="agent",
        now=context.now,
        outbox=context.outbox,
    )
    what = "despesa" if kind == "expense" else "receita"
    described = "" if _says_nothing_new(view.description, view.category_label) else f" ({plain(view.description)})"
    when = day(view.occurred_on, context.reply_date)
    lines = [f"Anotado: {what} de {format_brl(view.amount)} em {view.category_label.lower()}{described}, {when}."]
    if view.budget is not None:
        lines.append(_budget_line(view.budget))
    data = {"id": str(view.id), "amount": str(view.amount), "category": view.category, "date": wanted.date.isoformat()}
    return ToolResult(True, "\n".join(lines), data)


def _says_nothing_new(description: str, label: str) -> bool:
    return not plain(description) or plain(description).casefold() == label.casefold()


def _budget_line(budget: BudgetView) -> str:
    name = f"{budget.label.lower()} em {month(budget.month)}"
    if budget.over:
        return f"⚠️ O orçamento de {name} passou em {format_brl(-budget.remaining)}."
    return f"Restam {format_brl(budget.remaining)} do orçamento de {name}."


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


def create_budget(context: ToolContext, wanted: args.CreateBudget) -> ToolResult:
    budget = service.set_budget(
        context.session,
        context.company_id,
        category=wanted.category,
        month=date.fromisoformat(f"{wanted.month}-01"),
        amount=wanted.amount,
        created_by=context.user_id,
        now=context.now,
        outbox=context.outbox,
    )
    lines = [f"Orçamento de {budget.label.lower()} em {month(budget.month)}: {format_brl(budget.amount)}."]
    if budget.spent:
        lines.append(f"Já foram gastos {format_brl(budget.spent)}. {_budget_line(budget)}")
    data = {"id": str(budget.id), "amount": str(budget.amount), "spent": str(budget.spent)}
    data["remaining"] = str(budget.remaining)
    return ToolResult(True, "\n".join(lines), data)


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
        "add_expense",
        ROLE,
        "finance.write",
        "registrar despesas",
        "Record money that went out. Only with an amount that the person stated; never guess one.",
        args.AddExpense,
        add_expense,
        writes="transactions",
    ),
    ToolSpec(
        "add_income",
        ROLE,
        "finance.write",
        "registrar receitas",
        "Record money that came in. Only with an amount that the person stated; never guess one.",
        args.AddIncome,
        add_income,
        writes="transactions",
    ),
    ToolSpec(
        "cash_flow_report",
        ROLE,
        "finance.read",
        "ver o fluxo de caixa",
        "Income, expenses and balance between two dates, both included. Default: the present month.",
        args.CashFlowReport,
        cash_flow_report,
    ),
    ToolSpec(
        "create_budget",
        ROLE,
        "finance.write",
        "definir orçamentos",
        "Set how much may be spent on a category in a month. Default month: the present one.",
        args.CreateBudget,
        create_budget,
        writes="budgets",
    ),
    ToolSpec(
        "analyze_trends",
        ROLE,
        "finance.read",
        "ver as tendências",
        "Compare income and expenses month by month. Default: 3 months.",
        args.AnalyzeTrends,
        analyze_trends,
    ),
)
