"""A company's roles as a forest: what a role gives, where it may hang, and who may hand it out. Pure."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from falachefe.access.permissions import PERMISSIONS
from falachefe.http.principal import allows
from falachefe.kernel.errors import Conflict, FieldError, Forbidden, invalid_field

MOST_LEVELS: Final = 5
"""A role, its parent, and so on: who wonders why somebody may do something reads five roles at most."""
MOST_ROLES: Final = 200
OWN_ACCOUNT: Final = "account.manage"
"""Power over nobody else: everybody has it who signs in, and no key does, which may make people all the same."""


@dataclass(frozen=True, slots=True)
class RoleFacts:
    """A role as it stands alone, and the one above it, whose permissions it gives as well."""

    parent_id: UUID | None
    permissions: frozenset[str]


type Roles = Mapping[UUID, RoleFacts]


def lineage(roles: Roles, role_id: UUID | None) -> Iterator[UUID]:
    """A role and those above it. Ends at a role that is gone, and never walks in a circle."""
    seen: set[UUID] = set()
    while role_id is not None and role_id in roles and role_id not in seen:
        seen.add(role_id)
        yield role_id
        role_id = roles[role_id].parent_id


def given(roles: Roles, role_id: UUID | None) -> frozenset[str]:
    """All that a role gives: its own permissions and those of the roles above it."""
    return frozenset().union(*(roles[one].permissions for one in lineage(roles, role_id)))


def levels_below(roles: Roles, role_id: UUID) -> int:
    """How many levels hang below a role; a leaf has none."""
    return max(
        (place for one in roles for place, above in enumerate(lineage(roles, one)) if above == role_id), default=0
    )


def check_parent(roles: Roles, role_id: UUID, parent_id: UUID | None) -> None:
    """Raises `InvalidInput` when a role (which may be a new one) cannot hang below another."""
    if parent_id is None:
        return
    if parent_id not in roles:
        raise invalid_field("parent_id", "Este papel não existe na empresa.", "parent_unknown")
    above = list(lineage(roles, parent_id))
    if role_id in above:
        raise invalid_field("parent_id", "Um papel não pode ficar abaixo de si mesmo.", "parent_cycle")
    if len(above) + 1 + levels_below(roles, role_id) > MOST_LEVELS:
        raise invalid_field(
            "parent_id", f"A hierarquia de papéis tem no máximo {MOST_LEVELS} níveis.", "roles_too_deep"
        )


def check_count(roles: Roles) -> None:
    if len(roles) >= MOST_ROLES:
        raise Conflict(f"Uma empresa tem no máximo {MOST_ROLES} papéis.", code="too_many_roles")


def known_permissions(names: Iterable[str]) -> list[str]:
    """The names in order, each once. Raises `InvalidInput` for what no role may be built from (`*` among others)."""
    wanted = set(names)
    if unknown := sorted(wanted - set(PERMISSIONS)):
        message = f"Permissões desconhecidas: {', '.join(unknown)[:200]}."
        raise invalid_field("permissions", message, "permission_unknown")
    return sorted(wanted)


def check_hands_out(held: frozenset[str], wanted: Iterable[str], *, field: str) -> None:
    """Raises `Forbidden` when somebody would give what they do not hold; it names what, as they asked for just that."""
    if missing := _missing(held, wanted):
        message = f"Você não pode dar o que não tem: {', '.join(missing)[:400]}."
        raise Forbidden(message, code="beyond_own_power", errors=(FieldError(field, message),))


def check_stands_above(held: frozenset[str], power: Iterable[str]) -> None:
    """Raises `Forbidden` when somebody would change whoever, or whatever, may do more than they may themselves.

    Without this a person with few powers could change a mightier one's e-mail and sign in as them.
    """
    if _missing(held, power):
        raise Forbidden("Só quem pode tudo o que está em jogo pode mudar isto.", code="beyond_own_power")


def _missing(held: frozenset[str], wanted: Iterable[str]) -> list[str]:
    return sorted(one for one in set(wanted) - {OWN_ACCOUNT} if not allows(held, one))
