"""Input and output types of the engine."""

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
    "list_entries": "financial",
    "spending_report": "financial",
    "correct_entry": "financial",
    "delete_entry": "financial",
    "add_bill": "financial",
    "settle_bill": "financial",
    "list_bills": "financial",
    "cancel_bill": "financial",
    "cash_flow_report": "financial",
    "create_budget": "financial",
    "analyze_trends": "financial",
    "create_campaign": "marketing",
    "list_campaigns": "marketing",
    "campaign_results": "marketing",
    "suggest_post": "marketing",
    "send_campaign": "marketing",
    "cancel_campaign": "marketing",
    "count_contacts": "marketing",
    "add_employee": "hr",
    "list_employees": "hr",
    "request_time_off": "hr",
    "register_absence": "hr",
    "answer_question": "support",
    "open_ticket": "support",
    "talk_to_human": "support",
    "greet": "orchestrator",
    "help": "orchestrator",
    "remind": "orchestrator",
    "list_reminders": "orchestrator",
    "cancel_reminder": "orchestrator",
    "undo": "orchestrator",
}
NOT_OFFERED: Final[dict[str, Role]] = {
    "cash_flow_chart": "financial",
    "export_entries": "financial",
    "list_time_off": "hr",
    "decide_time_off": "hr",
    "update_employee": "hr",
    "end_employment": "hr",
    "list_tickets": "support",
    "close_ticket": "support",
}
"""What the engine recognises and no tool of the crew does: the answer says so, and nothing changes."""
OF_EVERY_AGENT: Final[frozenset[str]] = frozenset({"undo"})
"""Tools of whichever agent has the conversation: no handoff is needed for them."""


@dataclass(frozen=True, slots=True)
class Utterance:
    """One earlier message of the conversation."""

    speaker: Literal["user", "agent"]
    text: str
    at: datetime | None = None
    """When it was written, in the company's time zone: "hoje" means that day. None means the situation's `now`."""


@dataclass(frozen=True, slots=True)
class OpenBill:
    """A bill of the company that is not fully paid. `amount` is what is still owed, in reais; `due` an ISO date."""

    description: str
    counterparty: str
    amount: Decimal
    due: str
    direction: Literal["payable", "receivable"]


@dataclass(frozen=True, slots=True)
class Facts:
    """What the company knows: names as they are stored. They outrank every word list of the engine."""

    people: tuple[str, ...] = ()
    suppliers: tuple[str, ...] = ()
    contacts: tuple[str, ...] = ()
    campaigns: tuple[str, ...] = ()
    bills: tuple[OpenBill, ...] = ()


NO_FACTS: Final = Facts()


@dataclass(frozen=True, slots=True)
class Situation:
    """Everything besides the text that a decision depends on.

    `now` is when the message was written, aware and in the company's time zone: dates are resolved against that day.
    `history` is oldest first.
    """

    now: datetime
    history: tuple[Utterance, ...] = ()
    current_role: Role | None = None
    active_roles: frozenset[Role] = field(default_factory=lambda: frozenset(ROLES))
    approval_over: Decimal = Decimal(5000)
    """The company's limit in reais: an expense above it needs an approval."""
    facts: Facts = field(default_factory=Facts)


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
    """`then` follows once the tools have run: a handoff for the rest of the message, or a text to the user."""

    calls: tuple[ToolCall, ...]
    then: Handoff | Say | None = None


@dataclass(frozen=True, slots=True)
class Ask:
    """A question to the user: `args` holds the slots filled so far, `missing` the ones that the answer must fill.

    `then` is the part of the message for another agent, which does not wait for the answer.
    """

    question: str
    tool: str
    args: dict[str, JsonValue]
    missing: tuple[str, ...]
    then: Handoff | Say | None = None


type Decision = CallTools | Ask | Handoff | Say
