"""Taking the last act back.

An act is a tool call that changed something and stored its inverse. `undo` takes back the last one of the conversation
within 24 hours, once. It does not walk on to the act before: "desfaz" said twice, or answered twice, must not remove
an entry that nobody meant. When one message led to several acts, the reply says how many are left, and "desfaz tudo"
(`whole_message`) takes back all of them that still stand.
"""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Final

from pydantic import Field

from falachefe.crews.tools import recorded_calls
from falachefe.crews.tools.argument_types import Arguments
from falachefe.crews.tools.formatting import count
from falachefe.crews.tools.recorded_calls import RecordedCall
from falachefe.crews.tools.spec import Row, ToolContext, ToolResult, ToolSpec, may_use
from falachefe.kernel.errors import Conflict, DomainError, Forbidden, NotFound

WITHIN: Final = timedelta(hours=24)
DESCRIPTION: Final = """\
Take back what was done last in this conversation, within 24 hours and once ("desfaz", "volta atrás", "não era pra \
anotar isso"). To remove a certain older entry use `delete_entry`, to change one `correct_entry`."""


class Undo(Arguments):
    whole_message: bool = Field(
        default=False, description='true for all acts of the last message ("desfaz tudo"), not just the last one'
    )


def tools(others: Sequence[ToolSpec]) -> tuple[ToolSpec, ...]:
    """`undo`, for the acts of the `others`."""
    specs = {spec.name: spec for spec in others}

    def undo(context: ToolContext, wanted: Undo) -> ToolResult:
        last = recorded_calls.last_act(
            context.session, context.company_id, context.conversation_id, since=context.now - WITHIN
        )
        if last is None:
            raise NotFound("Não fiz nada nas últimas 24 horas que dê para desfazer.", code="nothing_to_undo")
        standing = recorded_calls.acts_of_task(
            context.session, context.company_id, context.conversation_id, last.task_id
        )
        if wanted.whole_message:
            return _take_back_all(specs, context, standing)
        if last.undone_at is not None:
            raise Conflict(f"Isso já foi desfeito.{_left(len(standing))}", code="already_undone")
        result = _take_back(specs, context, last)
        return ToolResult(True, f"{result.message}{_left(len(standing) - 1)}", result.data, rows=result.rows)

    return (
        ToolSpec(
            "undo",
            "orchestrator",
            None,
            "desfazer",
            DESCRIPTION,
            Undo,
            undo,
            writes="conversations",
            help='Voltar atrás: "desfaz"',
            of_every_agent=True,
        ),
    )


def _take_back(specs: Mapping[str, ToolSpec], context: ToolContext, act: RecordedCall) -> ToolResult:
    spec = specs.get(act.tool)
    if spec is None or spec.undo is None or act.inverse is None:
        raise Conflict("Isso eu não consigo desfazer por aqui.", code="not_undoable")
    if not may_use(spec, context.permissions):
        raise Forbidden(f"Você não tem permissão para {spec.action}, então não desfiz.", code="forbidden")
    result = spec.undo(context, act.inverse)
    recorded_calls.mark_undone(context.session, context.company_id, act.id, context.now)
    rows = result.rows or tuple(_rows(act))
    return ToolResult(result.ok, result.message, result.data, result.code, rows=rows)


def _take_back_all(specs: Mapping[str, ToolSpec], context: ToolContext, acts: Sequence[RecordedCall]) -> ToolResult:
    """Takes back what can be; what cannot is said. Each inverse checks before it writes, so a refusal wrote nothing."""
    said: list[str] = []
    refused: list[str] = []
    rows: list[Row] = []
    for act in acts:
        try:
            result = _take_back(specs, context, act)
        except DomainError as error:
            refused.append(error.detail)
        else:
            said.append(result.message)
            rows += result.rows
    if not said:
        raise Conflict("\n".join(dict.fromkeys(refused)) or "Isso já foi desfeito.", code="already_undone")
    return ToolResult(True, "\n".join([*said, *dict.fromkeys(refused)]), {"undone": len(said)}, rows=tuple(rows))


def _rows(act: RecordedCall) -> tuple[Row, ...]:
    return ToolResult.of_stored(act.result).rows


def _left(number: int) -> str:
    if number <= 0:
        return ""
    what = count(number, "outro registro", "outros registros")
    verb = "ficou" if number == 1 else "ficaram"
    return f"\nDa mesma mensagem {verb} {what}. Para tirar também, escreva *desfaz tudo*."
