"""Bills: adding, paying and cancelling them, and listing what is owed."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from falachefe.crews.tools.financial import arguments as args
from falachefe.crews.tools.financial import bill_references as references
from falachefe.crews.tools.formatting import count, day, plain, short_date
from falachefe.crews.tools.spec import Row, ToolContext, ToolResult, ToolSpec
from falachefe.finance.bills import closing, matching, payments, rules, service
from falachefe.finance.bills.payments import Settlement
from falachefe.finance.bills.service import BillView, Owed
from falachefe.kernel.money import format_brl, money
from falachefe.kernel.text import fold
from falachefe.language.values.categories import category_in

ROLE: Final = "financial"
RESOURCE: Final = "bills"
MOST_SHOWN: Final = 10
_OF: Final = {rules.PAYABLE: "para", rules.RECEIVABLE: "de"}
_EVERY: Final = {"weekly": "Repete toda semana.", "monthly": "Repete todo mês.", "yearly": "Repete todo ano."}


def add_bill(context: ToolContext, wanted: args.AddBill) -> ToolResult:
    made = service.add_bill(
        context.session,
        context.company_id,
        direction=wanted.direction,
        amount=wanted.amount,
        description=wanted.description,
        due=wanted.due,
        counterparty=wanted.counterparty,
        category=_category(wanted),
        repeats=wanted.repeats,
        instalments=wanted.instalments,
        today=context.today,
        now=context.now,
        created_by=context.user_id,
        source="agent",
        outbox=context.outbox,
        reference=wanted.reference,
    )
    first = made[0]
    message = f"Anotado: {_added(made, context)}."
    if first.repeats is not None:
        message += f" {_EVERY[first.repeats]}"
    data = {"id": str(first.id), "amount": str(first.amount), "due": first.due.isoformat(), "bills": len(made)}
    inverse = {"id": str(first.id), "said": _called(first)}
    return ToolResult(True, message, data, inverse=inverse, rows=tuple(Row(RESOURCE, one.id) for one in made))


def undo_add(context: ToolContext, inverse: Mapping[str, Any]) -> ToolResult:
    gone = closing.remove(
        context.session, context.company_id, UUID(inverse["id"]), now=context.now, outbox=context.outbox
    )
    what = "essa conta" if len(gone) == 1 else f"as {len(gone)} contas"
    return ToolResult(True, f"Desfeito: tirei {what} ({inverse['said']}).", {"id": inverse["id"]})


def settle_bill(context: ToolContext, wanted: args.SettleBill) -> ToolResult:
    fits = references.bills_meant(context, wanted.bill)
    chosen = matching.narrowed(fits, wanted.amount)
    if not chosen:
        return references.none_fits(context, wanted.bill)
    if len(chosen) > 1 and not (matching.of_one_customer(chosen) and references.names_customer(wanted.bill, chosen)):
        return references.which_one(context, chosen, "Qual delas foi paga?")
    done = _pay(context, chosen, wanted)
    message = "\n".join([*_settled_lines(done, context), *_following(done, context)])
    last = done[-1]
    data = {"id": str(last.bill.id), "amount": str(sum((one.amount for one in done), money(0)))}
    data |= {"left": str(sum((one.bill.left for one in done), money(0))), "transaction_id": str(last.entry.id)}
    inverse = {"payments": [{"id": str(one.payment_id), "version": one.bill.version} for one in done]}
    return ToolResult(True, message, data, inverse=inverse, rows=tuple(Row(RESOURCE, one.bill.id) for one in done))


def _pay(context: ToolContext, bills: Sequence[BillView], wanted: args.SettleBill) -> list[Settlement]:
    """Pays the bills in the order of their due dates, with `amount` or with all that is left of them."""
    total = sum((one.left for one in bills), money(0))
    if wanted.amount is not None and wanted.amount > total and len(bills) > 1:
        rules.payment_amount(rules.OPEN, total, money(0), wanted.amount)  # refuses, naming what is left of all of them
    rest = wanted.amount
    done: list[Settlement] = []
    for one in sorted(bills, key=lambda bill: (bill.due, bill.id)):
        amount = rest if rest is None or len(bills) == 1 else min(rest, one.left)
        if amount is not None and amount <= 0 and done:
            break
        done.append(
            payments.settle(
                context.session,
                context.company_id,
                one.id,
                amount=amount,
                paid_on=wanted.date,
                today=context.today,
                now=context.now,
                created_by=context.user_id,
                source="agent",
                outbox=context.outbox,
            )
        )
        rest = None if rest is None else rest - done[-1].amount
    return done


def undo_settle(context: ToolContext, inverse: Mapping[str, Any]) -> ToolResult:
    bills = [
        payments.take_back(
            context.session,
            context.company_id,
            UUID(one["id"]),
            version=one["version"],
            today=context.today,
            now=context.now,
            outbox=context.outbox,
        )
        for one in inverse["payments"]
    ]
    lines = [f"Desfeito: tirei o pagamento de {_called(one)}. Falta pagar {format_brl(one.left)}." for one in bills]
    return ToolResult(True, "\n".join(lines), {"id": str(bills[-1].id)})


def cancel_bill(context: ToolContext, wanted: args.CancelBill) -> ToolResult:
    chosen = references.bills_meant(context, wanted.bill)
    if not chosen:
        return references.none_fits(context, wanted.bill)
    if len(chosen) > 1:
        return references.which_one(context, chosen, "Qual delas eu cancelo?")
    done = closing.cancel(
        context.session,
        context.company_id,
        chosen[0].id,
        today=context.today,
        now=context.now,
        outbox=context.outbox,
    )
    one = done.bill
    message = f"Cancelada: {_called(one)}, {format_brl(one.amount - one.paid)}, que vencia {_on(one, context)}."
    if done.ended_series:
        message += " Ela não se repete mais."
    elif one.repeats is not None:
        message += " As próximas continuam."
    inverse = {"id": str(one.id), "version": one.version, "continues": done.ended_series}
    return ToolResult(True, message, {"id": str(one.id)}, inverse=inverse, rows=(Row(RESOURCE, one.id),))


def undo_cancel(context: ToolContext, inverse: Mapping[str, Any]) -> ToolResult:
    one = closing.reopen(
        context.session,
        context.company_id,
        UUID(inverse["id"]),
        version=inverse["version"],
        continues=inverse["continues"],
        today=context.today,
        now=context.now,
        outbox=context.outbox,
    )
    message = f"Desfeito: a conta {_called(one)} voltou, com {format_brl(one.left)} em aberto."
    return ToolResult(True, message, {"id": str(one.id)}, rows=(Row(RESOURCE, one.id),))


def list_bills(context: ToolContext, wanted: args.ListBills) -> ToolResult:
    found = service.list_bills(
        context.session,
        context.company_id,
        today=context.today,
        direction=wanted.direction,
        until=wanted.until,
        counterparty=wanted.counterparty,
        overdue=wanted.overdue,
        limit=service.MOST_LISTED,
    )
    if not found:
        return ToolResult(True, _nothing(wanted), {"count": 0, "total": "0.00"})
    if wanted.direction is not None and wanted.counterparty is None and _has_names(found):
        return _by_person(context, wanted, found)
    lines = [_title(wanted, context)]
    for direction in (rules.PAYABLE, rules.RECEIVABLE):
        lines += _section(found, direction, context, titled=wanted.direction is None)
    shown = [one for direction in (rules.PAYABLE, rules.RECEIVABLE) for one in _first(found, direction)]
    return ToolResult(True, "\n".join(lines), _sums(found), rows=tuple(Row(RESOURCE, one.id) for one in shown))


def _has_names(found: Sequence[BillView]) -> bool:
    return found[0].direction == rules.RECEIVABLE and any(one.counterparty for one in found)


def _by_person(context: ToolContext, wanted: args.ListBills, found: Sequence[BillView]) -> ToolResult:
    """Who owes how much, the largest first: the answer to "quem me deve?"."""
    people = service.owed_of(found)
    lines = [_title(wanted, context)]
    lines += [f"{place}. {_owed_line(one, context)}" for place, one in enumerate(people[:MOST_SHOWN], 1)]
    if len(people) > MOST_SHOWN:
        rest = sum((one.total for one in people[MOST_SHOWN:]), money(0))
        lines.append(f"• Mais {count(len(people) - MOST_SHOWN, 'pessoa', 'pessoas')}: {format_brl(rest)}")
    lines.append(f"*Total: {format_brl(sum((one.total for one in people), money(0)))}*")
    data = _sums(found) | {"people": [{"name": one.counterparty, "total": str(one.total)} for one in people]}
    rows = tuple(Row(RESOURCE, _oldest(found, one)) for one in people[:MOST_SHOWN])
    return ToolResult(True, "\n".join(lines), data, rows=rows)


def _oldest(found: Sequence[BillView], person: Owed) -> UUID:
    same = [one for one in found if fold(one.counterparty or "") == fold(person.counterparty or "")]
    return min(same, key=lambda one: (one.due, one.id)).id


def _owed_line(one: Owed, context: ToolContext) -> str:
    name = plain(one.counterparty) if one.counterparty else "Sem nome"
    several = f" em {one.count} contas" if one.count > 1 else ""
    late = " ⚠️ em atraso" if one.overdue else f", vence {day(one.earliest_due, context.reply_date)}"
    return f"{name}: {format_brl(one.total)}{several}{late}"


def _title(wanted: args.ListBills, context: ToolContext) -> str:
    what = {None: "Contas", "payable": "Contas a pagar", "receivable": "Contas a receber"}[wanted.direction]
    words = [what]
    if wanted.counterparty:
        words.append(
            f"de {plain(wanted.counterparty)}" if wanted.direction != "payable" else plain(wanted.counterparty)
        )
    if wanted.overdue:
        words.append("em atraso")
    if wanted.until is not None:
        words.append(f"até {short_date(wanted.until, context.reply_date)}")
    return f"*{' '.join(words)}*"


def _nothing(wanted: args.ListBills) -> str:
    who = f" de {plain(wanted.counterparty)}" if wanted.counterparty else ""
    what = {None: "conta", "payable": "conta a pagar", "receivable": "conta a receber"}[wanted.direction]
    late = " em atraso" if wanted.overdue else " em aberto"
    return f"Nenhuma {what}{who}{late}. 🎉" if wanted.overdue else f"Nenhuma {what}{who}{late}."


def _first(found: Sequence[BillView], direction: str) -> list[BillView]:
    return [one for one in found if one.direction == direction][:MOST_SHOWN]


def _section(found: Sequence[BillView], direction: str, context: ToolContext, *, titled: bool) -> list[str]:
    mine = [one for one in found if one.direction == direction]
    if not mine:
        return []
    before = 0 if direction == rules.PAYABLE else len(_first(found, rules.PAYABLE))
    lines = ["", f"*{'A pagar' if direction == rules.PAYABLE else 'A receber'}*"] if titled else []
    shown = mine[:MOST_SHOWN]
    lines += [f"{before + place}. {references.line_of(one, context)}" for place, one in enumerate(shown, 1)]
    if len(mine) > MOST_SHOWN:
        rest = sum((one.left for one in mine[MOST_SHOWN:]), money(0))
        lines.append(f"• Mais {count(len(mine) - MOST_SHOWN, 'conta', 'contas')}: {format_brl(rest)}")
    return [*lines, f"*Total: {format_brl(sum((one.left for one in mine), money(0)))}*"]


def _sums(found: Sequence[BillView]) -> dict[str, Any]:
    sums = {
        direction: sum((one.left for one in found if one.direction == direction), money(0))
        for direction in rules.KIND_OF
    }
    total = sum(sums.values(), Decimal(0))
    return {"count": len(found), "total": str(total), **{name: str(value) for name, value in sums.items()}}


def _category(wanted: args.AddBill) -> str | None:
    """The category that the description or the counterparty names; None leaves the default of the direction."""
    kind = rules.KIND_OF[wanted.direction]
    named = category_in(fold(f"{wanted.description} {wanted.counterparty or ''}"), kind)
    return None if named is None else named[0]


def _added(made: Sequence[BillView], context: ToolContext) -> str:
    first = made[0]
    label = rules.DIRECTION_LABELS[first.direction]
    who = (
        f", {'para' if first.direction == rules.PAYABLE else 'de'} {plain(first.counterparty)}"
        if first.counterparty
        else ""
    )
    what = f" ({plain(first.description)})"
    if len(made) == 1:
        return f"conta {label} de {format_brl(first.amount)}{what}{who}, vence {_on(first, context)}"
    total = format_brl(sum((one.amount for one in made), money(0)))
    last = short_date(made[-1].due, context.reply_date)
    dates = f"de {short_date(first.due, context.reply_date)} a {last}"
    return f"{len(made)} parcelas {label} de {format_brl(first.amount)}{what}{who}, {dates}, total {total}"


def _called(one: BillView) -> str:
    return references.name_of(one)


def _on(one: BillView, context: ToolContext) -> str:
    return day(one.due, context.reply_date)


def _settled_lines(done: Sequence[Settlement], context: ToolContext) -> list[str]:
    return [_settled_line(one, context) for one in done]


def _settled_line(one: Settlement, context: ToolContext) -> str:
    verb = "Recebido" if one.bill.direction == rules.RECEIVABLE else "Pago"
    when = day(one.paid_on, context.reply_date)
    entry = f"{verb}: {format_brl(one.amount)} de {_called(one.bill)}, {when}."
    if one.bill.status == rules.SETTLED:
        return f"{entry} Conta de {short_date(one.bill.due, context.reply_date)} quitada."
    return f"{entry} Ainda faltam {format_brl(one.bill.left)} de {format_brl(one.bill.amount)}."


def _following(done: Sequence[Settlement], context: ToolContext) -> list[str]:
    made = [one.next_bill for one in done if one.next_bill is not None]
    return [f"A próxima vence {short_date(one.due, context.reply_date)}." for one in made]


TOOLS = (
    ToolSpec(
        "add_bill",
        ROLE,
        "finance.write",
        "anotar contas",
        "Note an amount that is still to be paid or received on a day: a bill, rent, instalments, what a customer owes "
        "(fiado). Not for money that has moved already.",
        args.AddBill,
        add_bill,
        writes=RESOURCE,
        masked=frozenset({"counterparty"}),
        undo=undo_add,
        help='Contas: "o aluguel de 1500 vence todo dia 5", "seu Zé ficou devendo 80"',
    ),
    ToolSpec(
        "settle_bill",
        ROLE,
        "finance.write",
        "dar baixa em contas",
        "Record that a noted bill was paid, wholly or in part. It writes the ledger entry too, so do not record the "
        "same money as an expense or income.",
        args.SettleBill,
        settle_bill,
        writes=RESOURCE,
        undo=undo_settle,
        help='Dar baixa: "paguei a luz", "seu Zé pagou 50"',
    ),
    ToolSpec(
        "cancel_bill",
        ROLE,
        "finance.write",
        "cancelar contas",
        "Cancel a noted bill that will not be paid; a repeating one ends.",
        args.CancelBill,
        cancel_bill,
        writes=RESOURCE,
        undo=undo_cancel,
        help='Cancelar contas: "cancela a conta da internet"',
    ),
    ToolSpec(
        "list_bills",
        ROLE,
        "finance.read",
        "ver as contas",
        "List the open bills, to pay and to receive; those who owe the company with `direction` receivable.",
        args.ListBills,
        list_bills,
        help='Ver contas: "o que vence essa semana?", "quem me deve?"',
    ),
)
