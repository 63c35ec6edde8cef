"""Changing and deleting entries that were recorded."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from falachefe.crews.tools.confirmations import ask_first
from falachefe.crews.tools.financial import arguments as args
from falachefe.crews.tools.financial.entries import RESOURCE, in_words
from falachefe.crews.tools.financial.entry_rows import EntryFinder, check_may_change, is_own_and_recent
from falachefe.crews.tools.formatting import day, plain
from falachefe.crews.tools.pointing.references import resolve
from falachefe.crews.tools.spec import Row, ToolContext, ToolResult, ToolSpec
from falachefe.finance import entries, rules
from falachefe.finance.service import TransactionView
from falachefe.kernel.errors import InvalidInput
from falachefe.kernel.money import format_brl

ROLE = "financial"
_COLUMNS = {"amount": "amount", "date": "occurred_on", "category": "category", "description": "description"}
_COLUMNS |= {"kind": "kind"}


def correct_entry(context: ToolContext, wanted: args.CorrectEntry) -> ToolResult:
    before = _meant(context, wanted.entry)
    if isinstance(before, ToolResult):
        return before
    check_may_change(context, before)
    after = entries.change_entry(
        context.session,
        context.company_id,
        before,
        _changes(wanted, before),
        today=context.reply_date,
        now=context.now,
        outbox=context.outbox,
    )
    changed = [name for name in entries.CHANGEABLE if getattr(before, name) != getattr(after, name)]
    if not changed:
        return ToolResult(True, f"Já estava assim: {in_words(after, context)}.", _data(after), rows=_rows(after))
    said = " e ".join(_change(name, before, after, context) for name in changed)
    inverse = {"id": str(after.id), "version": after.version, "values": _stored(before, changed)}
    message = f"Corrigido: {said}.\nFicou assim: {in_words(after, context)}."
    return ToolResult(True, message, _data(after), inverse=inverse, rows=_rows(after))


def undo_correction(context: ToolContext, inverse: Mapping[str, Any]) -> ToolResult:
    entry = entries.entry(context.session, context.company_id, UUID(inverse["id"]))
    back = entries.change_entry(
        context.session,
        context.company_id,
        replace(entry, version=inverse["version"]),
        _restored(inverse["values"]),
        today=context.reply_date,
        now=context.now,
        outbox=context.outbox,
    )
    return ToolResult(True, f"Desfeito: voltou a ser {in_words(back, context)}.", _data(back))


def delete_entry(context: ToolContext, wanted: args.DeleteEntry) -> ToolResult:
    entry = _meant(context, wanted.entry)
    if isinstance(entry, ToolResult):
        return entry
    check_may_change(context, entry)
    if not is_own_and_recent(context, entry):
        question = f"Apago a {in_words(entry, context)}?"
        asked = ask_first(
            context, "delete_entry", wanted, question, _rows(entry), confirmed=wanted.confirmed, pointer="entry"
        )
        if asked is not None:
            return asked
    deleted = entries.delete_entry(
        context.session,
        context.company_id,
        entry.id,
        version=entry.version,
        today=context.reply_date,
        now=context.now,
        outbox=context.outbox,
    )
    message = f"Apaguei a {in_words(entry, context)}."
    if deleted.bill is not None:
        left = format_brl(deleted.bill.left)
        message += f"\nEla pagava a conta {plain(deleted.bill.description)}, que voltou a dever {left}."
    inverse = {"id": str(entry.id), "version": deleted.version}
    return ToolResult(True, message, {"id": str(entry.id)}, inverse=inverse, rows=_rows(entry))


def undo_deletion(context: ToolContext, inverse: Mapping[str, Any]) -> ToolResult:
    entry = entries.restore_entry(
        context.session,
        context.company_id,
        UUID(inverse["id"]),
        version=inverse["version"],
        today=context.reply_date,
        now=context.now,
        outbox=context.outbox,
    )
    return ToolResult(True, f"Desfeito: a {in_words(entry, context)}, está de volta.", _data(entry))


def _meant(context: ToolContext, said: str) -> TransactionView | ToolResult:
    found = resolve(context, said, EntryFinder(context))
    if isinstance(found, ToolResult):
        return found
    return entries.entry(context.session, context.company_id, found.id)


def _changes(wanted: args.CorrectEntry, before: TransactionView) -> dict[str, Any]:
    given = {column: getattr(wanted, name) for name, column in _COLUMNS.items()}
    changes = {column: value for column, value in given.items() if value is not None}
    if not changes:
        raise InvalidInput("O que devo mudar: o valor, a data, a categoria ou a descrição?", code="nothing_to_change")
    kind = changes.get("kind", before.kind)
    if "category" not in changes and before.category not in rules.CATEGORIES[kind]:
        changes["category"] = rules.OTHER
    return changes


def _change(name: str, before: TransactionView, after: TransactionView, context: ToolContext) -> str:
    old, new = (_shown(name, entry, context) for entry in (before, after))
    what = {"amount": "o valor", "occurred_on": "a data", "category": "a categoria", "kind": "o tipo"}
    return f"{what.get(name, 'a descrição')} foi de {old} para {new}"


def _shown(name: str, entry: TransactionView, context: ToolContext) -> str:
    shown = {
        "amount": format_brl(entry.amount),
        "occurred_on": day(entry.occurred_on, context.reply_date),
        "category": entry.category_label.lower(),
        "kind": rules.KIND_LABELS[entry.kind],
    }
    return shown.get(name) or f"“{plain(entry.description)}”"


def _stored(entry: TransactionView, names: list[str]) -> dict[str, str]:
    return {name: str(getattr(entry, name)) for name in names}


def _restored(values: Mapping[str, str]) -> dict[str, Any]:
    read: dict[str, Callable[[str], Any]] = {"amount": Decimal, "occurred_on": date.fromisoformat}
    return {name: read.get(name, str)(value) for name, value in values.items()}


def _data(entry: TransactionView) -> dict[str, Any]:
    return {
        "id": str(entry.id),
        "kind": entry.kind,
        "amount": str(entry.amount),
        "category": entry.category,
        "description": entry.description,
        "date": entry.occurred_on.isoformat(),
    }


def _rows(entry: TransactionView) -> tuple[Row, ...]:
    return (Row(RESOURCE, entry.id),)


TOOLS = (
    ToolSpec(
        "correct_entry",
        ROLE,
        "finance.write",
        "corrigir lançamentos",
        "Change an entry that was recorded: only what the person wants changed is given, in its new form "
        '("era 50, não 500": entry "isso", amount 50). Never record a second entry instead.',
        args.CorrectEntry,
        correct_entry,
        writes=RESOURCE,
        or_permission="finance.correct",
        help='Corrigir: "muda a gasolina de ontem para 60"',
        undo=undo_correction,
    ),
    ToolSpec(
        "delete_entry",
        ROLE,
        "finance.write",
        "apagar lançamentos",
        'Delete an entry ("apaga o último lançamento"). One that is old or somebody else\'s is asked about first; '
        "`confirmed` only after the person has said yes to that question.",
        args.DeleteEntry,
        delete_entry,
        writes=RESOURCE,
        or_permission="finance.correct",
        help='Apagar: "apaga o último lançamento"',
        undo=undo_deletion,
    ),
)
