"""Who a member of staff is, for the parts of the product that act in their name."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from falachefe.auth.models import User
from falachefe.auth.permissions import permissions_of


@dataclass(frozen=True, slots=True)
class Member:
    id: UUID
    name: str
    role: str
    active: bool
    permissions: frozenset[str]
    """Empty for someone who is no longer active."""


def member(session: Session, company_id: UUID, user_id: UUID) -> Member | None:
    row = session.execute(
        select(User.name, User.role, User.status, User.deleted_at).where(
            User.company_id == company_id, User.id == user_id
        )
    ).one_or_none()
    if row is None:
        return None
    active = row.status == "active" and row.deleted_at is None
    return Member(user_id, row.name, row.role, active, permissions_of(row.role) if active else frozenset())
