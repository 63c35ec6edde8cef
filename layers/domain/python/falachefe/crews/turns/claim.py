"""Claiming a task: marks it as this worker's and reads all that its agent needs, in one short transaction."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
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
from falachefe.db.statements import Query, defer, fetch, prepared, run
from falachefe.kernel.errors import NotFound
from falachefe.messaging.conversations import service as conversations
from falachefe.messaging.conversations import skipped
from falachefe.messaging.conversations.service import ConversationState, IncomingMessage, PastMessage


class LeaseLost(Exception):
    """Another worker has the task now, or it has ended: this worker must not write any more."""


class WrongRole(RuntimeError):
    """A queue message reached the queue of another role."""


@dataclass(frozen=True, slots=True)
class TaskRef:
    """The payload of a message in an agent's queue."""

    task_id: UUID
    company_id: UUID
    conversation_id: UUID

    @classmethod
    def of(cls, payload: "dict[str, Any]") -> "TaskRef":
        return cls(UUID(payload["task_id"]), UUID(payload["company_id"]), UUID(payload["conversation_id"]))


@dataclass(frozen=True, slots=True)
class QueueDelivery:
    """The delivery of a queue message that leads to an attempt; the task keeps it in its metadata."""

    message_id: str
    deliveries: int
    backoff: Callable[[int], int]
    """The seconds until the next delivery, by the number of deliveries so far."""

    def repeats_last_attempt(self, task: Any) -> bool:
        """Whether this message led to the last attempt too: that one has ended then, whatever its lease says."""
        last = _unresolved_attempts(task)[-1:]
        return bool(last) and last[0]["message_id"] == self.message_id and last[0]["attempt"] == task.attempts

    def attempts_ended_by_outage(self, task: Any, now: datetime) -> list[int]:
        """The numbers of the task's attempts whose workers returned this message because of an outage."""
        return [
            one["attempt"]
            for one in _unresolved_attempts(task)
            if one["message_id"] == self.message_id
            and rules.was_returned_by_worker(
                now - _started_at(one), timedelta(seconds=self._backoff_since(one["deliveries"]))
            )
        ]

    def _backoff_since(self, deliveries: int) -> int:
        return sum(self.backoff(number) for number in range(deliveries + 1, self.deliveries))

    def as_attempt(self, attempt: int, now: datetime) -> dict[str, Any]:
        return {
            "attempt": attempt,
            "message_id": self.message_id,
            "deliveries": self.deliveries,
            "at": now.isoformat(),
        }


def _unresolved_attempts(task: Any) -> list[dict[str, Any]]:
    """The attempts that a queue message led to and whose end is not recorded."""
    excused = _outage_attempts(task)
    return [one for one in task.metadata.get("tries") or [] if one["attempt"] not in excused]


def _started_at(one: dict[str, Any]) -> datetime:
    return datetime.fromisoformat(one["at"])


def message_may_return(task: Any, now: datetime) -> bool:
    """Whether a message may still be delivered again that shows that an outage ended an attempt."""
    return any(now - _started_at(one) < rules.MESSAGE_RETURNS_WITHIN for one in _unresolved_attempts(task))


def facts_of(task: Any) -> rules.TaskFacts:
    return rules.TaskFacts(task.status, task.attempts - len(_outage_attempts(task)), task.lease_until)


def _outage_attempts(task: Any) -> list[int]:
    """The numbers of the attempts that an outage ended."""
    found: list[int] = task.metadata.get("excused") or []
    return found


@dataclass(frozen=True, slots=True)
class ClaimedTask:
    """A claimed task. `attempt` fences its writes: they have an effect only while the task still has this number."""

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
    """Other messages were set aside because they were too old; the person is to be sent a notice."""
    history: Sequence[PastMessage]
    state: ConversationState
    crew: CrewState
    company: CompanyView
    sender: Member | None
    """None for a contact, who has no permission."""

    @property
    def written_at(self) -> datetime | None:
        """When the newest message was written."""
        return max((message.written_at for message in self.messages), default=None)

    @property
    def counted_attempts(self) -> int:
        """How many attempts count, this one included: not those that an outage ended, or may have ended."""
        undecided = [
            one
            for one in self.metadata.get("tries") or []
            if one["attempt"] != self.attempt and self.claimed_at - _started_at(one) < rules.MESSAGE_RETURNS_WITHIN
        ]
        return self.attempt - len(self.metadata.get("excused") or []) - len(undecided)

    @property
    def path(self) -> list[str]:
        return list(self.metadata.get("path", [self.role]))

    @property
    def lines(self) -> list[str]:
        """The lines about this turn's handoffs that the person reads before the reply."""
        return list(self.metadata.get("lines", []))

    @property
    def permissions(self) -> frozenset[str]:
        return self.sender.permissions if self.sender else frozenset()

    @property
    def sender_name(self) -> str | None:
        return self.sender.name if self.sender else self.state.contact_name


@dataclass(frozen=True, slots=True)
class NotClaimed:
    """A task that is not to be run now, and why not."""

    decision: rules.Claim
    task: Any
    state: ConversationState
    company: CompanyView
    too_old: bool = False


def claim(
    session: Session, ref: TaskRef, *, role: str | None, now: datetime, delivery: QueueDelivery | None = None
) -> ClaimedTask | NotClaimed:
    """Claims the task, or returns why not. The conversation stays locked for the rest of the transaction.

    `role` is the queue's; None accepts a task of any role. The conversation's unassigned messages become this task's.
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
    excused = [*_outage_attempts(task), *(delivery.attempts_ended_by_outage(task, now) if delivery is not None else [])]
    facts = rules.TaskFacts(task.status, task.attempts - len(excused), task.lease_until)
    decision = rules.claim(
        replace(facts, lease_until=None) if delivery is not None and delivery.repeats_last_attempt(task) else facts,
        now=now,
        company_active=company.status == "active",
        sender_active=state.user_id is None or (sender is not None and sender.active),
    )
    if decision is rules.Claim.GIVE_UP and message_may_return(task, now):
        decision = rules.Claim.SKIP  # the sweep announces it again
    if decision is not rules.Claim.RUN:
        return NotClaimed(decision, task, state, company)
    started_at = task.started_at or now
    tries = [
        *_unresolved_attempts(task),
        *([delivery.as_attempt(task.attempts + 1, now)] if delivery is not None else []),
    ]
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
    past = conversations.history_query(ref.company_id, ref.conversation_id, before_task=ref.task_id)
    run(session, begun, taken, past)
    messages, too_old = _to_answer(session, ref, task, taken.result, now)
    if not messages:
        return NotClaimed(rules.Claim.NOTHING_LEFT, task, state, company, too_old=too_old)
    return ClaimedTask(
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
    """The messages that the task answers, in a stable order, and whether others were too old.

    The journal and a handoff refer to texts by position, so the messages of an earlier claim keep their positions and
    later ones follow, whenever they were written. A task that has begun to act keeps all its messages.
    """
    messages: Sequence[IncomingMessage] = taken
    old: list[IncomingMessage] = []
    if not task.journal and task.hops == 0:
        messages, old = skipped.split_by_age(taken, now)
        skipped.set_aside(session, ref.company_id, [message.id for message in old])
    if len(messages) > 1:
        before: list[str] = task.metadata.get("order", [])
        places = {identifier: place for place, identifier in enumerate(before)}
        # The sort is stable: messages that no earlier claim has recorded stay in the order in which they were written.
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
    """Locks the task. Always after the conversation's lock, so that two workers cannot deadlock."""
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
