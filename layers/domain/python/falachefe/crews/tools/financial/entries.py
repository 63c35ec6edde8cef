"""Recording entries of the ledger."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from falachefe.crews.tools.financial import arguments as args
from falachefe.crews.tools.financial.budgets import budget_line
from falachefe.crews.tools.formatting import day, plain
from falachefe.crews.tools.spec import Row, ToolContext, ToolResult, ToolSpec
from falachefe.finance import entries, references, service
from falachefe.finance.bills import payments
from falachefe.finance.rules import KIND_LABELS
from falachefe.finance.service import TransactionView
from falachefe.kernel.money import format_brl

ROLE = "financial"
RESOURCE = "transactions"


def add_expense(context: ToolContext, wanted: args.AddExpense) -> ToolResult:
    return _record(context, "expense", wanted)


def add_income(context: ToolContext, wanted: args.AddIncome) -> ToolResult:
    return _record(context, "income", wanted)


def _record(context: ToolContext, kind: str, wanted: args.AddExpense | args.AddIncome) -> ToolResult:
    if kind == "expense" and wanted.reference is not None:
        bill = references.unpaid_bill(context.session, context.company_id, wanted.reference)
        if bill is not None:
            return _pay(context, bill, wanted)
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
        reference=wanted.reference,
    )
    lines = [f"Anotado: {in_words(view, context)}."]
    if view.budget is not None:
        lines.append(budget_line(view.budget))
    data = {"id": str(view.id), "amount": str(view.amount), "category": view.category, "date": wanted.date.isoformat()}
    inverse = {"id": str(view.id), "version": view.version}
    return ToolResult(True, "\n".join(lines), data, inverse=inverse, rows=(Row(RESOURCE, view.id),))


def in_words(entry: TransactionView, context: ToolContext) -> str:
    """`despesa de R$ 150,00 em combustível (gasolina), hoje`."""
    described = "" if _says_nothing_new(entry.description, entry.category_label) else f" ({plain(entry.description)})"
    amount, when = format_brl(entry.amount), day(entry.occurred_on, context.reply_date)
    return f"{KIND_LABELS[entry.kind]} de {amount} em {entry.category_label.lower()}{described}, {when}"


def undo_entry(context: ToolContext, inverse: Mapping[str, Any]) -> ToolResult:
    """Deletes the entry that was recorded."""
    entry = entries.entry(context.session, context.company_id, UUID(inverse["id"]))
    entries.delete_entry(
        context.session,
        context.company_id,
        entry.id,
        version=inverse["version"],
        today=context.reply_date,
        now=context.now,
        outbox=context.outbox,
    )
    return ToolResult(True, f"Desfeito: tirei a {in_words(entry, context)}.", {"id": inverse["id"]})


def _pay(context: ToolContext, bill_id: UUID, wanted: args.AddExpense | args.AddIncome) -> ToolResult:
    """The expense is the payment of a bill that was noted from the same document."""
    done = payments.settle(
        context.session,
        context.company_id,
        bill_id,
        amount=wanted.amount,
        paid_on=wanted.date,
        today=context.today,
        now=context.now,
        created_by=context.user_id,
        source="agent",
        outbox=context.outbox,
        reference=wanted.reference,
    )
    when = day(done.paid_on, context.reply_date)
    message = f"Anotado: pagamento de {format_brl(done.amount)} da conta {plain(done.bill.description)}, {when}."
    message += f" Faltam {format_brl(done.bill.left)}." if done.bill.left else " Ela está quitada."
    data = {"id": str(done.entry.id), "amount": str(done.amount), "bill_id": str(bill_id)}
    inverse = {"id": str(done.entry.id), "version": done.entry.version}
    return ToolResult(True, message, data, inverse=inverse, rows=(Row("bills", bill_id),))


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
        writes=RESOURCE,
        undo=undo_entry,
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
        writes=RESOURCE,
        undo=undo_entry,
        help='Anotar receitas: "recebi 800 de uma venda"',
    ),
)
