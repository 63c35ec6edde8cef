"""The interpretation of one message on its own: its intent and the tool calls that it drafts."""

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from falachefe.language.types import NOT_OFFERED, TOOLS, JsonValue, Role


@dataclass(frozen=True, slots=True)
class Draft:
    """A tool call whose slots are being filled. `missing` slots are asked for; `flaw` says why a value is unusable."""

    tool: str
    args: dict[str, JsonValue] = field(default_factory=dict)
    missing: tuple[str, ...] = ()
    flaw: str | None = None
    day: date | None = field(default=None, compare=False)
    """The day on which the request was written; an entry's date unless the message names another."""
    note: str = field(default="", compare=False)
    """A text for the user after the tool has run: how an amount was reckoned, or that less was done than asked."""
    readings: tuple[Decimal, ...] = field(default=(), compare=False)
    """What an amount that must be asked about may be."""

    @property
    def complete(self) -> bool:
        return not self.missing


@dataclass(frozen=True, slots=True)
class Interpretation:
    """`intent` is a tool's name or a conversational intent. `explicit` is false for a fragment such as `150`."""

    intent: str
    role: Role
    drafts: tuple[Draft, ...] = ()
    confidence: float = 0.9
    explicit: bool = True

    @property
    def is_tool(self) -> bool:
        return bool(self.drafts)


def for_tool(draft: Draft, *more: Draft, confidence: float = 0.92, explicit: bool = True) -> Interpretation:
    role = TOOLS.get(draft.tool) or NOT_OFFERED[draft.tool]
    return Interpretation(draft.tool, role, (draft, *more), confidence, explicit)


def money(value: Decimal) -> str:
    """An amount as tools take it: `1234.56`."""
    return f"{value:.2f}"
