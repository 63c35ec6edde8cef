"""What crashes and outages left behind, put right a minute later: queue messages, leases, sends, forgotten messages."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from hashlib import sha256
from typing import Final
from uuid import UUID

from sqlalchemy import select, text, update
from sqlalchemy.orm import Session

from falachefe.crews.models import TASKS
from falachefe.crews.turns import finish, rules, start
from falachefe.crews.turns.claim import facts_of, locked_task, message_may_return
from falachefe.db.engine import Database
from falachefe.db.outbox import (
    Outbox,
    Publisher,
    overdue_queue_messages,
    publish_outbox,
)
from falachefe.kernel.clock import Clock

QUEUE_MESSAGE_AGE: Final = timedelta(seconds=30)
SENDING_AGE: Final = timedelta(minutes=2)
TIME_BUDGET: Final = timedelta(seconds=40)
"""The function has 50 s; what is left over is the next minute's."""
MOST_QUEUE_MESSAGES: Final = 200
MOST_TASKS: Final = 50


@dataclass(slots=True)
class Swept:
    """What a sweep did, for its log line and metrics."""

    companies: int = 0
    queue_messages: int = 0
    announced: int = 0
    failed: int = 0
    uncertain: int = 0
    queued: int = 0
    """Sends that were announced again."""
    let_go: int = 0
    """Messages held for a sign-in that never came."""
    reopened: int = 0
    released: int = 0
    """Messages put aside that went to their queue again."""
    put_aside: int = 0
    """Messages that still are."""
    told: int = 0
    """Conversations whose person was told of messages that came during a suspension."""
    errors: list[str] = field(default_factory=list)
    """Class names; one company's trouble does not stop the others'."""


def sweep(database: Database, publisher: Publisher, clock: Clock) -> Swept:
    """Goes through the companies that have something overdue, within `TIME_BUDGET`. Safe to run twice at once."""
    started = clock.now()
    swept = Swept()
    for company_id in overdue_companies(database, started):
        if clock.now() - started > TIME_BUDGET:
            break
        sweep_company(database, publisher, company_id, now=clock.now(), swept=swept)
    return swept


def overdue_companies(database: Database, now: datetime) -> list[UUID]:
    """In another order each minute: when the time does not suffice for all, it is not always the same who wait."""
    with database.no_tenant() as session:
        asked = """
            select directory.companies_with_waiting_work(:now) union select directory.companies_with_untold_messages()
        """
        found = session.execute(text(asked), {"now": now})
        minute = now.strftime("%Y%m%d%H%M")
        return sorted(found.scalars(), key=lambda company: sha256(f"{company}{minute}".encode()).digest())


def sweep_company(database: Database, publisher: Publisher, company_id: UUID, *, now: datetime, swept: Swept) -> None:
    """Puts one company right; what fails is noted in `swept` and does not stop the other steps."""
    swept.companies += 1
    for step in (_queue_messages, _tasks, _sends, _held, _messages, _suspension):
        try:
            step(_Yard(database, publisher, company_id, now, swept))
        except Exception as error:  # noqa: BLE001  # reported, and the handler fails after the last company
            _report(company_id, step.__name__, error)
            swept.errors.append(type(error).__name__)


def _queue_messages(yard: "_Yard") -> None:
    with yard.database.tenant(yard.company_id) as session:
        before = yard.now - QUEUE_MESSAGE_AGE
        queue_messages = overdue_queue_messages(session, yard.company_id, before=before, limit=MOST_QUEUE_MESSAGES)
    yard.swept.queue_messages += publish_outbox(yard.database, yard.publisher, yard.company_id, queue_messages)


def _tasks(yard: "_Yard") -> None:
    with yard.database.tenant(yard.company_id) as session:
        overdue = session.execute(
            select(TASKS.c.id, TASKS.c.conversation_id)
            .where(
                TASKS.c.company_id == yard.company_id,
                TASKS.c.status.in_(("pending", "in_progress")),
                TASKS.c.lease_until < yard.now,
            )
            .order_by(TASKS.c.lease_until)
            .limit(MOST_TASKS)
        ).all()
    for task_id, conversation_id in overdue:
        yard.in_transaction(partial(_free, yard, task_id, conversation_id))


def _free(yard: "_Yard", task_id: UUID, conversation_id: UUID, session: Session, outbox: Outbox) -> None:
    """Announces a task again whose worker is gone, or never came; after the last attempt it fails."""
    from falachefe.messaging.conversations import service as conversations

    state = conversations.lock(session, outbox.company_id, conversation_id)
    task = locked_task(session, outbox.company_id, task_id)
    now = yard.now
    decision = rules.overdue(facts_of(task), now=now, may_return=message_may_return(task, now))
    if decision is rules.Overdue.GIVE_UP:
        finish.give_up(session, outbox, task, state, error="WorkerLost", now=now)
        yard.swept.failed += 1
    elif decision is rules.Overdue.ANNOUNCE:
        session.execute(
            update(TASKS)
            .where(TASKS.c.company_id == outbox.company_id, TASKS.c.id == task_id)
            .values(status="pending", lease_until=now + rules.PICKUP_DEADLINE)
        )
        again = f"sweep-{int(task.lease_until.timestamp())}"
        start.announce(outbox, role=task.role, task_id=task_id, conversation_id=conversation_id, again=again)
        yard.swept.announced += 1


def _sends(yard: "_Yard") -> None:
    from falachefe.messaging.outbound import send as outbound

    with yard.database.tenant(yard.company_id) as session:
        yard.swept.uncertain += outbound.mark_stuck(session, yard.company_id, yard.now - SENDING_AGE)
    yard.in_transaction(partial(_announce_queued, yard))


def _announce_queued(yard: "_Yard", session: Session, outbox: Outbox) -> None:
    from falachefe.messaging.conversations import overdue

    yard.swept.queued += overdue.announce_queued(session, outbox, yard.now)


def _held(yard: "_Yard") -> None:
    from falachefe.messaging.conversations import overdue

    with yard.database.tenant(yard.company_id) as session:
        yard.swept.let_go += overdue.let_held_go(session, yard.company_id, yard.now)


def _messages(yard: "_Yard") -> None:
    """Messages that were kept during a pause, or that anything else left without a turn."""
    from falachefe.messaging.conversations import waiting as traffic

    with yard.database.tenant(yard.company_id) as session:
        before = yard.now - QUEUE_MESSAGE_AGE
        waiting = traffic.unattended(session, yard.company_id, before=before, now=yard.now, limit=MOST_TASKS)
    for conversation_id in waiting:
        yard.in_transaction(partial(_reopen, yard, conversation_id))


def _suspension(yard: "_Yard") -> None:
    """Once a company works again, people are told that what they wrote meanwhile was not done."""
    from falachefe.companies import service as tenancy
    from falachefe.messaging.conversations import backlog

    with yard.database.tenant(yard.company_id) as session:
        untold = backlog.conversations_to_tell(session, yard.company_id, limit=MOST_TASKS)
        if not untold or tenancy.company(session, yard.company_id).status != "active":
            return
    for conversation_id in untold:
        yard.in_transaction(partial(_tell_of_suspension, yard, conversation_id))


def _tell_of_suspension(yard: "_Yard", conversation_id: UUID, session: Session, outbox: Outbox) -> None:
    from falachefe.messaging.conversations import backlog
    from falachefe.messaging.conversations import service as conversations

    state = conversations.lock(session, outbox.company_id, conversation_id)
    yard.swept.told += backlog.tell_of_suspension(session, outbox, state, now=yard.now)


def _reopen(yard: "_Yard", conversation_id: UUID, session: Session, outbox: Outbox) -> None:
    from falachefe.companies import service as tenancy
    from falachefe.messaging.conversations import service as conversations

    state = conversations.lock(session, outbox.company_id, conversation_id)
    company = tenancy.company(session, outbox.company_id)
    if state.active_task_id is not None or company.status != "active":
        return
    opened = finish.next_turn(session, outbox, state, time_zone=company.time_zone, now=yard.now)
    yard.swept.reopened += opened is not None


@dataclass(frozen=True, slots=True)
class _Yard:
    """One company at one moment of a sweep."""

    database: Database
    publisher: Publisher
    company_id: UUID
    now: datetime
    swept: Swept

    def in_transaction(self, act: Callable[[Session, Outbox], None]) -> None:
        outbox = Outbox(self.company_id)
        with self.database.tenant(self.company_id) as session:
            act(session, outbox)
            outbox.save(session)
        outbox.publish(self.database, self.publisher)


def _report(company_id: UUID, step: str, error: Exception) -> None:
    from falachefe.kernel.observability.logs import logger

    logger().exception("a sweep step failed", company_id=str(company_id), step=step, error=type(error).__name__)
