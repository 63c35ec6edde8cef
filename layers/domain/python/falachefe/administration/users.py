"""A company's users as a REST resource.

Callers change only users whose permissions they hold, and an admin must remain. A changed role takes effect within half
a minute, when runtimes read permissions again. Deactivation also ends the user's sessions, in the same transaction.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import delete, func, select

from falachefe.access import role_rules, role_service
from falachefe.access.permissions import permissions_of
from falachefe.accounts import names, user_limit
from falachefe.accounts import rules as user_rules
from falachefe.accounts.emails import claim_email, enqueue_mail
from falachefe.accounts.models import User, UserIdentity
from falachefe.accounts.rules import ACTIVE
from falachefe.accounts.session_marks import end_sessions
from falachefe.accounts.user_schemas import UserChange, UserIn, UserOut
from falachefe.db.engine import Database
from falachefe.http.principal import EVERYTHING, Principal
from falachefe.http.rate_limits.callers import Limit
from falachefe.http.rate_limits.public import RequestLimits, limit_mail
from falachefe.http.services import Services
from falachefe.http.unit_of_work import RequestUnitOfWork
from falachefe.kernel.errors import Conflict, FieldError, NotFound
from falachefe.kernel.ids import new_id
from falachefe.resources.declaration import Hooks, Resource, Values
from falachefe.resources.schemas import PhoneFilter, partial_of
from falachefe.resources.specifications import Specification, differs

LIMIT: Final = Limit("admin-users", 20, 60)


def visible_to(who: Principal, _: datetime) -> Specification | None:
    """Superadmins are hidden from all others."""
    return None if who.may(EVERYTHING) else differs("role", "superadmin")


def invitable(work: RequestUnitOfWork, user_id: UUID) -> str:
    """The e-mail of a user who may be invited again. Raises `NotFound`, `Forbidden` or `Conflict` for others."""
    return _invited(work, user_id).email or ""


def invite_again(work: RequestUnitOfWork, user_id: UUID) -> None:
    """Queues another invitation; the caller has counted it already (`limit_invitation`)."""
    enqueue_mail(work.outbox, "invitation", _invited(work, user_id).id)


def limit_invitation(services: Services, company_id: UUID, email: str) -> None:
    """Counts an invitation before the e-mail is looked up, which also limits probing for existing accounts."""
    limits = RequestLimits(services.limits(), services.pepper())
    limit_mail(limits, company_id, email, services.clock().now())


def _invited(work: RequestUnitOfWork, user_id: UUID) -> User:
    statement = select(User).where(User.company_id == work.company_id, User.id == user_id, User.deleted_at.is_(None))
    row = work.session.execute(statement.where(USERS.scope(work.who, work.now))).scalar_one_or_none()
    if row is None:
        raise NotFound("Este registro não existe.")
    _check_holds_all(work, row)
    if not _is_invited(row) or row.status != ACTIVE:
        raise Conflict("Só se convida quem está ativo, tem e-mail e ainda não tem senha.", code="not_invited")
    return row


def _before_transaction(services: Services, who: Principal, user_id: UUID | None, values: Values) -> None:
    """Counts the mail that a new e-mail address causes."""
    email = values.get("email")
    if not isinstance(email, str):
        return
    if user_id is None or not _has_email(services.database(), who.company_id, user_id, email):
        limit_invitation(services, who.company_id, email.strip())


def _has_email(database: Database, company_id: UUID, user_id: UUID, email: str) -> bool:
    with database.tenant(company_id) as session:
        known = session.scalar(select(User.email).where(User.company_id == company_id, User.id == user_id))
    return (known or "").lower() == email.strip().lower()


def _create(work: RequestUnitOfWork, values: Values) -> Values:
    user_rules.check_reachable(values["email"], values["phone"])
    role_rules.check_grants(work.who.permissions, permissions_of(values["role"]), field="role")
    user_id = new_id()
    _check_unique(work, values)
    user_limit.check_user_limit(work.session, work.company_id, work.now)
    if values["email"] is not None:
        claim_email(work.session, values["email"])
        enqueue_mail(work.outbox, "invitation", user_id)
    return {**values, **names.from_parts(values["first_name"], values["last_name"]), "id": user_id}


def _update(work: RequestUnitOfWork, row: User, changes: Values) -> Values:
    changes = {name: value for name, value in changes.items() if getattr(row, name) != value}
    _check_holds_all(work, row)
    if "role" in changes:
        role_rules.check_grants(work.who.permissions, permissions_of(changes["role"]), field="role")
    checked = {**changes, **_name_columns(row, changes)}
    user_rules.check_reachable(checked.get("email", row.email), checked.get("phone", row.phone))
    _check_unique(work, checked, besides=row)
    if "phone" in checked:
        checked["whatsapp_verified_at"] = None
    if "email" in checked:
        checked |= _change_email(work, row, checked["email"])
    _change_role_and_status(work, row, checked.get("role", row.role), checked.get("status", row.status))
    if checked.get("status") == ACTIVE:
        _check_activation(work, row, checked.get("email", row.email))
    return checked


def _delete(work: RequestUnitOfWork, row: User) -> None:
    _check_holds_all(work, row)
    if user_rules.is_admin(row.role, row.status):
        _keep_an_admin(work, row)
    end_sessions(work.session, work.company_id, row.id, work.now)


def _restore(work: RequestUnitOfWork, row: User) -> None:
    _check_holds_all(work, row)
    if row.status == ACTIVE:
        _check_activation(work, row, row.email)


def _check_holds_all(work: RequestUnitOfWork, row: User) -> None:
    held = role_service.permissions_of_user(work.session, work.company_id, row.id)
    role_rules.check_holds_all(work.who.permissions, held)


def _name_columns(row: User, changes: Values) -> Mapping[str, str | None]:
    parts = {part: changes[part] for part in names.PARTS if part in changes}
    if not parts:
        return {}
    return names.with_changes({"name": row.name, "first_name": row.first_name, "last_name": row.last_name}, parts)


def _change_email(work: RequestUnitOfWork, row: User, email: str | None) -> Values:
    """A new e-mail is claimed and must be confirmed again.

    Access obtained with the old one is revoked: its links, the sessions, and the linked identities at providers.
    """
    if email is not None and email.lower() == (row.email or "").lower():
        return {}
    user_rules.check_own_email(own=work.who.user_id == row.id)
    of_person = (UserIdentity.company_id == work.company_id, UserIdentity.user_id == row.id)
    work.session.execute(delete(UserIdentity).where(*of_person))
    end_sessions(work.session, work.company_id, row.id, work.now)
    if email is not None:
        claim_email(work.session, email)
        enqueue_mail(work.outbox, "verification" if row.password_hash else "invitation", row.id)
    return {"email_verified_at": None}


def _change_role_and_status(work: RequestUnitOfWork, row: User, role: str, status: str) -> None:
    """Base role and status: keeps the last admin, and ends the sessions of a deactivated user."""
    if user_rules.is_admin(row.role, row.status) and not user_rules.is_admin(role, status):
        _keep_an_admin(work, row)
    if status != ACTIVE and row.status == ACTIVE:
        end_sessions(work.session, work.company_id, row.id, work.now)


def _keep_an_admin(work: RequestUnitOfWork, row: User) -> None:
    role_service.lock_admins(work.session, work.company_id)
    user_rules.check_admins_remain(role_service.other_admins(work.session, work.company_id, row.id))


def _check_activation(work: RequestUnitOfWork, row: User, email: str | None) -> None:
    """Checks for a user who becomes active: the plan's limit, and that no other account has the e-mail by now."""
    user_limit.check_user_limit(work.session, work.company_id, work.now)
    if email is not None and email.lower() == (row.email or "").lower():
        claim_email(work.session, email)


def _check_unique(work: RequestUnitOfWork, values: Values, *, besides: User | None = None) -> None:
    """Raises `Conflict` naming the value another user has. The unique indexes catch concurrent requests."""
    same = {"username": func.lower(User.username), "email": func.lower(User.email), "phone": User.phone}
    for name, column in same.items():
        value = values.get(name)
        if value is None:
            continue
        statement = select(User.id).where(User.company_id == work.company_id, User.deleted_at.is_(None))
        statement = statement.where(column == (value if name == "phone" else func.lower(value)))
        if besides is not None:
            statement = statement.where(User.id != besides.id)
        if work.session.execute(statement.limit(1)).first() is not None:
            message = "Outra pessoa da empresa já usa este valor."
            raise Conflict(message, code=f"{name}_taken", errors=(FieldError(name, message),))


def _is_invited(row: User) -> bool:
    """Whether the user has an e-mail but has neither a password nor ever signed in."""
    return row.email is not None and row.password_hash is None and row.last_login_at is None


def _extras(work: RequestUnitOfWork, rows: Sequence[User]) -> list[Mapping[str, Any]]:
    roles = role_service.assigned_roles(work.session, work.company_id, [row.id for row in rows])
    return [
        {
            "email_verified": row.email_verified_at is not None,
            "invited": _is_invited(row),
            "roles": roles[row.id],
        }
        for row in rows
    ]


USERS: Final = Resource[User, UserIn, UserOut](
    name="users",
    singular="user",
    context="auth",
    domain="admin",
    model=User,
    read=UserOut,
    create=UserIn,
    update=partial_of(UserChange),
    columns={"metadata": "extra"},
    filter_types={"phone": PhoneFilter},
    case_insensitive=frozenset({"email", "username"}),
    filter_by=(
        "name",
        "username",
        "email",
        "phone",
        "role",
        "status",
        "email_verified_at",
        "last_login_at",
        "created_at",
    ),
    sort_by=("name", "email", "username", "last_login_at", "created_at"),
    search_in=("name", "email", "username", "phone"),
    default_sort="name",
    masked=frozenset({"name", "first_name", "last_name", "username", "metadata"}),
    limit=LIMIT,
    refuses={402: "The plan allows no further active user"},
    visible_to=visible_to,
    composed=True,
    hooks=Hooks(
        before_transaction=_before_transaction,
        before_create=_create,
        before_update=_update,
        before_delete=_delete,
        before_restore=_restore,
        extras=_extras,
    ),
)
