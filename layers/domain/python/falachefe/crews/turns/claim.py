"""Claiming a task: everything an agent needs, taken in one short transaction."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Select, Update, bindparam, select, update
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Session

from falachefe.access import staff
from falachefe.access.staff import Member
from falachefe.companies import service as tenancy
from falachefe.companies.service import CompanyView
from falachefe.crews.models import TASKS
from falachefe.crews.turns import rules, start
from falachefe.crews.turns.start import CrewState
from falachefe.db.statements import (
    Query,
    defer,
    fetch,
    prepared,
    run,
)
from falachefe.kernel.errors import NotFound
from falachefe.messaging.conversations import service as conversations
from falachefe.messaging.conversations import skipped
from falachefe.messaging.conversations.service import ConversationState, IncomingMessage, PastMessage

HISTORY: Final = 20
"""Messages before the turn that routing and the agent get to see."""


class LeaseLost(Exception):
    """Another worker has the task now, or it is over: this one must not write any more."""


class WrongRole(RuntimeError):
    """A queue message reached the queue of another role."""


@dataclass(frozen=True, slots=True)
class TaskRef:
    """The body of an agent queue's queue message."""

    task_id: UUID
    company_id: UUID
    conversation_id: UUID

    @classmethod
    def of(cls, payload: "dict[str, Any]") -> "TaskRef":
        return cls(UUID(payload["task_id"]), UUID(payload["company_id"]), UUID(payload["conversation_id"]))


@dataclass(frozen=True, slots=True)
class HandedOut:
    """The queue's message that leads to a try, as a task keeps it."""

    message_id: str
    deliveries: int
    waits: Callable[[int], int]
    """Seconds that the message is made to wait after so many deliveries."""

    def had(self, task: Any) -> bool:
        """Whether the task's last try had this message too: that try is over then, whatever its lease says."""
        last = _open_tries(task)[-1:]
        return bool(last) and last[0]["message_id"] == self.message_id and last[0]["attempt"] == task.attempts

    def excuses(self, task: Any, now: datetime) -> list[int]:
        """The tries of the task whose workers returned this message."""
        return [
            one["attempt"]
            for one in _open_tries(task)
            if one["message_id"] == self.message_id
            and rules.was_handed_back(now - _begun(one), timedelta(seconds=self._waited_since(one["deliveries"])))
        ]

    def _waited_since(self, deliveries: int) -> int:
        return sum(self.waits(number) for number in range(deliveries + 1, self.deliveries))

    def as_try(self, attempt: int, now: datetime) -> dict[str, Any]:
        return {
            "attempt": attempt,
            "message_id": self.message_id,
            "deliveries": self.deliveries,
            "at": now.isoformat(),
        }


def _open_tries(task: Any) -> list[dict[str, Any]]:
    """The tries that a queue's message led to and of whose end nothing is known."""
    excused = _excused(task)
    return [one for one in task.metadata.get("tries") or [] if one["attempt"] not in excused]


def _begun(one: dict[str, Any]) -> datetime:
    return datetime.fromisoformat(one["at"])


def message_may_return(task: Any, now: datetime) -> bool:
    """Whether a message may come back yet that tells of a try that an outage ended it."""
    return any(now - _begun(one) < rules.MESSAGE_RETURNS_WITHIN for one in _open_tries(task))


def facts_of(task: Any) -> rules.TaskFacts:
    return rules.TaskFacts(task.status, task.attempts - len(_excused(task)), task.lease_until)


def _excused(task: Any) -> list[int]:
    """The tries that an outage ended, by their numbers."""
    found: list[int] = task.metadata.get("excused") or []
    return found


@dataclass(frozen=True, slots=True)
class Work:
    """A claimed task. `attempt` is the fence: a write of this worker counts only while the task still has it."""

    ref: TaskRef
    attempt: int
    role: str
    agent_id: UUID
    hops: int
    metadata: dict[str, Any]
    journal: list[Any]
    started_at: datetime
    claimed_at: datetime
    messages: Sequence[IncomingMessage]
    too_old: bool
    """Others were too old to be acted on, and are set aside: the person is to be told."""
    history: Sequence[PastMessage]
    state: ConversationState
    crew: CrewState
    company: CompanyView
    sender: Member | None
    """None for a contact, who holds no permission."""

    @property
    def written_at(self) -> datetime | None:
        """When the newest message was written."""
        return max((message.written_at for message in self.messages), default=None)

    @property
    def tries(self) -> int:
        """How many tries count, this one included: none that an outage ended, or may have ended."""
        undecided = [
            one
            for one in self.metadata.get("tries") or []
            if one["attempt"] != self.attempt and self.claimed_at - _begun(one) < rules.MESSAGE_RETURNS_WITHIN
        ]
        return self.attempt - len(self.metadata.get("excused") or []) - len(undecided)

    @property
    def path(self) -> list[str]:
        return list(self.metadata.get("path", [self.role]))

    @property
    def lines(self) -> list[str]:
        """What the person reads of this turn's handoffs, before the reply."""
        return list(self.metadata.get("lines", []))

    @property
    def permissions(self) -> frozenset[str]:
        return self.sender.permissions if self.sender else frozenset()

    @property
    def sender_name(self) -> str | None:
        return self.sender.name if self.sender else self.state.contact_name


@dataclass(frozen=True, slots=True)
class Refused:
    """A task that is not to be run now, and why."""

    decision: rules.Claim
    task: Any
    state: ConversationState
    company: CompanyView
    too_old: bool = False


def claim(
    session: Session, ref: TaskRef, *, role: str | None, now: datetime, handed_out: HandedOut | None = None
) -> Work | Refused:
    """Claims the task or says why not; the conversation stays locked for the rest of the transaction.

    `role` is the queue's; None takes a task of any role. The messages that nobody answers yet become this task's.
    """
    locked = conversations.lock_query(ref.company_id, ref.conversation_id), lock_task_query(ref.company_id, ref.task_id)
    read = tenancy.company_query(ref.company_id), start.crew_of_task_query(ref.company_id, ref.task_id)
    run(session, *locked, *read)
    state, task, company = locked[0].result, locked[1].result, read[0].result
    if role is not None and task.role != role:
        raise WrongRole(f"a task of {task.role} reached the agent {role}")
    if company is None:
        raise NotFound("Empresa não encontrada.", code="company_not_found")
    sender = _sender(session, state)
    excused = [*_excused(task), *(handed_out.excuses(task, now) if handed_out is not None else [])]
    facts = rules.TaskFacts(task.status, task.attempts - len(excused), task.lease_until)
    decision = rules.claim(
        replace(facts, lease_until=None) if handed_out is not None and handed_out.had(task) else facts,
        now=now,
        company_active=company.status == "active",
        sender_active=state.user_id is None or (sender is not None and sender.active),
    )
    if decision is rules.Claim.GIVE_UP and message_may_return(task, now):
        decision = rules.Claim.SKIP  # the sweep announces it again
    if decision is not rules.Claim.RUN:
        return Refused(decision, task, state, company)
    started_at = task.started_at or now
    tries = [*_open_tries(task), *([handed_out.as_try(task.attempts + 1, now)] if handed_out is not None else [])]
    known = {"excused": excused, "tries": tries}
    begun = _begin(
        company_id=ref.company_id,
        task_id=ref.task_id,
        attempts=task.attempts + 1,
        lease_until=now + rules.LEASE,
        started_at=started_at,
        known=known,
    )
    taken = conversations.assign_waiting_query(ref.company_id, ref.conversation_id, ref.task_id)
    past = conversations.history_query(ref.company_id, ref.conversation_id, before_task=ref.task_id, limit=HISTORY)
    run(session, begun, taken, past)
    messages, too_old = _to_answer(session, ref, task, taken.result, now)
    if not messages:
        return Refused(rules.Claim.NOTHING_LEFT, task, state, company, too_old=too_old)
    return Work(
        ref=ref,
        attempt=task.attempts + 1,
        role=task.role,
        agent_id=task.agent_id,
        hops=task.hops,
        metadata=task.metadata | known,
        journal=task.journal,
        started_at=started_at,
        claimed_at=now,
        messages=messages,
        too_old=too_old,
        history=past.result,
        state=state,
        crew=read[1].result,
        company=company,
        sender=sender,
    )


def _to_answer(
    session: Session, ref: TaskRef, task: Any, taken: Sequence[IncomingMessage], now: datetime
) -> tuple[Sequence[IncomingMessage], bool]:
    """The messages that the task answers, in an order that stays, and whether others were too old.

    The journal and a handoff name texts by their place, so what an earlier claim had keeps its place, and what came
    since goes behind it whenever it was written. A task that has begun to act goes on with all that it had.
    """
    messages: Sequence[IncomingMessage] = taken
    old: list[IncomingMessage] = []
    if not task.journal and task.hops == 0:
        messages, old = skipped.split_by_age(taken, now)
        skipped.set_aside(session, ref.company_id, [message.id for message in old])
    if len(messages) > 1:
        before: list[str] = task.metadata.get("order", [])
        places = {identifier: place for place, identifier in enumerate(before)}
        # The sort is stable: what no earlier claim has put on record stays as it was written.
        messages = sorted(messages, key=lambda m: places.get(str(m.id), len(places) + (not m.taken_before)))
        order = [str(message.id) for message in messages]
        if order != before:
            defer(session, _keep_order(company_id=ref.company_id, task_id=ref.task_id, order={"order": order}))
    return messages, bool(old)


@prepared
def _keep_order() -> Update:
    return (
        update(TASKS)
        .where(TASKS.c.company_id == bindparam("company_id"), TASKS.c.id == bindparam("task_id"))
        .values(metadata=TASKS.c.metadata.op("||")(bindparam("order", type_=JSONB)))
    )


@prepared
def _begin() -> Update:
    return (
        update(TASKS)
        .where(TASKS.c.company_id == bindparam("company_id"), TASKS.c.id == bindparam("task_id"))
        .values(
            status="in_progress",
            attempts=bindparam("attempts"),
            lease_until=bindparam("lease_until"),
            started_at=bindparam("started_at"),
            metadata=TASKS.c.metadata.op("||")(bindparam("known", type_=JSONB)),
        )
    )


def locked_task(session: Session, company_id: UUID, task_id: UUID) -> Any:
    """Always after the conversation's lock, so that two workers never wait for each other."""
    return fetch(session, lock_task_query(company_id, task_id))


def lock_task_query(company_id: UUID, task_id: UUID) -> Query[Any]:
    return _lock_task.read(_the_task, company_id=company_id, task_id=task_id)


def _the_task(rows: list[Any]) -> Any:
    if not rows:
        raise NotFound("Tarefa não encontrada.", code="task_not_found")
    return rows[0]


@prepared
def _lock_task() -> Select[Any]:
    return (
        select(
            TASKS.c.id,
            TASKS.c.crew_id,
            TASKS.c.agent_id,
            TASKS.c.role,
            TASKS.c.status,
            TASKS.c.attempts,
            TASKS.c.lease_until,
            TASKS.c.started_at,
            TASKS.c.hops,
            TASKS.c.journal,
            TASKS.c.metadata,
        )
        .where(TASKS.c.company_id == bindparam("company_id"), TASKS.c.id == bindparam("task_id"))
        .with_for_update()
    )


def _sender(session: Session, state: ConversationState) -> Member | None:
    return staff.member(session, state.company_id, state.user_id) if state.user_id else None
