"""Crews and agents, their tasks, tool calls, memories, metrics and approvals."""

from datetime import datetime
from decimal import Decimal
from typing import Any, Final, cast
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, Integer, Numeric, Table, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from falachefe.db.base import (
    COST_USD,
    TenantRow,
    belongs_to,
    of_company,
    one_of,
)


class Crew(TenantRow):
    __tablename__ = "crews"
    __table_args__ = (
        of_company(),
        one_of("status", "active", "paused", "disabled", "maintenance"),
        CheckConstraint("length(name) >= 3", name="name_length"),
        Index("ix_crews_status", "company_id", "status"),
    )

    name: Mapped[str]
    description: Mapped[str | None]
    status: Mapped[str] = mapped_column(default="active", server_default="active")
    config: Mapped[dict[str, Any]] = mapped_column(default=dict, server_default="{}")
    llm_config: Mapped[dict[str, Any]] = mapped_column(default=dict, server_default="{}")
    memory_config: Mapped[dict[str, Any]] = mapped_column(default=dict, server_default="{}")
    """What the crew is to remember, and for how long; nothing reads it yet."""


class CrewAgent(TenantRow):
    __tablename__ = "crew_agents"
    __table_args__ = (
        of_company(),
        belongs_to("crews", "crew_id", ondelete="CASCADE"),
        one_of("status", "active", "inactive", "maintenance"),
        one_of("role", "orchestrator", "financial", "marketing", "hr", "support"),
        CheckConstraint("length(goal) >= 10", name="goal_length"),
        Index(
            "uq_crew_agents_role",
            "company_id",
            "crew_id",
            "role",
            unique=True,
            postgresql_where=text("deleted_at is null"),
        ),
    )

    crew_id: Mapped[UUID]
    name: Mapped[str]
    role: Mapped[str]
    goal: Mapped[str]
    backstory: Mapped[str]
    tools: Mapped[list[Any]] = mapped_column(default=list, server_default="[]")
    status: Mapped[str] = mapped_column(default="active", server_default="active")
    config: Mapped[dict[str, Any]] = mapped_column(default=dict, server_default="{}")
    performance_metrics: Mapped[dict[str, Any]] = mapped_column(default=dict, server_default="{}")
    """The agent's latest figures; nothing writes them yet."""


class CrewTask(TenantRow):
    """One agent's part of a turn. A handoff ends a task and opens a child."""

    __tablename__ = "crew_tasks"
    __table_args__ = (
        of_company(),
        belongs_to("crews", "crew_id", ondelete="CASCADE"),
        belongs_to("crew_agents", "agent_id", ondelete="CASCADE"),
        belongs_to("conversations", "conversation_id", ondelete="CASCADE"),
        belongs_to("crew_tasks", "parent_task_id"),
        one_of("status", "pending", "in_progress", "completed", "failed", "cancelled"),
        CheckConstraint("execution_time_ms >= 0", name="execution_time"),
        CheckConstraint("cost_usd >= 0", name="cost"),
        Index("ix_crew_tasks_conversation", "company_id", "conversation_id", "id"),
        Index("ix_crew_tasks_agent", "company_id", "agent_id"),
        Index("ix_crew_tasks_status", "company_id", "status"),
        # Guarantees one turn at a time in a conversation.
        Index(
            "uq_crew_tasks_active",
            "company_id",
            "conversation_id",
            unique=True,
            postgresql_where=text("status in ('pending', 'in_progress')"),
        ),
        Index("ix_crew_tasks_lease", "lease_until", postgresql_where=text("status in ('pending', 'in_progress')")),
    )

    crew_id: Mapped[UUID]
    agent_id: Mapped[UUID]
    role: Mapped[str]
    conversation_id: Mapped[UUID]
    parent_task_id: Mapped[UUID | None]
    description: Mapped[str]
    expected_output: Mapped[str | None]
    status: Mapped[str] = mapped_column(default="pending", server_default="pending")
    result: Mapped[dict[str, Any]] = mapped_column(default=dict, server_default="{}")
    error_message: Mapped[str | None]
    execution_time_ms: Mapped[int | None]
    token_usage: Mapped[dict[str, Any]] = mapped_column(default=dict, server_default="{}")
    cost_usd: Mapped[Decimal | None] = mapped_column(COST_USD)
    metadata_: Mapped[dict[str, Any]] = mapped_column("metadata", default=dict, server_default="{}")
    hops: Mapped[int] = mapped_column(Integer, default=0, server_default="0")
    journal: Mapped[list[Any]] = mapped_column(default=list, server_default="[]")
    """The task's model messages so far, as pydantic-ai serializes them; a further attempt resumes from them."""
    attempts: Mapped[int] = mapped_column(Integer, default=0, server_default="0")
    lease_until: Mapped[datetime | None]
    started_at: Mapped[datetime | None]
    completed_at: Mapped[datetime | None]


class ToolCall(TenantRow):
    """One call of a tool. By the unique key a repeated call returns the first one's result."""

    __tablename__ = "tool_calls"
    __table_args__ = (
        of_company(),
        belongs_to("crew_tasks", "task_id", ondelete="CASCADE"),
        Index("uq_tool_calls_key", "company_id", "task_id", "tool_call_id", unique=True),
    )

    task_id: Mapped[UUID]
    tool_call_id: Mapped[str]
    tool: Mapped[str]
    args: Mapped[dict[str, Any]]
    result: Mapped[dict[str, Any]]
    ok: Mapped[bool]
    inverse: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    """What takes the act back; null when nothing was changed."""
    undone_at: Mapped[datetime | None]


class CrewMemory(TenantRow):
    __tablename__ = "crew_memories"
    __table_args__ = (
        of_company(),
        belongs_to("conversations", "conversation_id", ondelete="CASCADE"),
        one_of("memory_type", "fact", "preference", "context", "learning", "pattern"),
        CheckConstraint("importance_score between 1 and 10", name="importance"),
        CheckConstraint("access_count >= 0", name="access_count"),
        Index("ix_crew_memories_user", "company_id", "user_id"),
        Index("ix_crew_memories_type", "company_id", "memory_type"),
        Index("ix_crew_memories_importance", "company_id", "importance_score"),
    )

    user_id: Mapped[str]
    conversation_id: Mapped[UUID | None]
    memory_type: Mapped[str]
    category: Mapped[str | None]
    content: Mapped[str]
    summary: Mapped[str | None]
    importance_score: Mapped[int] = mapped_column(Integer, default=1, server_default="1")
    access_count: Mapped[int] = mapped_column(Integer, default=0, server_default="0")
    last_accessed_at: Mapped[datetime | None]
    metadata_: Mapped[dict[str, Any]] = mapped_column("metadata", default=dict, server_default="{}")


class CrewMetric(TenantRow):
    __tablename__ = "crew_metrics"
    __table_args__ = (
        of_company(),
        belongs_to("crews", "crew_id", ondelete="CASCADE"),
        CheckConstraint("value >= 0", name="value"),
        Index("ix_crew_metrics_type", "company_id", "metric_type", "recorded_at"),
        Index("ix_crew_metrics_agent", "company_id", "agent_id"),
    )

    crew_id: Mapped[UUID]
    agent_id: Mapped[UUID | None]
    metric_type: Mapped[str]
    metric_name: Mapped[str]
    value: Mapped[Decimal] = mapped_column(Numeric(15, 6))
    unit: Mapped[str | None]
    metadata_: Mapped[dict[str, Any]] = mapped_column("metadata", default=dict, server_default="{}")
    recorded_at: Mapped[datetime]


class Approval(TenantRow):
    """A tool call that waits for a person's decision; valid for its exact arguments, once.

    No code writes one yet: the table is for approvals in the chat and over the API, with a company's own limits.
    """

    __tablename__ = "approvals"
    __table_args__ = (
        of_company(),
        belongs_to("conversations", "conversation_id", ondelete="CASCADE"),
        belongs_to("crew_tasks", "task_id", ondelete="CASCADE"),
        one_of("status", "not_required", "pending", "approved", "rejected", "expired"),
        Index("ix_approvals_pending", "company_id", "conversation_id", postgresql_where=text("status = 'pending'")),
    )

    conversation_id: Mapped[UUID]
    task_id: Mapped[UUID]
    tool_call_id: Mapped[str]
    tool: Mapped[str]
    args: Mapped[dict[str, Any]]
    permission: Mapped[str]
    status: Mapped[str] = mapped_column(default="pending", server_default="pending")
    expires_at: Mapped[datetime]
    decided_at: Mapped[datetime | None]
    decided_by: Mapped[UUID | None]
    used_at: Mapped[datetime | None]


# Turns use the tables: building the same statements from the mapped classes takes twice the time.
CREWS: Final = cast(Table, Crew.__table__)
AGENTS: Final = cast(Table, CrewAgent.__table__)
TASKS: Final = cast(Table, CrewTask.__table__)
TOOL_CALLS: Final = cast(Table, ToolCall.__table__)
METRICS: Final = cast(Table, CrewMetric.__table__)
