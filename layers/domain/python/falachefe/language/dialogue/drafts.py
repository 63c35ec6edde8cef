"""What a message was understood to be, before the conversation around it is weighed."""

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from falachefe.language.contract import TOOLS, JsonValue, Role


@dataclass(frozen=True, slots=True)
class Draft:
    """A tool call in the making. `missing` must be asked for; `flaw` says why what was written cannot be used."""

    tool: str
    args: dict[str, JsonValue] = field(default_factory=dict)
    missing: tuple[str, ...] = ()
    flaw: str | None = None
    day: date | None = field(default=None, compare=False)
    """On which day the request was written: the entry's, when no other is named."""
    note: str = field(default="", compare=False)
    """What is said once the tool has run, when it does less than was asked for."""

    @property
    def complete(self) -> bool:
        return not self.missing


@dataclass(frozen=True, slots=True)
class Reading:
    """`intent` is a tool's name or a kind of talk; `explicit` tells a whole request from a fragment such as `150`."""

    intent: str
    role: Role
    drafts: tuple[Draft, ...] = ()
    confidence: float = 0.9
    explicit: bool = True

    @property
    def is_tool(self) -> bool:
        return bool(self.drafts)


def for_tool(draft: Draft, *more: Draft, confidence: float = 0.92, explicit: bool = True) -> Reading:
    return Reading(draft.tool, TOOLS[draft.tool], (draft, *more), confidence, explicit)


def money(value: Decimal) -> str:
    """The contract's form of an amount: `1234.56`."""
    return f"{value:.2f}"
