"""The audit log."""

from typing import Any
from uuid import UUID

from sqlalchemy import Index
from sqlalchemy.orm import Mapped

from falachefe.db.base import TenantRow, of_company, one_of


class AuditLog(TenantRow):
    """One deed. The application role may add rows and read them; it can neither change nor delete one."""

    __tablename__ = "audit_logs"
    __table_args__ = (
        of_company(),
        one_of("actor_kind", "user", "api_key", "agent", "job"),
        Index("ix_audit_logs_resource", "company_id", "resource", "resource_id"),
        Index("ix_audit_logs_created", "company_id", "created_at"),
    )

    actor_kind: Mapped[str]
    actor_id: Mapped[UUID | None]
    """No reference: the log outlives whom it names."""
    on_behalf_of: Mapped[UUID | None]
    """The person for whom an agent acted."""
    action: Mapped[str]
    resource: Mapped[str]
    resource_id: Mapped[UUID]
    changes: Mapped[dict[str, Any]]
    """By field: `{"old": …, "new": …}`, secrets and personal data masked."""
    address: Mapped[str | None]
    """Without its last part."""
    user_agent: Mapped[str | None]
    request_id: Mapped[str]
    """API Gateway's, or the task's or run's: no client chooses it."""
    client_request_id: Mapped[str | None]
    """What the client called the request: two requests may say the same."""
