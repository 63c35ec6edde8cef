"""Ending a task: with a reply, a handoff, another try, or an apology; each in one transaction."""

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
from falachefe.crews.turns.claim import HISTORY, Work
from falachefe.crews.turns.task_endings import Ending
from falachefe.crews.turns.types import HandoffRequest, Reply
from falachefe.db.outbox import Outbox
from falachefe.db.statements import (
    run,
)
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
"""After what was done all the same, so that nobody asks for it twice."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a task. `kind`: replied, handed_off, retried, failed, cancelled or skipped."""

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
    """Of the next turn, when messages came meanwhile."""


def reply(
    session: Session, outbox: Outbox, work: Work, answer: Reply, *, journal: list[Any] | None, now: datetime
) -> Outcome:
    """The one reply of the turn goes out; what was written meanwhile opens the next turn.

    `journal` is None when the task has it already.
    """
    took = _milliseconds(work, now)
    ending = Ending(
        "completed",
        {"tools": list(answer.tools), "model": answer.model, "degraded": answer.degraded},
        answer.usage,
        answer.cost_usd,
    )
    waiting = conversations.has_unassigned_query(work.ref.company_id, work.ref.conversation_id)
    state = task_endings.end(session, work, ending, journal, waiting, took=took, now=now)
    text = "\n".join([*work.lines, answer.text])
    replies.deliver(
        session,
        outbox,
        state,
        text,
        task_id=work.ref.task_id,
        now=now,
        agent_response={
            "role": work.role,
            "path": work.path,
            "tools": list(answer.tools),
            "model": answer.model,
            "degraded": answer.degraded,
        },
        token_usage=answer.usage,
        processing_time_ms=took,
        confidence=answer.confidence,
    )
    task_endings.measure(session, work, answer.usage, answer.cost_usd, took=took, now=now)
    data: dict[str, Json] = {"status": "completed", "hops": work.hops, "tools": list(answer.tools)}
    outbox.record(_event("crews.task_completed", work, now, {**data, "execution_time_ms": took}))
    return Outcome(
        "replied",
        work.ref.task_id,
        work.role,
        reply=text,
        path=tuple(work.path),
        tools=answer.tools,
        execution_time_ms=took,
        cost_usd=answer.cost_usd,
        degraded=answer.degraded,
        next_task=next_turn(session, outbox, state, time_zone=work.company.time_zone, now=now, waiting=waiting.result),
    )


def hand_off(
    session: Session, outbox: Outbox, work: Work, wish: HandoffRequest, *, journal: list[Any] | None, now: datetime
) -> Outcome:
    """Ends this agent's task and opens the next one's, which answers the same messages."""
    decision = rules.handoff(origin=work.role, wanted=wish.to, path=work.path, active=work.crew.agents.keys())
    if isinstance(decision, rules.Stay):
        return reply(session, outbox, work, _stay_reply(wish, decision), journal=journal, now=now)
    took = _milliseconds(work, now)
    result = {"handoff": decision.to, "wanted": wish.to, "reason": decision.reason, "tools": list(wish.tools)}
    task_endings.end(session, work, Ending("completed", result, wish.usage, wish.cost_usd), journal, took=took, now=now)
    child, agent_id = new_id(), work.crew.agents[decision.to]
    start.insert_task(session, _child_of(work, wish, decision, child=child, agent_id=agent_id, now=now))
    ref = work.ref
    conversations.reassign(session, ref.company_id, ref.task_id, child)
    conversations.set_turn(
        session,
        ref.company_id,
        ref.conversation_id,
        active_task_id=child,
        current_agent_id=agent_id,
        handoff={
            "from": work.role,
            "to": decision.to,
            "wanted": wish.to,
            "reason": decision.reason,
            "task_id": str(ref.task_id),
            "child_id": str(child),
            "at": now.isoformat(),
        },
    )
    start.announce(outbox, role=decision.to, task_id=child, conversation_id=ref.conversation_id)
    task_endings.measure(session, work, wish.usage, wish.cost_usd, took=took, now=now)
    outbox.record(_event("crews.handed_off", work, now, {"to": decision.to, "reason": decision.reason}))
    return Outcome(
        "handed_off",
        ref.task_id,
        work.role,
        child_id=child,
        path=(*work.path, decision.to),
        tools=wish.tools,
        execution_time_ms=took,
        cost_usd=wish.cost_usd,
        degraded=wish.degraded,
    )


def _child_of(
    work: Work, wish: HandoffRequest, decision: rules.Pass, *, child: UUID, agent_id: UUID, now: datetime
) -> dict[str, Any]:
    return {
        "company_id": work.ref.company_id,
        "id": child,
        "crew_id": work.crew.crew_id,
        "agent_id": agent_id,
        "role": decision.to,
        "conversation_id": work.ref.conversation_id,
        "parent_task_id": work.ref.task_id,
        "description": "handoff",
        "hops": work.hops + 1,
        "lease_until": now + rules.PICKUP_DEADLINE,
        "metadata": {
            "path": [*work.path, decision.to],
            "chain": [*work.metadata.get("chain", []), str(work.ref.task_id)],
            "order": [str(message.id) for message in work.messages],
            "lines": [*work.lines, rules.handoff_line(decision.to, wanted=wish.to, reason=decision.reason)],
            "handoff": {"reason": wish.reason, "summary": wish.summary, "open_args": wish.open_args},
        },
    }


def _stay_reply(wish: HandoffRequest, decision: rules.Stay) -> Reply:
    return Reply(
        text="\n".join(filter(None, [wish.summary, rules.stay_text(wanted=wish.to, reason=decision.reason)])),
        confidence=Decimal("0.30"),
        tools=wish.tools,
        usage=wish.usage,
        cost_usd=wish.cost_usd,
        model=wish.model,
        degraded=wish.degraded,
    )


def after_failure(session: Session, outbox: Outbox, work: Work, error: str, *, now: datetime) -> Outcome:
    """Another try while there are any left, else an apology. `error` is a class name, never a text."""
    if not rules.retry_after_failure(work.tries):
        ending = Ending("failed", {}, error=error)
        state = task_endings.end(session, work, ending, None, took=_milliseconds(work, now), now=now)
        ended = _Ended(work.ref.task_id, work.role, work.metadata.get("chain", []))
        return _apologise(session, outbox, state, ended, error=error, now=now)
    task_endings.release(session, work, error, lease_until=now + rules.PICKUP_DEADLINE)
    start.announce(
        outbox,
        role=work.role,
        task_id=work.ref.task_id,
        conversation_id=work.ref.conversation_id,
        again=f"try-{work.attempt}",
    )
    return Outcome("retried", work.ref.task_id, work.role, error=error)


def give_up(
    session: Session, outbox: Outbox, task: Any, state: ConversationState, *, error: str, now: datetime
) -> Outcome:
    """Fails a locked task that nobody works on any more."""
    task_endings.close(session, state.company_id, task.id, status="failed", error=error, now=now)
    ended = _Ended(task.id, task.role, task.metadata.get("chain", []))
    return _apologise(session, outbox, state, ended, error=error, now=now)


def cancel(
    session: Session, outbox: Outbox, task: Any, state: ConversationState, *, company_active: bool, now: datetime
) -> Outcome:
    """Ends a locked task whose company or sender may no longer ask for anything; its messages are not acted on later.

    Nobody is told now. The senders of a suspended company are told when it is active again.
    """
    skipped.mark_unanswered(session, state, task.id, company_active=company_active)
    return _without_reply(session, outbox, task, state, "deactivated", now=now)


def nothing_left(
    session: Session, outbox: Outbox, task: Any, state: ConversationState, *, too_old: bool, now: datetime
) -> Outcome:
    """Ends a locked task without messages: a person answered them, or they are `too_old`, which is said."""
    if too_old:
        skipped.tell(session, outbox, state, now=now)
    return _without_reply(session, outbox, task, state, "nothing_left", now=now)


def tell_too_old(session: Session, outbox: Outbox, work: Work, *, now: datetime) -> None:
    """The turn goes on without some of its messages, of which the person is told first."""
    skipped.tell(session, outbox, work.state, now=now)


def _without_reply(
    session: Session, outbox: Outbox, task: Any, state: ConversationState, error: str, *, now: datetime
) -> Outcome:
    task_endings.close(session, state.company_id, task.id, status="cancelled", error=error, now=now)
    conversations.set_turn(session, state.company_id, state.id, active_task_id=None)
    outbox.record(DomainEvent("crews.task_cancelled", state.company_id, now, {"task_id": str(task.id)}))
    return Outcome("cancelled", task.id, task.role)


@dataclass(frozen=True, slots=True)
class _Ended:
    """A task that failed; `chain` is the ids of the turn's tasks before it."""

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
    """What the tools of the turn answered that did something."""
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
    """Opens a turn for what was written during the last one, else leaves the conversation without one.

    `waiting` says whether there is any, when the caller has looked since it locked the conversation.
    """
    ids = state.company_id, state.id
    if waiting is None:
        waiting = conversations.has_unassigned(session, *ids)
    crew = _crew_for_next_turn(session, state, now) if waiting else None
    task_id = new_id()
    messages = _take(session, outbox, state, task_id, now) if crew is not None else []
    if crew is None or not messages:
        conversations.set_turn(session, *ids, active_task_id=None)
        return None
    history = conversations.history(session, *ids, before_task=task_id, limit=HISTORY)
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


def _take(
    session: Session, outbox: Outbox, state: ConversationState, task_id: UUID, now: datetime
) -> list[IncomingMessage]:
    """What waits and is still to be acted on becomes the task's; of what is too old the person is told."""
    lapsed = skipped.set_aside_lapsed_query(state, now)
    taken = conversations.assign_waiting_query(state.company_id, state.id, task_id)
    run(session, lapsed, taken)
    if lapsed.result:
        skipped.tell(session, outbox, state, now=now)
    return taken.result


def _crew_for_next_turn(session: Session, state: ConversationState, now: datetime) -> start.CrewState | None:
    crew = start.crew_state(session, state.company_id, state.crew_id)
    opening = rules.open_or_join(
        now=now, has_active_task=False, human_until=state.human_until, crew_works=crew.works, told_of_pause=True
    )
    return crew if opening is rules.Opening.OPEN else None


def _event(name: str, work: Work, now: datetime, data: Mapping[str, Json]) -> DomainEvent:
    who: dict[str, Json] = {
        "task_id": str(work.ref.task_id),
        "conversation_id": str(work.ref.conversation_id),
        "role": work.role,
    }
    return DomainEvent(name, work.ref.company_id, now, {**who, **data})


def _milliseconds(work: Work, now: datetime) -> int:
    return max(0, int((now - work.started_at).total_seconds() * 1000))
