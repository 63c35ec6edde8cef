"""Runs one agent's part of a turn: model, journal, tools, and the answer or the handoff.

Each response is journaled before its tools run. A run that starts with a journal repeats the recorded calls with their
recorded ids: the toolbox returns the results of those that ran and runs the others. The model is asked only for what
comes after.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any, Final

from pydantic_ai import Agent
from pydantic_ai.exceptions import AgentRunError, ModelAPIError, UnexpectedModelBehavior
from pydantic_ai.messages import ModelMessage, ModelRequest, ModelResponse, TextPart, ToolCallPart, ToolReturnPart
from pydantic_ai.models import Model
from pydantic_ai.models.fallback import FallbackModel
from pydantic_ai.run import AgentRun
from pydantic_ai.usage import RequestUsage, UsageLimits
from pydantic_graph import End

from falachefe.crews.agents import model_messages
from falachefe.crews.agents.build import HANDOFF, Deps, Handoff, build_agent
from falachefe.crews.agents.event_loop import run_coroutine
from falachefe.crews.agents.model_chain import OFFLINE, ModelChain
from falachefe.crews.agents.model_messages import SEEN, HandoffState
from falachefe.crews.agents.offline_model import join_answers
from falachefe.crews.agents.provider_model import is_unusable
from falachefe.crews.tools.registry import tools_of
from falachefe.crews.turns.rules import MAX_HOPS
from falachefe.crews.turns.types import (
    HandoffRequest,
    Journal,
    PastMessage,
    Reply,
    Toolbox,
    TurnInput,
    Usage,
)

__all__ = ["HandoffRequest", "Journal", "PastMessage", "Reply", "Toolbox", "TurnInput", "run_agent"]

DEGRADED_NOTE: Final = "_Estou no modo básico agora, então posso entender menos do que o normal._"

_OFFLINE_LIMITS: Final = UsageLimits(request_limit=10)
"""The engine calls its tools once; this only stops a loop caused by a bug."""


def run_agent(turn: TurnInput, journal: Journal, toolbox: Toolbox, models: ModelChain) -> Reply | HandoffRequest:
    """Answers the turn's texts as the agent `turn.role`, or hands the turn to another agent.

    A contact is only answered by support. A provider that fails, refuses, returns invalid output or takes too long is
    replaced by the next one and finally by the offline engine, so that only exceptions of the toolbox or the journal
    are raised. After one, calling again with the same journal resumes the run.
    """
    if turn.sender_kind == "contact" and turn.role != "support":
        return HandoffRequest(
            to="support", reason="contato externo", summary="", open_args=HandoffState.of(turn).as_json()
        )
    return run_coroutine(_Run(turn, journal, toolbox, models).result())


@dataclass
class _Run:
    turn: TurnInput
    journal: Journal
    toolbox: Toolbox
    models: ModelChain

    def __post_init__(self) -> None:
        self.deps = Deps(self.turn, self.toolbox)
        self.offline = self.models.offline(self.turn)
        self.messages: list[ModelMessage] = []
        self.dropped: list[ModelResponse] = []
        self.final_messages: list[ModelMessage] = []
        self.may_hand_off = self.turn.sender_kind == "staff" and self.turn.hops < MAX_HOPS
        self.agent = build_agent(self.turn.role, may_hand_off=self.may_hand_off)

    async def result(self) -> Reply | HandoffRequest:
        recorded = model_messages.load(self.journal.load())
        start, late = self._start(recorded)
        if start is None:
            return self._reply(_text_of(recorded[-1]))
        try:
            output = await self._attempt(start, late, self._model(), online=True)
        except AgentRunError:
            # Every provider failed, or one exceeded its limits or retries. Tools that ran are not run again.
            kept = self._recovered()
            self.dropped = [r for r in self._responses() if not any(r is message for message in kept)]
            output = await self._attempt(kept, [], self.offline, online=False)
        return self._handoff(output) if isinstance(output, Handoff) else self._reply(output)

    def _start(self, recorded: list[ModelMessage]) -> tuple[list[ModelMessage] | None, list[Any]]:
        """The messages to continue from and the parts to add to the next request; None if the answer is journaled."""
        if not recorded:
            return model_messages.first_messages(self.turn), []
        self.messages = recorded
        late = model_messages.late_parts(self.turn, model_messages.texts_shown(recorded))
        last = recorded[-1]
        if not isinstance(last, ModelResponse) or last.tool_calls:
            return recorded, late
        if not late:
            return None, []
        # The answer was recorded but not sent, and more texts arrived: one reply covers both.
        return [*recorded, ModelRequest(parts=late, metadata={SEEN: len(self.turn.texts)})], []

    def _model(self) -> Model[Any]:
        online = self.models.online()
        if not online:
            return self.offline
        return FallbackModel(*online, self.offline, fallback_on=(ModelAPIError, UnexpectedModelBehavior, is_unusable))

    async def _attempt(
        self, messages: list[ModelMessage], late: list[Any], model: Model[Any], *, online: bool
    ) -> str | Handoff:
        bounded = online and bool(self.models.choices)
        async with self.agent.iter(
            message_history=messages,
            model=model,
            deps=self.deps,
            model_settings=self.models.settings() if bounded else None,
            usage_limits=self.models.limits() if bounded else _OFFLINE_LIMITS,
            timeout=self.models.config.turn_timeout_s if bounded else None,
        ) as run:
            try:
                output = await self._step(run, late, offline_only=model is self.offline)
            finally:
                self.messages = [*run.all_messages(), *self.final_messages]
            return output

    async def _step(self, run: AgentRun[Deps, Any], late: list[Any], *, offline_only: bool) -> str | Handoff:
        """Runs the agent's graph node by node. `offline_only`: no provider's model takes part."""
        node = run.next_node
        recorded = len(self.messages)
        while not isinstance(node, End):
            if Agent.is_model_request_node(node) and run.all_messages():
                if late:
                    node.request = replace(
                        node.request, parts=[*node.request.parts, *late], metadata={SEEN: len(self.turn.texts)}
                    )
                    late = []
                elif offline_only and self._finish_offline(run.all_messages(), node.request):
                    return self._output_of(self.final_messages[-1])
            elif Agent.is_call_tools_node(node) and len(run.all_messages()) > recorded:
                self._record(run.all_messages())
            node = await run.next(node)
        assert run.result is not None
        output: str | Handoff = run.result.output
        return output

    def _finish_offline(self, messages: Sequence[ModelMessage], request: ModelRequest) -> bool:
        """Lets the offline engine give its answer directly once its tools have run.

        That answer needs no validation and no tools, and another step of the framework would cost more time than the
        rest of the turn.
        """
        if not all(isinstance(part, ToolReturnPart) for part in request.parts):
            return False
        response = self.offline.respond(
            [*messages, request], {spec.name for spec in tools_of(self.turn.role)}, may_hand_off=self.may_hand_off
        )
        if any(call.tool_name != HANDOFF for call in response.tool_calls):
            return False
        self.final_messages = [request, response]
        return True

    def _output_of(self, message: ModelMessage) -> str | Handoff:
        call = next((part for part in message.parts if isinstance(part, ToolCallPart)), None)
        return Handoff.model_validate(call.args) if call is not None else _text_of(message)

    def _record(self, messages: Sequence[ModelMessage]) -> None:
        response = messages[-1]
        assert isinstance(response, ModelResponse)
        self._make_call_ids_unique(messages, response)
        # An offline answer without calls is free and reproducible: it needs no write.
        if response.tool_calls or response.model_name != OFFLINE:
            self.journal.save(model_messages.dump(messages))

    def _make_call_ids_unique(self, messages: Sequence[ModelMessage], response: ModelResponse) -> None:
        """Replaces a call id that occurred before in this task by the number of its response and its index.

        Providers repeat ids within a response and between responses. The toolbox would treat such a call as already
        done, and its result would be attached to the wrong call.
        """
        earlier = model_messages.responses(messages)
        known = {part.tool_call_id for one in earlier[:-1] for part in one.tool_calls}
        for index, part in enumerate(response.tool_calls):
            if part.tool_call_id in known:
                part.tool_call_id = f"r{len(earlier)}-{index}"
            known.add(part.tool_call_id)

    def _recovered(self) -> list[ModelMessage]:
        """The messages that the offline engine continues from: texts and results, without an ineffective response."""
        messages = self.messages or model_messages.first_messages(self.turn)
        index = next((i for i in reversed(range(len(messages))) if isinstance(messages[i], ModelResponse)), None)
        last = messages[index] if index is not None else None
        if index is not None and isinstance(last, ModelResponse):
            calls = [part for part in last.parts if isinstance(part, ToolCallPart)]
            if any(call.tool_call_id in self.deps.results for call in calls):
                return [*messages[: index + 1], ModelRequest(parts=[self._returned(call) for call in calls])]
        return model_messages.without_failed_tail(messages)

    def _returned(self, call: ToolCallPart) -> ToolReturnPart:
        result = self.deps.results.get(call.tool_call_id)
        if result is None:
            return ToolReturnPart(call.tool_name, "not done", call.tool_call_id, outcome="failed")
        return ToolReturnPart(call.tool_name, result.as_json(), call.tool_call_id)

    def _reply(self, text: str) -> Reply:
        earlier = [_text_of(r) for r in model_messages.responses(self.messages)[:-1] if not r.tool_calls]
        answer = join_answers([HandoffState.of(self.turn).said, *earlier, text])
        degraded = self._degraded()
        returns = model_messages.tool_returns(self.messages)
        return Reply(
            text=f"{answer}\n\n{DEGRADED_NOTE}" if degraded else answer,
            confidence=_confidence([_succeeded(part) for part in returns], degraded=degraded),
            tools=tuple(part.tool_name for part in returns),
            usage=self._usage(),
            cost_usd=self._cost(),
            model=self._model_names(),
            degraded=degraded,
        )

    def _handoff(self, output: Handoff) -> HandoffRequest:
        state = HandoffState.of(self.turn)
        returns = model_messages.tool_returns(self.messages)
        if self._last_model() == OFFLINE:
            answered, said = self.offline.answered_texts(self.messages)
            state = replace(state, answered=state.answered | answered)
        else:
            said = join_answers([model_messages.tool_message(part) for part in returns])
            if returns:
                state = replace(state, acted=state.acted | {self.turn.role}, seen=len(self.turn.texts))
        state = replace(state, said=join_answers([state.said, said]))
        return HandoffRequest(
            to=output.to,
            reason=output.reason,
            summary=state.said,
            open_args=state.as_json(),
            tools=tuple(part.tool_name for part in returns),
            usage=self._usage(),
            cost_usd=self._cost(),
            model=self._model_names(),
            degraded=self._degraded(),
        )

    def _responses(self) -> list[ModelResponse]:
        return model_messages.responses(self.messages)

    def _degraded(self) -> bool:
        return self.models.wants_provider and any(r.model_name == OFFLINE for r in self._responses())

    def _last_model(self) -> str:
        given = self._responses()
        return (given[-1].model_name or "") if given else ""

    def _model_names(self) -> str:
        return "+".join(dict.fromkeys(r.model_name or "" for r in self._responses()))

    def _request_usages(self) -> list[RequestUsage]:
        """The usage of every response in this task, including rejected and dropped ones."""
        given = [*self.dropped, *self._responses()]
        rejected = [attempt.usage for r in given for attempt in r.failed_attempts or () if attempt.usage is not None]
        return [*rejected, *(r.usage for r in given)]

    def _usage(self) -> Usage:
        spent = self._request_usages()
        sent, received = sum(u.input_tokens for u in spent), sum(u.output_tokens for u in spent)
        return {"input": sent, "output": received, "total": sent + received, "requests": len(spent)}

    def _cost(self) -> Decimal:
        return sum((u.cost or Decimal(0) for u in self._request_usages()), Decimal(0))


def _text_of(message: ModelMessage) -> str:
    return "\n".join(p.content for p in message.parts if isinstance(p, TextPart)) if message.parts else ""


def _succeeded(part: ToolReturnPart) -> bool:
    return isinstance(part.content, dict) and bool(part.content.get("ok"))


def _confidence(tools: Sequence[bool], *, degraded: bool) -> Decimal:
    """Derived from the run, not from a model's own estimate: highest when all tools succeeded."""
    if degraded:
        return Decimal("0.50")
    if not tools:
        return Decimal("0.75")
    return Decimal("0.95") if all(tools) else Decimal("0.60")
