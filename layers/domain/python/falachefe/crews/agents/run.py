"""Runs one agent's part of a turn: model, journal, tools, and the answer or the handoff.

Each response is journaled before its tools run. A run that starts with a journal repeats the recorded calls with their
recorded ids: the toolbox returns the results of those that ran and runs the others. The model is asked only for what
comes after.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any, Final

from pydantic_ai.exceptions import AgentRunError
from pydantic_ai.messages import ModelMessage, ModelRequest, ModelResponse, ToolCallPart, ToolReturnPart
from pydantic_ai.models import Model
from pydantic_ai.usage import RequestUsage

from falachefe.crews.agents import model_messages
from falachefe.crews.agents.attempt import Attempt
from falachefe.crews.agents.event_loop import run_coroutine
from falachefe.crews.agents.handoff import Handoff
from falachefe.crews.agents.model_chain import OFFLINE, ModelChain
from falachefe.crews.agents.model_messages import SEEN, HandoffState, text_of
from falachefe.crews.agents.offline_model import join_answers
from falachefe.crews.agents.offline_run import run_offline
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
    return _Run(turn, journal, toolbox, models).result()


@dataclass
class _Run:
    turn: TurnInput
    journal: Journal
    toolbox: Toolbox
    models: ModelChain

    def __post_init__(self) -> None:
        self.offline = self.models.offline(self.turn)
        may_hand_off = self.turn.sender_kind == "staff" and self.turn.hops < MAX_HOPS
        self.attempt = Attempt(self.turn, self.journal, self.toolbox, self.offline, may_hand_off)
        self.dropped: list[ModelResponse] = []

    def result(self) -> Reply | HandoffRequest:
        recorded = model_messages.load(self.journal.load())
        start, late = self._start(recorded)
        if start is None:
            return self._reply(text_of(recorded[-1]))
        online = self.models.online()
        output = self._on_providers(online, start, late) if online else run_offline(self.attempt, start, late)
        return self._handoff(output) if isinstance(output, Handoff) else self._reply(output)

    def _on_providers(self, online: Sequence[Model[Any]], start: list[ModelMessage], late: list[Any]) -> str | Handoff:
        from falachefe.crews.agents.provider_run import run_on_providers  # noqa: PLC0415  # the agent framework, when a crew uses a provider

        try:
            return run_coroutine(run_on_providers(self.attempt, self.models, online, start, late))
        except AgentRunError:
            # Every provider failed, or one exceeded its limits or retries. Tools that ran are not run again.
            kept = self._recovered()
            self.dropped = [r for r in self._responses() if not any(r is message for message in kept)]
            return run_offline(self.attempt, kept, [])

    def _start(self, recorded: list[ModelMessage]) -> tuple[list[ModelMessage] | None, list[Any]]:
        """The messages to continue from and the parts to add to the next request; None if the answer is journaled."""
        if not recorded:
            return model_messages.first_messages(self.turn), []
        self.attempt.messages = recorded
        late = model_messages.late_parts(self.turn, model_messages.texts_shown(recorded))
        last = recorded[-1]
        if not isinstance(last, ModelResponse) or last.tool_calls:
            return recorded, late
        if not late:
            return None, []
        # The answer was recorded but not sent, and more texts arrived: one reply covers both.
        return [*recorded, ModelRequest(parts=late, metadata={SEEN: len(self.turn.texts)})], []

    def _recovered(self) -> list[ModelMessage]:
        """The messages that the offline engine continues from: texts and results, without an ineffective response."""
        messages = self.attempt.messages or model_messages.first_messages(self.turn)
        index = next((i for i in reversed(range(len(messages))) if isinstance(messages[i], ModelResponse)), None)
        last = messages[index] if index is not None else None
        if index is not None and isinstance(last, ModelResponse):
            calls = [part for part in last.parts if isinstance(part, ToolCallPart)]
            if any(call.tool_call_id in self.attempt.results for call in calls):
                return [*messages[: index + 1], ModelRequest(parts=[self._returned(call) for call in calls])]
        return model_messages.without_failed_tail(messages)

    def _returned(self, call: ToolCallPart) -> ToolReturnPart:
        result = self.attempt.results.get(call.tool_call_id)
        if result is None:
            return ToolReturnPart(call.tool_name, "not done", call.tool_call_id, outcome="failed")
        return ToolReturnPart(call.tool_name, result.as_json(), call.tool_call_id)

    def _reply(self, text: str) -> Reply:
        earlier = [text_of(r) for r in model_messages.responses(self.attempt.messages)[:-1] if not r.tool_calls]
        answer = join_answers([HandoffState.of(self.turn).said, *earlier, text])
        degraded = self._degraded()
        returns = model_messages.tool_returns(self.attempt.messages)
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
        returns = model_messages.tool_returns(self.attempt.messages)
        if self._last_model() == OFFLINE:
            answered, said = self.offline.answered_texts(self.attempt.messages)
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
        return model_messages.responses(self.attempt.messages)

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


def _succeeded(part: ToolReturnPart) -> bool:
    return isinstance(part.content, dict) and bool(part.content.get("ok"))


def _confidence(tools: Sequence[bool], *, degraded: bool) -> Decimal:
    """Derived from the run, not from a model's own estimate: highest when all tools succeeded."""
    if degraded:
        return Decimal("0.50")
    if not tools:
        return Decimal("0.75")
    return Decimal("0.95") if all(tools) else Decimal("0.60")
