"""What happens to a turn, decided without a database, a queue or a model: facts and the clock in, a decision out."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

MAX_ATTEMPTS: Final = 3
MAX_HOPS: Final = 3
"""Handoffs in one turn; the agent that a turn reaches after so many answers by itself."""
TASK_TIMEOUT: Final = timedelta(seconds=30)
"""How long an agent may work at one attempt before it counts as stuck."""
LEASE: Final = timedelta(seconds=45)
"""Longer than `TASK_TIMEOUT`, so that a lease runs out only under a worker that is gone."""
PICKUP_DEADLINE: Final = timedelta(seconds=30)
"""A task that nobody claimed by then is announced again: its queue message may be lost."""
SURE_ENOUGH: Final = 0.45
"""Below this confidence nobody guesses: support asks."""

FALLBACK: Final = ("support", "orchestrator", "financial", "hr", "marketing")
"""Who takes over when the agent that was meant cannot: the first of these that works."""

ROLE_NAMES: Final = {
    "orchestrator": "a recepção",
    "financial": "o financeiro",
    "marketing": "o marketing",
    "hr": "o RH",
    "support": "o suporte",
}


class Opening(StrEnum):
    OPEN = "open"
    JOIN = "join"
    """A turn is running: it, or the next one, answers this message too."""
    PAUSED_NOTICE = "paused_notice"
    PAUSED_SILENT = "paused_silent"
    SILENT = "silent"
    """A person is talking; the crew listens."""


def open_or_join(
    *,
    now: datetime,
    has_active_task: bool,
    human_until: datetime | None,
    crew_works: bool,
    told_of_pause: bool,
) -> Opening:
    """What a new message does to its conversation."""
    if human_until is not None and human_until > now:
        return Opening.SILENT
    if has_active_task:
        return Opening.JOIN
    if crew_works:
        return Opening.OPEN
    return Opening.PAUSED_SILENT if told_of_pause else Opening.PAUSED_NOTICE


@dataclass(frozen=True, slots=True)
class Routing:
    role: str
    reason: str


def route(*, wanted: str, confidence: float, staff: bool, active: Collection[str]) -> Routing | None:
    """Who takes a new turn; None when no agent works. People from outside the company are support's."""
    if not staff and "support" in active:
        return Routing("support", "contact")
    if confidence < SURE_ENOUGH and "support" in active:
        return Routing("support", "low_confidence")
    if wanted in active:
        return Routing(wanted, "analysis")
    stand_in = _first_active(FALLBACK, active)
    return Routing(stand_in, "inactive_agent") if stand_in else None


def _first_active(roles: Sequence[str], active: Collection[str]) -> str | None:
    return next((role for role in roles if role in active), None)


MESSAGE_RETURNS_WITHIN: Final = timedelta(minutes=10)
"""By then the queue gives the message of a lost worker, or one that was handed back, to another."""
LOST_AFTER: Final = timedelta(seconds=450)
"""The message of a worker that is lost comes again when its time in the queue has run out (540 s from its receipt, of
which the worker may have used up to 90), plus the waits since; one that was handed back comes within 300 s."""


def was_handed_back(elapsed: timedelta, waits_since: timedelta) -> bool:
    """Whether the worker of the last try returned its message, for an outage, rather than got lost.

    `elapsed` is how long ago that try began. `waits_since` is how long the message was made to wait after the later
    deliveries, which found the database away and so are on no record but the queue's count.
    """
    return elapsed < LOST_AFTER + waits_since


class Claim(StrEnum):
    RUN = "run"
    SKIP = "skip"
    """Somebody else has it, or it is over."""
    CANCEL = "cancel"
    NOTHING_LEFT = "nothing_left"
    """Its messages were answered by a person, or are too old."""
    GIVE_UP = "give_up"


@dataclass(frozen=True, slots=True)
class TaskFacts:
    status: str
    attempts: int
    """Tries that count: not those which an outage ended."""
    lease_until: datetime | None


def claim(task: TaskFacts, *, now: datetime, company_active: bool, sender_active: bool) -> Claim:
    """What a worker that was handed this task does with it."""
    if not _is_free(task, now):
        return Claim.SKIP
    if not (company_active and sender_active):
        return Claim.CANCEL
    return Claim.RUN if task.attempts < MAX_ATTEMPTS else Claim.GIVE_UP


def _is_free(task: TaskFacts, now: datetime) -> bool:
    if task.status == "pending":
        return True
    return task.status == "in_progress" and (task.lease_until is None or task.lease_until <= now)


class Overdue(StrEnum):
    LEAVE = "leave"
    ANNOUNCE = "announce"
    GIVE_UP = "give_up"


def overdue(task: TaskFacts, *, now: datetime, may_return: bool = False) -> Overdue:
    """What the sweep does with a task whose deadline may have passed.

    While a message `may_return` that tells that an outage ended a try, the task is not given up.
    """
    if task.status not in ("pending", "in_progress") or (task.lease_until is not None and task.lease_until > now):
        return Overdue.LEAVE
    return Overdue.ANNOUNCE if task.attempts < MAX_ATTEMPTS or may_return else Overdue.GIVE_UP


def retry_after_failure(attempts: int) -> bool:
    """Whether a task that failed at its `attempts`-th try is tried again."""
    return attempts < MAX_ATTEMPTS


@dataclass(frozen=True, slots=True)
class Pass:
    """Another agent goes on. `reason` is `wanted`, or why it is not the one that was wanted."""

    to: str
    reason: str


@dataclass(frozen=True, slots=True)
class Stay:
    """Nobody can take it: the turn ends here with a question to the person."""

    reason: str


def handoff(*, origin: str, wanted: str, path: Sequence[str], active: Collection[str]) -> Pass | Stay:
    """Where a handoff goes.

    `path` is the roles of this turn so far, `origin` last. Whoever had the turn before does not get it again, and
    after `MAX_HOPS` handoffs nobody but support does: two agents must never play ball with a person's message.
    """
    if wanted == origin:
        return _to_fallback(origin, path, active, "to_itself")
    if wanted in path:
        return _to_fallback(origin, path, active, "already_had_it")
    if len(path) > MAX_HOPS:
        return _to_fallback(origin, path, active, "too_many_hops")
    if wanted not in active:
        return _to_fallback(origin, path, active, "inactive_agent")
    return Pass(wanted, "wanted")


def _to_fallback(origin: str, path: Sequence[str], active: Collection[str], reason: str) -> Pass | Stay:
    if origin == "support" or len(path) > MAX_HOPS + 1:
        return Stay(reason)
    if "support" in active:
        return Pass("support", reason)
    fresh = [role for role in FALLBACK if role not in path]
    stand_in = _first_active(fresh, active) if len(path) <= MAX_HOPS else None
    return Pass(stand_in, reason) if stand_in else Stay(reason)


def handoff_line(to: str, *, wanted: str, reason: str) -> str:
    """The one line that a person reads of a handoff."""
    if reason == "inactive_agent" and wanted != to:
        return f"{_capital(ROLE_NAMES[wanted])} não está disponível agora, então passei para {ROLE_NAMES[to]}."
    return f"Passei para {ROLE_NAMES[to]}."


def stay_text(*, wanted: str, reason: str) -> str:
    """What a person reads when a turn ends because nobody else could take it."""
    if reason == "inactive_agent":
        return f"{_capital(ROLE_NAMES[wanted])} não está disponível agora. Posso ajudar com outra coisa?"
    return "Não consegui entender bem o que você precisa. Pode me explicar de outro jeito?"


def _capital(text: str) -> str:
    return text[0].upper() + text[1:]
