"""Finding the bill that somebody means, and asking when several fit."""

from collections.abc import Sequence
from typing import Final

from falachefe.crews.tools.formatting import day, plain
from falachefe.crews.tools.spec import Row, ToolContext, ToolResult
from falachefe.finance.bills import matching, rules, service
from falachefe.finance.bills.service import BillView
from falachefe.http.principal import allows
from falachefe.kernel.money import format_brl
from falachefe.kernel.text import fold

MOST_ASKED: Final = 5


def bills_meant(context: ToolContext, text: str) -> list[BillView]:
    """The open bills that `text` fits, those due first first."""
    known = service.open_bills(context.session, context.company_id, today=context.today, limit=service.MOST_LISTED)
    return matching.fitting(known, matching.pointer_of(text))


def names_customer(text: str, bills: Sequence[BillView]) -> bool:
    """Whether `text` names the person whose bills they are, and not what they are for."""
    words = matching.pointer_of(text).words
    name = fold(bills[0].counterparty or "").split()
    return bool(words) and all(word in name for word in words)


def none_fits(context: ToolContext, text: str) -> ToolResult:
    said = f"Não achei conta em aberto que combine com “{plain(text)}”."
    if not allows(context.permissions, "finance.read"):  # who may only write learns nothing of the other bills
        return ToolResult(False, said, code="bill_not_found")
    known = service.open_bills(context.session, context.company_id, today=context.today, limit=MOST_ASKED)
    if not known:
        return ToolResult(False, f"{said} Não há nenhuma conta em aberto.", code="bill_not_found")
    lines = [f"{place}. {line_of(one, context)}" for place, one in enumerate(known, 1)]
    rows = tuple(Row("bills", one.id) for one in known)
    return ToolResult(False, "\n".join([f"{said} Em aberto há:", *lines]), code="bill_not_found", rows=rows)


def which_one(context: ToolContext, bills: Sequence[BillView], question: str) -> ToolResult:
    shown = bills[:MOST_ASKED]
    lines = [f"{place}. {line_of(one, context)}" for place, one in enumerate(shown, 1)]
    if len(bills) > MOST_ASKED:
        lines.append(f"… e mais {len(bills) - MOST_ASKED}.")
    message = "\n".join(["Há mais de uma conta que combina:", *lines, question])
    return ToolResult(False, message, code="bill_ambiguous", rows=tuple(Row("bills", one.id) for one in shown))


def name_of(one: BillView) -> str:
    """`Conta de luz (Enel)`, `Geladeira (2/3)`."""
    place = f" ({one.instalment}/{one.instalments})" if one.instalment is not None else ""
    name = plain(one.description) + place
    who = plain(one.counterparty or "")
    return f"{name} ({who})" if who and fold(who) not in fold(name) else name


def line_of(one: BillView, context: ToolContext) -> str:
    """`Conta de luz (Enel): R$ 320,00, vence 05/12`, with what is left of it."""
    part = f" (de {format_brl(one.amount)})" if one.status == rules.PARTLY_PAID else ""
    verb = "⚠️ venceu" if one.overdue else "vence"
    return f"{name_of(one)}: {format_brl(one.left)}{part}, {verb} {day(one.due, context.reply_date)}"
