"""Channels, contacts, conversations, messages, crews and what crews did."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from falachefe_migrations.security import directory_function, open_to_directory, protect
from falachefe_migrations.tables import belongs_to, tenant_table

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    tenant_table(
        "channels",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("provider", sa.Text(), nullable=False),
        sa.Column("phone", sa.Text(), nullable=False),
        sa.Column("base_url", sa.Text(), nullable=False),
        sa.Column("secret_name", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), server_default="connected", nullable=False),
        sa.Column("history_window_s", sa.Integer(), server_default="600", nullable=False),
        sa.CheckConstraint("provider in ('uaz', 'cloud')", name=op.f("ck_channels_provider")),
        sa.CheckConstraint(
            "status in ('connected', 'connecting', 'disconnected', 'disabled')", name=op.f("ck_channels_status")
        ),
    )
    tenant_table(
        "crews",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), nullable=True),
        sa.Column("status", sa.Text(), server_default="active", nullable=False),
        sa.Column("config", postgresql.JSONB(), server_default="{}", nullable=False),
        sa.Column("llm_config", postgresql.JSONB(), server_default="{}", nullable=False),
        sa.Column("memory_config", postgresql.JSONB(), server_default="{}", nullable=False),
        sa.CheckConstraint("status in ('active', 'paused', 'disabled', 'maintenance')", name=op.f("ck_crews_status")),
        sa.CheckConstraint("length(name) >= 3", name=op.f("ck_crews_name_length")),
    )
    op.create_index("ix_crews_status", "crews", ["company_id", "status"], unique=False)
    tenant_table(
        "contacts",
        sa.Column("phone", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("user_id", sa.Uuid(), nullable=True),
        sa.Column("verified_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("opted_out_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_message_at", sa.DateTime(timezone=True), nullable=True),
        belongs_to("contacts", "users", "user_id"),
    )
    op.create_index(
        "uq_contacts_phone",
        "contacts",
        ["company_id", "phone"],
        unique=True,
        postgresql_where=sa.text("deleted_at is null"),
    )
    tenant_table(
        "crew_agents",
        sa.Column("crew_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("goal", sa.Text(), nullable=False),
        sa.Column("backstory", sa.Text(), nullable=False),
        sa.Column("tools", postgresql.JSONB(), server_default="[]", nullable=False),
        sa.Column("status", sa.Text(), server_default="active", nullable=False),
        sa.Column("config", postgresql.JSONB(), server_default="{}", nullable=False),
        sa.Column("performance_metrics", postgresql.JSONB(), server_default="{}", nullable=False),
        sa.CheckConstraint(
            "role in ('orchestrator', 'financial', 'marketing', 'hr', 'support')", name=op.f("ck_crew_agents_role")
        ),
        sa.CheckConstraint("status in ('active', 'inactive', 'maintenance')", name=op.f("ck_crew_agents_status")),
        sa.CheckConstraint("length(goal) >= 10", name=op.f("ck_crew_agents_goal_length")),
        belongs_to("crew_agents", "crews", "crew_id", ondelete="CASCADE"),
    )
    op.create_index(
        "uq_crew_agents_role",
        "crew_agents",
        ["company_id", "crew_id", "role"],
        unique=True,
        postgresql_where=sa.text("deleted_at is null"),
    )
    tenant_table(
        "crew_metrics",
        sa.Column("crew_id", sa.Uuid(), nullable=False),
        sa.Column("agent_id", sa.Uuid(), nullable=True),
        sa.Column("metric_type", sa.Text(), nullable=False),
        sa.Column("metric_name", sa.Text(), nullable=False),
        sa.Column("value", sa.Numeric(precision=15, scale=6), nullable=False),
        sa.Column("unit", sa.Text(), nullable=True),
        sa.Column("metadata", postgresql.JSONB(), server_default="{}", nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("value >= 0", name=op.f("ck_crew_metrics_value")),
        belongs_to("crew_metrics", "crews", "crew_id", ondelete="CASCADE"),
    )
    op.create_index("ix_crew_metrics_agent", "crew_metrics", ["company_id", "agent_id"], unique=False)
    op.create_index("ix_crew_metrics_type", "crew_metrics", ["company_id", "metric_type", "recorded_at"], unique=False)
    tenant_table(
        "conversations",
        sa.Column("channel_id", sa.Uuid(), nullable=False),
        sa.Column("contact_id", sa.Uuid(), nullable=False),
        sa.Column("crew_id", sa.Uuid(), nullable=False),
        sa.Column("current_agent_id", sa.Uuid(), nullable=True),
        sa.Column("active_task_id", sa.Uuid(), nullable=True),
        sa.Column("handoff_history", postgresql.JSONB(), server_default="[]", nullable=False),
        sa.Column("crew_context", postgresql.JSONB(), server_default="{}", nullable=False),
        sa.Column("requires_human_approval", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("human_approval_status", sa.Text(), server_default="not_required", nullable=False),
        sa.Column("human_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_message_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "human_approval_status in ('not_required', 'pending', 'approved', 'rejected', 'expired')",
            name=op.f("ck_conversations_human_approval_status"),
        ),
        belongs_to("conversations", "channels", "channel_id"),
        belongs_to("conversations", "contacts", "contact_id"),
        belongs_to("conversations", "crews", "crew_id"),
        belongs_to("conversations", "crew_agents", "current_agent_id"),
    )
    op.create_index("ix_conversations_last_message", "conversations", ["company_id", "last_message_at"], unique=False)
    op.create_index(
        "uq_conversations_contact", "conversations", ["company_id", "channel_id", "contact_id"], unique=True
    )
    tenant_table(
        "crew_memories",
        sa.Column("user_id", sa.Text(), nullable=False),
        sa.Column("conversation_id", sa.Uuid(), nullable=True),
        sa.Column("memory_type", sa.Text(), nullable=False),
        sa.Column("category", sa.Text(), nullable=True),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("summary", sa.Text(), nullable=True),
        sa.Column("importance_score", sa.Integer(), server_default="1", nullable=False),
        sa.Column("access_count", sa.Integer(), server_default="0", nullable=False),
        sa.Column("last_accessed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("metadata", postgresql.JSONB(), server_default="{}", nullable=False),
        sa.CheckConstraint(
            "memory_type in ('fact', 'preference', 'context', 'learning', 'pattern')",
            name=op.f("ck_crew_memories_memory_type"),
        ),
        sa.CheckConstraint("access_count >= 0", name=op.f("ck_crew_memories_access_count")),
        sa.CheckConstraint("importance_score between 1 and 10", name=op.f("ck_crew_memories_importance")),
        belongs_to("crew_memories", "conversations", "conversation_id", ondelete="CASCADE"),
    )
    op.create_index("ix_crew_memories_importance", "crew_memories", ["company_id", "importance_score"], unique=False)
    op.create_index("ix_crew_memories_type", "crew_memories", ["company_id", "memory_type"], unique=False)
    op.create_index("ix_crew_memories_user", "crew_memories", ["company_id", "user_id"], unique=False)
    tenant_table(
        "crew_tasks",
        sa.Column("crew_id", sa.Uuid(), nullable=False),
        sa.Column("agent_id", sa.Uuid(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("conversation_id", sa.Uuid(), nullable=False),
        sa.Column("parent_task_id", sa.Uuid(), nullable=True),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("expected_output", sa.Text(), nullable=True),
        sa.Column("status", sa.Text(), server_default="pending", nullable=False),
        sa.Column("result", postgresql.JSONB(), server_default="{}", nullable=False),
        sa.Column("error_message", sa.Text(), nullable=True),
        sa.Column("execution_time_ms", sa.Integer(), nullable=True),
        sa.Column("token_usage", postgresql.JSONB(), server_default="{}", nullable=False),
        sa.Column("cost_usd", sa.Numeric(precision=10, scale=6), nullable=True),
        sa.Column("metadata", postgresql.JSONB(), server_default="{}", nullable=False),
        sa.Column("hops", sa.Integer(), server_default="0", nullable=False),
        sa.Column("journal", postgresql.JSONB(), server_default="[]", nullable=False),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("completed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "status in ('pending', 'in_progress', 'completed', 'failed', 'cancelled')",
            name=op.f("ck_crew_tasks_status"),
        ),
        sa.CheckConstraint("cost_usd >= 0", name=op.f("ck_crew_tasks_cost")),
        sa.CheckConstraint("execution_time_ms >= 0", name=op.f("ck_crew_tasks_execution_time")),
        belongs_to("crew_tasks", "crew_agents", "agent_id", ondelete="CASCADE"),
        belongs_to("crew_tasks", "conversations", "conversation_id", ondelete="CASCADE"),
        belongs_to("crew_tasks", "crews", "crew_id", ondelete="CASCADE"),
        belongs_to("crew_tasks", "crew_tasks", "parent_task_id"),
    )
    op.create_index("ix_crew_tasks_agent", "crew_tasks", ["company_id", "agent_id"], unique=False)
    op.create_index("ix_crew_tasks_conversation", "crew_tasks", ["company_id", "conversation_id", "id"], unique=False)
    op.create_index(
        "ix_crew_tasks_lease",
        "crew_tasks",
        ["lease_until"],
        unique=False,
        postgresql_where=sa.text("status in ('pending', 'in_progress')"),
    )
    op.create_index("ix_crew_tasks_status", "crew_tasks", ["company_id", "status"], unique=False)
    tenant_table(
        "messages",
        sa.Column("conversation_id", sa.Uuid(), nullable=False),
        sa.Column("channel_id", sa.Uuid(), nullable=False),
        sa.Column("direction", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), server_default="text", nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("provider_message_id", sa.Text(), nullable=True),
        sa.Column("provider_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reply_to", sa.Text(), nullable=True),
        sa.Column("crew_task_id", sa.Uuid(), nullable=True),
        sa.Column("agent_response", postgresql.JSONB(), server_default="{}", nullable=False),
        sa.Column("token_usage", postgresql.JSONB(), server_default="{}", nullable=False),
        sa.Column("processing_time_ms", sa.Integer(), nullable=True),
        sa.Column("confidence_score", sa.Numeric(precision=3, scale=2), nullable=True),
        sa.Column("crew_metadata", postgresql.JSONB(), server_default="{}", nullable=False),
        sa.Column("error_code", sa.Text(), nullable=True),
        sa.CheckConstraint("direction in ('in', 'out')", name=op.f("ck_messages_direction")),
        sa.CheckConstraint(
            "kind in ('text', 'button', 'list', 'audio', 'image', 'document', 'video', 'other')",
            name=op.f("ck_messages_kind"),
        ),
        sa.CheckConstraint(
            "status in ('received', 'held', 'queued', 'sending', 'sent', 'delivered', 'read', 'failed', 'uncertain')",
            name=op.f("ck_messages_status"),
        ),
        sa.CheckConstraint("confidence_score between 0 and 1", name=op.f("ck_messages_confidence_score")),
        belongs_to("messages", "channels", "channel_id"),
        belongs_to("messages", "conversations", "conversation_id", ondelete="CASCADE"),
    )
    op.create_index("ix_messages_conversation", "messages", ["company_id", "conversation_id", "id"], unique=False)
    op.create_index(
        "ix_messages_in_flight",
        "messages",
        ["company_id", "updated_at"],
        unique=False,
        postgresql_where=sa.text("status in ('sending', 'queued')"),
    )
    op.create_index(
        "ix_messages_unassigned",
        "messages",
        ["company_id", "conversation_id"],
        unique=False,
        postgresql_where=sa.text("direction = 'in' and status = 'received' and crew_task_id is null"),
    )
    op.create_index(
        "uq_messages_provider_message_id",
        "messages",
        ["company_id", "channel_id", "provider_message_id"],
        unique=True,
        postgresql_where=sa.text("provider_message_id is not null"),
    )
    tenant_table(
        "approvals",
        sa.Column("conversation_id", sa.Uuid(), nullable=False),
        sa.Column("task_id", sa.Uuid(), nullable=False),
        sa.Column("tool_call_id", sa.Text(), nullable=False),
        sa.Column("tool", sa.Text(), nullable=False),
        sa.Column("args", postgresql.JSONB(), nullable=False),
        sa.Column("permission", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), server_default="pending", nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "status in ('not_required', 'pending', 'approved', 'rejected', 'expired')", name=op.f("ck_approvals_status")
        ),
        belongs_to("approvals", "conversations", "conversation_id", ondelete="CASCADE"),
        belongs_to("approvals", "crew_tasks", "task_id", ondelete="CASCADE"),
    )
    op.create_index(
        "ix_approvals_pending",
        "approvals",
        ["company_id", "conversation_id"],
        unique=False,
        postgresql_where=sa.text("status = 'pending'"),
    )
    tenant_table(
        "tool_calls",
        sa.Column("task_id", sa.Uuid(), nullable=False),
        sa.Column("tool_call_id", sa.Text(), nullable=False),
        sa.Column("tool", sa.Text(), nullable=False),
        sa.Column("args", postgresql.JSONB(), nullable=False),
        sa.Column("result", postgresql.JSONB(), nullable=False),
        sa.Column("ok", sa.Boolean(), nullable=False),
        belongs_to("tool_calls", "crew_tasks", "task_id", ondelete="CASCADE"),
    )
    op.create_index("uq_tool_calls_key", "tool_calls", ["company_id", "task_id", "tool_call_id"], unique=True)
    protect(
        (
            "channels",
            "crews",
            "contacts",
            "crew_agents",
            "crew_metrics",
            "conversations",
            "crew_memories",
            "crew_tasks",
            "messages",
            "approvals",
            "tool_calls",
        )
    )
    open_to_directory("outbox", ("company_id", "created_at"))
    open_to_directory("crew_tasks", ("company_id", "status", "lease_until"))
    open_to_directory("messages", ("company_id", "status", "updated_at"))
    directory_function(
        """
        create function directory.companies_with_overdue_work(
            outbox_before timestamptz, lease_before timestamptz, sending_before timestamptz
        ) returns setof uuid
        language sql stable security definer set search_path = public, pg_temp
        as $$
            select o.company_id from outbox o where o.created_at < outbox_before
            union
            select t.company_id from crew_tasks t
            where t.status in ('pending', 'in_progress') and t.lease_until < lease_before
            union
            select m.company_id from messages m where m.status = 'sending' and m.updated_at < sending_before
        $$
        """,
        signature="directory.companies_with_overdue_work(timestamptz, timestamptz, timestamptz)",
    )


def downgrade() -> None:
    op.execute("drop function directory.companies_with_overdue_work")
    # Of the tables that stay, the directory may look at no column any more.
    op.execute("drop policy directory on outbox")
    op.execute("revoke select (company_id, created_at) on outbox from falachefe_directory")
    op.drop_table("tool_calls")
    op.drop_table("approvals")
    op.drop_table("messages")
    op.drop_table("crew_tasks")
    op.drop_table("crew_memories")
    op.drop_table("conversations")
    op.drop_table("crew_metrics")
    op.drop_table("crew_agents")
    op.drop_table("contacts")
    op.drop_table("crews")
    op.drop_table("channels")
