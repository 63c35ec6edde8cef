"""A company's crews: creating them, and their status."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from falachefe.crews.models import Crew, CrewAgent, CrewTask
from falachefe.crews.responses import CrewAtWork, CrewFigures, CrewsStatus
from falachefe.kernel.ids import new_id

DEFAULT_CREW: Final = "Equipe Falachefe"
_AGENTS: Final = (
    ("orchestrator", "Recepção", "Receber cada pessoa e dizer o que a equipe faz por ela."),
    ("financial", "Financeiro", "Manter o livro-caixa certo: despesas, receitas, orçamentos e relatórios."),
    ("marketing", "Marketing", "Preparar campanhas e textos que tragam clientes de volta."),
    ("hr", "RH", "Cuidar do cadastro, das folgas e das faltas dos funcionários."),
    ("support", "Suporte", "Responder dúvidas com o que a empresa publicou e chamar uma pessoa quando preciso."),
)


def default_crew(session: Session, company_id: UUID, now: datetime) -> UUID:
    """The company's crew for new conversations, created with the five roles when it has none yet. Idempotent.

    Callers that may run concurrently hold a lock (seeding and sign-up run once for a company).
    """
    existing = default_crew_id(session, company_id)
    if existing:
        return existing
    description = "Atende pelo WhatsApp da empresa."
    return make_crew(session, company_id, name=DEFAULT_CREW, description=description, now=now)


def default_crew_id(session: Session, company_id: UUID) -> UUID | None:
    """The crew of new conversations: the company's first one."""
    return session.execute(
        select(Crew.id).where(Crew.company_id == company_id, Crew.deleted_at.is_(None)).order_by(Crew.id).limit(1)
    ).scalar()


def make_crew(
    session: Session,
    company_id: UUID,
    *,
    name: str,
    description: str | None,
    now: datetime,
    status: str = "active",
    llm_config: Mapping[str, Any] | None = None,
) -> UUID:
    """Creates a crew with an agent for each of the five roles."""
    crew_id = new_id()
    session.execute(
        insert(Crew).values(
            company_id=company_id,
            id=crew_id,
            name=name,
            description=description,
            status=status,
            llm_config=dict(llm_config or {}),
            created_at=now,
            updated_at=now,
        )
    )
    session.execute(
        insert(CrewAgent).values(
            [
                {
                    "company_id": company_id,
                    "id": new_id(),
                    "crew_id": crew_id,
                    "name": name,
                    "role": role,
                    "goal": goal,
                    "backstory": f"Faz parte da equipe que atende a empresa pelo WhatsApp: {name}.",
                    "tools": [],
                    "created_at": now,
                    "updated_at": now,
                }
                for role, name, goal in _AGENTS
            ]
        )
    )
    return crew_id


def status(session: Session, company_id: UUID, *, now: datetime) -> CrewsStatus:
    """Crews with their agents, active tasks, waiting messages, and the figures of the last 24 hours."""
    from falachefe.messaging.conversations import waiting  # noqa: PLC0415  # 15 ms of messaging's models, only for the status

    counted = _counts(session, company_id, now - timedelta(hours=24))
    return {
        "crews": _crews(session, company_id),
        "active_tasks": _active_tasks(session, company_id),
        "pending_messages": waiting.unanswered(session, company_id),
        "last_24h": counted,
        "at": now.isoformat(),
    }


def _crews(session: Session, company_id: UUID) -> list[CrewAtWork]:
    rows = session.execute(
        select(Crew.id, Crew.name, Crew.status, CrewAgent.id, CrewAgent.name, CrewAgent.role, CrewAgent.status)
        .outerjoin(
            CrewAgent,
            (CrewAgent.company_id == Crew.company_id) & (CrewAgent.crew_id == Crew.id) & CrewAgent.deleted_at.is_(None),
        )
        .where(Crew.company_id == company_id, Crew.deleted_at.is_(None))
        .order_by(Crew.id, CrewAgent.id)
    ).all()
    crews: dict[UUID, CrewAtWork] = {}
    for crew_id, name, state, agent_id, agent_name, role, agent_state in rows:
        crew = crews.setdefault(crew_id, {"id": str(crew_id), "name": name, "status": state, "agents": []})
        if agent_id is not None:
            crew["agents"].append({"id": str(agent_id), "name": agent_name, "role": role, "status": agent_state})
    return list(crews.values())


def _active_tasks(session: Session, company_id: UUID) -> dict[str, int]:
    rows = session.execute(
        select(CrewTask.role, func.count())
        .where(CrewTask.company_id == company_id, CrewTask.status.in_(("pending", "in_progress")))
        .group_by(CrewTask.role)
    ).all()
    return {role: count for role, count in rows}  # noqa: C416  # to mypy rows are not pairs


def _counts(session: Session, company_id: UUID, since: datetime) -> CrewFigures:
    rows = session.execute(
        select(
            CrewTask.status,
            func.count(),
            func.count().filter(CrewTask.parent_task_id.is_not(None)),
            func.sum(CrewTask.execution_time_ms),
            func.sum(CrewTask.cost_usd),
        )
        .where(CrewTask.company_id == company_id, CrewTask.created_at >= since)
        .group_by(CrewTask.status)
    ).all()
    done = sum(count for state, count, *_ in rows if state == "completed")
    spent = sum(int(took or 0) for state, _, _, took, _ in rows if state == "completed")
    return {
        "tasks": {state: count for state, count, *_ in rows},
        "handoffs": sum(handoffs for _, _, handoffs, *_ in rows),
        "average_execution_ms": spent // done if done else None,
        "cost_usd": f"{sum(cost or 0 for *_, cost in rows):.6f}",
    }
