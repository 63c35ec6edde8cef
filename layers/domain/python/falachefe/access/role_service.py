"""Reads a company's roles and their holders, in the caller's transaction."""

from collections.abc import Collection, Mapping
from typing import Final
from uuid import UUID

from sqlalchemy import exists, func, select
from sqlalchemy.orm import Session

from falachefe.access.models import Role, RoleAssignment
from falachefe.access.role_rules import RoleFacts
from falachefe.access.staff import GRANTED, combined_permissions
from falachefe.accounts.models import User, UserIdentity
from falachefe.accounts.rules import ACTIVE, ADMINS
from falachefe.accounts.user_schemas import RoleOfUser
from falachefe.db.advisory_locks import take_advisory_lock

_HOLDERS: Final = (
    select(func.count())
    .select_from(RoleAssignment)
    .join(User, (User.company_id == RoleAssignment.company_id) & (User.id == RoleAssignment.user_id))
    .where(RoleAssignment.company_id == Role.company_id, RoleAssignment.role_id == Role.id)
    .where(User.deleted_at.is_(None))
    .correlate(Role)
    .scalar_subquery()
)


def lock_roles(session: Session, company_id: UUID) -> None:
    """Serializes changes of the hierarchy: two concurrent moves, each valid, could form a cycle."""
    take_advisory_lock(session, f"roles:{company_id}")


def lock_admins(session: Session, company_id: UUID) -> None:
    """Serializes changes of admins: two admins removed concurrently could leave the company without one."""
    take_advisory_lock(session, f"admins:{company_id}")


def roles_of(session: Session, company_id: UUID) -> dict[UUID, RoleFacts]:
    """All roles of a company that are not deleted; at most `MAX_ROLES`."""
    rows = session.execute(
        select(Role.id, Role.parent_id, Role.permissions).where(
            Role.company_id == company_id, Role.deleted_at.is_(None)
        )
    )
    return {row.id: RoleFacts(row.parent_id, frozenset(row.permissions)) for row in rows}


def permissions_of_user(session: Session, company_id: UUID, user_id: UUID) -> frozenset[str]:
    """A user's permissions, whether or not they are active."""
    row = session.execute(
        select(User.role, GRANTED).where(User.company_id == company_id, User.id == user_id)
    ).one_or_none()
    return frozenset() if row is None else combined_permissions(row.role, row.granted)


def other_admins(session: Session, company_id: UUID, user_id: UUID) -> int:
    """The number of other admins who can sign in: by password, by phone, or with an OAuth provider."""
    identity = exists().where(UserIdentity.company_id == User.company_id, UserIdentity.user_id == User.id)
    return session.execute(
        select(func.count())
        .select_from(User)
        .where(User.company_id == company_id, User.id != user_id, User.role.in_(ADMINS))
        .where(User.status == ACTIVE, User.deleted_at.is_(None))
        .where(User.password_hash.is_not(None) | User.phone.is_not(None) | identity)
    ).scalar_one()


def assigned_roles(session: Session, company_id: UUID, user_ids: Collection[UUID]) -> Mapping[UUID, list[RoleOfUser]]:
    """The company's roles of each user, by name."""
    rows = session.execute(
        select(RoleAssignment.user_id, Role.id, Role.name)
        .join(Role, (Role.company_id == RoleAssignment.company_id) & (Role.id == RoleAssignment.role_id))
        .where(RoleAssignment.company_id == company_id, RoleAssignment.user_id.in_(user_ids))
        .where(Role.deleted_at.is_(None))
        .order_by(Role.name, Role.id)
    )
    found: dict[UUID, list[RoleOfUser]] = {user_id: [] for user_id in user_ids}
    for row in rows:
        found[row.user_id].append({"id": str(row.id), "name": row.name})
    return found


def roles_with_holders(session: Session, company_id: UUID) -> tuple[dict[UUID, RoleFacts], Mapping[UUID, int]]:
    """`roles_of`, with the number of users (not deleted) who have each, in one statement."""
    rows = session.execute(
        select(Role.id, Role.parent_id, Role.permissions, _HOLDERS.label("holders")).where(
            Role.company_id == company_id, Role.deleted_at.is_(None)
        )
    ).all()
    facts = {row.id: RoleFacts(row.parent_id, frozenset(row.permissions)) for row in rows}
    return facts, {row.id: row.holders for row in rows}


def is_held(session: Session, company_id: UUID, role_id: UUID) -> bool:
    """Whether any user who is not deleted has the role."""
    found = session.scalar(select(_HOLDERS).where(Role.company_id == company_id, Role.id == role_id))
    return bool(found)
