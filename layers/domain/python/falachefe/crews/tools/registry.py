"""All tools by name, and `run_tool`: checks the permission, validates the arguments and calls the use case."""

from collections.abc import Mapping
from functools import cache
from typing import Any
from uuid import UUID

from pydantic import BaseModel, ValidationError

from falachefe.audit import service as audit
from falachefe.audit.rules import changed_fields
from falachefe.crews.tools.financial import bills, budgets, corrections, entries, listing, reports
from falachefe.crews.tools.hr import employees, leave
from falachefe.crews.tools.marketing import campaigns, posts, sending
from falachefe.crews.tools.orchestrator import greeting, reminders, undo
from falachefe.crews.tools.orchestrator import help as help_of
from falachefe.crews.tools.refusals import refusal
from falachefe.crews.tools.spec import ToolContext, ToolResult, ToolSpec, may_use
from falachefe.crews.tools.support import answers, takeover, tickets
from falachefe.kernel.actors import Actor
from falachefe.kernel.errors import DomainError

_SPECIALISTS: tuple[ToolSpec, ...] = (
    *(*entries.TOOLS, *corrections.TOOLS, *listing.TOOLS, *bills.TOOLS, *reports.TOOLS, *budgets.TOOLS),
    *(*campaigns.TOOLS, *sending.TOOLS, *posts.TOOLS),
    *(*employees.TOOLS, *leave.TOOLS),
    *(*answers.TOOLS, *tickets.TOOLS, *takeover.TOOLS),
    *reminders.TOOLS,
)
"""In the order of the list that `help` shows, one line for each agent."""
_UNDO = undo.tools(_SPECIALISTS)
TOOLS: Mapping[str, ToolSpec] = {
    spec.name: spec for spec in (*greeting.TOOLS, *help_of.tools((*_SPECIALISTS, *_UNDO)), *_UNDO, *_SPECIALISTS)
}


@cache
def tools_of(role: str) -> tuple[ToolSpec, ...]:
    return tuple(spec for spec in TOOLS.values() if spec.role == role or spec.of_every_agent)


def authorise(spec: ToolSpec, permissions: frozenset[str]) -> ToolResult | None:
    """None when the sender may use the tool, else the refusal as a result."""
    if may_use(spec, permissions):
        return None
    return ToolResult(
        False, f"Você não tem permissão para {spec.action}. Peça a um administrador da empresa.", code="forbidden"
    )


def refusal_of(name: str, args: Mapping[str, Any]) -> str | None:
    """Why the tool refuses these arguments, in pt-BR; None when it accepts them or does not exist."""
    spec = TOOLS.get(name)
    if spec is None:
        return None
    try:
        spec.arguments.model_validate(dict(args))
    except ValidationError as error:
        return refusal(spec, error)
    return None


def run_tool(name: str, args: Mapping[str, Any], context: ToolContext) -> ToolResult:
    """Runs a tool inside the context's transaction.

    Refusals (unknown tool, permission, arguments, `DomainError`) are returned as results. Any other exception is a
    failure: the caller must not commit the transaction.
    """
    spec = TOOLS.get(name)
    if spec is None:
        return ToolResult(False, "Não conheço essa tarefa.", code="unknown_tool")
    refused = authorise(spec, context.permissions)
    if refused is not None:
        return refused
    try:
        arguments = spec.arguments.model_validate(dict(args))
    except ValidationError as error:
        return ToolResult(False, refusal(spec, error), code="invalid_arguments")
    try:
        result = spec.apply(context, arguments)
    except DomainError as error:
        return ToolResult(False, error.detail, code=error.code)
    if spec.writes is not None and result.ok:
        _note(spec, spec.writes, context, arguments, result)
    return result


def _note(spec: ToolSpec, resource: str, context: ToolContext, arguments: BaseModel, result: ToolResult) -> None:
    """Adds the audit entry of the use, in the tool's transaction. A row of the result says its resource itself."""
    changed = result.data.get("id")
    resource = next((row.resource for row in result.rows if str(row.id) == changed), resource)
    audit.insert_entry(
        context.session,
        context.company_id,
        Actor("agent", context.agent_id, on_behalf_of=context.user_id, request_id=str(context.task_id)),
        action=spec.name,
        resource=resource,
        resource_id=UUID(changed) if changed else context.conversation_id,
        changes=changed_fields({}, arguments.model_dump(), spec.masked),
        now=context.now,
    )
