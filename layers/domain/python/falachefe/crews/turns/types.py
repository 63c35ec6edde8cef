"""Input and output of an agent's run. Imports no model library: functions without one use it too."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any, Literal, Protocol

from falachefe.crews.tools.spec import ToolResult
from falachefe.language.types import NO_FACTS, ROLES, Facts, Role

__all__ = ["ROLES", "HandoffRequest", "Journal", "PastMessage", "Reply", "Role", "Toolbox", "TurnInput", "Usage"]

type Usage = dict[str, int]
"""`input`, `output` and `total` tokens, and `requests` to a model."""


class PastMessage(Protocol):
    """One earlier message of the conversation."""

    @property
    def speaker(self) -> Literal["user", "agent"]: ...
    @property
    def text(self) -> str: ...


class Journal(Protocol):
    """The model messages of one task, as JSON values."""

    def load(self) -> list[Any]: ...

    def save(self, messages: list[Any]) -> None:
        """Called after each response that calls tools or costs money, before its tools run."""
        ...


class Toolbox(Protocol):
    """Runs tools for one task: permission, idempotency by tool call id, one short transaction each."""

    def call(self, tool: str, tool_call_id: str, args: dict[str, Any]) -> ToolResult: ...


@dataclass(frozen=True, slots=True)
class TurnInput:
    """One agent's part of a turn. `now` is aware and in the company's time zone; `history` is oldest first.

    `texts` are all messages that the turn answers, in order. `written_at` and `history_at` say when each text and each
    earlier message was written, in the company's time zone; missing ones count as `now`. `open_args` is the previous
    agent's `HandoffRequest.open_args`, passed on unchanged.
    """

    role: Role
    texts: tuple[str, ...]
    history: tuple[PastMessage, ...]
    now: datetime
    company_name: str
    sender_name: str | None
    sender_kind: Literal["staff", "contact"]
    active_roles: frozenset[Role]
    handoff_reason: str | None = None
    open_args: Mapping[str, Any] | None = None
    hops: int = 0
    tone: str = "warm"
    """The company's tone towards people: `warm` or `formal`."""
    written_at: tuple[datetime, ...] = ()
    history_at: tuple[datetime, ...] = ()
    facts: Facts = NO_FACTS
    """What the company knows and the sender may see: names beat every word list of the engine."""

    def moment_of(self, index: int) -> datetime:
        """When the text at `index` was written: "hoje" in it means that day."""
        return self.written_at[index] if index < len(self.written_at) else self.now

    @property
    def moment(self) -> datetime:
        """When the newest text was written."""
        return max(self.written_at, default=self.now)

    def past_moment_of(self, index: int) -> datetime:
        """When the message at `index` of the history was written."""
        return self.history_at[index] if index < len(self.history_at) else self.now


@dataclass(frozen=True, slots=True)
class Reply:
    """The answer to a turn."""

    text: str
    confidence: Decimal
    tools: tuple[str, ...]
    usage: Usage
    cost_usd: Decimal
    model: str
    degraded: bool


@dataclass(frozen=True, slots=True)
class HandoffRequest:
    """Hands the turn off to another agent. `open_args` must reach that agent's `TurnInput` unchanged."""

    to: Role
    reason: str
    summary: str
    """What was done and answered so far, in pt-BR; may be empty."""
    open_args: dict[str, Any] = field(default_factory=dict)
    tools: tuple[str, ...] = ()
    usage: Usage = field(default_factory=dict)
    cost_usd: Decimal = Decimal(0)
    model: str = ""
    degraded: bool = False
