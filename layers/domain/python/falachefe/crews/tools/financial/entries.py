"""Recording entries of the ledger."""

from falachefe.crews.tools.financial import arguments as args
from falachefe.crews.tools.financial.budgets import budget_line
from falachefe.crews.tools.formatting import day, plain
from falachefe.crews.tools.spec import ToolContext, ToolResult, ToolSpec
from falachefe.finance import service
from falachefe.kernel.money import format_brl

ROLE = "financial"


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
        lines.append(budget_line(view.budget))
    data = {"id": str(view.id), "amount": str(view.amount), "category": view.category, "date": wanted.date.isoformat()}
    return ToolResult(True, "\n".join(lines), data)


def _says_nothing_new(description: str, label: str) -> bool:
    return not plain(description) or plain(description).casefold() == label.casefold()


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
        help='Anotar despesas: "gastei 150 de gasolina hoje"',
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
        help='Anotar receitas: "recebi 800 de uma venda"',
    ),
)
