"""Running one task from its queue message to its end. No transaction is open while the model thinks."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, cast
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from falachefe.aws.failures import is_store_unavailable
from falachefe.crews.turns import finish, rules, task_endings
from falachefe.crews.turns.claim import (
    HandedOut,
    LeaseLost,
    Refused,
    TaskRef,
    Work,
    claim,
)
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
class Workshop:
    """What a worker stands on."""

    database: Database
    publisher: Publisher
    clock: Clock
    run_agent: AgentRunner
    run_tool: ToolRunner


def run_task(
    payload: Mapping[str, Any], shop: Workshop, *, role: str | None = None, handed_out: HandedOut | None = None
) -> Outcome:
    """Runs the task of a queue message, whoever sent it and however often.

    A failure of the model or a tool is kept on the task, which is announced again or ends with an apology; what the
    database or the queues refuse is raised, and the message comes back: no try of the task, which the next claim
    learns from `handed_out` when it cannot be written down now. Raises `WrongRole` when `role` is given and the task
    belongs to another one.
    """
    ref = TaskRef.of(dict(payload))
    with unit_of_work(shop.database, shop.publisher, ref.company_id, now=shop.clock.now()) as uow:
        work = claim(uow.session, ref, role=role, now=uow.now, handed_out=handed_out)
        if isinstance(work, Refused):
            outcome = _refuse(uow, work)
        elif work.too_old:
            finish.tell_too_old(uow.session, uow.outbox, work, now=uow.now)
    if isinstance(work, Refused):
        return outcome
    try:
        # A task that the sweep announced again belongs to the message that opened it.
        with traced(work.metadata.get(TRACE_ID) or trace_id()):
            return _work(work, shop)
    except LeaseLost:
        return Outcome("skipped", ref.task_id, work.role)
    except Exception as error:
        if is_store_unavailable(error):
            _hand_back(work, shop)
        raise


def _hand_back(work: Work, shop: Workshop) -> None:
    try:
        with shop.database.tenant(work.ref.company_id) as session:
            task_endings.hand_back(session, work, now=shop.clock.now())
    except Exception as error:  # noqa: BLE001  # what is away is mostly the database; the first error is the one to tell
        _note(work, error)


def _refuse(uow: UnitOfWork, refused: Refused) -> Outcome:
    session, outbox, now = uow.session, uow.outbox, uow.now
    task, state = refused.task, refused.state
    if refused.decision is rules.Claim.CANCEL:
        active = refused.company.status == "active"
        return finish.cancel(session, outbox, task, state, company_active=active, now=now)
    if refused.decision is rules.Claim.NOTHING_LEFT:
        return finish.nothing_left(session, outbox, task, state, too_old=refused.too_old, now=now)
    if refused.decision is rules.Claim.GIVE_UP:
        return finish.give_up(session, outbox, task, state, error="WorkerLost", now=now)
    return Outcome("skipped", task.id, task.role)


def _work(work: Work, shop: Workshop) -> Outcome:
    log = TaskLog(shop.database, work, shop.clock, shop.run_tool)
    try:
        result = shop.run_agent(_turn_input(work), log, log, work.crew.llm_config)
    except LeaseLost:
        raise
    except Exception as error:  # whatever the model or a tool did: the task keeps it and goes on
        if is_store_unavailable(error):
            raise
        _report(work, error)
        failure = type(error).__name__
        return _end(work, shop, log, lambda s, o: finish.after_failure(s, o, work, failure, now=shop.clock.now()))
    if isinstance(result, HandoffRequest):
        return _end(
            work,
            shop,
            log,
            lambda s, o: finish.hand_off(s, o, work, result, journal=log.unsaved, now=shop.clock.now()),
        )
    return _end(
        work, shop, log, lambda s, o: finish.reply(s, o, work, result, journal=log.unsaved, now=shop.clock.now())
    )


def _end(work: Work, shop: Workshop, log: TaskLog, end: Callable[[Session, Outbox], Outcome]) -> Outcome:
    outbox = Outbox(work.ref.company_id)
    with saved_with(outbox, lambda: shop.database.tenant(work.ref.company_id)) as session:
        outcome = end(session, outbox)
    publish_outbox(shop.database, shop.publisher, work.ref.company_id, [*outbox.queue_messages, *log.queue_messages])
    return outcome


def _note(work: Work, error: Exception) -> None:
    logger().warning("a try that an outage ended", task_id=str(work.ref.task_id), error=type(error).__name__)


def _report(work: Work, error: Exception) -> None:
    logger().exception(
        "a task failed",
        task_id=str(work.ref.task_id),
        company_id=str(work.ref.company_id),
        role=work.role,
        attempt=work.attempt,
        error=type(error).__name__,
    )


def _turn_input(work: Work) -> TurnInput:
    handoff = work.metadata.get("handoff") or {}
    zone = ZoneInfo(work.company.time_zone)
    return TurnInput(
        role=cast(Role, work.role),
        texts=tuple(message.text for message in work.messages),
        history=tuple(work.history),
        now=work.claimed_at.astimezone(zone),
        history_at=tuple(past.at.astimezone(zone) for past in work.history),
        written_at=tuple(message.written_at.astimezone(zone) for message in work.messages),
        company_name=work.company.name,
        tone=work.company.settings.get("tone", "warm"),
        sender_name=work.sender_name,
        sender_kind="staff" if work.sender else "contact",
        active_roles=frozenset(cast("list[Role]", list(work.crew.agents))),
        handoff_reason=_handoff_reason(handoff),
        open_args=handoff.get("open_args"),
        hops=work.hops,
    )


def _handoff_reason(handoff: Mapping[str, Any]) -> str | None:
    parts = [part for part in (handoff.get("reason"), handoff.get("summary")) if part]
    return "\n".join(parts) or None
