"""A company's own roles: creation, hierarchy, assignment and removal."""

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

import pytest

from falachefe.access import role_assignments, role_service
from falachefe.access.clinic_roles import CLINIC_ROLES, synchronize
from falachefe.access.permission_cache import PermissionCache
from falachefe.access.permissions import PERMISSIONS, PLATFORM, permissions_of
from falachefe.access.role_rules import MAX_LEVELS, Roles, lineage
from falachefe.access.roles_resource import ROLES
from falachefe.app import runtime
from falachefe.companies.models import Company
from falachefe.crews.tools.registry import TOOLS, authorise
from falachefe.http.principal import Caller as Request
from falachefe.http.unit_of_work import RequestUnitOfWork
from falachefe.kernel.errors import DomainError, InvalidInput
from falachefe.kernel.ids import new_id
from falachefe.resources import crud
from falachefe.sessions.authenticator import authenticate
from tests.integration.office import Office, Person
from tests.integration.resources.test_at_once import at_once
from tests.keys import PUBLISHED

BUYER = {"name": "Compras", "permissions": ["suppliers.update", "suppliers.read", "suppliers.read"]}


# ---- creating and changing roles


def test_role_has_its_own_and_inherited_permissions(admin: Person) -> None:
    base = admin.call("POST", "/roles", BUYER)
    below = admin.call("POST", "/roles", {"name": "Chefe de compras", "parent_id": base.json["id"]})

    assert (base.status, base.json["permissions"], base.json["kind"]) == (
        201,
        ["suppliers.read", "suppliers.update"],
        "own",
    )
    assert (below.json["permissions"], below.json["inherited"]) == ([], ["suppliers.read", "suppliers.update"])
    assert admin.call("POST", "/roles", BUYER | {"name": "COMPRAS"}).json["code"] == "already_exists"


@pytest.mark.parametrize(
    ("changes", "status", "code"),
    [
        ({"permissions": ["*"]}, 422, "permission_unknown"),
        ({"permissions": [next(iter(PLATFORM))]}, 422, "permission_unknown"),
        ({"permissions": ["suppliers.fly"]}, 422, "permission_unknown"),
        ({"parent_id": "019aaa4e-7c00-7000-8000-000000000009"}, 422, "parent_unknown"),
        ({"kind": "clinic"}, 422, "invalid_input"),
        ({"name": " "}, 422, "invalid_input"),
    ],
)
def test_invalid_role_is_rejected(admin: Person, changes: dict[str, object], status: int, code: str) -> None:
    refused = admin.call("POST", "/roles", BUYER | changes)

    assert (refused.status, refused.json["code"]) == (status, code)


def test_role_of_another_company_cannot_be_a_parent_or_assigned(office: Office, admin: Person) -> None:
    other = Office(office.database, new_id(), office.clock)
    with office.database.tenant(other.company_id) as session:
        session.add(Company(id=other.company_id, name="Oficina do Zé"))
    theirs = other.role("posts.read")

    made = admin.call("POST", "/roles", BUYER | {"parent_id": str(theirs)})
    given = admin.call("POST", f"{office.person().path}/roles/{theirs}")

    assert (made.status, made.json["code"]) == (422, "parent_unknown")
    assert [given.status, admin.call("GET", f"/roles/{theirs}").status] == [404, 404]


def test_cycles_and_too_many_levels_are_rejected(office: Office, admin: Person) -> None:
    chain = [office.role()]
    for _ in range(MAX_LEVELS - 1):
        chain.append(office.role(parent=chain[-1]))

    circle = admin.change(f"/roles/{chain[0]}", parent_id=str(chain[-1]))
    deep = admin.call("POST", "/roles", BUYER | {"parent_id": str(chain[-1])})

    assert (circle.json["code"], deep.json["code"]) == ("parent_cycle", "roles_too_deep")


def test_concurrent_moves_cannot_form_a_cycle(office: Office) -> None:
    """Eight roles, each moved below the next: all moves together would close the cycle."""
    roles = [office.role() for _ in range(8)]

    def move(number: int) -> str | None:
        patch = ROLES.update.model_validate({"parent_id": roles[(number + 1) % 8]})
        try:
            office.work(None, lambda work: crud.update(work, ROLES, roles[number], patch, "*"))
        except InvalidInput as refused:
            return refused.code
        return None

    assert set(at_once(move)) > {None}
    office.work(None, lambda work: _is_a_forest(role_service.roles_of(work.session, work.company_id)))


def _is_a_forest(roles: Roles) -> None:
    for role_id in roles:
        chain = list(lineage(roles, role_id))
        assert roles[chain[-1]].parent_id is None
        assert len(chain) <= MAX_LEVELS


def test_two_roles_cannot_become_each_other_s_parent_concurrently(office: Office) -> None:
    first, second = office.role(), office.role()

    def move(number: int) -> bool:
        one, other = (first, second) if number % 2 else (second, first)
        patch = ROLES.update.model_validate({"parent_id": other})
        try:
            office.work(None, lambda work: crud.update(work, ROLES, one, patch, "*"))
        except DomainError:
            return False
        return True

    at_once(move)
    parents = office.rows("select parent_id from roles")
    assert sorted(row.parent_id is None for row in parents) == [False, True]


def test_role_in_use_cannot_be_deleted(office: Office, admin: Person) -> None:
    above = office.role("posts.read")
    held = office.role(parent=above)
    person = office.person()
    office.give(person.id, held)

    for role_id in (above, held):
        refused = admin.call("DELETE", f"/roles/{role_id}")
        assert (refused.status, refused.json["code"]) == (409, "role_in_use")
    assert admin.call("DELETE", f"{person.path}/roles/{held}").status == 204
    assert [admin.call("DELETE", f"/roles/{role_id}").status for role_id in (held, above)] == [204, 204]
    assert admin.call("POST", f"/roles/{held}/restore").json["code"] == "parent_unknown"
    assert [admin.call("POST", f"/roles/{role_id}/restore").status for role_id in (above, held)] == [200, 200]


def test_role_is_not_assigned_while_it_is_being_deleted(office: Office) -> None:
    """Whichever comes first wins, but no user ever has a deleted role."""
    for _ in range(5):
        role_id = office.role("posts.read")
        people = [office.person() for _ in range(8)]

        def act(number: int, role_id: UUID = role_id, people: list[Person] = people) -> bool:
            try:
                if number == 4:
                    office.work(None, lambda work: crud.delete(work, ROLES, role_id, None))
                else:
                    office.work(None, lambda work: role_assignments.assign(work, people[number].id, role_id))
            except DomainError:
                return False
            return True

        done = at_once(act)
        holders = office.rows(f"select count(*) from role_assignments where role_id = '{role_id}'")[0][0]
        assert (holders == 0) == done[4]


# ---- assigning roles


def test_role_is_assigned_once_and_removed(office: Office, admin: Person) -> None:
    person, role_id = office.person(), office.role("suppliers.read", name="Compras")
    path = f"{person.path}/roles/{role_id}"
    shown = {"data": [{"id": str(role_id), "name": "Compras"}]}

    given = [admin.call("POST", path) for _ in range(2)]
    assert [(answer.status, answer.json) for answer in given] == [(200, shown)] * 2
    assert admin.call("GET", f"{person.path}/roles").json == shown
    assert admin.call("GET", person.path).json["roles"] == shown["data"]
    assert admin.call("GET", f"/roles/{role_id}").json["users"] == 1
    assert "suppliers.read" in office.permissions_of(person.id)
    assert [admin.call("DELETE", path).status for _ in range(2)] == [204, 204]
    assert office.permissions_of(person.id) == permissions_of("user")
    actions = office.rows("select action, changes::text from audit_logs where resource = 'users' order by id")
    assert [row.action for row in actions] == ["role_assigned", "role_unassigned"]


def test_assignment_and_removal_are_published_as_events(office: Office) -> None:
    person, role_id = office.person(), office.role("posts.read")

    def events_of(change: Callable[[RequestUnitOfWork, UUID, UUID], object]) -> list[str]:
        def act(work: RequestUnitOfWork) -> list[str]:
            change(work, person.id, role_id)
            return [queue_message.payload["name"] for queue_message in work.outbox.queue_messages]

        return office.work(None, act)

    changes = (role_assignments.assign, role_assignments.assign, role_assignments.unassign, role_assignments.unassign)
    assert [events_of(change) for change in changes] == [["auth.role_assigned"], [], ["auth.role_unassigned"], []]


def test_concurrent_assignments_assign_a_role_once(office: Office) -> None:
    person, role_id = office.person(), office.role("posts.read")

    at_once(lambda _: office.work(None, lambda work: role_assignments.assign(work, person.id, role_id)))

    assert office.rows("select count(*) from role_assignments") == [(1,)]
    assert office.rows("select count(*) from audit_logs") == [(1,)]


def test_changed_role_takes_effect_within_half_a_minute(office: Office, admin: Person) -> None:
    above = office.role("suppliers.read")
    person = office.person()
    office.give(person.id, office.role(parent=above))
    elsewhere = PermissionCache(office.database)
    request = Request.of({"authorization": f"Bearer {person.call.token}"})

    def may(permission: str) -> bool:
        return authenticate(request, office.clock.now(), PUBLISHED, runtime.sessions(), elsewhere).may(permission)

    assert (may("suppliers.read"), may("suppliers.delete")) == (True, False)
    assert admin.change(f"/roles/{above}", permissions=["suppliers.delete"]).status == 200
    office.clock.at += timedelta(seconds=29)
    assert may("suppliers.read")
    office.clock.at += timedelta(seconds=1)
    assert (may("suppliers.read"), may("suppliers.delete")) == (False, True)


def test_agents_use_the_permissions_of_company_roles(office: Office) -> None:
    tool = next(tool for tool in TOOLS.values() if tool.permission == "hr.write")
    person = office.person(grants=("hr.write",))

    assert authorise(tool, office.permissions_of(person.id)) is None
    assert authorise(tool, office.permissions_of(office.person().id)) is not None


# ---- the clinic's roles and the catalogue


def test_clinic_roles_are_created_once_and_cannot_be_changed(office: Office, admin: Person) -> None:
    made = [admin.call("POST", "/roles/clinic") for _ in range(2)]

    assert [answer.status for answer in made] == [200, 200]
    assert made[0].json == made[1].json
    assert [role["name"] for role in made[0].json["data"]] == [role.name for role in CLINIC_ROLES]
    assert office.rows("select count(*) from roles") == [(6,)]
    assert office.rows("select count(*) from audit_logs") == [(6,)]
    vet = made[0].json["data"][1]
    for answer in (admin.change(f"/roles/{vet['id']}", name="Vet"), admin.call("DELETE", f"/roles/{vet['id']}")):
        assert (answer.status, answer.json["code"]) == (403, "product_role")
    person = office.person()
    assert admin.call("POST", f"{person.path}/roles/{vet['id']}").status == 200
    assert office.permissions_of(person.id) == permissions_of("user") | set(vet["permissions"])


def test_clinic_roles_are_updated_to_the_product_s_definition(office: Office, admin: Person) -> None:
    vet = admin.call("POST", "/roles/clinic").json["data"][1]
    office.rows(f"update roles set permissions = '[]' where id = '{vet['id']}' returning id")

    again = admin.call("POST", "/roles/clinic").json["data"][1]

    assert (again["permissions"], again["version"]) == (vet["permissions"], vet["version"] + 1)


def test_concurrent_creation_of_clinic_roles_creates_six(office: Office) -> None:
    at_once(lambda _: office.work(None, lambda work: len(synchronize(work))))

    assert office.rows("select count(*) from roles") == [(6,)]


def test_company_role_with_a_clinic_role_s_name_is_kept(office: Office, admin: Person) -> None:
    office.role(name="veterinário")

    refused = admin.call("POST", "/roles/clinic")

    assert (refused.status, refused.json["code"]) == (409, "name_taken")
    assert office.rows("select count(*) from roles") == [(1,)]


def test_permission_catalogue_shows_which_ones_the_caller_holds(office: Office) -> None:
    reader = office.person(grants=("roles.read",))

    listed = reader.call("GET", "/permissions").json["data"]

    assert [one["code"] for one in listed] == list(PERMISSIONS)
    held = {one["code"] for one in listed if one["held"]}
    assert held == permissions_of("user") | {"roles.read"}
    assert all(one["description"] for one in listed)
