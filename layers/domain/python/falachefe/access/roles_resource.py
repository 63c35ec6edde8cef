"""A company's own roles as a REST resource."""

from collections.abc import Mapping, Sequence
from typing import Any, Final
from uuid import UUID

from falachefe.access import role_rules, role_service
from falachefe.access.models import Role
from falachefe.access.role_rules import RoleFacts, Roles
from falachefe.accounts.user_schemas import RoleIn, RoleOut
from falachefe.http.unit_of_work import RequestUnitOfWork
from falachefe.kernel.errors import Conflict, Forbidden
from falachefe.kernel.ids import new_id
from falachefe.resources.declaration import Hooks, Resource, Values
from falachefe.resources.schemas import partial_of


def _create(work: RequestUnitOfWork, values: Values) -> Values:
    role_id = new_id()
    roles = _locked(work)
    role_rules.check_count(roles)
    role_rules.check_parent(roles, role_id, values["parent_id"])
    permissions = role_rules.known_permissions(values["permissions"])
    after = {**roles, role_id: RoleFacts(values["parent_id"], frozenset(permissions))}
    role_rules.check_grants(work.who.permissions, role_rules.effective_permissions(after, role_id), field="permissions")
    return {**values, "id": role_id, "permissions": permissions, "kind": "own"}


def _update(work: RequestUnitOfWork, row: Role, changes: Values) -> Values:
    """The caller must hold all the role's permissions, those before the change and those after."""
    _refuse_product_roles(row)
    roles = _locked(work)
    role_rules.check_holds_all(work.who.permissions, role_rules.effective_permissions(roles, row.id))
    checked = dict(changes)
    if "permissions" in checked:
        checked["permissions"] = role_rules.known_permissions(checked["permissions"])
    if "parent_id" in checked:
        role_rules.check_parent(roles, row.id, checked["parent_id"])
    facts = RoleFacts(checked.get("parent_id", row.parent_id), frozenset(checked.get("permissions", row.permissions)))
    field = "permissions" if "permissions" in checked else "parent_id"
    after = role_rules.effective_permissions({**roles, row.id: facts}, row.id)
    role_rules.check_grants(work.who.permissions, after, field=field)
    return checked


def _delete(work: RequestUnitOfWork, row: Role) -> None:
    """A role in use cannot be deleted: it must be removed from its users first, which is audited for each."""
    _refuse_product_roles(row)
    roles = _locked(work)
    role_rules.check_holds_all(work.who.permissions, role_rules.effective_permissions(roles, row.id))
    if any(facts.parent_id == row.id for facts in roles.values()):
        raise Conflict("Há papéis abaixo deste. Mova-os antes de excluí-lo.", code="role_in_use")
    if role_service.is_held(work.session, work.company_id, row.id):
        raise Conflict("Há pessoas com este papel. Retire-o delas antes de excluí-lo.", code="role_in_use")


def _restore(work: RequestUnitOfWork, row: Role) -> None:
    roles = _locked(work)
    role_rules.check_count(roles)
    role_rules.check_parent(roles, row.id, row.parent_id)
    after = {**roles, row.id: RoleFacts(row.parent_id, frozenset(row.permissions))}
    role_rules.check_holds_all(work.who.permissions, role_rules.effective_permissions(after, row.id))


def _locked(work: RequestUnitOfWork) -> Roles:
    role_service.lock_roles(work.session, work.company_id)
    return role_service.roles_of(work.session, work.company_id)


def _refuse_product_roles(row: Role) -> None:
    if row.kind != "own":
        raise Forbidden(
            "Os papéis da clínica são definidos pelo produto: não mudam nem são excluídos.", code="product_role"
        )


def _inheritance(work: RequestUnitOfWork, rows: Sequence[Role]) -> list[Mapping[str, Any]]:
    roles, holders = role_service.roles_with_holders(work.session, work.company_id)
    return [{"inherited": _inherited(roles, row.parent_id), "users": holders.get(row.id, 0)} for row in rows]


def _inherited(roles: Roles, parent_id: UUID | None) -> list[str]:
    return sorted(role_rules.effective_permissions(roles, parent_id))


ROLES: Final = Resource[Role, RoleIn, RoleOut](
    name="roles",
    singular="role",
    context="auth",
    domain="admin",
    model=Role,
    read=RoleOut,
    create=RoleIn,
    update=partial_of(RoleIn),
    filter_by=("name", "kind", "parent_id", "created_at"),
    sort_by=("name", "created_at"),
    search_in=("name", "description"),
    default_sort="name",
    composed=True,
    hooks=Hooks(
        before_create=_create,
        before_update=_update,
        before_delete=_delete,
        before_restore=_restore,
        extras=_inheritance,
    ),
)
