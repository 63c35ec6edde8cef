"""Who decides about a message in an evaluation: the offline engine alone, or the production agents."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Protocol

from falachefe.crews.turns.rules import MAX_HOPS
from falachefe.language import Ask, CallTools, Handoff, Role, Situation, ToolCall, Utterance, analyze, decide


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
    """The production agents, their prompts and their tools' argument checks, with tools that only record."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        from falachefe.crews.agents.model_chain import ModelChain, Providers, ProviderSettings, llm_config

        # A deployed function reads these from a secret; an evaluation takes them from the environment.
        secret = {name.lower(): environ.get(name, "") for name in ("OPENAI_API_KEY", "OPENAI_BASE_URL")}
        settings = ProviderSettings.from_env({**environ, "MODEL_SECRET_ARN": "environment"})
        self._providers = Providers(settings, lambda _arn: secret)
        self._models = ModelChain.of(llm_config(json.loads(environ.get("LLM_CONFIG", "{}"))), self._providers)

    def handle(self, text: str, now: datetime, history: tuple[Utterance, ...]) -> Handled:
        from falachefe.crews.agents import evaluation

        handled = evaluation.handle(text, now, history, self._models)
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
