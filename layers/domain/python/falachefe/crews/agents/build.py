"""Builds the five pydantic-ai agents from their definitions and the tool registry, the same for every provider."""

from dataclasses import dataclass, field
from functools import cache
from typing import Any

from pydantic import BaseModel
from pydantic_ai import Agent, ModelRetry, RunContext, Tool, ToolOutput

from falachefe.crews.agents.definitions import instructions_of
from falachefe.crews.agents.handoff import HANDOFF, Handoff, handoff_refusal
from falachefe.crews.tools.registry import tools_of
from falachefe.crews.tools.spec import ToolResult, ToolSpec
from falachefe.crews.turns.types import Role, Toolbox, TurnInput

TOOL_RETRIES = 2
OUTPUT_RETRIES = 2


@dataclass(slots=True)
class Deps:
    """Dependencies of a run's tools: the turn, the toolbox, and the tool results by call id."""

    turn: TurnInput
    toolbox: Toolbox
    results: dict[str, ToolResult] = field(default_factory=dict)


type CrewAgent = Agent[Deps, str | Handoff]


@cache
def build_agent(role: Role, *, may_hand_off: bool = True) -> CrewAgent:
    """The agent of a role, cached: it holds no state, and the model is passed to each run."""
    agent: CrewAgent = Agent(
        name=role,
        deps_type=Deps,
        output_type=[str, ToolOutput(Handoff, name=HANDOFF)] if may_hand_off else str,
        instructions=instructions_of(role, may_hand_off=may_hand_off),
        tools=[_tool(spec) for spec in tools_of(role)],
        retries={"tools": TOOL_RETRIES, "output": OUTPUT_RETRIES},
    )
    agent.output_validator(_check_handoff)
    return agent


def _tool(spec: ToolSpec) -> Tool[Deps]:
    async def call(ctx: RunContext[Deps], arguments: Any) -> dict[str, Any]:
        # A coroutine that blocks, on purpose: pydantic-ai runs plain functions in parallel threads, which would break
        # the order of a user's entries and share the function's single database connection.
        assert ctx.tool_call_id is not None
        wanted: BaseModel = arguments
        result = ctx.deps.toolbox.call(spec.name, ctx.tool_call_id, wanted.model_dump(mode="json", exclude_none=True))
        ctx.deps.results[ctx.tool_call_id] = result
        return result.as_json()

    call.__annotations__ = {"ctx": RunContext[Deps], "arguments": spec.arguments, "return": dict[str, Any]}
    return Tool(call, takes_ctx=True, name=spec.name, description=spec.description)


async def _check_handoff(ctx: RunContext[Deps], output: str | Handoff) -> str | Handoff:
    if isinstance(output, Handoff):
        refused = handoff_refusal(ctx.deps.turn, output.to)
        if refused is not None:
            raise ModelRetry(refused)
    return output
