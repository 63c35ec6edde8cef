"""Opening a turn for a message, or letting it join the turn that is running."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any, cast
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import BindParameter, Insert, Select, Text, bindparam, exists, func, insert, literal, select
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.exc import NoResultFound
from sqlalchemy.orm import Session

from falachefe.crews.models import AGENTS, CREWS, TASKS
from falachefe.crews.turns import reply, rules
from falachefe.crews.turns.facts import FACTS, facts_of
from falachefe.db.outbox import Outbox
from falachefe.db.statements import Query, defer, fetch, prepared
from falachefe.http.principal import EVERYTHING
from falachefe.kernel.ids import new_id
from falachefe.kernel.observability.tracing import with_trace
from falachefe.messaging.conversations import service as conversations
from falachefe.messaging.conversations.service import ConversationState, PastMessage

if TYPE_CHECKING:
    from falachefe.language.types import Analysis, Facts, Role

PAUSED_TEXT = (
    "Nossa equipe virtual está em pausa no momento. Guardei a sua mensagem e respondo assim que o atendimento voltar."
)


@dataclass(frozen=True, slots=True)
class TurnDecision:
    """What a message led to. `task_id` is the task that was opened for it, if any."""

    opening: rules.Opening
    reason: str
    role: str | None = None
    task_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class CrewState:
    crew_id: UUID
    status: str
    llm_config: Mapping[str, Any]
    pause: str
    """Identifies the crew's current pause (when its row was last changed), so that the notice is sent once for it."""
    agents: Mapping[str, UUID] = field(default_factory=dict)
    """The active agents, by role."""
    roles: Mapping[UUID, str] = field(default_factory=dict)
    """The role of every agent, active or not."""
    tools: Mapping[UUID, frozenset[str]] = field(default_factory=dict)
    """The tools that an agent is limited to; one that is not listed has all tools of its role."""
    facts: Mapping[str, Any] = field(default_factory=dict)
    """What the company knows, as the statement gave it (`facts.facts_of` reads it)."""

    @property
    def works(self) -> bool:
        return self.status == "active" and bool(self.agents)


def crew_state(session: Session, company_id: UUID, crew_id: UUID) -> CrewState:
    """The crew with its agents."""
    return fetch(session, crew_query(company_id, crew_id))


def crew_query(company_id: UUID, crew_id: UUID) -> Query[CrewState]:
    return _crew.read(_crew_state, company_id=company_id, crew_id=crew_id)


def crew_of_task_query(company_id: UUID, task_id: UUID) -> Query[CrewState]:
    """The crew that a task belongs to."""
    return _crew_of_task.read(_crew_state, company_id=company_id, task_id=task_id)


def _crew_state(rows: list[Any]) -> CrewState:
    if not rows:
        raise NoResultFound("no such crew in the company")
    [row] = rows
    listed = row.agents or []
    return CrewState(
        crew_id=row.id,
        status=row.status,
        llm_config=row.llm_config,
        pause=row.updated_at.isoformat(),
        agents={agent["role"]: UUID(agent["id"]) for agent in listed if agent["status"] == "active"},
        roles={UUID(agent["id"]): agent["role"] for agent in listed},
        tools={UUID(agent["id"]): frozenset(agent["tools"]) for agent in listed if agent["tools"]},
        facts=row.facts,
    )


@prepared
def _crew() -> Select[Any]:
    return _crews().where(CREWS.c.id == bindparam("crew_id"))


@prepared
def _crew_of_task() -> Select[Any]:
    of_task = select(TASKS.c.crew_id).where(
        TASKS.c.company_id == bindparam("company_id"), TASKS.c.id == bindparam("task_id")
    )
    return _crews().where(CREWS.c.id == of_task.scalar_subquery())


def _crews() -> Select[Any]:
    company_id: BindParameter[Any] = bindparam("company_id")
    named = {"id": AGENTS.c.id, "role": AGENTS.c.role, "status": AGENTS.c.status, "tools": AGENTS.c.tools}
    agent = func.jsonb_build_object(*(part for pair in named.items() for part in pair))
    agents = (
        select(func.jsonb_agg(agent))
        .where(AGENTS.c.company_id == company_id, AGENTS.c.crew_id == CREWS.c.id, AGENTS.c.deleted_at.is_(None))
        .scalar_subquery()
    )
    columns = (CREWS.c.id, CREWS.c.status, CREWS.c.llm_config, CREWS.c.updated_at)
    return select(*columns, agents.label("agents"), FACTS).where(CREWS.c.company_id == company_id)


def open_or_join(
    session: Session,
    outbox: Outbox,
    state: ConversationState,
    text: str,
    history: Sequence[PastMessage],
    *,
    now: datetime,
    time_zone: str,
    crew: CrewState | None = None,
    written_at: datetime | None = None,
) -> TurnDecision:
    """Opens a turn for a stored message, lets it join the running one, or sends the pause notice.

    The caller has locked the conversation, saves the outbox, and publishes it after the commit. A new turn is a task,
    which becomes the conversation's active task, and a message to the role's queue. Routing uses the offline engine: no
    model is called here. `crew` is the conversation's, when the caller has read it in this transaction. Dates in the
    text are relative to `written_at`, by default now.
    """
    crew = crew or crew_state(session, state.company_id, state.crew_id)
    opening = rules.open_or_join(
        now=now,
        has_active_task=state.active_task_id is not None,
        human_until=state.human_until,
        crew_works=crew.works,
        pause_announced=False,
    )
    if opening is rules.Opening.PAUSED_NOTICE:
        return _send_pause_notice(session, outbox, state, crew, now=now)
    if opening is not rules.Opening.OPEN:
        return TurnDecision(opening, str(opening))
    return open_turn(
        session, outbox, state, crew, text=text, history=history, now=now, time_zone=time_zone, written_at=written_at
    )


def open_turn(
    session: Session,
    outbox: Outbox,
    state: ConversationState,
    crew: CrewState,
    *,
    text: str,
    history: Sequence[PastMessage],
    now: datetime,
    time_zone: str,
    task_id: UUID | None = None,
    written_at: datetime | None = None,
) -> TurnDecision:
    """Opens a turn for `text` in a conversation without one; the crew must be active."""
    current = crew.roles.get(state.current_agent_id) if state.current_agent_id else None
    moment = (written_at or now).astimezone(ZoneInfo(time_zone))
    # What a contact knows of the company is not what its staff knows. A route shows nothing of it.
    facts = facts_of(crew.facts, frozenset({EVERYTHING}) if state.user_id is not None else frozenset())
    analysis = _analyze(text, history, current, active=crew.agents, now=moment, facts=facts)
    routing = rules.route(
        wanted=analysis.role,
        confidence=analysis.confidence,
        staff=state.user_id is not None,
        active=crew.agents.keys(),
    )
    assert routing is not None, "an active crew has an active agent"
    task = task_id or new_id()
    agent_id = crew.agents[routing.role]
    insert_task(
        session,
        {
            "company_id": state.company_id,
            "id": task,
            "crew_id": crew.crew_id,
            "agent_id": agent_id,
            "role": routing.role,
            "conversation_id": state.id,
            "description": analysis.intent,
            "lease_until": now + rules.PICKUP_DEADLINE,
            "metadata": {
                "path": [routing.role],
                "lines": [],
                "routing": {
                    "wanted": analysis.role,
                    "complexity": analysis.complexity,
                    "confidence": str(Decimal(str(analysis.confidence)).quantize(Decimal("0.01"))),
                    "reason": routing.reason,
                },
            },
        },
    )
    conversations.set_turn(session, state.company_id, state.id, active_task_id=task, current_agent_id=agent_id)
    announce(outbox, role=routing.role, task_id=task, conversation_id=state.id)
    return TurnDecision(rules.Opening.OPEN, routing.reason, routing.role, task)


def insert_task(session: Session, values: Mapping[str, Any]) -> None:
    """`values` are columns of the task; the statement is deferred."""
    defer(session, _insert_task(**{**values, "metadata": with_trace(values["metadata"])}))


@prepared
def _insert_task() -> Insert:
    given = (
        "company_id",
        "id",
        "crew_id",
        "agent_id",
        "role",
        "conversation_id",
        "description",
        "lease_until",
        "metadata",
    )
    of_child = {"parent_task_id": None, "hops": 0}
    return insert(TASKS).values(
        {name: bindparam(name) for name in given} | {name: bindparam(name, value) for name, value in of_child.items()}
    )


def announce(outbox: Outbox, *, role: str, task_id: UUID, conversation_id: UUID, again: str | None = None) -> None:
    """Adds a task's queue message to its agent to the outbox.

    `again` identifies a repeated announcement. It gets a message group of its own: the message of a worker that was
    killed stays invisible for minutes, and the rest of its group would wait for it. The claim keeps the order.
    """
    group = str(conversation_id) if again is None else f"{conversation_id}#{again}"
    outbox.send(
        f"agent-{role}",
        {
            "task_id": str(task_id),
            "company_id": str(outbox.company_id),
            "conversation_id": str(conversation_id),
        },
        group_id=group,
        deduplication_id=str(task_id) if again is None else f"{task_id}#{again}",
    )


def _analyze(
    text: str,
    history: Sequence[PastMessage],
    current: str | None,
    *,
    active: Mapping[str, UUID],
    now: datetime,
    facts: "Facts",
) -> "Analysis":
    from falachefe.language.engine import analyze  # noqa: PLC0415  # 60 ms, only where text is analysed
    from falachefe.language.types import Situation, Utterance  # noqa: PLC0415  # the same

    situation = Situation(
        now=now,
        history=tuple(Utterance(item.speaker, item.text, item.at.astimezone(now.tzinfo)) for item in history),
        current_role=cast("Role | None", current),
        active_roles=frozenset(cast("Sequence[Role]", tuple(active))),
        facts=facts,
    )
    return analyze(text, situation)


def _send_pause_notice(
    session: Session, outbox: Outbox, state: ConversationState, crew: CrewState, *, now: datetime
) -> TurnDecision:
    """Sends the notice once in a pause. A finished task stands for it, so that every reply has a task.

    The message stays unassigned: the first turn after the pause answers it.
    """
    task_id = new_id()
    if not crew.roles or not _insert_notice_task(session, state, crew, task_id, now):
        return TurnDecision(rules.Opening.PAUSED_SILENT, "told_before")
    reply.deliver(session, outbox, state, PAUSED_TEXT, task_id=task_id, now=now, agent_response={"notice": "paused"})
    return TurnDecision(rules.Opening.PAUSED_NOTICE, "crew_paused", task_id=task_id)


def _insert_notice_task(
    session: Session, state: ConversationState, crew: CrewState, task_id: UUID, now: datetime
) -> bool:
    """Inserts the notice's task unless this pause has one already; the conversation's lock prevents a second one."""
    agent_id, role = next(iter(sorted(crew.roles.items(), key=lambda item: rules.FALLBACK_ROLES.index(item[1]))))
    announced = exists().where(
        TASKS.c.company_id == state.company_id,
        TASKS.c.conversation_id == state.id,
        TASKS.c.metadata["pause"].astext == crew.pause,
    )
    row = select(
        literal(state.company_id, type_=TASKS.c.company_id.type),
        literal(task_id, type_=TASKS.c.id.type),
        literal(crew.crew_id, type_=TASKS.c.crew_id.type),
        literal(agent_id, type_=TASKS.c.agent_id.type),
        literal(role, type_=Text),
        literal(state.id, type_=TASKS.c.conversation_id.type),
        literal("paused_notice", type_=Text),
        literal("completed", type_=Text),
        bindparam("metadata", {"pause": crew.pause, "path": [role], "lines": []}, type_=JSONB),
        literal(now, type_=TASKS.c.completed_at.type),
    ).where(~announced)
    columns = ("company_id", "id", "crew_id", "agent_id", "role", "conversation_id", "description", "status")
    inserted = session.execute(
        insert(TASKS)
        .from_select([*columns, "metadata", "completed_at"], row, include_defaults=False)
        .returning(TASKS.c.id)
    )
    return inserted.first() is not None
