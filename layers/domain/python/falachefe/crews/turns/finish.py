"""Ending a task: with a reply, a handoff, another attempt or an apology; each in one transaction."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from falachefe.companies import service as tenancy
from falachefe.crews.models import TOOL_CALLS
from falachefe.crews.turns import reply as replies
from falachefe.crews.turns import rules, start, task_endings
from falachefe.crews.turns.claim import ClaimedTask
from falachefe.crews.turns.task_endings import Ending
from falachefe.crews.turns.types import HandoffRequest, Reply
from falachefe.db.outbox import Outbox
from falachefe.db.statements import run
from falachefe.kernel.events import DomainEvent, Json
from falachefe.kernel.ids import new_id
from falachefe.messaging.conversations import service as conversations
from falachefe.messaging.conversations import skipped
from falachefe.messaging.conversations.service import ConversationState, IncomingMessage

APOLOGY: Final = (
    "Desculpe, tive um problema e não consegui concluir o seu pedido agora. Pode tentar de novo daqui a pouco?"
)


APOLOGY_FOR_THE_REST: Final = (
    "Desculpe, tive um problema e não consegui concluir o resto do seu pedido agora. Pode tentar de novo daqui a pouco?"
)
"""Follows the results of the tools that succeeded, so that nobody asks for them again."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a run of a task ended. `kind`: replied, handed_off, retried, failed, cancelled or skipped."""

    kind: str
    task_id: UUID
    role: str
    reply: str | None = None
    child_id: UUID | None = None
    path: tuple[str, ...] = ()
    tools: tuple[str, ...] = ()
    execution_time_ms: int = 0
    cost_usd: Decimal | None = None
    degraded: bool = False
    error: str | None = None
    next_task: UUID | None = None
    """The next turn's first task, when messages arrived during this turn."""


def reply(
    session: Session, outbox: Outbox, claimed: ClaimedTask, answer: Reply, *, journal: list[Any] | None, now: datetime
) -> Outcome:
    """Stores the turn's only reply; messages that arrived during the turn open the next one.

    `journal` is None when it is saved already.
    """
    took = _milliseconds(claimed, now)
    ending = Ending(
        "completed",
        {"tools": list(answer.tools), "model": answer.model, "degraded": answer.degraded},
        answer.usage,
        answer.cost_usd,
    )
    waiting = conversations.has_unassigned_query(claimed.ref.company_id, claimed.ref.conversation_id)
    state = task_endings.end(session, claimed, ending, journal, waiting, took=took, now=now)
    text = "\n".join([*claimed.lines, answer.text])
    replies.deliver(
        session,
        outbox,
        state,
        text,
        task_id=claimed.ref.task_id,
        now=now,
        agent_response={
            "role": claimed.role,
            "path": claimed.path,
            "tools": list(answer.tools),
            "model": answer.model,
            "degraded": answer.degraded,
        },
        token_usage=answer.usage,
        processing_time_ms=took,
        confidence=answer.confidence,
    )
    task_endings.record_metrics(session, claimed, answer.usage, answer.cost_usd, took=took, now=now)
    data: dict[str, Json] = {"status": "completed", "hops": claimed.hops, "tools": list(answer.tools)}
    outbox.record(_event("crews.task_completed", claimed, now, {**data, "execution_time_ms": took}))
    return Outcome(
        "replied",
        claimed.ref.task_id,
        claimed.role,
        reply=text,
        path=tuple(claimed.path),
        tools=answer.tools,
        execution_time_ms=took,
        cost_usd=answer.cost_usd,
        degraded=answer.degraded,
        next_task=next_turn(
            session, outbox, state, time_zone=claimed.company.time_zone, now=now, waiting=waiting.result
        ),
    )


def hand_off(
    session: Session,
    outbox: Outbox,
    claimed: ClaimedTask,
    request: HandoffRequest,
    *,
    journal: list[Any] | None,
    now: datetime,
) -> Outcome:
    """Ends this agent's task and opens the next agent's, which answers the same messages."""
    decision = rules.handoff(
        origin=claimed.role, wanted=request.to, path=claimed.path, active=claimed.crew.agents.keys()
    )
    if isinstance(decision, rules.NoHandoff):
        return reply(session, outbox, claimed, _stay_reply(request, decision), journal=journal, now=now)
    took = _milliseconds(claimed, now)
    result = {"handoff": decision.to, "wanted": request.to, "reason": decision.reason, "tools": list(request.tools)}
    task_endings.end(
        session, claimed, Ending("completed", result, request.usage, request.cost_usd), journal, took=took, now=now
    )
    child, agent_id = new_id(), claimed.crew.agents[decision.to]
    start.insert_task(session, _child_of(claimed, request, decision, child=child, agent_id=agent_id, now=now))
    ref = claimed.ref
    conversations.reassign(session, ref.company_id, ref.task_id, child)
    conversations.set_turn(
        session,
        ref.company_id,
        ref.conversation_id,
        active_task_id=child,
        current_agent_id=agent_id,
        handoff={
            "from": claimed.role,
            "to": decision.to,
            "wanted": request.to,
            "reason": decision.reason,
            "task_id": str(ref.task_id),
            "child_id": str(child),
            "at": now.isoformat(),
        },
    )
    start.announce(outbox, role=decision.to, task_id=child, conversation_id=ref.conversation_id)
    task_endings.record_metrics(session, claimed, request.usage, request.cost_usd, took=took, now=now)
    outbox.record(_event("crews.handed_off", claimed, now, {"to": decision.to, "reason": decision.reason}))
    return Outcome(
        "handed_off",
        ref.task_id,
        claimed.role,
        child_id=child,
        path=(*claimed.path, decision.to),
        tools=request.tools,
        execution_time_ms=took,
        cost_usd=request.cost_usd,
        degraded=request.degraded,
    )


def _child_of(
    claimed: ClaimedTask,
    request: HandoffRequest,
    decision: rules.Handoff,
    *,
    child: UUID,
    agent_id: UUID,
    now: datetime,
) -> dict[str, Any]:
    return {
        "company_id": claimed.ref.company_id,
        "id": child,
        "crew_id": claimed.crew.crew_id,
        "agent_id": agent_id,
        "role": decision.to,
        "conversation_id": claimed.ref.conversation_id,
        "parent_task_id": claimed.ref.task_id,
        "description": "handoff",
        "hops": claimed.hops + 1,
        "lease_until": now + rules.PICKUP_DEADLINE,
        "metadata": {
            "path": [*claimed.path, decision.to],
            "chain": [*claimed.metadata.get("chain", []), str(claimed.ref.task_id)],
            "order": [str(message.id) for message in claimed.messages],
            "lines": [*claimed.lines, rules.handoff_line(decision.to, wanted=request.to, reason=decision.reason)],
            "handoff": {"reason": request.reason, "summary": request.summary, "open_args": request.open_args},
        },
    }


def _stay_reply(request: HandoffRequest, decision: rules.NoHandoff) -> Reply:
    return Reply(
        text="\n".join(filter(None, [request.summary, rules.stay_text(wanted=request.to, reason=decision.reason)])),
        confidence=Decimal("0.30"),
        tools=request.tools,
        usage=request.usage,
        cost_usd=request.cost_usd,
        model=request.model,
        degraded=request.degraded,
    )


def after_failure(session: Session, outbox: Outbox, claimed: ClaimedTask, error: str, *, now: datetime) -> Outcome:
    """Another attempt while any is left, else an apology. `error` is a class name, never a message."""
    if not rules.retry_after_failure(claimed.counted_attempts):
        ending = Ending("failed", {}, error=error)
        state = task_endings.end(session, claimed, ending, None, took=_milliseconds(claimed, now), now=now)
        ended = _Ended(claimed.ref.task_id, claimed.role, claimed.metadata.get("chain", []))
        return _apologise(session, outbox, state, ended, error=error, now=now)
    task_endings.release_for_retry(session, claimed, error, lease_until=now + rules.PICKUP_DEADLINE)
    start.announce(
        outbox,
        role=claimed.role,
        task_id=claimed.ref.task_id,
        conversation_id=claimed.ref.conversation_id,
        again=f"try-{claimed.attempt}",
    )
    return Outcome("retried", claimed.ref.task_id, claimed.role, error=error)


def give_up(
    session: Session, outbox: Outbox, task: Any, state: ConversationState, *, error: str, now: datetime
) -> Outcome:
    """Fails a locked task that has no worker any more."""
    task_endings.close(session, state.company_id, task.id, status="failed", error=error, now=now)
    ended = _Ended(task.id, task.role, task.metadata.get("chain", []))
    return _apologise(session, outbox, state, ended, error=error, now=now)


def cancel(
    session: Session, outbox: Outbox, task: Any, state: ConversationState, *, company_active: bool, now: datetime
) -> Outcome:
    """Ends a locked task whose company or sender is not active any more; its messages are not acted on later either.

    No notice is sent now. The senders of a suspended company get one when it is active again.
    """
    skipped.mark_unanswered(session, state, task.id, company_active=company_active)
    return _without_reply(session, outbox, task, state, "deactivated", now=now)


def nothing_left(
    session: Session, outbox: Outbox, task: Any, state: ConversationState, *, too_old: bool, now: datetime
) -> Outcome:
    """Ends a locked task without messages: a person answered them, or they were `too_old`, which a notice says."""
    if too_old:
        skipped.send_not_acted_on_notice(session, outbox, state, now=now)
    return _without_reply(session, outbox, task, state, "nothing_left", now=now)


def send_too_old_notice(session: Session, outbox: Outbox, claimed: ClaimedTask, *, now: datetime) -> None:
    """Before a turn that goes on without the messages that were too old."""
    skipped.send_not_acted_on_notice(session, outbox, claimed.state, now=now)


def _without_reply(
    session: Session, outbox: Outbox, task: Any, state: ConversationState, error: str, *, now: datetime
) -> Outcome:
    task_endings.close(session, state.company_id, task.id, status="cancelled", error=error, now=now)
    conversations.set_turn(session, state.company_id, state.id, active_task_id=None)
    outbox.record(DomainEvent("crews.task_cancelled", state.company_id, now, {"task_id": str(task.id)}))
    return Outcome("cancelled", task.id, task.role)


@dataclass(frozen=True, slots=True)
class _Ended:
    """A failed task; `chain` has the ids of the turn's earlier tasks."""

    task_id: UUID
    role: str
    chain: list[str]


def _apologise(
    session: Session, outbox: Outbox, state: ConversationState, ended: _Ended, *, error: str, now: datetime
) -> Outcome:
    done = _done_so_far(session, state.company_id, ended)
    text = "\n".join([*done, APOLOGY_FOR_THE_REST]) if done else APOLOGY
    notice = {"role": ended.role, "notice": "failed"}
    replies.deliver(session, outbox, state, text, task_id=ended.task_id, now=now, agent_response=notice)
    data: dict[str, Json] = {"task_id": str(ended.task_id), "role": ended.role, "error": error}
    outbox.record(DomainEvent("crews.task_failed", state.company_id, now, data))
    zone = tenancy.company(session, state.company_id).time_zone
    following = next_turn(session, outbox, state, time_zone=zone, now=now)
    return Outcome("failed", ended.task_id, ended.role, reply=text, error=error, next_task=following)


def _done_so_far(session: Session, company_id: UUID, ended: _Ended) -> list[str]:
    """The messages of the turn's tool calls that succeeded."""
    tasks = [ended.task_id, *map(UUID, ended.chain)]
    results = session.execute(
        select(TOOL_CALLS.c.result)
        .where(TOOL_CALLS.c.company_id == company_id, TOOL_CALLS.c.task_id.in_(tasks), TOOL_CALLS.c.ok)
        .order_by(TOOL_CALLS.c.id)
    )
    return [result["message"] for result in results.scalars()]


def next_turn(
    session: Session,
    outbox: Outbox,
    state: ConversationState,
    *,
    time_zone: str,
    now: datetime,
    waiting: bool | None = None,
) -> UUID | None:
    """Opens a turn for the unassigned messages, if there are any, else leaves the conversation without a turn.

    `waiting` says whether there are any, when the caller has read that since it locked the conversation.
    """
    ids = state.company_id, state.id
    if waiting is None:
        waiting = conversations.has_unassigned(session, *ids)
    crew = _crew_for_next_turn(session, state, now) if waiting else None
    task_id = new_id()
    messages = _assign_waiting(session, outbox, state, task_id, now) if crew is not None else []
    if crew is None or not messages:
        conversations.set_turn(session, *ids, active_task_id=None)
        return None
    history = conversations.history(session, *ids, before_task=task_id)
    decision = start.open_turn(
        session,
        outbox,
        state,
        crew,
        text="\n".join(message.text for message in messages),
        history=history,
        now=now,
        time_zone=time_zone,
        task_id=task_id,
        written_at=messages[-1].written_at,
    )
    return decision.task_id


def _assign_waiting(
    session: Session, outbox: Outbox, state: ConversationState, task_id: UUID, now: datetime
) -> list[IncomingMessage]:
    """Assigns the waiting messages to the task; those that are too old are set aside with a notice."""
    lapsed = skipped.set_aside_lapsed_query(state, now)
    taken = conversations.assign_waiting_query(state.company_id, state.id, task_id)
    run(session, lapsed, taken)
    if lapsed.result:
        skipped.send_not_acted_on_notice(session, outbox, state, now=now)
    return taken.result


def _crew_for_next_turn(session: Session, state: ConversationState, now: datetime) -> start.CrewState | None:
    crew = start.crew_state(session, state.company_id, state.crew_id)
    opening = rules.open_or_join(
        now=now, has_active_task=False, human_until=state.human_until, crew_works=crew.works, pause_announced=True
    )
    return crew if opening is rules.Opening.OPEN else None


def _event(name: str, claimed: ClaimedTask, now: datetime, data: Mapping[str, Json]) -> DomainEvent:
    who: dict[str, Json] = {
        "task_id": str(claimed.ref.task_id),
        "conversation_id": str(claimed.ref.conversation_id),
        "role": claimed.role,
    }
    return DomainEvent(name, claimed.ref.company_id, now, {**who, **data})


def _milliseconds(claimed: ClaimedTask, now: datetime) -> int:
    return max(0, int((now - claimed.started_at).total_seconds() * 1000))
