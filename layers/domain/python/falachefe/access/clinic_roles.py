"""The six roles of a veterinary hospital, defined by the product and equal in all companies.

The clinical module adds the permissions of its resources to `PERMISSIONS` and to the roles here, as listed in
docs/architecture.md ("Who may do what"). `POST /v1/admin/roles/clinic` then updates the roles of a company.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import select

from falachefe.access import role_rules, role_service
from falachefe.access.models import Role
from falachefe.access.permissions import PERMISSIONS
from falachefe.audit import service as audit
from falachefe.audit.rules import changed_fields
from falachefe.http.unit_of_work import RequestUnitOfWork
from falachefe.kernel.errors import Conflict
from falachefe.kernel.events import Json
from falachefe.kernel.ids import new_id


@dataclass(frozen=True, slots=True)
class ClinicRole:
    name: str
    description: str
    permissions: frozenset[str]


def _all_of(*resources: str) -> frozenset[str]:
    return frozenset(name for name in PERMISSIONS if name.partition(".")[0] in resources)


_TEAM: Final = frozenset(
    {"contacts.read", "conversations.read", "employees.read", "tickets.create", "tickets.read", "tickets.update"}
)
"""Permissions of all clinic staff, in addition to those of any user."""

CLINIC_ROLES: Final[Sequence[ClinicRole]] = (
    ClinicRole("Administrador", "Dirige a clínica: tudo o que a empresa pode.", frozenset(PERMISSIONS)),
    ClinicRole("Veterinário", "Atende, interna, prescreve e dá alta.", _TEAM | {"suppliers.read"}),
    ClinicRole("Enfermeiro", "Acompanha as internações e administra o que foi prescrito.", _TEAM),
    ClinicRole(
        "Recepcionista",
        "Recebe tutores e pets, agenda e registra pagamentos.",
        _TEAM | {"contacts.update", "conversations.update", "transactions.create", "transactions.read"},
    ),
    ClinicRole(
        "Farmacêutico",
        "Cuida do estoque: compras, lotes, validades e controlados.",
        _TEAM | _all_of("suppliers") | {"budgets.read", "transactions.create"},
    ),
    ClinicRole(
        "Financeiro",
        "Contas, pagamentos e relatórios financeiros.",
        _all_of("budgets", "finance", "suppliers", "transactions") | {"employees.read", "subscriptions.read"},
    ),
)


def synchronize(work: RequestUnitOfWork) -> list[Role]:
    """Creates or updates the clinic's roles as defined here. Idempotent.

    The caller must hold all their permissions. Raises `Conflict` when one of the company's own roles has such a name.
    """
    for defined in CLINIC_ROLES:
        role_rules.check_grants(work.who.permissions, defined.permissions, field="permissions")
    role_service.lock_roles(work.session, work.company_id)
    known = _known(work)
    return [_one(work, known.get(defined.name.casefold()), defined) for defined in CLINIC_ROLES]


def _known(work: RequestUnitOfWork) -> dict[str, Role]:
    found = work.session.scalars(select(Role).where(Role.company_id == work.company_id, Role.deleted_at.is_(None)))
    roles = {role.name.casefold(): role for role in found}
    for defined in CLINIC_ROLES:
        role = roles.get(defined.name.casefold())
        if role is not None and role.kind != "clinic":
            raise Conflict(f"A empresa já tem um papel chamado {role.name}. Dê outro nome a ele.", code="name_taken")
    return roles


def _one(work: RequestUnitOfWork, role: Role | None, defined: ClinicRole) -> Role:
    wanted: dict[str, Any] = {"description": defined.description, "permissions": sorted(defined.permissions)}
    if role is None:
        stamps = {"company_id": work.company_id, "id": new_id(), "created_at": work.now, "updated_at": work.now}
        role = Role(**stamps, name=defined.name, kind="clinic", **wanted)
        work.session.add(role)
        return _written(work, role, {}, {"name": defined.name, "kind": "clinic", **wanted}, "create")
    before = {name: getattr(role, name) for name in wanted}
    if before == wanted:
        return role
    for name, value in wanted.items():
        setattr(role, name, value)
    role.updated_at = work.now
    return _written(work, role, before, wanted, "update")


def _written(work: RequestUnitOfWork, role: Role, before: dict[str, Any], after: dict[str, Any], action: str) -> Role:
    work.session.flush()
    audit.note(work, action=action, resource="roles", resource_id=role.id, changes=changed_fields(before, after))
    data: dict[str, Json] = {"role_id": str(role.id), "version": role.version}
    work.record(f"auth.role_{action}d", data)
    return role
