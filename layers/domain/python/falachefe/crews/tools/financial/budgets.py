"""How much may be spent on a category in a month."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from falachefe.crews.tools.financial import arguments as args
from falachefe.crews.tools.formatting import month
from falachefe.crews.tools.spec import Row, ToolContext, ToolResult, ToolSpec
from falachefe.finance import service
from falachefe.finance.rules import BudgetView
from falachefe.kernel.money import format_brl

ROLE = "financial"


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
        lines.append(f"Já foram gastos {format_brl(budget.spent)}. {budget_line(budget)}")
    data = {"id": str(budget.id), "amount": str(budget.amount), "spent": str(budget.spent)}
    data["remaining"] = str(budget.remaining)
    inverse = {
        "id": str(budget.id),
        "version": budget.version,
        "label": budget.label,
        "month": budget.month.isoformat(),
        "previous": None if budget.previous is None else str(budget.previous),
    }
    return ToolResult(True, "\n".join(lines), data, inverse=inverse, rows=(Row("budgets", budget.id),))


def undo_budget(context: ToolContext, inverse: Mapping[str, Any]) -> ToolResult:
    previous = None if inverse["previous"] is None else Decimal(inverse["previous"])
    service.unset_budget(
        context.session,
        context.company_id,
        UUID(inverse["id"]),
        version=inverse["version"],
        previous=previous,
        now=context.now,
        outbox=context.outbox,
    )
    name = f"{inverse['label'].lower()} em {month(date.fromisoformat(inverse['month']))}"
    message = (
        f"tirei o orçamento de {name}."
        if previous is None
        else f"o orçamento de {name} voltou a {format_brl(previous)}."
    )
    return ToolResult(True, f"Desfeito: {message}", {"id": inverse["id"]})


def budget_line(budget: BudgetView) -> str:
    """What is left of a budget, or by how much it is exceeded."""
    name = f"{budget.label.lower()} em {month(budget.month)}"
    if budget.over:
        return f"⚠️ O orçamento de {name} passou em {format_brl(-budget.remaining)}."
    return f"Restam {format_brl(budget.remaining)} do orçamento de {name}."


TOOLS = (
    ToolSpec(
        "create_budget",
        ROLE,
        "finance.write",
        "definir orçamentos",
        "Set how much may be spent on a category in a month. Default month: the present one.",
        args.CreateBudget,
        create_budget,
        writes="budgets",
        undo=undo_budget,
        help='Orçamentos: "orçamento de 500 para marketing"',
    ),
)
