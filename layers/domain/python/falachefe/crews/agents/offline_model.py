"""The offline engine behind pydantic-ai's model interface, so that the same agents run on it.

It is stateless towards the conversation: what is still to decide, and what tools have answered, is read from the
messages. That is what makes it resume from a journal, and take over from a provider in the middle of a turn.
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

from falachefe.crews.agents.contract import TurnInput
from falachefe.crews.agents.conversation import (
    Carry,
    cleaned,
    message_of,
    of_this_task,
    open_texts,
    seen_texts,
    shown_with,
    tool_returns,
)
from falachefe.crews.tools.registry import refusal_of
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
HANDOFF: Final = "handoff"
_PROFILE: Final = merge_profile(DEFAULT_PROFILE, ModelProfile(context_window=None))
NOT_UNDERSTOOD: Final = "Não entendi bem o seu pedido. Pode escrever de outro jeito?"
NOT_DONE: Final = "Não consegui concluir um dos pedidos. Confira os dados e escreva de novo, por favor."
OUT_OF_REACH: Final = "Com isso eu não posso ajudar por aqui. Se quiser, escreva *falar com atendente*."


class Engine(Protocol):
    """`falachefe.language.engine`, or a script in a test."""

    def decide(self, role: Role, text: str, situation: Situation) -> Decision: ...


@dataclass(frozen=True, slots=True)
class _Outcome:
    """One text of the turn and what was decided about it."""

    place: int
    text: str
    decision: Decision

    def call_id(self, number: int) -> str:
        return f"{NAME}-{self.place}-{number}"


class OfflineModel(Model[None]):
    """Decides with the engine for one agent's part of one turn. Costs nothing and never fails."""

    def __init__(self, engine: Engine, turn: TurnInput) -> None:
        # `Model.__init__` would load the price list of all providers (some 0.2 s); nothing is priced here.
        self._settings = None
        self._profile = None
        self._engine = engine
        self._turn = turn
        self._decided: dict[int, _Outcome] = {}

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
        """The next response: calls to `tools` while texts are open, then the answer or a handoff."""
        parts = self._answer(of_this_task(messages), tools, may_hand_off=may_hand_off)
        return ModelResponse(parts=parts, usage=RequestUsage(), model_name=NAME)

    def _answer(
        self, messages: Sequence[ModelMessage], tools: set[str], *, may_hand_off: bool
    ) -> list[ModelResponsePart]:
        texts = self._texts(messages)
        owners = _owners(messages)
        ours = [item for item in texts if owners.get(item[0], True)]
        outcomes = [self._decide(item, texts, may_hand_off=may_hand_off) for item in ours]
        calls = [
            ToolCallPart(call.tool, call.args, tool_call_id=outcome.call_id(number))
            for outcome in outcomes
            if isinstance(outcome.decision, CallTools) and outcome.place not in owners
            for number, call in enumerate(outcome.decision.calls)
            if call.tool in tools
        ]
        if calls:
            return list(calls)
        return self._finish(_completed(outcomes), messages)

    def _texts(self, messages: Sequence[ModelMessage]) -> list[tuple[int, str]]:
        """The texts that the messages show, with their places in the turn."""
        seen = seen_texts(messages)
        first = [item for item in open_texts(self._turn) if item[0] < seen]
        return first or open_texts(self._turn)

    def _decide(self, item: tuple[int, str], texts: Sequence[tuple[int, str]], *, may_hand_off: bool) -> _Outcome:
        place, text = item
        if place not in self._decided:
            situation = self._situation(place, texts, may_hand_off=may_hand_off)
            decision = self._engine.decide(self._turn.role, text, situation)
            self._decided[place] = _Outcome(place, text, self._within_reach(decision, place, may_hand_off=may_hand_off))
        return self._decided[place]

    def _situation(self, place: int, texts: Sequence[tuple[int, str]], *, may_hand_off: bool) -> Situation:
        turn = self._turn
        history = [
            Utterance(past.speaker, cleaned(past.text), turn.past_moment_of(number))
            for number, past in enumerate(turn.history)
        ]
        for earlier, text in texts:
            if earlier >= place:
                break
            history.append(Utterance("user", text, turn.moment_of(earlier)))
            before = self._decided.get(earlier)
            if before is not None and isinstance(before.decision, Ask):
                history.append(Utterance("agent", before.decision.question))
        return Situation(
            now=turn.moment_of(place),
            history=tuple(history),
            current_role=turn.role,
            active_roles=turn.active_roles if may_hand_off else frozenset({turn.role}),
        )

    def _within_reach(self, decision: Decision, place: int, *, may_hand_off: bool) -> Decision:
        if isinstance(decision, CallTools | Ask) and decision.then is not None:
            return replace(decision, then=self._reached(decision.then, place, may_hand_off=may_hand_off))
        return self._reached(decision, place, may_hand_off=may_hand_off) if isinstance(decision, Handoff) else decision

    def _reached(self, decision: Handoff | Say, place: int, *, may_hand_off: bool) -> Handoff | Say:
        if isinstance(decision, Say):
            return decision
        if not may_hand_off or decision.to == self._turn.role or decision.to not in self._turn.active_roles:
            return Say(OUT_OF_REACH)
        if Carry.of(self._turn).done_by(decision.to, place):
            return Say("")  # that agent has done its part of this turn already
        return decision

    def _finish(self, outcomes: Sequence[_Outcome], messages: Sequence[ModelMessage]) -> list[ModelResponsePart]:
        handoffs = [(outcome, wish) for outcome in outcomes if (wish := _handoff_of(outcome.decision))]
        others = [outcome for outcome in outcomes if not isinstance(outcome.decision, Handoff)]
        fallback = handoffs[0] if handoffs and not others else None
        chosen = next((pair for pair in handoffs if pair[1].to != "orchestrator"), fallback)
        if chosen is None:
            return [TextPart(self._worded(others, messages) or Carry.of(self._turn).said or NOT_UNDERSTOOD)]
        outcome, wish = chosen
        # Beside the calls of the same text, which count from 0.
        number = len(outcome.decision.calls) if isinstance(outcome.decision, CallTools) else 0
        args = {"to": wish.to, "reason": wish.reason}
        return [ToolCallPart(HANDOFF, args, tool_call_id=outcome.call_id(number))]

    def settled(self, messages: Sequence[ModelMessage]) -> tuple[frozenset[int], str]:
        """At a handoff: the places of the texts that need no other agent, and the answer to them."""
        own = of_this_task(messages)
        texts, owners = self._texts(own), _owners(own)
        outcomes = [self._decide(item, texts, may_hand_off=True) for item in texts if owners.get(item[0], True)]
        kept = [outcome for outcome in outcomes if not isinstance(outcome.decision, Handoff)]
        whole = frozenset(outcome.place for outcome in kept if _handoff_of(outcome.decision) is None)
        return whole, self._worded(_completed(kept), own)

    def _worded(self, outcomes: Sequence[_Outcome], messages: Sequence[ModelMessage]) -> str:
        """Results in the order of the calls, then what was said, then the questions that are still open."""
        returns = {part.tool_call_id: part for part in tool_returns(messages)}
        done = [message_of(part) for part in returns.values()]
        failed = [
            refusal_of(call.tool, call.args) or NOT_DONE
            for outcome in outcomes
            if isinstance(outcome.decision, CallTools)
            for number, call in enumerate(outcome.decision.calls)
            if outcome.call_id(number) not in returns
        ]
        said = [words.text for o in outcomes if isinstance(words := _after(o.decision) or o.decision, Say)]
        asked = [o.decision.question for o in outcomes if isinstance(o.decision, Ask)]
        return joined([*done, *failed, *said, *asked])


def joined(parts: Sequence[str]) -> str:
    """Several answers as one: each once, short ones on lines of their own, longer ones apart."""
    kept = list(dict.fromkeys(part.strip() for part in parts if part.strip()))
    apart = any("\n" in part for part in kept)
    return ("\n\n" if apart else "\n").join(kept)


def _completed(outcomes: Sequence[_Outcome]) -> list[_Outcome]:
    """Without the questions that the very next text of the same turn has answered ("gastei com almoço", "32 reais")."""
    kept: list[_Outcome] = []
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


def _after(decision: Decision) -> Handoff | Say | None:
    """What follows a decision's own part."""
    return decision.then if isinstance(decision, CallTools | Ask) else None


def _handoff_of(decision: Decision) -> Handoff | None:
    """The agent that the text, or what is left of it, goes to."""
    wish = decision if isinstance(decision, Handoff) else _after(decision)
    return wish if isinstance(wish, Handoff) else None


def _owners(messages: Sequence[ModelMessage]) -> dict[int, bool]:
    """By place of each text that was taken up: whether it was we who did (True) or a provider's model.

    A provider's response counts only when one of its calls has a result; ours always, so that what our own arguments
    could not do is not tried again and again.
    """
    owners: dict[int, bool] = {}
    shown = 0
    for number, message in enumerate(messages):
        shown = max(shown, shown_with(message))
        if isinstance(message, ModelResponse) and _had_effect(message, messages[number + 1 :]):
            for place in range(shown):
                owners.setdefault(place, message.model_name == NAME)
    return owners


def _had_effect(response: ModelResponse, after: Sequence[ModelMessage]) -> bool:
    if response.model_name == NAME:
        return True
    calls = {part.tool_call_id for part in response.parts if isinstance(part, ToolCallPart)}
    return any(part.tool_call_id in calls for part in tool_returns(after))
