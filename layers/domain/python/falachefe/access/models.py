"""Roles of a company and their assignments to users."""

from typing import Any
from uuid import UUID

from sqlalchemy import Index, text
from sqlalchemy.orm import Mapped, mapped_column

from falachefe.db.base import TenantRow, belongs_to, of_company, one_of

_ALIVE = text("deleted_at is null")


class Role(TenantRow):
    """A role of a company: its own permissions and those of its ancestors."""

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
