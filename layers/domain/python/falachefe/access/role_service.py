"""A company's roles and who has them, inside the caller's transaction."""

from collections.abc import Collection, Mapping
from typing import Final
from uuid import UUID

from sqlalchemy import exists, func, select
from sqlalchemy.orm import Session

from falachefe.access.models import Role, RoleAssignment
from falachefe.access.role_rules import RoleFacts
from falachefe.access.staff import GRANTED, power
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
    """One change of the company's hierarchy at a time: two moves, each fine by itself, can make a circle together."""
    take_advisory_lock(session, f"roles:{company_id}")


def lock_admins(session: Session, company_id: UUID) -> None:
    """One change of who is an admin at a time: two people could each be the other's reason to go."""
    take_advisory_lock(session, f"admins:{company_id}")


def roles_of(session: Session, company_id: UUID) -> dict[UUID, RoleFacts]:
    """All living roles of a company; there are few (`MOST_ROLES`)."""
    rows = session.execute(
        select(Role.id, Role.parent_id, Role.permissions).where(
            Role.company_id == company_id, Role.deleted_at.is_(None)
        )
    )
    return {row.id: RoleFacts(row.parent_id, frozenset(row.permissions)) for row in rows}


def power_of(session: Session, company_id: UUID, user_id: UUID) -> frozenset[str]:
    """What a person may do, or might as soon as they are active again."""
    row = session.execute(
        select(User.role, GRANTED).where(User.company_id == company_id, User.id == user_id)
    ).one_or_none()
    return frozenset() if row is None else power(row.role, row.granted)


def other_admins(session: Session, company_id: UUID, user_id: UUID) -> int:
    """Admins besides this person who can sign in: by password, by phone, or with another provider."""
    identity = exists().where(UserIdentity.company_id == User.company_id, UserIdentity.user_id == User.id)
    return session.execute(
        select(func.count())
        .select_from(User)
        .where(User.company_id == company_id, User.id != user_id, User.role.in_(ADMINS))
        .where(User.status == ACTIVE, User.deleted_at.is_(None))
        .where(User.password_hash.is_not(None) | User.phone.is_not(None) | identity)
    ).scalar_one()


def assigned_roles(session: Session, company_id: UUID, user_ids: Collection[UUID]) -> Mapping[UUID, list[RoleOfUser]]:
    """The company's roles of people, by person and name."""
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
    """`roles_of`, and how many people who still are there have each of them, in one statement."""
    rows = session.execute(
        select(Role.id, Role.parent_id, Role.permissions, _HOLDERS.label("holders")).where(
            Role.company_id == company_id, Role.deleted_at.is_(None)
        )
    ).all()
    facts = {row.id: RoleFacts(row.parent_id, frozenset(row.permissions)) for row in rows}
    return facts, {row.id: row.holders for row in rows}


def is_held(session: Session, company_id: UUID, role_id: UUID) -> bool:
    """Whether anybody who still is there has the role."""
    found = session.scalar(select(_HOLDERS).where(Role.company_id == company_id, Role.id == role_id))
    return bool(found)
