"""Runs a message through routing, agents and handoffs as production does, without writing, to measure accuracy."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from falachefe.crews.agents.model_chain import ModelChain
from falachefe.crews.agents.run import run_agent
from falachefe.crews.tools.spec import ToolResult
from falachefe.crews.turns.rules import MAX_HOPS
from falachefe.crews.turns.types import ROLES, HandoffRequest, Reply, Role, TurnInput, Usage
from falachefe.language.engine import analyze
from falachefe.language.types import Situation, ToolCall, Utterance


@dataclass(frozen=True, slots=True)
class Handled:
    """Result of a message: `agent` is the first whose tools ran, or the last one when none did.

    `usage` and `cost_usd` sum up all agents that took part. `degraded`: the offline engine answered for a provider.
    """

    agent: str
    calls: tuple[ToolCall, ...]
    text: str
    usage: Usage = field(default_factory=dict)
    cost_usd: Decimal = Decimal(0)
    degraded: bool = False


@dataclass(slots=True)
class RecordingToolbox:
    """Records each call with its validated arguments and answers that it succeeded."""

    calls: list[ToolCall] = field(default_factory=list)

    def call(self, tool: str, tool_call_id: str, args: dict[str, Any]) -> ToolResult:  # noqa: ARG002
        self.calls.append(ToolCall(tool, args))
        return ToolResult(True, "Feito.")


class NoJournal:
    def load(self) -> list[Any]:
        return []

    def save(self, messages: list[Any]) -> None:
        """Nothing is kept: an interrupted case is started again."""


def handle(text: str, now: datetime, history: Sequence[Utterance], models: ModelChain) -> Handled:
    """Routes the message, runs the agents and follows their handoffs. The sender has every permission."""
    past = tuple(history)
    role = analyze(text, Situation(now=now, history=past, current_role=current_role(now, past))).role
    toolbox = RecordingToolbox()
    open_args: dict[str, Any] | None = None
    reason: str | None = None
    first: Role | None = None
    parts: list[Reply | HandoffRequest] = []
    for hops in range(MAX_HOPS + 1):
        turn = _turn(role, text, now, past, hops=hops, handoff_reason=reason, open_args=open_args)
        result = run_agent(turn, NoJournal(), toolbox, models)
        parts.append(result)
        first = first or (role if toolbox.calls else None)
        if not isinstance(result, HandoffRequest):
            return _handled(first or role, toolbox, parts, result.text)
        role, reason, open_args = result.to, result.reason, result.open_args
    return _handled(first or "support", toolbox, parts, "")


def _handled(agent: str, toolbox: RecordingToolbox, parts: Sequence[Reply | HandoffRequest], text: str) -> Handled:
    usage = sum((Counter(part.usage) for part in parts), Counter[str]())
    cost = sum((part.cost_usd for part in parts), Decimal(0))
    return Handled(agent, tuple(toolbox.calls), text, dict(usage), cost, any(part.degraded for part in parts))


def current_role(now: datetime, history: tuple[Utterance, ...]) -> Role | None:
    """The role that the conversation is with, found by routing its messages again in order."""
    current: Role | None = None
    for index, said in enumerate(history):
        if said.speaker == "user":
            current = analyze(said.text, Situation(now=now, history=history[:index], current_role=current)).role
    return current


def _turn(role: Role, text: str, now: datetime, history: tuple[Utterance, ...], **handed: Any) -> TurnInput:
    return TurnInput(
        role=role,
        texts=(text,),
        history=history,
        now=now,
        company_name="Padaria do Chefe",
        sender_name="Ana Souza",
        sender_kind="staff",
        active_roles=frozenset(ROLES),
        **handed,
    )
