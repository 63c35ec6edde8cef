"""Asking before an act that is hard to take back, or that concerns somebody else's row.

A tool with the argument `confirmed` asks first. A model cannot confirm by itself: `confirmed` counts only when the same
question was asked in this conversation before, and a message came after it.
"""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any, Final

from pydantic import BaseModel

from falachefe.crews.tools.recorded_calls import RecordedCall, latest_calls
from falachefe.crews.tools.spec import Row, ToolContext, ToolResult
from falachefe.messaging.conversations import service as conversations

CODE: Final = "confirmation_needed"
_STANDS_FOR: Final = timedelta(hours=24)
_MOST_CALLS: Final = 30


def ask_first(
    context: ToolContext,
    tool: str,
    wanted: BaseModel,
    question: str,
    rows: Sequence[Row],
    *,
    confirmed: bool,
    pointer: str | None = None,
) -> ToolResult | None:
    """The question to ask, or None when it was asked before and is confirmed now.

    `wanted` are the tool's arguments, `confirmed` one of them. The same question is one of the same tool about the same
    rows with the same arguments, not counting `pointer`, the argument that names the row in the person's words.
    """
    if confirmed and _was_asked(context, tool, wanted, rows, pointer):
        return None
    return ToolResult(False, question, {"confirm": "sim"}, code=CODE, rows=tuple(rows))


def _was_asked(context: ToolContext, tool: str, wanted: BaseModel, rows: Sequence[Row], pointer: str | None) -> bool:
    newest = conversations.newest_message_of_task(context.session, context.company_id, context.task_id)
    if newest is None:
        return False
    meant = _compared(wanted.model_dump(mode="json", exclude_none=True), pointer)
    return any(
        call.tool == tool
        and call.id < newest
        and context.now - call.created_at <= _STANDS_FOR
        and _asked_about(call, rows)
        and _compared(call.args, pointer) == meant
        for call in latest_calls(context.session, context.company_id, context.conversation_id, limit=_MOST_CALLS)
    )


def _compared(args: Mapping[str, Any], pointer: str | None) -> dict[str, Any]:
    return {name: value for name, value in args.items() if name not in ("confirmed", pointer)}


def _asked_about(call: RecordedCall, rows: Sequence[Row]) -> bool:
    asked = ToolResult.of_stored(call.result)
    return asked.code == CODE and asked.rows == tuple(rows)
