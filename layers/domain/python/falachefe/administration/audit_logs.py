"""The audit log as a read-only REST resource."""

from typing import Annotated, Any, Final, Literal
from uuid import UUID

from pydantic import Field

from falachefe.audit.models import AuditLog
from falachefe.resources.declaration import Resource
from falachefe.resources.schemas import Document, Input

type ActorKind = Literal["user", "api_key", "agent", "job"]


class AuditLogOut(Document):
    """Who did what to which row."""

    actor_kind: ActorKind
    actor_id: Annotated[UUID | None, Field(description="The id of the user, the API key or the agent")]
    on_behalf_of: Annotated[
        UUID | None, Field(description="The user for whom an agent acted, or who created the API key")
    ]
    action: Annotated[str, Field(examples=["update"])]
    resource: Annotated[str, Field(examples=["transactions"])]
    resource_id: UUID
    changes: Annotated[
        dict[str, Any],
        Field(
            description="Old and new value by field; secrets and personal data are masked",
            examples=[{"amount": {"old": "10.00", "new": "12.50"}}],
        ),
    ]
    address: Annotated[str | None, Field(description="IP address, masked to /24 (IPv6: /48)", examples=["203.0.113.0"])]
    user_agent: str | None
    request_id: Annotated[
        str, Field(description="The gateway's id of the request, or the id of the task in which an agent acted")
    ]
    client_request_id: Annotated[
        str | None, Field(description="The request id that the client sent (`X-Request-Id`); not verified")
    ]


AUDIT_LOGS: Final = Resource[AuditLog, Input, AuditLogOut](
    name="audit-logs",
    singular="audit_log",
    context="audit",
    domain="admin",
    model=AuditLog,
    read=AuditLogOut,
    actions=frozenset({"read"}),
    filter_by=(
        *("action", "resource", "resource_id", "actor_kind", "actor_id", "on_behalf_of", "request_id"),
        *("client_request_id", "created_at"),
    ),
    aliases={"start": "created_at__gte", "end": "created_at__lte"},
)
