"""What the engine is asked and what it answers: plain values, no behaviour."""

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Final, Literal

type Role = Literal["orchestrator", "financial", "marketing", "hr", "support"]
type Complexity = Literal["low", "medium", "high"]
type JsonValue = str | int | float | bool | list[JsonValue] | dict[str, JsonValue] | None

ROLES: Final[tuple[Role, ...]] = ("orchestrator", "financial", "marketing", "hr", "support")

TOOLS: Final[dict[str, Role]] = {
    "add_expense": "financial",
    "add_income": "financial",
    "cash_flow_report": "financial",
    "create_budget": "financial",
    "analyze_trends": "financial",
    "create_campaign": "marketing",
    "list_campaigns": "marketing",
    "campaign_results": "marketing",
    "suggest_post": "marketing",
    "add_employee": "hr",
    "list_employees": "hr",
    "request_time_off": "hr",
    "register_absence": "hr",
    "answer_question": "support",
    "open_ticket": "support",
    "talk_to_human": "support",
    "greet": "orchestrator",
    "help": "orchestrator",
}


@dataclass(frozen=True, slots=True)
class Utterance:
    """One earlier message of the conversation."""

    speaker: Literal["user", "agent"]
    text: str
    at: datetime | None = None
    """When it was written, in the company's time zone: its "hoje" is that day's. None is the situation's `now`."""


@dataclass(frozen=True, slots=True)
class Situation:
    """Everything besides the text that a decision may depend on.

    `now` is when the message was written, aware and in the company's time zone: its dates are read against that day.
    `history` is oldest first.
    """

    now: datetime
    history: tuple[Utterance, ...] = ()
    current_role: Role | None = None
    active_roles: frozenset[Role] = field(default_factory=lambda: frozenset(ROLES))
    approval_over: Decimal = Decimal(5000)
    """Above this an expense waits for an approval: the company's limit."""


@dataclass(frozen=True, slots=True)
class Analysis:
    role: Role
    intent: str
    complexity: Complexity
    needs_approval: bool
    confidence: float
    reason: str


@dataclass(frozen=True, slots=True)
class ToolCall:
    """A tool with its arguments: amounts as decimal strings (`"1234.56"`), dates ISO, months `YYYY-MM`."""

    tool: str
    args: dict[str, JsonValue]


@dataclass(frozen=True, slots=True)
class Handoff:
    to: Role
    reason: str


@dataclass(frozen=True, slots=True)
class Say:
    text: str


@dataclass(frozen=True, slots=True)
class CallTools:
    """`then` follows once the tools have run: another agent for the rest of the message, or why there is none."""

    calls: tuple[ToolCall, ...]
    then: Handoff | Say | None = None


@dataclass(frozen=True, slots=True)
class Ask:
    """A question back; `args` is what is known so far and `missing` names what the answer must bring.

    `then` is another agent's part of the message, which need not wait for the answer.
    """

    question: str
    tool: str
    args: dict[str, JsonValue]
    missing: tuple[str, ...]
    then: Handoff | Say | None = None


type Decision = CallTools | Ask | Handoff | Say
