"""`POST /v1/crews/process`: a message answered within the request, by the same turns as WhatsApp's."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any, Final
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from falachefe.access.staff import member
from falachefe.companies import service as tenancy
from falachefe.crews.models import CrewTask, ToolCall
from falachefe.crews.responses import Handoff, ToolUse
from falachefe.crews.service import default_crew
from falachefe.crews.tools.registry import TOOLS
from falachefe.crews.turns import rules, start
from falachefe.crews.turns.finish import Outcome
from falachefe.crews.turns.run import TaskDependencies, run_task
from falachefe.db.outbox import Publisher, QueueMessage
from falachefe.db.unit_of_work import UnitOfWork, unit_of_work
from falachefe.http.principal import allows
from falachefe.kernel.errors import Conflict, Forbidden, InvalidInput, Unavailable
from falachefe.messaging.conversations import api_channel
from falachefe.messaging.conversations import service as conversations
from falachefe.messaging.conversations.api_channel import EarlierMessage
from falachefe.plans import limits as plan_limits
from falachefe.plans.rules import month_of

LONGEST_MESSAGE: Final = 4096


@dataclass(frozen=True, slots=True)
class Answer:
    reply: str
    agent: str
    conversation_id: UUID
    task_id: UUID
    handoffs: list[Handoff]
    tools: list[ToolUse]


@dataclass(frozen=True, slots=True)
class _InlineAgentQueue:
    """Accepts the messages to agents without sending them: this call runs their tasks. If it dies, the sweep does."""

    publisher: Publisher

    def publish(self, queue_messages: Sequence[QueueMessage]) -> Sequence[UUID]:
        for_agents = [
            queue_message for queue_message in queue_messages if queue_message.destination.startswith("agent-")
        ]
        others = [
            queue_message for queue_message in queue_messages if not queue_message.destination.startswith("agent-")
        ]
        return [
            *(queue_message.id for queue_message in for_agents),
            *(self.publisher.publish(others) if others else ()),
        ]


def _ignore(_: Outcome) -> None:
    return


def process(
    dependencies: TaskDependencies,
    company_id: UUID,
    user_id: UUID,
    text: str,
    *,
    key: str | None = None,
    scopes: frozenset[str] | None = None,
    report: Callable[[Outcome], None] = _ignore,
) -> Answer:
    """Answers a signed-in person's message with their own permissions.

    `key` is the client's idempotency key: the same key with the same text returns the same answer, with another text it
    raises `InvalidInput`. `scopes` are those of an API key, None for a person. Raises `Conflict` while the person's
    last message is still being answered, `Forbidden` for a company that is not active and for an API key without a
    permission that its creator has and agents use, `PlanLimitReached` when the company's messages of the month are used
    up, and `Unavailable` while the crew is paused.
    """
    inline = replace(dependencies, publisher=_InlineAgentQueue(dependencies.publisher))
    with unit_of_work(inline.database, inline.publisher, company_id, now=dependencies.clock.now()) as work:
        if scopes is not None:
            _check_key(work.session, company_id, user_id, scopes)
        opened = _open(work, user_id=user_id, text=text, key=key)
    if isinstance(opened, Answer):
        return opened
    ended = _run(inline, company_id, opened, report)
    with dependencies.database.tenant(company_id) as session:
        return _answer(session, company_id, ended)


@dataclass(frozen=True, slots=True)
class _OpenedTurn:
    conversation_id: UUID
    task_id: UUID


def _open(work: UnitOfWork, *, user_id: UUID, text: str, key: str | None) -> _OpenedTurn | Answer:
    session, company_id, now = work.session, work.company_id, work.now
    company = tenancy.company(session, company_id)
    if company.status != "active":
        raise Forbidden("A empresa não está ativa.", code="company_inactive")
    crew_id = default_crew(session, company_id, now)
    conversation_id = api_channel.conversation_of(session, company_id, user_id, crew_id)
    state = conversations.lock(session, company_id, conversation_id)
    earlier = api_channel.earlier_message(session, state, key) if key is not None else None
    if earlier is not None:
        return _answer_again(session, company_id, earlier, text)
    if state.active_task_id is not None:
        raise Conflict("Ainda estou respondendo à mensagem anterior.", code="turn_running", retry_after=2)
    allowance = plan_limits.allowance(session, company_id, time_zone=company.time_zone, now=now)
    if allowance.is_spent:
        raise plan_limits.spent(allowance, now, company.time_zone)
    api_channel.receive(session, state, text, key=key, now=now)
    plan_limits.count_messages(session, company_id, conversation_id, month_of(now, company.time_zone), 1)
    history = conversations.history(session, company_id, conversation_id, before_task=None)
    decision = start.open_or_join(session, work.outbox, state, text, history, now=now, time_zone=company.time_zone)
    if decision.opening is not rules.Opening.OPEN or decision.task_id is None:
        # The transaction is rolled back: the client gets the error and may ask again.
        raise Unavailable("A equipe virtual está em pausa no momento.", code="crew_paused")
    return _OpenedTurn(conversation_id, decision.task_id)


def _check_key(session: Session, company_id: UUID, user_id: UUID, scopes: frozenset[str]) -> None:
    """Raises `Forbidden`, naming the missing scopes, when the key lacks a permission that agents would use.

    Agents act with all permissions of the key's creator, and remember earlier conversations with that person.
    """
    creator = member(session, company_id, user_id)
    needed = {spec.permission for spec in TOOLS.values() if spec.permission}
    missing = sorted(one for one in needed - scopes if creator is not None and allows(creator.permissions, one))
    if missing:
        message = f"A equipe age com tudo o que pode quem criou a chave, e a chave não tem: {', '.join(missing)}."
        raise Forbidden(message, code="key_too_narrow")


def _run(
    dependencies: TaskDependencies, company_id: UUID, opened: _OpenedTurn, report: Callable[[Outcome], None]
) -> UUID:
    """Runs the task and those it is handed off to; returns the task that ended the turn."""
    task_id = opened.task_id
    for _ in range((rules.MAX_HOPS + 2) * rules.MAX_ATTEMPTS):
        payload = {
            "task_id": str(task_id),
            "company_id": str(company_id),
            "conversation_id": str(opened.conversation_id),
        }
        outcome = run_task(payload, dependencies)
        report(outcome)
        if outcome.kind in ("replied", "failed"):
            return task_id
        if outcome.kind == "cancelled":
            raise Forbidden("Esta conta não está ativa.", code="account_inactive")
        if outcome.kind == "skipped":
            break
        task_id = outcome.child_id or task_id
    raise Conflict("A resposta ainda está a caminho.", code="turn_running", retry_after=5)


def _answer_again(session: Session, company_id: UUID, earlier: EarlierMessage, text: str) -> Answer:
    """The answer to the message with this key. A key stands for one message: another text is refused."""
    if earlier.text != text:
        raise InvalidInput("Esta Idempotency-Key veio antes com outra mensagem.", code="idempotency_key_reused")
    if earlier.task_id is None and earlier.status == "received":
        raise Conflict("Ainda estou respondendo a esta mensagem.", code="turn_running", retry_after=2)
    if earlier.task_id is None:
        raise Conflict("Esta mensagem foi cancelada.", code="turn_cancelled")
    return _earlier_answer(session, company_id, earlier.task_id)


def _earlier_answer(session: Session, company_id: UUID, task_id: UUID) -> Answer:
    status = session.execute(
        select(CrewTask.status).where(CrewTask.company_id == company_id, CrewTask.id == task_id)
    ).scalar_one()
    if status in ("pending", "in_progress"):
        raise Conflict("Ainda estou respondendo a esta mensagem.", code="turn_running", retry_after=2)
    return _answer(session, company_id, task_id)


def _answer(session: Session, company_id: UUID, task_id: UUID) -> Answer:
    """The stored result of the turn that ended with this task."""
    chain = _chain(session, company_id, task_id)
    last = chain[-1]
    reply = api_channel.reply_of(session, company_id, task_id)
    if reply is None:
        raise Conflict("Esta mensagem foi cancelada.", code="turn_cancelled")
    calls = session.execute(
        select(ToolCall.tool, ToolCall.args, ToolCall.ok)
        .where(ToolCall.company_id == company_id, ToolCall.task_id.in_([task.id for task in chain]))
        .order_by(ToolCall.id)
    ).all()
    return Answer(
        reply=reply,
        agent=last.role,
        conversation_id=last.conversation_id,
        task_id=last.id,
        handoffs=[{"from": a.role, "to": b.role} for a, b in pairwise(chain)],
        tools=[{"tool": call.tool, "args": call.args, "ok": call.ok} for call in calls],
    )


def _chain(session: Session, company_id: UUID, task_id: UUID) -> list[Any]:
    """The tasks of a turn, from first to last; at most `MAX_HOPS + 2`."""
    chain: list[Any] = []
    wanted: UUID | None = task_id
    while wanted is not None:
        task = session.execute(
            select(CrewTask.id, CrewTask.role, CrewTask.parent_task_id, CrewTask.conversation_id).where(
                CrewTask.company_id == company_id, CrewTask.id == wanted
            )
        ).one()
        chain.insert(0, task)
        wanted = task.parent_task_id
    return chain
