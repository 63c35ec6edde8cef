"""Declares crews, agents, tasks and memories as REST resources."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from falachefe.crews import service
from falachefe.crews.api.schemas import (
    AgentChange,
    AgentOut,
    CrewIn,
    CrewOut,
    MemoryOut,
    TaskOut,
)
from falachefe.crews.models import Crew, CrewAgent, CrewMemory, CrewTask
from falachefe.http.unit_of_work import RequestUnitOfWork
from falachefe.kernel.errors import Conflict, invalid_field
from falachefe.resources.declaration import Created, Hooks, Resource, Values
from falachefe.resources.schemas import Input, partial_of


def _create_crew(work: RequestUnitOfWork, crew: CrewIn) -> Created:
    crew_id = service.make_crew(
        work.session,
        work.company_id,
        name=crew.name,
        description=crew.description,
        status=crew.status,
        llm_config=crew.llm_config.model_dump(mode="json", exclude_unset=True),
        now=work.now,
    )
    work.record("crews.crew_created", {"crew_id": str(crew_id)})
    return Created(crew_id)


def _change_crew(_: RequestUnitOfWork, __: Crew, changes: Values) -> Values:
    if "llm_config" in changes:
        return changes | {"llm_config": changes["llm_config"].model_dump(mode="json", exclude_unset=True)}
    return changes


def _refuse_in_use(work: RequestUnitOfWork, row: Crew) -> None:
    from falachefe.messaging.conversations import waiting  # noqa: PLC0415  # 15 ms of messaging's models, which only a deletion needs

    if row.id == service.default_crew_id(work.session, work.company_id):
        raise Conflict("Esta é a equipe das novas conversas.", code="crew_is_default")
    if waiting.crew_has_conversations(work.session, work.company_id, row.id):
        raise Conflict("Esta equipe tem conversas.", code="crew_in_use")


def _mark_default(work: RequestUnitOfWork, rows: Sequence[Crew]) -> list[Mapping[str, Any]]:
    default = service.default_crew_id(work.session, work.company_id)
    return [{"default": row.id == default} for row in rows]


CREWS: Final = Resource[Crew, CrewIn, CrewOut](
    name="crews",
    singular="crew",
    context="crews",
    domain="crews",
    model=Crew,
    read=CrewOut,
    create=CrewIn,
    update=partial_of(CrewIn),
    filter_by=("name", "status", "created_at"),
    sort_by=("name", "status", "created_at"),
    search_in=("name", "description"),
    default_sort="created_at",
    composed=True,
    hooks=Hooks(create=_create_crew, before_update=_change_crew, before_delete=_refuse_in_use, extras=_mark_default),
)


def _change_agent(_: RequestUnitOfWork, row: CrewAgent, changes: Values) -> Values:
    if row.role == "orchestrator" and changes.get("status", "active") != "active":
        raise Conflict("A recepção recebe quem chega: ela fica ativa.", code="orchestrator_needed")
    if changes.get("tools"):
        return changes | {"tools": _of_role(row.role, changes["tools"])}
    return changes


def _of_role(role: str, tools: Sequence[str]) -> list[str]:
    from falachefe.crews.tools.registry import tools_of  # noqa: PLC0415  # 100 ms of tools, paid by those who run or list them

    known = sorted(spec.name for spec in tools_of(role))
    if unknown := sorted(set(tools) - set(known)):
        message = f"Este agente não tem {', '.join(unknown)}. Ele tem: {', '.join(known)}."
        raise invalid_field("tools", message, "tool_unknown")
    return sorted(set(tools))


AGENTS: Final = Resource[CrewAgent, Input, AgentOut](
    name="agents",
    singular="agent",
    context="crews",
    domain="crews",
    model=CrewAgent,
    read=AgentOut,
    update=partial_of(AgentChange),
    filter_by=("crew_id", "role", "status", "name", "created_at"),
    sort_by=("name", "role", "created_at"),
    search_in=("name", "goal"),
    default_sort="created_at",
    actions=frozenset({"read", "update"}),
    hooks=Hooks(before_update=_change_agent),
)

TASKS: Final = Resource[CrewTask, Input, TaskOut](
    name="tasks",
    singular="task",
    context="crews",
    domain="crews",
    model=CrewTask,
    read=TaskOut,
    filter_by=(
        *("role", "status", "crew_id", "agent_id", "conversation_id", "parent_task_id"),
        *("execution_time_ms", "cost_usd", "created_at", "completed_at"),
    ),
    sort_by=("id", "created_at", "execution_time_ms", "cost_usd", "completed_at"),
    default_sort="-id",  # newest first, along an index
    actions=frozenset({"read"}),
    unread=("journal", "metadata_", "expected_output"),
    written_elsewhere=True,
)

MEMORIES: Final = Resource[CrewMemory, Input, MemoryOut](
    name="memories",
    singular="memory",
    context="crews",
    domain="crews",
    model=CrewMemory,
    read=MemoryOut,
    filter_by=("user_id", "conversation_id", "memory_type", "category", "importance_score", "created_at"),
    sort_by=("importance_score", "created_at", "last_accessed_at"),
    search_in=("content", "summary"),
    actions=frozenset({"read", "delete"}),
    unread=("metadata_",),
    written_elsewhere=True,
)
