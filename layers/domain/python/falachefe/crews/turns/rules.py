"""The decisions about turns and tasks, as pure functions: facts and the time in, a decision out."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

MAX_ATTEMPTS: Final = 3
MAX_HOPS: Final = 3
"""Handoffs in one turn; after the last one only support may still be handed the turn."""
TASK_TIMEOUT: Final = timedelta(seconds=30)
"""How long one attempt may take: tool calls and journal entries after it fail."""
LEASE: Final = timedelta(seconds=45)
"""Longer than `TASK_TIMEOUT`, so that a lease expires only when its worker is lost."""
PICKUP_DEADLINE: Final = timedelta(seconds=30)
"""A task that no worker claimed within this time is announced again: its queue message may be lost."""
MIN_CONFIDENCE: Final = 0.45
"""Below this confidence of routing the turn goes to support, which asks."""

FALLBACK_ROLES: Final = ("support", "orchestrator", "financial", "hr", "marketing")
"""The first active agent in this order takes over when the chosen one is not active."""

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
    """A turn is running; it or the next one answers this message too."""
    PAUSED_NOTICE = "paused_notice"
    PAUSED_SILENT = "paused_silent"
    SILENT = "silent"
    """A person of the company is answering; the crew stays silent."""


def open_or_join(
    *,
    now: datetime,
    has_active_task: bool,
    human_until: datetime | None,
    crew_works: bool,
    pause_announced: bool,
) -> Opening:
    """What a new message leads to in its conversation."""
    if human_until is not None and human_until > now:
        return Opening.SILENT
    if has_active_task:
        return Opening.JOIN
    if crew_works:
        return Opening.OPEN
    return Opening.PAUSED_SILENT if pause_announced else Opening.PAUSED_NOTICE


@dataclass(frozen=True, slots=True)
class Routing:
    role: str
    reason: str


def route(*, wanted: str, confidence: float, staff: bool, active: Collection[str]) -> Routing | None:
    """The agent of a new turn; None when no agent is active. Contacts who are not staff go to support."""
    if not staff and "support" in active:
        return Routing("support", "contact")
    if confidence < MIN_CONFIDENCE and "support" in active:
        return Routing("support", "low_confidence")
    if wanted in active:
        return Routing(wanted, "analysis")
    stand_in = _first_active(FALLBACK_ROLES, active)
    return Routing(stand_in, "inactive_agent") if stand_in else None


def _first_active(roles: Sequence[str], active: Collection[str]) -> str | None:
    return next((role for role in roles if role in active), None)


MESSAGE_RETURNS_WITHIN: Final = timedelta(minutes=10)
"""Within this time the queue delivers the message of a lost worker, or one that was returned, again."""
LOST_AFTER: Final = timedelta(seconds=450)
"""A lost worker's message is delivered again when its visibility timeout ends (540 s from its receipt, of which the
worker may have used up to 90), plus the back-off since; a returned message is delivered again within 300 s."""


def was_returned_by_worker(elapsed: timedelta, backoff_since: timedelta) -> bool:
    """Whether the worker of the last attempt returned its message because of an outage, rather than being lost.

    `elapsed` is the time since that attempt began. `backoff_since` is the back-off after the later deliveries, which
    found the database unavailable: only the queue's receive count shows them.
    """
    return elapsed < LOST_AFTER + backoff_since


class Claim(StrEnum):
    RUN = "run"
    SKIP = "skip"
    """Another worker has it, or it has ended."""
    CANCEL = "cancel"
    NOTHING_LEFT = "nothing_left"
    """Its messages were answered by a person, or were too old."""
    GIVE_UP = "give_up"


@dataclass(frozen=True, slots=True)
class TaskFacts:
    status: str
    attempts: int
    """The attempts that count: not those that an outage ended."""
    lease_until: datetime | None


def claim(task: TaskFacts, *, now: datetime, company_active: bool, sender_active: bool) -> Claim:
    """What a worker does with a task of its queue."""
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
    """What the sweep does with a task whose lease may have expired.

    With `may_return` a message may still show that an outage ended an attempt, so the task is not given up.
    """
    if task.status not in ("pending", "in_progress") or (task.lease_until is not None and task.lease_until > now):
        return Overdue.LEAVE
    return Overdue.ANNOUNCE if task.attempts < MAX_ATTEMPTS or may_return else Overdue.GIVE_UP


def retry_after_failure(attempts: int) -> bool:
    """Whether a task that failed at attempt number `attempts` gets another one."""
    return attempts < MAX_ATTEMPTS


@dataclass(frozen=True, slots=True)
class Handoff:
    """Another agent goes on. `reason` is `wanted`, or why it is another than the wanted one."""

    to: str
    reason: str


@dataclass(frozen=True, slots=True)
class NoHandoff:
    """No agent can take over: the turn ends with a question to the person."""

    reason: str


def handoff(*, origin: str, wanted: str, path: Sequence[str], active: Collection[str]) -> Handoff | NoHandoff:
    """The agent that a handoff leads to.

    `path` is the roles of this turn so far, `origin` last. An agent that had the turn before does not get it again, and
    after `MAX_HOPS` handoffs only support does, so that agents cannot hand a message to each other for ever.
    """
    if wanted == origin:
        return _to_fallback(origin, path, active, "to_itself")
    if wanted in path:
        return _to_fallback(origin, path, active, "already_had_it")
    if len(path) > MAX_HOPS:
        return _to_fallback(origin, path, active, "too_many_hops")
    if wanted not in active:
        return _to_fallback(origin, path, active, "inactive_agent")
    return Handoff(wanted, "wanted")


def _to_fallback(origin: str, path: Sequence[str], active: Collection[str], reason: str) -> Handoff | NoHandoff:
    if origin == "support" or len(path) > MAX_HOPS + 1:
        return NoHandoff(reason)
    if "support" in active:
        return Handoff("support", reason)
    fresh = [role for role in FALLBACK_ROLES if role not in path]
    stand_in = _first_active(fresh, active) if len(path) <= MAX_HOPS else None
    return Handoff(stand_in, reason) if stand_in else NoHandoff(reason)


def handoff_line(to: str, *, wanted: str, reason: str) -> str:
    """The line about a handoff that the person reads."""
    if reason == "inactive_agent" and wanted != to:
        return f"{_capital(ROLE_NAMES[wanted])} não está disponível agora, então passei para {ROLE_NAMES[to]}."
    return f"Passei para {ROLE_NAMES[to]}."


def stay_text(*, wanted: str, reason: str) -> str:
    """The text that ends a turn that no other agent could take over."""
    if reason == "inactive_agent":
        return f"{_capital(ROLE_NAMES[wanted])} não está disponível agora. Posso ajudar com outra coisa?"
    return "Não consegui entender bem o que você precisa. Pode me explicar de outro jeito?"


def _capital(text: str) -> str:
    return text[0].upper() + text[1:]
