"""Takes a message to its end as production does, writing nothing: for measuring how often that is right."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from falachefe.crews.agents.contract import ROLES, HandoffRequest, Role, TurnInput
from falachefe.crews.agents.models import ModelChain
from falachefe.crews.agents.run import run_agent
from falachefe.crews.tools.contract import ToolResult
from falachefe.crews.turns.rules import MAX_HOPS
from falachefe.language.engine import analyze
from falachefe.language.types import Situation, ToolCall, Utterance


@dataclass(frozen=True, slots=True)
class Handled:
    """Whose tools would have run first, or who ended up with the message when none would; the tools; and the answer."""

    agent: str
    calls: tuple[ToolCall, ...]
    text: str


@dataclass(slots=True)
class RecordingToolbox:
    """Agrees to everything and does nothing. Arguments are the checked ones, as JSON."""

    calls: list[ToolCall] = field(default_factory=list)

    def call(self, tool: str, tool_call_id: str, args: dict[str, Any]) -> ToolResult:  # noqa: ARG002
        self.calls.append(ToolCall(tool, args))
        return ToolResult(True, "Feito.")


class NoJournal:
    def load(self) -> list[Any]:
        return []

    def save(self, messages: list[Any]) -> None:
        """A case that breaks off starts anew."""


def handle(text: str, now: datetime, history: Sequence[Utterance], models: ModelChain) -> Handled:
    """Routes the message, runs the agents and follows their handoffs. The sender may do everything."""
    past = tuple(history)
    role = analyze(text, Situation(now=now, history=past, current_role=current_role(now, past))).role
    toolbox = RecordingToolbox()
    open_args: dict[str, Any] | None = None
    reason: str | None = None
    first: Role | None = None
    for hops in range(MAX_HOPS + 1):
        turn = _turn(role, text, now, past, hops=hops, handoff_reason=reason, open_args=open_args)
        result = run_agent(turn, NoJournal(), toolbox, models)
        first = first or (role if toolbox.calls else None)
        if not isinstance(result, HandoffRequest):
            return Handled(first or role, tuple(toolbox.calls), result.text)
        role, reason, open_args = result.to, result.reason, result.open_args
    return Handled(first or "support", tuple(toolbox.calls), "")


def current_role(now: datetime, history: tuple[Utterance, ...]) -> Role | None:
    """Whose conversation it is by now: its messages routed again, one after the other."""
    current: Role | None = None
    for place, said in enumerate(history):
        if said.speaker == "user":
            current = analyze(said.text, Situation(now=now, history=history[:place], current_role=current)).role
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
