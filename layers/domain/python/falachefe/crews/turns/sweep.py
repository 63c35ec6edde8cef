"""Repairs, every minute, what crashes and outages left: queue messages, expired leases, sends, unattended messages."""

from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Final
from uuid import UUID

from sqlalchemy import select, text, update

from falachefe.companies import service as tenancy
from falachefe.crews.models import TASKS
from falachefe.crews.turns import finish, rules, start
from falachefe.crews.turns.claim import facts_of, locked_task, message_may_return
from falachefe.db.engine import Database
from falachefe.db.outbox import Publisher, overdue_queue_messages, publish_outbox
from falachefe.db.unit_of_work import UnitOfWork, unit_of_work
from falachefe.kernel.clock import Clock
from falachefe.kernel.observability.logs import logger
from falachefe.messaging.conversations import overdue, skipped, waiting
from falachefe.messaging.conversations import service as conversations
from falachefe.messaging.outbound import send as outbound

QUEUE_MESSAGE_AGE: Final = timedelta(seconds=30)
SENDING_AGE: Final = timedelta(minutes=2)
TIME_BUDGET: Final = timedelta(seconds=40)
"""The function's timeout is 50 s; the rest is left to the next minute."""
MOST_QUEUE_MESSAGES: Final = 200
MOST_TASKS: Final = 50


@dataclass(slots=True)
class Swept:
    """The counts of a sweep, for its log line and metrics."""

    companies: int = 0
    queue_messages: int = 0
    announced: int = 0
    failed: int = 0
    uncertain: int = 0
    queued: int = 0
    """Queued sends that were announced again."""
    let_go: int = 0
    """Messages whose sign-in did not happen in time."""
    reopened: int = 0
    released: int = 0
    """Quarantined messages that were sent to their queue again."""
    put_aside: int = 0
    """Messages that are still quarantined."""
    told: int = 0
    """Conversations in which a notice was sent about messages that arrived during a suspension."""
    errors: list[str] = field(default_factory=list)
    """Class names; an error in one company does not stop the others."""


def sweep(database: Database, publisher: Publisher, clock: Clock) -> Swept:
    """Sweeps the companies with something overdue, within `TIME_BUDGET`. Safe to run concurrently."""
    started = clock.now()
    swept = Swept()
    for company_id in overdue_companies(database, started):
        if clock.now() - started > TIME_BUDGET:
            break
        sweep_company(database, publisher, company_id, now=clock.now(), swept=swept)
    return swept


def overdue_companies(database: Database, now: datetime) -> list[UUID]:
    """In another order each minute, so that a lack of time does not always affect the same companies."""
    with database.no_tenant() as session:
        asked = """
            select directory.companies_with_waiting_work(:now) union select directory.companies_with_untold_messages()
        """
        found = session.execute(text(asked), {"now": now})
        minute = now.strftime("%Y%m%d%H%M")
        return sorted(found.scalars(), key=lambda company: sha256(f"{company}{minute}".encode()).digest())


def sweep_company(database: Database, publisher: Publisher, company_id: UUID, *, now: datetime, swept: Swept) -> None:
    """Runs all steps for one company; a failure is recorded in `swept` and does not stop the others."""
    swept.companies += 1
    for step in (_queue_messages, _tasks, _sends, _held_messages, _unattended_conversations, _suspension_notices):
        try:
            step(_CompanySweep(database, publisher, company_id, now, swept))
        except Exception as error:  # noqa: BLE001  # reported, and the handler fails after the last company
            _report(company_id, step.__name__, error)
            swept.errors.append(type(error).__name__)


def _queue_messages(job: "_CompanySweep") -> None:
    with job.database.tenant(job.company_id) as session:
        before = job.now - QUEUE_MESSAGE_AGE
        queue_messages = overdue_queue_messages(session, job.company_id, before=before, limit=MOST_QUEUE_MESSAGES)
    job.swept.queue_messages += publish_outbox(job.database, job.publisher, job.company_id, queue_messages)


def _tasks(job: "_CompanySweep") -> None:
    with job.database.tenant(job.company_id) as session:
        overdue = session.execute(
            select(TASKS.c.id, TASKS.c.conversation_id)
            .where(
                TASKS.c.company_id == job.company_id,
                TASKS.c.status.in_(("pending", "in_progress")),
                TASKS.c.lease_until < job.now,
            )
            .order_by(TASKS.c.lease_until)
            .limit(MOST_TASKS)
        ).all()
    for task_id, conversation_id in overdue:
        with job.unit_of_work() as work:
            _recover_task(job, task_id, conversation_id, work)


def _recover_task(job: "_CompanySweep", task_id: UUID, conversation_id: UUID, work: UnitOfWork) -> None:
    """Announces a task again that no worker claimed, or whose worker was lost; after the last attempt it fails."""
    state = conversations.lock(work.session, work.company_id, conversation_id)
    task = locked_task(work.session, work.company_id, task_id)
    now = job.now
    decision = rules.overdue(facts_of(task), now=now, may_return=message_may_return(task, now))
    if decision is rules.Overdue.GIVE_UP:
        finish.give_up(work.session, work.outbox, task, state, error="WorkerLost", now=now)
        job.swept.failed += 1
    elif decision is rules.Overdue.ANNOUNCE:
        work.session.execute(
            update(TASKS)
            .where(TASKS.c.company_id == work.company_id, TASKS.c.id == task_id)
            .values(status="pending", lease_until=now + rules.PICKUP_DEADLINE)
        )
        again = f"sweep-{int(task.lease_until.timestamp())}"
        start.announce(work.outbox, role=task.role, task_id=task_id, conversation_id=conversation_id, again=again)
        job.swept.announced += 1


def _sends(job: "_CompanySweep") -> None:
    with job.database.tenant(job.company_id) as session:
        job.swept.uncertain += outbound.mark_stuck(session, job.company_id, job.now - SENDING_AGE)
    with job.unit_of_work() as work:
        job.swept.queued += overdue.announce_queued(work.session, work.outbox, job.now)


def _held_messages(job: "_CompanySweep") -> None:
    with job.database.tenant(job.company_id) as session:
        job.swept.let_go += overdue.expire_held(session, job.company_id, job.now)


def _unattended_conversations(job: "_CompanySweep") -> None:
    """Opens turns for messages that have none: those of a pause, or of a turn that could not be opened."""
    with job.database.tenant(job.company_id) as session:
        before = job.now - QUEUE_MESSAGE_AGE
        unattended = waiting.unattended(session, job.company_id, before=before, now=job.now, limit=MOST_TASKS)
    for conversation_id in unattended:
        with job.unit_of_work() as work:
            _reopen(job, conversation_id, work)


def _suspension_notices(job: "_CompanySweep") -> None:
    """Once a company is active again, sends notices that messages from the suspension were not acted on."""
    with job.database.tenant(job.company_id) as session:
        to_notify = skipped.conversations_to_notify(session, job.company_id, limit=MOST_TASKS)
        if not to_notify or tenancy.company(session, job.company_id).status != "active":
            return
    for conversation_id in to_notify:
        with job.unit_of_work() as work:
            _send_suspension_notice(job, conversation_id, work)


def _send_suspension_notice(job: "_CompanySweep", conversation_id: UUID, work: UnitOfWork) -> None:
    state = conversations.lock(work.session, work.company_id, conversation_id)
    job.swept.told += skipped.send_suspension_notice(work.session, work.outbox, state, now=job.now)


def _reopen(job: "_CompanySweep", conversation_id: UUID, work: UnitOfWork) -> None:
    state = conversations.lock(work.session, work.company_id, conversation_id)
    company = tenancy.company(work.session, work.company_id)
    if state.active_task_id is not None or company.status != "active":
        return
    opened = finish.next_turn(work.session, work.outbox, state, time_zone=company.time_zone, now=job.now)
    job.swept.reopened += opened is not None


@dataclass(frozen=True, slots=True)
class _CompanySweep:
    """The sweep of one company."""

    database: Database
    publisher: Publisher
    company_id: UUID
    now: datetime
    swept: Swept

    def unit_of_work(self) -> AbstractContextManager[UnitOfWork]:
        return unit_of_work(self.database, self.publisher, self.company_id, now=self.now)


def _report(company_id: UUID, step: str, error: Exception) -> None:
    logger().exception("a sweep step failed", company_id=str(company_id), step=step, error=type(error).__name__)
