"""Users entered while a company is set up, by scripts and demo data."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from falachefe.access.permissions import PERMISSIONS_OF
from falachefe.accounts import names
from falachefe.accounts.models import User
from falachefe.accounts.passwords import hashing, policy
from falachefe.accounts.user_limit import check_user_limit
from falachefe.accounts.users import UserView
from falachefe.kernel.brazil import parse_phone
from falachefe.kernel.display_names import name_problem
from falachefe.kernel.errors import Conflict, invalid_field
from falachefe.kernel.ids import new_id
from falachefe.kernel.text import one_line


def register_staff(
    session: Session,
    company_id: UUID,
    *,
    name: str,
    phone: str,
    role: str,
    email: str | None = None,
    password: str | None = None,
    now: datetime,
) -> UserView:
    """Adds a user, or updates the one with that phone.

    Without a password the user signs in by WhatsApp only; an existing password is kept. Raises `InvalidInput` for an
    invalid name, phone, role or password, `Conflict` for another user's e-mail, and `PlanLimitReached`.
    """
    shown = _staff_name(name)
    values = {**names.from_full(shown), "phone": _staff_phone(phone), "role": _staff_role(role), "email": email}
    if password:
        policy.check(password, name=shown, email=email)
    hashed = {"password_hash": hashing.hash_password(password)} if password else {}
    if not _has_active(session, company_id, values["phone"]):
        check_user_limit(session, company_id, now)
    statement = upsert(User).values(
        company_id=company_id, id=new_id(), created_at=now, updated_at=now, **values, **hashed
    )
    statement = statement.on_conflict_do_update(
        index_elements=[User.company_id, User.phone],
        index_where=User.deleted_at.is_(None),
        set_={**values, **hashed, "status": "active", "updated_at": now, "version": User.version + 1},
    )
    try:
        row = session.execute(statement.returning(User.id, User.company_id, User.name, User.email, User.role)).one()
    except IntegrityError as error:
        raise Conflict("Este e-mail já é de outra pessoa da empresa.", code="email_taken") from error
    return UserView(*row)


def _has_active(session: Session, company_id: UUID, phone: str | None) -> bool:
    known = select(User.id).where(
        User.company_id == company_id, User.phone == phone, User.status == "active", User.deleted_at.is_(None)
    )
    return session.scalar(known) is not None


def _staff_name(name: str) -> str:
    shown = one_line(name)
    if not shown:
        raise invalid_field("name", "Diga o nome da pessoa.", "name_invalid")
    if (problem := name_problem(shown)) is not None:
        raise invalid_field("name", problem, "name_invalid")
    return shown


def _staff_phone(phone: str) -> str:
    try:
        return parse_phone(phone)
    except ValueError as error:
        raise invalid_field("phone", "Esse telefone não existe. Use DDD e número.", "phone_invalid") from error


def _staff_role(role: str) -> str:
    if role not in PERMISSIONS_OF:
        raise invalid_field("role", "Papel desconhecido.", "role_invalid")
    return role
