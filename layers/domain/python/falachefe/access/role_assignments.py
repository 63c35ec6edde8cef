"""Assigning a company's roles to users and removing them."""

from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert

from falachefe.access import role_rules, role_service
from falachefe.access.models import Role, RoleAssignment
from falachefe.accounts.models import User
from falachefe.accounts.user_schemas import RoleOfUser
from falachefe.audit import service as audit
from falachefe.http.principal import EVERYTHING
from falachefe.http.unit_of_work import RequestUnitOfWork
from falachefe.kernel.errors import NotFound
from falachefe.kernel.ids import new_id


def listed(work: RequestUnitOfWork, user_id: UUID) -> list[RoleOfUser]:
    """The company's roles of a user."""
    _require_user(work, user_id, lock=False)
    return role_service.assigned_roles(work.session, work.company_id, [user_id])[user_id]


def assign(work: RequestUnitOfWork, user_id: UUID, role_id: UUID) -> list[RoleOfUser]:
    """Assigns a role, idempotently. Returns the user's roles."""
    _require_user(work, user_id)
    role = _role(work, role_id)
    _check_holds_all(work, user_id)
    roles = role_service.roles_of(work.session, work.company_id)
    role_rules.check_grants(work.who.permissions, role_rules.effective_permissions(roles, role_id), field="role_id")
    stamps = {"created_at": work.now, "updated_at": work.now}
    added = work.session.execute(
        insert(RoleAssignment)
        .values(company_id=work.company_id, id=new_id(), user_id=user_id, role_id=role_id, **stamps)
        .on_conflict_do_nothing()
        .returning(RoleAssignment.id)
    ).first()
    if added is not None:
        _record(work, user_id, role, "role_assigned")
    return role_service.assigned_roles(work.session, work.company_id, [user_id])[user_id]


def unassign(work: RequestUnitOfWork, user_id: UUID, role_id: UUID) -> None:
    """Removes a role from a user; does nothing if they do not have it."""
    _require_user(work, user_id)
    role = _role(work, role_id)
    _check_holds_all(work, user_id)
    taken = work.session.execute(
        delete(RoleAssignment)
        .where(RoleAssignment.company_id == work.company_id)
        .where(RoleAssignment.user_id == user_id, RoleAssignment.role_id == role_id)
        .returning(RoleAssignment.id)
    ).first()
    if taken is not None:
        _record(work, user_id, role, "role_unassigned")


def _require_user(work: RequestUnitOfWork, user_id: UUID, *, lock: bool = True) -> None:
    """Raises `NotFound` for a user the caller may not see. Locks the row, so that concurrent changes are serialized."""
    statement = select(User.role).where(
        User.company_id == work.company_id, User.id == user_id, User.deleted_at.is_(None)
    )
    role = work.session.execute(statement.with_for_update(key_share=True) if lock else statement).scalar_one_or_none()
    if role is None or (role == "superadmin" and not work.who.may(EVERYTHING)):
        raise NotFound("Este registro não existe.")


def _role(work: RequestUnitOfWork, role_id: UUID) -> Role:
    """The role, locked so that it cannot be deleted while it is being assigned."""
    role = work.session.execute(
        select(Role)
        .where(Role.company_id == work.company_id, Role.id == role_id, Role.deleted_at.is_(None))
        .with_for_update(read=True)
    ).scalar_one_or_none()
    if role is None:
        raise NotFound("Este papel não existe.")
    return role


def _check_holds_all(work: RequestUnitOfWork, user_id: UUID) -> None:
    held = role_service.permissions_of_user(work.session, work.company_id, user_id)
    role_rules.check_holds_all(work.who.permissions, held)


def _record(work: RequestUnitOfWork, user_id: UUID, role: Role, done: str) -> None:
    names = {"old": None, "new": role.name} if done == "role_assigned" else {"old": role.name, "new": None}
    audit.note(work, action=done, resource="users", resource_id=user_id, changes={"role": names})
    data = {"user_id": str(user_id), "role_id": str(role.id)}
    work.record(f"auth.{done}", data)
