"""Reminders: asking for one, listing and cancelling them. Everybody has their own only."""

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final
from uuid import UUID

from falachefe.crews.tools.argument_types import Nothing
from falachefe.crews.tools.formatting import count, plain
from falachefe.crews.tools.orchestrator import arguments as args
from falachefe.crews.tools.pointing.pointer import Pointer, has_word, read_pointer
from falachefe.crews.tools.pointing.references import Candidate, RowFinder, resolve
from falachefe.crews.tools.spec import Row, ToolContext, ToolResult, ToolSpec
from falachefe.kernel.clock import local_date, when_in_words
from falachefe.kernel.errors import Forbidden
from falachefe.kernel.text import fold, one_line
from falachefe.reminders import rules, service
from falachefe.reminders.service import ReminderView

ROLE: Final = "orchestrator"
RESOURCE: Final = "reminders"
MOST_SHOWN: Final = 20
_NAME_OF_THE_ROW: Final = re.compile(r"\blembretes?\b", re.IGNORECASE)


def remind(context: ToolContext, wanted: args.Remind) -> ToolResult:
    made = service.remind(
        context.session,
        context.company_id,
        user_id=_owner(context),
        text=wanted.text,
        at=context.moment(wanted.at),
        repeats=wanted.repeats,
        now=context.now,
        outbox=context.outbox,
    )
    message = f"Combinado! Lembro você {_when(made, context)}: {_ended(plain(made.text))}"
    if made.repeats is not None:
        message += f" A primeira vez é {_next(made, context)}."
    data = {"id": str(made.id), "at": made.at.isoformat()}
    inverse = {"id": str(made.id), "version": made.version}
    return ToolResult(True, message, data, inverse=inverse, rows=(Row(RESOURCE, made.id),))


def undo_remind(context: ToolContext, inverse: Mapping[str, Any]) -> ToolResult:
    one = _cancel(context, UUID(inverse["id"]), inverse["version"])
    return ToolResult(True, f"Desfeito: tirei o lembrete {_named(one, context)}.", {"id": str(one.id)})


def list_reminders(context: ToolContext, _wanted: Nothing) -> ToolResult:
    found = _pending(context)
    if not found:
        return ToolResult(True, "Você não tem nenhum lembrete por enviar.", {"count": 0})
    shown = found[:MOST_SHOWN]
    lines = ["*Seus lembretes*", *(f"{place}. {_line(one, context)}" for place, one in enumerate(shown, 1))]
    if len(found) > MOST_SHOWN:
        lines.append(f"… e mais {count(len(found) - MOST_SHOWN, 'lembrete', 'lembretes')}.")
    rows = tuple(Row(RESOURCE, one.id) for one in shown)
    return ToolResult(True, "\n".join(lines), {"count": len(found)}, rows=rows)


def cancel_reminder(context: ToolContext, wanted: args.CancelReminder) -> ToolResult:
    finder = _ReminderFinder(context)
    found = resolve(context, _NAME_OF_THE_ROW.sub(" ", wanted.reminder), finder)
    if isinstance(found, ToolResult):
        return found
    one = _cancel(context, found.id)
    inverse = {"id": str(one.id), "version": one.version}
    message = f"Pronto, cancelei o lembrete {_named(one, context)}."
    return ToolResult(True, message, {"id": str(one.id)}, inverse=inverse, rows=(Row(RESOURCE, one.id),))


def undo_cancel(context: ToolContext, inverse: Mapping[str, Any]) -> ToolResult:
    one = service.reopen_reminder(
        context.session,
        context.company_id,
        _owner(context),
        UUID(inverse["id"]),
        version=inverse["version"],
        now=context.now,
        outbox=context.outbox,
    )
    return ToolResult(True, f"Desfeito: o lembrete {_named(one, context)} voltou.", {"id": str(one.id)})


class _ReminderFinder(RowFinder):
    """The sender's own reminders that are still to be sent: the others cannot be cancelled."""

    resource = RESOURCE
    missing = "Não encontrei o lembrete {said} entre os que estão por enviar."
    prefer = "future"

    def __init__(self, context: ToolContext) -> None:
        self._context = context
        self._known = {one.id: self._candidate(one) for one in _pending(context)}

    def load(self, ids: Sequence[UUID]) -> Sequence[Candidate]:
        return [self._known[one] for one in ids if one in self._known]

    def search(self, pointer: Pointer) -> Sequence[Candidate]:
        return [one for one in self.newest(len(self._known)) if self._is_like(one, pointer)]

    def newest(self, count: int) -> Sequence[Candidate]:
        return sorted(self._known.values(), key=lambda one: one.id, reverse=True)[:count]

    def _is_like(self, one: Candidate, pointer: Pointer) -> bool:
        on_day = None not in (pointer.start, one.start) and pointer.start == one.start
        priced = pointer.amount is not None and pointer.amount == one.amount
        return priced or on_day or any(has_word(one.words, word) for word in pointer.words)

    def _candidate(self, one: ReminderView) -> Candidate:
        context = self._context
        return Candidate(
            id=one.id,
            line=_line(one, context),
            words=fold(one.text),
            amount=read_pointer(one.text, context.today).amount,
            start=local_date(one.at, context.time_zone),
        )


def _owner(context: ToolContext) -> UUID:
    if context.user_id is None:
        raise Forbidden("Lembretes são de quem é da empresa.", code="members_only")
    return context.user_id


def _pending(context: ToolContext) -> list[ReminderView]:
    return service.list_reminders(context.session, context.company_id, _owner(context), limit=rules.MAX_PENDING)


def _cancel(context: ToolContext, reminder_id: UUID, version: int | None = None) -> ReminderView:
    return service.cancel_reminder(
        context.session,
        context.company_id,
        _owner(context),
        reminder_id,
        version=version,
        now=context.now,
        outbox=context.outbox,
    )


def _next(one: ReminderView, context: ToolContext) -> str:
    """`amanhã às 9h`, `dia 05/12 às 9h`."""
    said = when_in_words(one.at, context.now, context.time_zone)
    return f"dia {said}" if said[0].isdigit() else said


def _when(one: ReminderView, context: ToolContext) -> str:
    """When it comes, or how often."""
    if one.repeats is None:
        return _next(one, context)
    return rules.repeats_in_words(one.starts_at, one.repeats, context.time_zone)


def _line(one: ReminderView, context: ToolContext) -> str:
    return f"{_short(one)}: {_when(one, context)}"


def _named(one: ReminderView, context: ToolContext) -> str:
    return f"“{_short(one)}” ({_when(one, context)})"


def _short(one: ReminderView) -> str:
    return plain(one_line(one.text)).rstrip(".")


def _ended(text: str) -> str:
    return text if text.endswith((".", "!", "?", "…")) else f"{text}."


TOOLS = (
    ToolSpec(
        "remind",
        ROLE,
        None,
        "criar lembretes",
        "Remind the person of something at a date with time, once or every day, week or month: "
        '"me lembra amanhã às 9 de ligar pro fornecedor". Not for a bill that is to be paid: that is `add_bill`.',
        args.Remind,
        remind,
        writes=RESOURCE,
        masked=frozenset({"text"}),
        help='Lembretes: "me lembra amanhã às 9h de ligar pro fornecedor"',
        members_only=True,
        undo=undo_remind,
    ),
    ToolSpec(
        "list_reminders",
        ROLE,
        None,
        "listar lembretes",
        "List the person's reminders that are still to be sent.",
        Nothing,
        list_reminders,
        help='Ver lembretes: "quais são meus lembretes?"',
        members_only=True,
    ),
    ToolSpec(
        "cancel_reminder",
        ROLE,
        None,
        "cancelar lembretes",
        "Cancel one of the person's reminders, with its repetitions.",
        args.CancelReminder,
        cancel_reminder,
        writes=RESOURCE,
        masked=frozenset({"reminder"}),
        help='Cancelar lembretes: "cancela o lembrete do fornecedor"',
        members_only=True,
        undo=undo_cancel,
    ),
)
