"""Rules of roles: inherited permissions, valid parents, and who may grant them."""

from collections.abc import Callable
from uuid import UUID

import pytest
from hypothesis import given, strategies

from falachefe.access import role_rules
from falachefe.access.clinic_roles import CLINIC_ROLES
from falachefe.access.permissions import PERMISSIONS, PLATFORM, permissions_of
from falachefe.access.role_rules import MAX_LEVELS, MAX_ROLES, RoleFacts
from falachefe.http.principal import EVERYTHING
from falachefe.kernel.errors import Conflict, DomainError, Forbidden, InvalidInput

IDS = [UUID(int=number) for number in range(1, 9)]
A, B, C, D, E, F = IDS[:6]
Moves = list[tuple[UUID, UUID | None]]
moves: strategies.SearchStrategy[Moves] = strategies.lists(
    strategies.tuples(strategies.sampled_from(IDS), strategies.none() | strategies.sampled_from(IDS)), max_size=40
)


def refusal(action: Callable[[], None]) -> DomainError | None:
    try:
        action()
    except DomainError as refused:
        return refused
    return None


def forest(**parents: UUID | None) -> dict[UUID, RoleFacts]:
    named = dict(zip("ABCDEF", IDS, strict=False))
    return {named[name]: RoleFacts(parent, frozenset({f"p.{name}"})) for name, parent in parents.items()}


def test_role_inherits_the_permissions_of_its_ancestors() -> None:
    roles = forest(A=None, B=A, C=B, D=None)

    assert role_rules.effective_permissions(roles, C) == {"p.A", "p.B", "p.C"}
    assert role_rules.effective_permissions(roles, A) == {"p.A"}
    assert role_rules.effective_permissions(roles, None) == frozenset()


def test_role_with_a_deleted_parent_gives_its_own_permissions() -> None:
    assert role_rules.effective_permissions(forest(B=A), B) == {"p.B"}


def test_effective_permissions_ends_on_a_cycle() -> None:
    assert role_rules.effective_permissions(forest(A=B, B=A), A) == {"p.A", "p.B"}


@given(moves)
def test_allowed_moves_never_cause_a_cycle_or_too_many_levels(asked: Moves) -> None:
    roles = {one: RoleFacts(None, frozenset({str(one)})) for one in IDS}
    for role_id, parent_id in asked:
        try:
            role_rules.check_parent(roles, role_id, parent_id)
        except InvalidInput:
            continue
        roles[role_id] = RoleFacts(parent_id, roles[role_id].permissions)

    for role_id in IDS:
        above, place = [role_id], roles[role_id].parent_id
        while place is not None:
            assert place not in above
            above.append(place)
            place = roles[place].parent_id
        assert len(above) <= MAX_LEVELS
        assert role_rules.effective_permissions(roles, role_id) == {str(one) for one in above}


@given(moves)
def test_refused_moves_would_cause_a_cycle_or_too_many_levels(asked: Moves) -> None:
    roles = {one: RoleFacts(None, frozenset()) for one in IDS}
    for role_id, parent_id in asked:
        moved = {**roles, role_id: RoleFacts(parent_id, frozenset())}
        refused = refusal(lambda: role_rules.check_parent(roles, role_id, parent_id))  # noqa: B023  # called at once
        if refused is None:
            roles = moved
            continue
        chains = {one: list(role_rules.lineage(moved, one)) for one in IDS}
        circle = any(moved[chain[-1]].parent_id in chain for chain in chains.values())
        assert circle == (refused.code == "parent_cycle")
        assert circle or max(map(len, chains.values())) > MAX_LEVELS


@pytest.mark.parametrize(
    ("move", "code"),
    [
        ((A, A), "parent_cycle"),
        ((A, C), "parent_cycle"),
        ((C, F), "parent_unknown"),
    ],
)
def test_refused_parent_has_its_error_code(move: tuple[UUID, UUID], code: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        role_rules.check_parent(forest(A=None, B=A, C=B), *move)

    assert (refused.value.code, refused.value.errors[0].field) == (code, "parent_id")


def test_descendants_count_towards_the_depth() -> None:
    roles = forest(A=None, B=A, C=B, D=None, E=D)
    role_rules.check_parent(roles, D, C)

    with pytest.raises(InvalidInput) as refused:
        role_rules.check_parent({**roles, F: RoleFacts(E, frozenset())}, D, C)

    assert refused.value.code == "roles_too_deep"


def test_number_of_roles_is_limited() -> None:
    roles = {UUID(int=number): RoleFacts(None, frozenset()) for number in range(MAX_ROLES)}
    role_rules.check_count(dict(list(roles.items())[1:]))

    with pytest.raises(Conflict):
        role_rules.check_count(roles)


@pytest.mark.parametrize("name", [EVERYTHING, *PLATFORM, "users.*", "users.fly", ""])
def test_role_rejects_unknown_and_platform_permissions(name: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        role_rules.known_permissions(["users.read", name])

    assert refused.value.code == "permission_unknown"


def test_permissions_are_sorted_without_duplicates() -> None:
    assert role_rules.known_permissions(["users.read", "posts.read", "users.read"]) == ["posts.read", "users.read"]


@pytest.mark.parametrize(
    ("check", "held", "wanted", "passes"),
    [
        (check, held, wanted, passes)
        for check in (
            lambda held, wanted: role_rules.check_grants(held, wanted, field="permissions"),
            role_rules.check_holds_all,
        )
        for held, wanted, passes in [
            (frozenset({"a.read"}), {"a.read"}, True),
            (frozenset({"a.read"}), {"a.read", "b.read"}, False),
            (frozenset({"a.read"}), {EVERYTHING}, False),
            (frozenset({EVERYTHING}), {"a.read", EVERYTHING}, True),
            (frozenset({"a.read"}), {"a.read", "account.manage"}, True),
            (frozenset[str](), set[str](), True),
            (permissions_of("admin"), permissions_of("admin"), True),
            (permissions_of("admin"), permissions_of("superadmin"), False),
            (permissions_of("user"), permissions_of("admin"), False),
        ]
    ],
)
def test_granting_or_changing_needs_all_the_permissions_concerned(
    check: Callable[[frozenset[str], set[str]], None], held: frozenset[str], wanted: set[str], passes: bool
) -> None:
    refused = refusal(lambda: check(held, wanted))

    assert (refused is None) is passes
    assert refused is None or (type(refused), refused.code) == (Forbidden, "beyond_own_power")


def test_clinic_roles_have_known_permissions_only() -> None:
    assert [role.name for role in CLINIC_ROLES] == [
        "Administrador",
        "Veterinário",
        "Enfermeiro",
        "Recepcionista",
        "Farmacêutico",
        "Financeiro",
    ]
    for role in CLINIC_ROLES:
        assert role.permissions <= set(PERMISSIONS)
        assert role.permissions <= permissions_of("admin")
