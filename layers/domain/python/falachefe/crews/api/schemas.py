"""Input and output schemas of the resources: crews, agents, tasks and memories."""

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import Field

from falachefe.crews.agents.model_chain import LlmConfig
from falachefe.resources.schemas import ON_ONE_LINE, WITH_PARAGRAPHS, Document, Input

type CrewStatus = Literal["active", "paused", "disabled", "maintenance"]
type AgentStatus = Literal["active", "inactive", "maintenance"]
type Role = Literal["orchestrator", "financial", "marketing", "hr", "support"]
type TaskStatus = Literal["pending", "in_progress", "completed", "failed", "cancelled"]
type MemoryType = Literal["fact", "preference", "context", "learning", "pattern"]


_Name = Annotated[str, ON_ONE_LINE, Field(min_length=3, max_length=100, examples=["Equipe da loja"])]
_AgentName = Annotated[str, ON_ONE_LINE, Field(min_length=1, max_length=100, examples=["Financeiro"])]
_Goal = Annotated[str, WITH_PARAGRAPHS, Field(min_length=10, max_length=1000, examples=["Manter o caixa anotado."])]
_Text = Annotated[str, WITH_PARAGRAPHS, Field(max_length=2000, examples=["Atende pelo WhatsApp."])]
_Tool = Annotated[str, Field(pattern=r"^[a-z][a-z_]{0,49}$", examples=["add_expense"])]


class CrewIn(Input):
    """`llm_config`: the models and their limits; `{}` selects the offline engine."""

    name: _Name
    description: _Text | None = None
    status: CrewStatus = "active"
    llm_config: LlmConfig = LlmConfig()


class CrewOut(Document):
    """`default`: whether new conversations are assigned to this crew."""

    name: _Name
    description: str | None
    status: CrewStatus
    llm_config: dict[str, Any] = Field(examples=[{"provider": "offline"}])
    default: bool


class AgentChange(Input):
    """`tools`: those it may use of its role's; none named means all of them."""

    name: _AgentName
    goal: _Goal
    backstory: _Text
    status: AgentStatus
    tools: list[_Tool] = Field(max_length=50)


class AgentOut(Document):
    crew_id: UUID
    name: str
    role: Role
    goal: str
    backstory: str
    tools: list[str]
    status: AgentStatus


class TaskOut(Document):
    """One agent's part of a turn; a handoff ends the task and creates a child task."""

    crew_id: UUID
    agent_id: UUID
    role: str = Field(examples=["financial"])
    conversation_id: UUID
    parent_task_id: UUID | None
    description: str
    status: TaskStatus
    result: dict[str, Any]
    error_message: str | None
    execution_time_ms: int | None
    token_usage: dict[str, Any]
    cost_usd: Decimal | None
    hops: int
    attempts: int
    started_at: datetime | None
    completed_at: datetime | None


class MemoryOut(Document):
    user_id: str
    conversation_id: UUID | None
    memory_type: MemoryType
    category: str | None
    content: str
    summary: str | None
    importance_score: int
    access_count: int
    last_accessed_at: datetime | None
