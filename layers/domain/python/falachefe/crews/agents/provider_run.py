"""Runs an agent's part of a turn on a provider's model, with the offline engine behind it, in the agent framework."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from pydantic_ai import Agent
from pydantic_ai.exceptions import ModelAPIError, UnexpectedModelBehavior
from pydantic_ai.messages import ModelMessage
from pydantic_ai.models import Model
from pydantic_ai.models.fallback import FallbackModel
from pydantic_ai.run import AgentRun
from pydantic_graph import End

from falachefe.crews.agents.attempt import Attempt
from falachefe.crews.agents.build import Deps, build_agent
from falachefe.crews.agents.handoff import Handoff
from falachefe.crews.agents.model_chain import ModelChain
from falachefe.crews.agents.model_messages import SEEN
from falachefe.crews.agents.provider_model import is_unusable


async def run_on_providers(
    attempt: Attempt, models: ModelChain, online: Sequence[Model[Any]], start: list[ModelMessage], late: list[Any]
) -> str | Handoff:
    """Like `run_offline`. Raises `AgentRunError` when every model failed or one exceeded its limits or retries."""
    agent = build_agent(attempt.turn.role, may_hand_off=attempt.may_hand_off)
    model = FallbackModel(*online, attempt.offline, fallback_on=(ModelAPIError, UnexpectedModelBehavior, is_unusable))
    async with agent.iter(
        message_history=start,
        model=model,
        deps=Deps(attempt.turn, attempt.toolbox, attempt.results),
        model_settings=models.settings(),
        usage_limits=models.limits(),
        timeout=models.config.turn_timeout_s,
    ) as run:
        try:
            return await _step(attempt, run, late)
        finally:
            attempt.messages = list(run.all_messages())


async def _step(attempt: Attempt, run: AgentRun[Deps, Any], late: list[Any]) -> str | Handoff:
    """Runs the agent's graph node by node."""
    node = run.next_node
    recorded = len(attempt.messages)
    while not isinstance(node, End):
        if Agent.is_model_request_node(node) and run.all_messages() and late:
            seen = {SEEN: len(attempt.turn.texts)}
            node.request = replace(node.request, parts=[*node.request.parts, *late], metadata=seen)
            late = []
        elif Agent.is_call_tools_node(node) and len(run.all_messages()) > recorded:
            attempt.record(run.all_messages())
        node = await run.next(node)
    assert run.result is not None
    output: str | Handoff = run.result.output
    return output
