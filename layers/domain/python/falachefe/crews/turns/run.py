"""Running one task from its queue message to its end. No transaction is open during the model calls."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, cast
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from falachefe.aws.failures import is_store_unavailable
from falachefe.crews.turns import finish, rules, task_endings
from falachefe.crews.turns.claim import ClaimedTask, LeaseLost, NotClaimed, QueueDelivery, TaskRef, claim
from falachefe.crews.turns.facts import facts_of
from falachefe.crews.turns.finish import Outcome
from falachefe.crews.turns.tool_calls import TaskLog, ToolRunner
from falachefe.crews.turns.types import HandoffRequest, Journal, Reply, Role, Toolbox, TurnInput
from falachefe.db.engine import Database
from falachefe.db.outbox import Outbox, Publisher, publish_outbox
from falachefe.db.unit_of_work import UnitOfWork, saved_with, unit_of_work
from falachefe.kernel.clock import Clock
from falachefe.kernel.observability.logs import logger
from falachefe.kernel.observability.tracing import TRACE_ID, trace_id, traced

type AgentRunner = Callable[[TurnInput, Journal, Toolbox, Mapping[str, Any]], Reply | HandoffRequest]
"""Runs an agent; the last argument is the crew's `llm_config`."""


@dataclass(frozen=True, slots=True)
class TaskDependencies:
    """What running a task needs."""

    database: Database
    publisher: Publisher
    clock: Clock
    run_agent: AgentRunner
    run_tool: ToolRunner


def run_task(
    payload: Mapping[str, Any],
    dependencies: TaskDependencies,
    *,
    role: str | None = None,
    delivery: QueueDelivery | None = None,
) -> Outcome:
    """Runs the task of a queue message; safe to repeat.

    A failure of the model or of a tool is recorded in the task, which is announced again or ends with an apology. A
    failure of the database or the queues is raised, so that the message is delivered again; the attempt does not count.
    When that cannot be recorded now, the next claim infers it from its `delivery`. Raises `WrongRole` when `role` is
    given and the task has another one.
    """
    ref = TaskRef.of(dict(payload))
    with unit_of_work(
        dependencies.database, dependencies.publisher, ref.company_id, now=dependencies.clock.now()
    ) as work:
        claimed = claim(work.session, ref, role=role, now=work.now, delivery=delivery)
        if isinstance(claimed, NotClaimed):
            outcome = _end_unclaimed(work, claimed)
        elif claimed.too_old:
            finish.send_too_old_notice(work.session, work.outbox, claimed, now=work.now)
    if isinstance(claimed, NotClaimed):
        return outcome
    try:
        # A task that the sweep announced again keeps the trace id of the message that opened it.
        with traced(claimed.metadata.get(TRACE_ID) or trace_id()):
            return _run_agent(claimed, dependencies)
    except LeaseLost:
        return Outcome("skipped", ref.task_id, claimed.role)
    except Exception as error:
        if is_store_unavailable(error):
            _release_after_outage(claimed, dependencies)
        raise


def _release_after_outage(claimed: ClaimedTask, dependencies: TaskDependencies) -> None:
    try:
        with dependencies.database.tenant(claimed.ref.company_id) as session:
            task_endings.release_after_outage(session, claimed, now=dependencies.clock.now())
    except Exception as error:  # noqa: BLE001  # mostly the database is unavailable; the first error is raised
        _log_outage(claimed, error)


def _end_unclaimed(work: UnitOfWork, not_claimed: NotClaimed) -> Outcome:
    session, outbox, now = work.session, work.outbox, work.now
    task, state = not_claimed.task, not_claimed.state
    if not_claimed.decision is rules.Claim.CANCEL:
        active = not_claimed.company.status == "active"
        return finish.cancel(session, outbox, task, state, company_active=active, now=now)
    if not_claimed.decision is rules.Claim.NOTHING_LEFT:
        return finish.nothing_left(session, outbox, task, state, too_old=not_claimed.too_old, now=now)
    if not_claimed.decision is rules.Claim.GIVE_UP:
        return finish.give_up(session, outbox, task, state, error="WorkerLost", now=now)
    return Outcome("skipped", task.id, task.role)


def _run_agent(claimed: ClaimedTask, dependencies: TaskDependencies) -> Outcome:
    log = TaskLog(dependencies.database, claimed, dependencies.clock, dependencies.run_tool)
    try:
        result = dependencies.run_agent(_turn_input(claimed), log, log, claimed.crew.llm_config)
    except LeaseLost:
        raise
    except Exception as error:  # any failure of the model or a tool is recorded in the task
        if is_store_unavailable(error):
            raise
        _log_failure(claimed, error)
        failure = type(error).__name__
        return _end(
            claimed,
            dependencies,
            log,
            lambda s, o: finish.after_failure(s, o, claimed, failure, now=dependencies.clock.now()),
        )
    if isinstance(result, HandoffRequest):
        return _end(
            claimed,
            dependencies,
            log,
            lambda s, o: finish.hand_off(s, o, claimed, result, journal=log.unsaved, now=dependencies.clock.now()),
        )
    return _end(
        claimed,
        dependencies,
        log,
        lambda s, o: finish.reply(s, o, claimed, result, journal=log.unsaved, now=dependencies.clock.now()),
    )


def _end(
    claimed: ClaimedTask, dependencies: TaskDependencies, log: TaskLog, end: Callable[[Session, Outbox], Outcome]
) -> Outcome:
    outbox = Outbox(claimed.ref.company_id)
    with saved_with(outbox, lambda: dependencies.database.tenant(claimed.ref.company_id)) as session:
        outcome = end(session, outbox)
    publish_outbox(
        dependencies.database,
        dependencies.publisher,
        claimed.ref.company_id,
        [*outbox.queue_messages, *log.queue_messages],
    )
    return outcome


def _log_outage(claimed: ClaimedTask, error: Exception) -> None:
    logger().warning("a try that an outage ended", task_id=str(claimed.ref.task_id), error=type(error).__name__)


def _log_failure(claimed: ClaimedTask, error: Exception) -> None:
    logger().exception(
        "a task failed",
        task_id=str(claimed.ref.task_id),
        company_id=str(claimed.ref.company_id),
        role=claimed.role,
        attempt=claimed.attempt,
        error=type(error).__name__,
    )


def _turn_input(claimed: ClaimedTask) -> TurnInput:
    handoff = claimed.metadata.get("handoff") or {}
    zone = ZoneInfo(claimed.company.time_zone)
    return TurnInput(
        role=cast(Role, claimed.role),
        texts=tuple(message.text for message in claimed.messages),
        history=tuple(claimed.history),
        now=claimed.claimed_at.astimezone(zone),
        history_at=tuple(past.at.astimezone(zone) for past in claimed.history),
        written_at=tuple(message.written_at.astimezone(zone) for message in claimed.messages),
        company_name=claimed.company.name,
        tone=claimed.company.settings.get("tone", "warm"),
        sender_name=claimed.sender_name,
        sender_kind="staff" if claimed.sender else "contact",
        active_roles=frozenset(cast("list[Role]", list(claimed.crew.agents))),
        handoff_reason=_handoff_reason(handoff),
        open_args=handoff.get("open_args"),
        hops=claimed.hops,
        facts=facts_of(claimed.crew.facts, claimed.permissions),
    )


def _handoff_reason(handoff: Mapping[str, Any]) -> str | None:
    parts = [part for part in (handoff.get("reason"), handoff.get("summary")) if part]
    return "\n".join(parts) or None
