"""Rules of a company's roles, which form a forest: inherited permissions, valid parents, who may grant them. Pure."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from falachefe.access.permissions import PERMISSIONS
from falachefe.http.principal import allows
from falachefe.kernel.errors import Conflict, FieldError, Forbidden, invalid_field

MAX_LEVELS: Final = 5
"""Depth of the hierarchy: keeps a user's permissions comprehensible."""
MAX_ROLES: Final = 200
OWN_ACCOUNT: Final = "account.manage"
"""Exempt from the checks here, as it gives no access to others' data: API keys, which may create users, cannot hold it,
but every user does."""


@dataclass(frozen=True, slots=True)
class RoleFacts:
    """A role's own permissions, and its parent, whose permissions it inherits."""

    parent_id: UUID | None
    permissions: frozenset[str]


type Roles = Mapping[UUID, RoleFacts]


def lineage(roles: Roles, role_id: UUID | None) -> Iterator[UUID]:
    """A role and its ancestors. Ends at a deleted role, and also if there is a cycle."""
    seen: set[UUID] = set()
    while role_id is not None and role_id in roles and role_id not in seen:
        seen.add(role_id)
        yield role_id
        role_id = roles[role_id].parent_id


def effective_permissions(roles: Roles, role_id: UUID | None) -> frozenset[str]:
    """A role's own and inherited permissions."""
    return frozenset().union(*(roles[one].permissions for one in lineage(roles, role_id)))


def levels_below(roles: Roles, role_id: UUID) -> int:
    """How many levels are below a role; 0 for a leaf."""
    return max(
        (place for one in roles for place, above in enumerate(lineage(roles, one)) if above == role_id), default=0
    )


def check_parent(roles: Roles, role_id: UUID, parent_id: UUID | None) -> None:
    """Raises `InvalidInput` when a role, new or existing, cannot have this parent."""
    if parent_id is None:
        return
    if parent_id not in roles:
        raise invalid_field("parent_id", "Este papel não existe na empresa.", "parent_unknown")
    above = list(lineage(roles, parent_id))
    if role_id in above:
        raise invalid_field("parent_id", "Um papel não pode ficar abaixo de si mesmo.", "parent_cycle")
    if len(above) + 1 + levels_below(roles, role_id) > MAX_LEVELS:
        raise invalid_field("parent_id", f"A hierarquia de papéis tem no máximo {MAX_LEVELS} níveis.", "roles_too_deep")


def check_count(roles: Roles) -> None:
    if len(roles) >= MAX_ROLES:
        raise Conflict(f"Uma empresa tem no máximo {MAX_ROLES} papéis.", code="too_many_roles")


def known_permissions(names: Iterable[str]) -> list[str]:
    """The names sorted, without duplicates. Raises `InvalidInput` for any that a role may not have, such as `*`."""
    wanted = set(names)
    if unknown := sorted(wanted - set(PERMISSIONS)):
        message = f"Permissões desconhecidas: {', '.join(unknown)[:200]}."
        raise invalid_field("permissions", message, "permission_unknown")
    return sorted(wanted)


def check_grants(held: frozenset[str], wanted: Iterable[str], *, field: str) -> None:
    """Raises `Forbidden`, naming the permissions, when the caller would grant any that they do not hold."""
    if missing := _missing(held, wanted):
        message = f"Você não pode dar o que não tem: {', '.join(missing)[:400]}."
        raise Forbidden(message, code="beyond_own_power", errors=(FieldError(field, message),))


def check_holds_all(held: frozenset[str], permissions: Iterable[str]) -> None:
    """Raises `Forbidden` when the caller would change a user, role or key with permissions they do not hold.

    Otherwise someone who may update users could change an admin's e-mail and sign in as that admin.
    """
    if _missing(held, permissions):
        raise Forbidden("Só quem pode tudo o que está em jogo pode mudar isto.", code="beyond_own_power")


def _missing(held: frozenset[str], wanted: Iterable[str]) -> list[str]:
    return sorted(one for one in set(wanted) - {OWN_ACCOUNT} if not allows(held, one))
