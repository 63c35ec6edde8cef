"""Channels, contacts, conversations and messages of a company."""

from datetime import datetime
from decimal import Decimal
from typing import Any, Final, cast
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, Numeric, Table, and_, text
from sqlalchemy.orm import Mapped, mapped_column

from falachefe.db.base import (
    TenantRow,
    belongs_to,
    of_company,
    one_of,
)


class Channel(TenantRow):
    """A WhatsApp number with its provider. Its credentials are in Secrets Manager, its webhook key in DynamoDB."""

    __tablename__ = "channels"
    __table_args__ = (
        of_company(),
        one_of("provider", "uaz", "cloud", "api"),
        one_of("status", "connected", "connecting", "disconnected", "disabled"),
        # Conversations over the API have a channel too: one for each company, without a provider.
        Index("uq_channels_api", "company_id", unique=True, postgresql_where=text("provider = 'api'")),
    )

    name: Mapped[str]
    provider: Mapped[str]
    phone: Mapped[str]
    base_url: Mapped[str]
    secret_name: Mapped[str]
    status: Mapped[str] = mapped_column(default="connected", server_default="connected")
    history_window_s: Mapped[int] = mapped_column(default=600, server_default="600")
    """Messages older than this at arrival are history that a reconnected phone sends again."""


class Contact(TenantRow):
    """A phone that wrote to the company or was registered. Staff have a `user_id`; others have no permissions."""

    __tablename__ = "contacts"
    __table_args__ = (
        of_company(),
        belongs_to("users", "user_id"),
        Index("uq_contacts_phone", "company_id", "phone", unique=True, postgresql_where=text("deleted_at is null")),
    )

    phone: Mapped[str]
    name: Mapped[str | None]
    user_id: Mapped[UUID | None]
    verified_at: Mapped[datetime | None]
    opted_out_at: Mapped[datetime | None]
    last_message_at: Mapped[datetime | None]
    whatsapp_number: Mapped[str | None]
    """The phone as WhatsApp uses it, when that differs from `phone` (without the ninth digit)."""


class Conversation(TenantRow):
    __tablename__ = "conversations"
    __table_args__ = (
        of_company(),
        belongs_to("channels", "channel_id"),
        belongs_to("contacts", "contact_id"),
        belongs_to("crews", "crew_id"),
        belongs_to("crew_agents", "current_agent_id"),
        one_of("human_approval_status", "not_required", "pending", "approved", "rejected", "expired"),
        Index("uq_conversations_contact", "company_id", "channel_id", "contact_id", unique=True),
        Index("ix_conversations_last_message", "company_id", "last_message_at"),
    )

    channel_id: Mapped[UUID]
    contact_id: Mapped[UUID]
    crew_id: Mapped[UUID]
    current_agent_id: Mapped[UUID | None]
    active_task_id: Mapped[UUID | None]
    """The task of the running turn, if any. No foreign key: tasks refer to conversations already."""
    handoff_history: Mapped[list[Any]] = mapped_column(default=list, server_default="[]")
    crew_context: Mapped[dict[str, Any]] = mapped_column(default=dict, server_default="{}")
    """What a turn leaves to the next one; nothing writes it yet."""
    requires_human_approval: Mapped[bool] = mapped_column(default=False, server_default="false")
    human_approval_status: Mapped[str] = mapped_column(default="not_required", server_default="not_required")
    """Both say nothing yet: they will follow the rows of `approvals`."""
    human_until: Mapped[datetime | None]
    """Until then a person answers and the crew stays silent (takeover)."""
    last_message_at: Mapped[datetime | None]


class Message(TenantRow):
    __tablename__ = "messages"
    __table_args__ = (
        of_company(),
        belongs_to("conversations", "conversation_id", ondelete="CASCADE"),
        belongs_to("channels", "channel_id"),
        one_of("direction", "in", "out"),
        one_of("kind", "text", "button", "list", "audio", "image", "document", "video", "other"),
        one_of("status", "received", "held", "queued", "sending", "sent", "delivered", "read", "failed", "uncertain"),
        CheckConstraint("confidence_score between 0 and 1", name="confidence_score"),
        # Makes an inbound message unique in its channel, and finds an outbound one for its statuses.
        Index(
            "uq_messages_provider_message_id",
            "company_id",
            "channel_id",
            "provider_message_id",
            unique=True,
            postgresql_where=text("provider_message_id is not null"),
        ),
        Index("ix_messages_conversation", "company_id", "conversation_id", "id"),
        Index(
            "ix_messages_waiting",
            "company_id",
            "conversation_id",
            postgresql_where=text("direction = 'in' and status in ('held', 'received') and crew_task_id is null"),
        ),
        # Messages that arrived while the company was suspended, until the notice about them is sent.
        Index(
            "ix_messages_unanswered",
            "company_id",
            "conversation_id",
            postgresql_where=text("crew_metadata ? 'unanswered'"),
        ),
        Index("ix_messages_task", "company_id", "crew_task_id", postgresql_where=text("crew_task_id is not null")),
        Index(
            "ix_messages_in_flight",
            "company_id",
            "updated_at",
            postgresql_where=text("status in ('sending', 'queued')"),
        ),
        Index(
            "ix_messages_uncertain",
            "company_id",
            "updated_at",
            postgresql_where=text("status = 'uncertain'"),
        ),
    )

    conversation_id: Mapped[UUID]
    channel_id: Mapped[UUID]
    direction: Mapped[str]
    kind: Mapped[str] = mapped_column(default="text", server_default="text")
    text: Mapped[str]
    status: Mapped[str]
    provider_message_id: Mapped[str | None]
    provider_at: Mapped[datetime | None]
    """The provider's time at which it was written, or its status last changed."""
    reply_to: Mapped[str | None]
    crew_task_id: Mapped[UUID | None]
    agent_response: Mapped[dict[str, Any]] = mapped_column(default=dict, server_default="{}")
    token_usage: Mapped[dict[str, Any]] = mapped_column(default=dict, server_default="{}")
    processing_time_ms: Mapped[int | None]
    confidence_score: Mapped[Decimal | None] = mapped_column(Numeric(3, 2))
    crew_metadata: Mapped[dict[str, Any]] = mapped_column(default=dict, server_default="{}")
    error_code: Mapped[str | None]


# Statements of the hot paths use the tables, as in `crews.models`.
CONTACTS: Final = cast(Table, Contact.__table__)
CONVERSATIONS: Final = cast(Table, Conversation.__table__)
MESSAGES: Final = cast(Table, Message.__table__)

# Join conditions, including the company.
CONVERSATION_OF_MESSAGE: Final = and_(
    Conversation.company_id == Message.company_id, Conversation.id == Message.conversation_id
)
CONTACT_OF_CONVERSATION: Final = and_(
    Contact.company_id == Conversation.company_id, Contact.id == Conversation.contact_id
)
CHANNEL_OF_CONVERSATION: Final = and_(
    Channel.company_id == Conversation.company_id, Channel.id == Conversation.channel_id
)
