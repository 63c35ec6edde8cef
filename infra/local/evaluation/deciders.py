"""Who decides about a message in an evaluation: the offline engine alone, or the production agents."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Protocol

from falachefe.crews.turns.rules import MAX_HOPS
from falachefe.language import Ask, CallTools, Handoff, Role, Situation, ToolCall, Utterance, analyze, decide

if TYPE_CHECKING:
    from infra.local.evaluation.spending import Spending


class OutOfBudget(Exception):
    """The evaluation stops: the next request might cost more than what is left."""


@dataclass(frozen=True, slots=True)
class Handled:
    """Whose tools would have run first, or who ended up with the message when none would; and the tools."""

    agent: str
    calls: tuple[ToolCall, ...] = ()
    input_tokens: int = 0
    output_tokens: int = 0
    cost_usd: Decimal = Decimal(0)
    degraded: bool = False
    """A hosted model was configured and the offline engine answered."""


class Decider(Protocol):
    """Takes a message to its end."""

    def handle(self, text: str, now: datetime, history: tuple[Utterance, ...]) -> Handled: ...


class OfflineDecider:
    """Routes, decides and hands off as a turn does; the conversation's agent comes from replaying its history."""

    def handle(self, text: str, now: datetime, history: tuple[Utterance, ...]) -> Handled:
        current = self._current_role(now, history)
        situation = Situation(now=now, history=history, current_role=current)
        role = analyze(text, situation).role
        done = Handled("")
        for _ in range(MAX_HOPS + 1):
            decision = decide(role, text, situation)
            if isinstance(decision, CallTools):
                done = Handled(done.agent or role, (*done.calls, *decision.calls))
            after = decision.then if isinstance(decision, CallTools | Ask) else decision
            if not isinstance(after, Handoff):
                return done if done.calls else Handled(role)
            role = after.to
        return done if done.calls else Handled("support")

    @staticmethod
    def _current_role(now: datetime, history: tuple[Utterance, ...]) -> Role | None:
        current: Role | None = None
        for i, said in enumerate(history):
            if said.speaker == "user":
                current = analyze(said.text, Situation(now=now, history=history[:i], current_role=current)).role
        return current


class AgentsDecider:
    """The production agents, their prompts and their tools' argument checks, with tools that only record.

    `llm_config` is a crew's; `environ` holds the providers' credentials. With `spending`, a request that might cost
    more than what is left is not sent.
    """

    def __init__(
        self,
        environ: Mapping[str, str],
        llm_config: Mapping[str, Any] | None = None,
        spending: "Spending | None" = None,
    ) -> None:
        from falachefe.crews.agents import model_chain
        from infra.local.evaluation.spending import providers_of

        self.spending = spending
        self._providers = providers_of(environ, spending)
        self._models = model_chain.ModelChain.of(model_chain.llm_config(llm_config or {}), self._providers)

    def handle(self, text: str, now: datetime, history: tuple[Utterance, ...]) -> Handled:
        """Raises `OutOfBudget` if a request for this message was not sent."""
        from falachefe.crews.agents import evaluation

        handled = evaluation.handle(text, now, history, self._models)
        if self.spending is not None and self.spending.refused:
            raise OutOfBudget
        return Handled(
            handled.agent,
            handled.calls,
            handled.usage.get("input", 0),
            handled.usage.get("output", 0),
            handled.cost_usd,
            handled.degraded,
        )

    def close(self) -> None:
        self._providers.close()
