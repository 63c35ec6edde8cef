"""A claim: one clause of a message with its verb, its modality, who acts, which way money went, and its spans."""

from dataclasses import dataclass, field

from falachefe.language.clauses.types import Direction, Modality, MoneyEvent, Subject, Verb
from falachefe.language.spans.types import Money, Reckoning, Spans

__all__ = ["Claim", "Direction", "Modality", "MoneyEvent", "Reading", "Subject", "Verb"]


@dataclass(frozen=True, slots=True)
class Claim:
    """A clause, `plain[start:end]`, with at most one movement. `sum` is its amount after arithmetic, if it has one.

    `registers` is true behind a request to write it down (`anota 50 de gás`). `said` is the clause with amounts, days
    and codes hidden (`¦` and spaces), the same length: what is left says what the movement was about.
    """

    start: int
    end: int
    modality: Modality
    subject: Subject = "us"
    verb: Verb | None = None
    event: MoneyEvent | None = None
    direction: Direction | None = None
    spans: Spans = field(default_factory=Spans)
    sum: Reckoning | None = None
    registers: bool = False
    said: str = ""


@dataclass(frozen=True, slots=True)
class Reading:
    """What one message says: its spans, its claims in order, and the amounts that a later word of it replaced."""

    spans: Spans
    claims: tuple[Claim, ...]
    replaced: tuple[Money, ...] = ()
