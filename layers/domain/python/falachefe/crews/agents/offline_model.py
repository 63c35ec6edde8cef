"""The offline engine as a pydantic-ai model, so that the same agents run on it.

It keeps no conversation state: pending texts and tool results are read from the messages. That is why it can resume
from a journal and take over from a provider in the middle of a turn.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Final, Protocol

from pydantic_ai.messages import (
    ModelMessage,
    ModelResponse,
    ModelResponsePart,
    TextPart,
    ToolCallPart,
)
from pydantic_ai.models import Model, ModelRequestParameters
from pydantic_ai.profiles import DEFAULT_PROFILE, ModelProfile, merge_profile
from pydantic_ai.settings import ModelSettings
from pydantic_ai.usage import RequestUsage

from falachefe.crews.agents.handoff import HANDOFF
from falachefe.crews.agents.model_messages import (
    HandoffState,
    clean_message,
    task_messages,
    texts_shown,
    texts_shown_by,
    tool_message,
    tool_returns,
    unanswered_texts,
)
from falachefe.crews.tools.registry import refusal_of
from falachefe.crews.turns.types import TurnInput
from falachefe.language.types import (
    Ask,
    CallTools,
    Decision,
    Handoff,
    Role,
    Say,
    Situation,
    Utterance,
)

NAME: Final = "offline"
_PROFILE: Final = merge_profile(DEFAULT_PROFILE, ModelProfile(context_window=None))
NOT_UNDERSTOOD: Final = "Não entendi bem o seu pedido. Pode escrever de outro jeito?"
NOT_DONE: Final = "Não consegui concluir um dos pedidos. Confira os dados e escreva de novo, por favor."
NOT_AVAILABLE: Final = "Com isso eu não posso ajudar por aqui. Se quiser, escreva *falar com atendente*."


class Engine(Protocol):
    """`falachefe.language.engine`, or a fake in tests."""

    def decide(self, role: Role, text: str, situation: Situation) -> Decision: ...


@dataclass(frozen=True, slots=True)
class _TextDecision:
    """One text of the turn with the engine's decision."""

    index: int
    text: str
    decision: Decision

    def call_id(self, number: int) -> str:
        return f"{NAME}-{self.index}-{number}"


class OfflineModel(Model[None]):
    """Answers one agent's part of one turn with the engine. Costs nothing and does not fail."""

    def __init__(self, engine: Engine, turn: TurnInput) -> None:
        # `Model.__init__` is skipped: it loads the price list of all providers, which is slow and not needed here.
        self._settings = None
        self._profile = None
        self._engine = engine
        self._turn = turn
        self._decided: dict[int, _TextDecision] = {}

    @property
    def model_name(self) -> str:
        return NAME

    @property
    def system(self) -> str:
        return NAME

    @cached_property
    def profile(self) -> ModelProfile:
        return _PROFILE

    async def request(
        self,
        messages: list[ModelMessage],
        model_settings: ModelSettings | None,  # noqa: ARG002
        model_request_parameters: ModelRequestParameters,
    ) -> ModelResponse:
        tools = {tool.name for tool in model_request_parameters.function_tools}
        may_hand_off = any(tool.name == HANDOFF for tool in model_request_parameters.output_tools)
        return self.respond(messages, tools, may_hand_off=may_hand_off)

    def respond(self, messages: Sequence[ModelMessage], tools: set[str], *, may_hand_off: bool) -> ModelResponse:
        """The next response: calls to `tools` while texts are pending, then the answer or a handoff."""
        parts = self._answer(task_messages(messages), tools, may_hand_off=may_hand_off)
        return ModelResponse(parts=parts, usage=RequestUsage(), model_name=NAME)

    def _answer(
        self, messages: Sequence[ModelMessage], tools: set[str], *, may_hand_off: bool
    ) -> list[ModelResponsePart]:
        texts = self._texts(messages)
        handled = _handled_by_engine(messages)
        ours = [item for item in texts if handled.get(item[0], True)]
        outcomes = [self._decide(item, texts, may_hand_off=may_hand_off) for item in ours]
        calls = [
            ToolCallPart(call.tool, call.args, tool_call_id=outcome.call_id(number))
            for outcome in outcomes
            if isinstance(outcome.decision, CallTools) and outcome.index not in handled
            for number, call in enumerate(outcome.decision.calls)
            if call.tool in tools
        ]
        if calls:
            return list(calls)
        return self._finish(_without_answered_questions(outcomes), messages)

    def _texts(self, messages: Sequence[ModelMessage]) -> list[tuple[int, str]]:
        """The texts that the messages contain, with their indexes in the turn."""
        seen = texts_shown(messages)
        first = [item for item in unanswered_texts(self._turn) if item[0] < seen]
        return first or unanswered_texts(self._turn)

    def _decide(self, item: tuple[int, str], texts: Sequence[tuple[int, str]], *, may_hand_off: bool) -> _TextDecision:
        index, text = item
        if index not in self._decided:
            situation = self._situation(index, texts, may_hand_off=may_hand_off)
            decision = self._engine.decide(self._turn.role, text, situation)
            self._decided[index] = _TextDecision(
                index, text, self._restrict(decision, index, may_hand_off=may_hand_off)
            )
        return self._decided[index]

    def _situation(self, index: int, texts: Sequence[tuple[int, str]], *, may_hand_off: bool) -> Situation:
        turn = self._turn
        history = [
            Utterance(past.speaker, clean_message(past.text), turn.past_moment_of(number))
            for number, past in enumerate(turn.history)
        ]
        for earlier, text in texts:
            if earlier >= index:
                break
            history.append(Utterance("user", text, turn.moment_of(earlier)))
            before = self._decided.get(earlier)
            if before is not None and isinstance(before.decision, Ask):
                history.append(Utterance("agent", before.decision.question))
        return Situation(
            now=turn.moment_of(index),
            history=tuple(history),
            current_role=turn.role,
            active_roles=turn.active_roles if may_hand_off else frozenset({turn.role}),
            facts=turn.facts,
        )

    def _restrict(self, decision: Decision, index: int, *, may_hand_off: bool) -> Decision:
        if isinstance(decision, CallTools | Ask) and decision.then is not None:
            return replace(decision, then=self._restricted(decision.then, index, may_hand_off=may_hand_off))
        return (
            self._restricted(decision, index, may_hand_off=may_hand_off) if isinstance(decision, Handoff) else decision
        )

    def _restricted(self, decision: Handoff | Say, index: int, *, may_hand_off: bool) -> Handoff | Say:
        if isinstance(decision, Say):
            return decision
        if not may_hand_off or decision.to == self._turn.role or decision.to not in self._turn.active_roles:
            return Say(NOT_AVAILABLE)
        if HandoffState.of(self._turn).done_by(decision.to, index):
            return Say("")  # that agent has already done its part of this turn
        return decision

    def _finish(self, outcomes: Sequence[_TextDecision], messages: Sequence[ModelMessage]) -> list[ModelResponsePart]:
        handoffs = [(outcome, handoff) for outcome in outcomes if (handoff := _handoff_of(outcome.decision))]
        others = [outcome for outcome in outcomes if not isinstance(outcome.decision, Handoff)]
        fallback = handoffs[0] if handoffs and not others else None
        chosen = next((pair for pair in handoffs if pair[1].to != "orchestrator"), fallback)
        if chosen is None:
            return [
                TextPart(self._compose_answer(others, messages) or HandoffState.of(self._turn).said or NOT_UNDERSTOOD)
            ]
        outcome, handoff = chosen
        # Numbered after the tool calls of the same text, which count from 0.
        number = len(outcome.decision.calls) if isinstance(outcome.decision, CallTools) else 0
        args = {"to": handoff.to, "reason": handoff.reason}
        return [ToolCallPart(HANDOFF, args, tool_call_id=outcome.call_id(number))]

    def answered_texts(self, messages: Sequence[ModelMessage]) -> tuple[frozenset[int], str]:
        """At a handoff: the indexes of the texts that need no other agent, and the answer to them."""
        own = task_messages(messages)
        texts, handled = self._texts(own), _handled_by_engine(own)
        outcomes = [self._decide(item, texts, may_hand_off=True) for item in texts if handled.get(item[0], True)]
        kept = [outcome for outcome in outcomes if not isinstance(outcome.decision, Handoff)]
        whole = frozenset(outcome.index for outcome in kept if _handoff_of(outcome.decision) is None)
        return whole, self._compose_answer(_without_answered_questions(kept), own)

    def _compose_answer(self, outcomes: Sequence[_TextDecision], messages: Sequence[ModelMessage]) -> str:
        """Tool results in the order of the calls, then texts, then the questions that are still open."""
        returns = {part.tool_call_id: part for part in tool_returns(messages)}
        done = [tool_message(part) for part in returns.values()]
        failed = [
            refusal_of(call.tool, call.args) or NOT_DONE
            for outcome in outcomes
            if isinstance(outcome.decision, CallTools)
            for number, call in enumerate(outcome.decision.calls)
            if outcome.call_id(number) not in returns
        ]
        said = [words.text for o in outcomes if isinstance(words := _follow_up(o.decision) or o.decision, Say)]
        asked = [o.decision.question for o in outcomes if isinstance(o.decision, Ask)]
        return join_answers([*done, *failed, *said, *asked])


def join_answers(parts: Sequence[str]) -> str:
    """Joins answers without duplicates: one line each, or separated by blank lines when one has several lines."""
    kept = list(dict.fromkeys(part.strip() for part in parts if part.strip()))
    apart = any("\n" in part for part in kept)
    return ("\n\n" if apart else "\n").join(kept)


def _without_answered_questions(outcomes: Sequence[_TextDecision]) -> list[_TextDecision]:
    """Drops questions that the next text of the same turn has answered ("gastei com almoço", "32 reais")."""
    kept: list[_TextDecision] = []
    for outcome in outcomes:
        if kept and _answers(kept[-1].decision, outcome.decision):
            kept.pop()
        kept.append(outcome)
    return kept


def _answers(question: Decision, decision: Decision) -> bool:
    if not isinstance(question, Ask):
        return False
    if isinstance(decision, CallTools):
        return any(call.tool == question.tool for call in decision.calls)
    return isinstance(decision, Ask) and decision.tool == question.tool


def _follow_up(decision: Decision) -> Handoff | Say | None:
    """What follows after the decision's own part."""
    return decision.then if isinstance(decision, CallTools | Ask) else None


def _handoff_of(decision: Decision) -> Handoff | None:
    """The handoff of the text or of its rest, or None."""
    handoff = decision if isinstance(decision, Handoff) else _follow_up(decision)
    return handoff if isinstance(handoff, Handoff) else None


def _handled_by_engine(messages: Sequence[ModelMessage]) -> dict[int, bool]:
    """For the index of each text that was handled: True if by this engine, False if by a provider's model.

    A provider's response counts only when one of its calls has a result. The engine's always counts, so that arguments
    that a tool refused are not tried again.
    """
    handled: dict[int, bool] = {}
    shown = 0
    for number, message in enumerate(messages):
        shown = max(shown, texts_shown_by(message))
        if isinstance(message, ModelResponse) and _had_effect(message, messages[number + 1 :]):
            for index in range(shown):
                handled.setdefault(index, message.model_name == NAME)
    return handled


def _had_effect(response: ModelResponse, after: Sequence[ModelMessage]) -> bool:
    if response.model_name == NAME:
        return True
    calls = {part.tool_call_id for part in response.parts if isinstance(part, ToolCallPart)}
    return any(part.tool_call_id in calls for part in tool_returns(after))
