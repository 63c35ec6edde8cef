"""Model of the audit log."""

from typing import Any
from uuid import UUID

from sqlalchemy import Index
from sqlalchemy.orm import Mapped

from falachefe.db.base import TenantRow, of_company, one_of


class AuditLog(TenantRow):
    """One action. The application role may insert and read rows; it can neither update nor delete them."""

    __tablename__ = "audit_logs"
    __table_args__ = (
        of_company(),
        one_of("actor_kind", "user", "api_key", "agent", "job"),
        Index("ix_audit_logs_resource", "company_id", "resource", "resource_id"),
        Index("ix_audit_logs_created", "company_id", "created_at"),
    )

    actor_kind: Mapped[str]
    actor_id: Mapped[UUID | None]
    """No foreign key: entries outlive the actors they name."""
    on_behalf_of: Mapped[UUID | None]
    """The user for whom an agent acted."""
    action: Mapped[str]
    resource: Mapped[str]
    resource_id: Mapped[UUID]
    changes: Mapped[dict[str, Any]]
    """By field: `{"old": …, "new": …}`, secrets and personal data masked."""
    address: Mapped[str | None]
    """The client's network, without the part that identifies the host (`rules.masked_address`)."""
    user_agent: Mapped[str | None]
    request_id: Mapped[str]
    """Id of API Gateway's request, or of the task or run; never chosen by a client."""
    client_request_id: Mapped[str | None]
    """The client's own id of the request; not unique."""
