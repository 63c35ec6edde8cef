"""Runs an agent's part of a turn on the offline engine alone: response, journal, tools, until the answer.

The agent framework does the same for a provider's model. Its graph, with schemas, retries and an event loop, takes half
of a turn's processor time; the engine needs none of that, because its calls are valid and it does not fail. The
messages and the journal have the same form, so that either way of running continues what the other began.
"""

from dataclasses import replace
from typing import Any, Final

from pydantic import ValidationError
from pydantic_ai.messages import ModelMessage, ModelRequest, ModelResponse, ToolCallPart, ToolReturnPart

from falachefe.crews.agents.attempt import Attempt
from falachefe.crews.agents.handoff import HANDOFF, Handoff
from falachefe.crews.agents.model_messages import SEEN, text_of
from falachefe.crews.tools.registry import TOOLS, tools_of

MAX_RESPONSES: Final = 10
"""The engine calls its tools once; this only stops a loop caused by a bug."""


class TooManyResponses(RuntimeError):
    """The engine called tools `MAX_RESPONSES` times without an answer."""


def run_offline(attempt: Attempt, start: list[ModelMessage], late: list[Any]) -> str | Handoff:
    """Continues from `start`, whose last message is a request or a response with calls; returns the answer.

    `late` are parts for the next request: texts that arrived after `start` was journaled.
    """
    tools = {spec.name for spec in tools_of(attempt.turn.role)}
    messages = attempt.messages = list(start)
    if isinstance(messages[-1], ModelResponse):
        messages.append(_run_calls(attempt, messages[-1]))
    if late:
        request = messages[-1]
        assert isinstance(request, ModelRequest)
        messages[-1] = replace(request, parts=[*request.parts, *late], metadata={SEEN: len(attempt.turn.texts)})
    for _ in range(MAX_RESPONSES):
        response = attempt.offline.respond(messages, tools, may_hand_off=attempt.may_hand_off)
        messages.append(response)
        calls = response.tool_calls
        if not calls:
            return text_of(response)
        if calls[0].tool_name == HANDOFF:
            return Handoff.model_validate(calls[0].args)
        attempt.record(messages)
        messages.append(_run_calls(attempt, response))
    raise TooManyResponses


def _run_calls(attempt: Attempt, response: ModelResponse) -> ModelRequest:
    return ModelRequest(parts=[_run_call(attempt, call) for call in response.tool_calls])


def _run_call(attempt: Attempt, call: ToolCallPart) -> ToolReturnPart:
    """The call's result; arguments that the tool refuses are not tried, and the answer says why."""
    spec = TOOLS.get(call.tool_name)
    if spec is None:
        return ToolReturnPart(call.tool_name, "unknown tool", call.tool_call_id, outcome="failed")
    try:
        arguments = spec.arguments.model_validate(call.args_as_dict())
    except ValidationError:
        return ToolReturnPart(call.tool_name, "invalid arguments", call.tool_call_id, outcome="failed")
    wanted = arguments.model_dump(mode="json", exclude_none=True)
    result = attempt.toolbox.call(spec.name, call.tool_call_id, wanted)
    attempt.results[call.tool_call_id] = result
    return ToolReturnPart(call.tool_name, result.as_json(), call.tool_call_id)
