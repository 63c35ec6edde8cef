"""The list of what the sender may ask for."""

from collections.abc import Sequence

from falachefe.crews.tools.argument_types import Nothing
from falachefe.crews.tools.spec import ToolContext, ToolResult, ToolSpec, may_use


def tools(others: Sequence[ToolSpec]) -> tuple[ToolSpec, ...]:
    """`help`: it lists those of the `others` that the sender may use."""

    def help_(context: ToolContext, _wanted: Nothing) -> ToolResult:
        may = [spec for spec in others if spec.help and _may_ask(spec, context)]
        lines = [f"• {spec.help}" for spec in may]
        return ToolResult(
            True, "\n".join(["*O que posso fazer por você:*", *lines]), {"tools": [spec.name for spec in may]}
        )

    description = "Tell the person what they may ask for."
    return (ToolSpec("help", "orchestrator", None, "explicar o que faço", description, Nothing, help_),)


def _may_ask(spec: ToolSpec, context: ToolContext) -> bool:
    is_member = context.user_id is not None
    return may_use(spec, context.permissions) and (is_member or not spec.members_only)
