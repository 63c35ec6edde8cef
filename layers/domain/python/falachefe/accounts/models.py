"""Staff of a company, what they may do and how they prove who they are, and the log of sign-ins by WhatsApp."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, Uuid, text
from sqlalchemy.dialects.postgresql import ARRAY, INET
from sqlalchemy.orm import Mapped, mapped_column

from falachefe.db.base import (
    TenantRow,
    belongs_to,
    of_company,
    one_of,
)

_ALIVE = text("deleted_at is null")


class User(TenantRow):
    __tablename__ = "users"
    __table_args__ = (
        of_company(),
        one_of("role", "superadmin", "admin", "user"),
        one_of("status", "active", "inactive"),
        Index(
            "uq_users_email",
            "company_id",
            text("lower(email)"),
            unique=True,
            postgresql_where=_ALIVE,
        ),
        Index("uq_users_username", "company_id", text("lower(username)"), unique=True, postgresql_where=_ALIVE),
        Index("uq_users_phone", "company_id", "phone", unique=True, postgresql_where=_ALIVE),
        Index("ix_users_lower_email", text("lower(email)")),
    )

    name: Mapped[str]
    """As the person is called in full; `first_name` and `last_name` are its parts."""
    first_name: Mapped[str | None]
    last_name: Mapped[str | None]
    username: Mapped[str | None]
    email: Mapped[str | None]
    phone: Mapped[str | None]
    """E.164, mobiles with their ninth digit (`canonical_phone`)."""
    password_hash: Mapped[str | None]
    role: Mapped[str] = mapped_column(default="user", server_default="user")
    status: Mapped[str] = mapped_column(default="active", server_default="active")
    whatsapp_verified_at: Mapped[datetime | None]
    email_verified_at: Mapped[datetime | None]
    last_login_at: Mapped[datetime | None]
    sessions_valid_from: Mapped[datetime | None]
    """Sessions opened before this moment have ended, whatever else is kept of them; but for `session_kept`."""
    session_kept: Mapped[UUID | None]
    sessions_ended: Mapped[list[UUID]] = mapped_column(ARRAY(Uuid), default=list, server_default="{}")
    """Sessions that ended one by one, the newest first: their items may be there a while longer."""
    extra: Mapped[dict[str, Any]] = mapped_column("metadata", default=dict, server_default="{}")
    """Whatever the company notes about a person; the column is `metadata`, a name that the mapper keeps to itself."""


class Role(TenantRow):
    """A role of a company: its own permissions and those of the roles above it."""

    __tablename__ = "roles"
    __table_args__ = (
        of_company(),
        belongs_to("roles", "parent_id"),
        one_of("kind", "own", "clinic"),
        Index("uq_roles_name", "company_id", text("lower(name)"), unique=True, postgresql_where=_ALIVE),
    )

    name: Mapped[str]
    description: Mapped[str | None]
    kind: Mapped[str] = mapped_column(default="own", server_default="own")
    """`clinic`: one of the six roles of a veterinary hospital, which the product defines."""
    parent_id: Mapped[UUID | None]
    permissions: Mapped[list[Any]] = mapped_column(default=list, server_default="[]")


class RoleAssignment(TenantRow):
    __tablename__ = "role_assignments"
    __table_args__ = (
        of_company(),
        belongs_to("users", "user_id", ondelete="CASCADE"),
        belongs_to("roles", "role_id", ondelete="CASCADE"),
        Index("uq_role_assignments", "company_id", "user_id", "role_id", unique=True),
        Index("ix_role_assignments_role", "company_id", "role_id"),
    )

    user_id: Mapped[UUID]
    role_id: Mapped[UUID]


class ApiKey(TenantRow):
    """A key of a program. It acts in the name of whoever made it, and never with more power than they have."""

    __tablename__ = "api_keys"
    __table_args__ = (
        of_company(),
        belongs_to("users", "created_by"),
        belongs_to("api_keys", "replaced_by"),
        CheckConstraint("limit_per_minute between 1 and 1000", name="limit_per_minute"),
        Index("uq_api_keys_hash", "company_id", "key_hash", unique=True),
        Index("ix_api_keys_hash", "key_hash"),
    )

    name: Mapped[str]
    prefix: Mapped[str]
    last_four: Mapped[str]
    key_hash: Mapped[str]
    """SHA-256 in hexadecimal; the key itself is shown once and stored nowhere."""
    scopes: Mapped[list[Any]]
    """Permissions."""
    cidrs: Mapped[list[Any]] = mapped_column(default=list, server_default="[]")
    """Networks it may be used from; none means any."""
    limit_per_minute: Mapped[int] = mapped_column(default=100, server_default="100")
    expires_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]
    last_used_at: Mapped[datetime | None]
    created_by: Mapped[UUID]
    replaced_by: Mapped[UUID | None]


class UserIdentity(TenantRow):
    """A person's account with another provider, by which they may sign in."""

    __tablename__ = "user_identities"
    __table_args__ = (
        of_company(),
        belongs_to("users", "user_id", ondelete="CASCADE"),
        one_of("provider", "google", "github"),
        Index("uq_user_identities_subject", "company_id", "provider", "subject", unique=True),
        Index("ix_user_identities_subject", "provider", "subject"),
        Index("ix_user_identities_user", "company_id", "user_id"),
    )

    user_id: Mapped[UUID]
    provider: Mapped[str]
    subject: Mapped[str]
    email: Mapped[str | None]


class WhatsappAuthLog(TenantRow):
    """One row an attempt. The phone is masked before it gets here."""

    __tablename__ = "whatsapp_auth_logs"
    __table_args__ = (
        of_company(),
        one_of("auth_method", "verification_code", "session", "resend", "new_contact", "logout"),
        Index("ix_whatsapp_auth_logs_created", "company_id", "created_at"),
        Index("ix_whatsapp_auth_logs_phone", "company_id", "masked_phone"),
    )

    masked_phone: Mapped[str]
    user_id: Mapped[UUID | None]
    auth_method: Mapped[str]
    success: Mapped[bool]
    error_code: Mapped[str | None]
    ip_address: Mapped[str | None] = mapped_column(INET)
    user_agent: Mapped[str | None]
