"""No request gives a user or a key more permissions than they have: each row is an attempt and its refusal."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any, Final

import pytest

from falachefe.access.permissions import PERMISSIONS, permissions_of
from tests.integration.aws_fixtures import aws, clock
from tests.integration.callers import Answer
from tests.integration.office import Office, Person, office

__all__ = ["aws", "clock", "office"]

PEOPLE: Final = ("users.create", "users.delete", "users.read", "users.restore", "users.update")
MAKERS: Final = ("roles.create", "roles.delete", "roles.read", "roles.restore", "roles.update")

type Attempt = Callable[[Office, Person], Answer]


def _create(role: str) -> Attempt:
    body = {"first_name": "Eva", "phone": "11 97777-1234", "role": role}
    return lambda _, me: me.call("POST", "/users", body)


def _change_self(**patch: Any) -> Attempt:
    return lambda _, me: me.change(me.path, **patch)


def _change_another(role: str, /, **patch: Any) -> Attempt:
    return lambda office, me: me.change(office.person(role).path, **patch)


def _change_holder(**patch: Any) -> Attempt:
    """Changes a user whose base role grants no more than the caller's, but whose company role does."""
    return lambda office, me: me.change(office.person(grants=("finance.read",)).path, **patch)


def _delete_another(role: str) -> Attempt:
    return lambda office, me: me.call("DELETE", office.person(role).path)


def _restore_admin(office: Office, me: Person) -> Answer:
    gone = office.person("admin", deleted_at=office.clock.now())
    return me.call("POST", f"{gone.path}/restore")


def _reactivate_admin(office: Office, me: Person) -> Answer:
    return me.change(office.person("admin", status="inactive").path, status="active")


def _batch(office: Office, me: Person) -> Answer:
    operation = {"op": "update", "id": str(me.id), "version": 1, "data": {"role": "admin"}}
    return me.call("POST", "/users/batch", {"operations": [operation]})


def _make_role(*permissions: str) -> Attempt:
    return lambda _, me: me.call("POST", "/roles", {"name": "Atalho", "permissions": list(permissions)})


def _make_role_below(office: Office, me: Person) -> Answer:
    above = office.role("finance.read")
    return me.call("POST", "/roles", {"name": "Atalho", "parent_id": str(above)})


def _own_role(office: Office, me: Person) -> str:
    return str(office.rows(f"select role_id from role_assignments where user_id = '{me.id}'")[0][0])


def _widen_own_role(office: Office, me: Person) -> Answer:
    return me.change(f"/roles/{_own_role(office, me)}", permissions=[*PEOPLE, *MAKERS, "finance.read"])


def _move_own_role_below_a_wider_one(office: Office, me: Person) -> Answer:
    return me.change(f"/roles/{_own_role(office, me)}", parent_id=str(office.role("finance.read")))


def _move_a_wider_role_below_own(office: Office, me: Person) -> Answer:
    mightier = office.role("finance.read")
    return me.change(f"/roles/{mightier}", parent_id=_own_role(office, me))


def _empty_a_wider_role(office: Office, me: Person) -> Answer:
    return me.change(f"/roles/{office.role('finance.read')}", permissions=[])


def _delete_a_wider_role(office: Office, me: Person) -> Answer:
    return me.call("DELETE", f"/roles/{office.role('finance.read')}")


def _restore_a_wider_role(office: Office, me: Person) -> Answer:
    gone = office.role("finance.read", deleted_at=office.clock.now())
    return me.call("POST", f"/roles/{gone}/restore")


def _assign_self_a_role(*permissions: str) -> Attempt:
    return lambda office, me: me.call("POST", f"{me.path}/roles/{office.role(*permissions)}")


def _assign_self_a_role_with_a_wider_ancestor(office: Office, me: Person) -> Answer:
    role_id = office.role(parent=office.role(parent=office.role("finance.read")))
    return me.call("POST", f"{me.path}/roles/{role_id}")


def _remove_role_from_admin(office: Office, me: Person) -> Answer:
    admin = office.person("admin", grants=("posts.read",))
    return me.call("DELETE", f"{admin.path}/roles/{_own_role(office, admin)}")


def _clinic(_: Office, me: Person) -> Answer:
    return me.call("POST", "/roles/clinic")


def _write_as_another_author(office: Office, me: Person) -> Answer:
    author = str(office.person().id)
    return me.call("POST", "/posts", {"title": "Aviso", "content": "Texto", "author_id": author})


BEYOND: Final = (403, "beyond_own_power")
DENIED: Final = (403, "permission_denied")
NOT_FOUND: Final = (404, "not_found")
BY_A_USER_WHO_MANAGES_USERS: Final[dict[str, tuple[Attempt, tuple[int, str]]]] = {
    "makes an admin": (_create("admin"), BEYOND),
    "makes a superadmin": (_create("superadmin"), BEYOND),
    "makes themselves an admin": (_change_self(role="admin"), BEYOND),
    "makes themselves a superadmin": (_change_self(role="superadmin"), BEYOND),
    "makes another an admin": (_change_another("user", role="admin"), BEYOND),
    "makes themselves an admin in a batch": (_batch, BEYOND),
    "takes over an admin's e-mail": (_change_another("admin", email="eva@example.net"), BEYOND),
    "takes over an admin's phone": (_change_another("admin", phone="11 97777-1234"), BEYOND),
    "takes over the e-mail of a user with more permissions": (_change_holder(email="eva@example.net"), BEYOND),
    "demotes an admin": (_change_another("admin", role="user"), BEYOND),
    "deactivates an admin": (_change_another("admin", status="inactive"), BEYOND),
    "deletes an admin": (_delete_another("admin"), BEYOND),
    "restores a deleted admin": (_restore_admin, BEYOND),
    "reactivates an admin": (_reactivate_admin, BEYOND),
    "touches a superadmin": (_change_another("superadmin", first_name="Eva"), NOT_FOUND),
    "deletes a superadmin": (_delete_another("superadmin"), NOT_FOUND),
    "creates a role with permissions that they lack": (_make_role("posts.read", "finance.read"), BEYOND),
    "makes a role of everything": (_make_role("*"), (422, "permission_unknown")),
    "creates a role with platform permissions": (_make_role("companies.read"), (422, "permission_unknown")),
    "creates a role below one with more permissions": (_make_role_below, BEYOND),
    "adds permissions to their own role": (_widen_own_role, BEYOND),
    "moves their role below one with more permissions": (_move_own_role_below_a_wider_one, BEYOND),
    "moves a role with more permissions below theirs": (_move_a_wider_role_below_own, BEYOND),
    "removes all permissions of a role with more": (_empty_a_wider_role, BEYOND),
    "deletes a role with more permissions": (_delete_a_wider_role, BEYOND),
    "restores a role with more permissions": (_restore_a_wider_role, BEYOND),
    "assigns themselves a role with more permissions": (_assign_self_a_role("finance.read"), BEYOND),
    "assigns themselves a role whose grandparent has more permissions": (
        _assign_self_a_role_with_a_wider_ancestor,
        BEYOND,
    ),
    "takes a role from an admin": (_remove_role_from_admin, BEYOND),
    "makes the clinic's roles": (_clinic, BEYOND),
    "writes in another's name": (_write_as_another_author, (403, "not_the_author")),
}
BY_STAFF: Final[dict[str, tuple[Attempt, tuple[int, str]]]] = {
    "makes a user": (_create("user"), DENIED),
    "makes themselves an admin": (_change_self(role="admin"), DENIED),
    "changes their own state": (_change_self(status="active"), DENIED),
    "makes a role": (_make_role(), DENIED),
    "assigns themselves a role with permissions that they have": (_assign_self_a_role("posts.read"), DENIED),
    "makes the clinic's roles": (_clinic, DENIED),
}
BY_AN_ADMIN: Final[dict[str, tuple[Attempt, tuple[int, str]]]] = {
    "makes a superadmin": (_create("superadmin"), BEYOND),
    "makes themselves a superadmin": (_change_self(role="superadmin"), BEYOND),
    "makes another a superadmin": (_change_another("user", role="superadmin"), BEYOND),
    "touches a superadmin": (_change_another("superadmin", status="inactive"), NOT_FOUND),
    "makes a role of everything": (_make_role("*"), (422, "permission_unknown")),
}

BY_AN_ADMINS_KEY: Final[dict[str, tuple[Attempt, tuple[int, str]]]] = {
    "creates a user with more permissions than its own": (_create("user"), BEYOND),
    "makes an admin": (_create("admin"), BEYOND),
    "takes over its creator's e-mail": (_change_self(email="eva@example.net"), BEYOND),
    "takes over somebody's e-mail": (_change_another("user", email="eva@example.net"), BEYOND),
    "deactivates its creator": (_change_self(status="inactive"), BEYOND),
    "assigns its creator a role": (_assign_self_a_role("finance.read"), BEYOND),
    "creates a role with permissions that it lacks": (_make_role("finance.read"), BEYOND),
    "makes the clinic's roles": (_clinic, BEYOND),
    "deletes somebody": (_delete_another("user"), BEYOND),
}


class Watched:
    """Sends a user's requests, and compares the permissions of all users before and after each."""

    def __init__(self, office: Office, sends: Any) -> None:
        self._office, self._sends = office, sends
        self.changes: list[Any] = []

    def __call__(self, *args: Any, **options: Any) -> Answer:
        before = self._permissions_of_all()
        answer: Answer = self._sends(*args, **options)
        after = self._permissions_of_all()
        self.changes += [(old, new) for old, new in zip(before, after, strict=True) if old != new]
        return answer

    def _permissions_of_all(self) -> list[list[Any]]:
        """All users with their means of signing in, all roles, and their assignments."""
        return [
            self._office.rows(f"select {columns} from {table} order by id")
            for table, columns in {
                "users": "id, role, status, email, phone, deleted_at",
                "roles": "id, permissions, parent_id, deleted_at",
                "role_assignments": "id, user_id, role_id",
                "posts": "id, author_id",
            }.items()
        ]


def _run(office: Office, me: Person, attempt: Attempt, outcome: tuple[int, str]) -> None:
    watched: Any = Watched(office, me.call)
    answer = attempt(office, replace(me, call=watched))

    assert (answer.status, answer.json["code"]) == outcome, answer.body
    assert watched.changes == []
    assert office.rows("select count(*) from users where role = 'superadmin' and first_name = 'Eva'") == [(0,)]


@pytest.mark.parametrize("name", BY_A_USER_WHO_MANAGES_USERS)
def test_a_user_who_manages_users_cannot_gain_permissions(office: Office, name: str) -> None:
    _run(office, office.person(grants=(*PEOPLE, *MAKERS)), *BY_A_USER_WHO_MANAGES_USERS[name])


@pytest.mark.parametrize("name", BY_STAFF)
def test_staff_cannot_gain_permissions(office: Office, name: str) -> None:
    _run(office, office.person(), *BY_STAFF[name])


@pytest.mark.parametrize("name", BY_AN_ADMIN)
def test_an_admin_cannot_gain_permissions_beyond_the_company(office: Office, name: str) -> None:
    _run(office, office.person("admin"), *BY_AN_ADMIN[name])


@pytest.mark.parametrize("name", BY_AN_ADMINS_KEY)
def test_an_api_key_cannot_exceed_its_scopes(office: Office, name: str) -> None:
    _run(office, office.person("admin").with_key(*PEOPLE, *MAKERS), *BY_AN_ADMINS_KEY[name])


def test_an_api_key_creates_only_users_with_no_more_permissions_than_its_own(office: Office) -> None:
    program = office.person("admin").with_key(*PEOPLE, *(permissions_of("user") - {"account.manage"}))

    made = _create("user")(office, program)
    changed = _change_another("user", first_name="Eva")(office, program)

    assert [made.status, changed.status] == [201, 200], made.body


def test_a_user_who_manages_users_can_make_the_permitted_changes(office: Office) -> None:
    """Shows that the requests above are refused for missing permissions, not because they never work."""
    me = office.person(grants=(*PEOPLE, *MAKERS))
    colleague = office.person()

    answers = [
        _create("user")(office, me),
        me.change(colleague.path, first_name="Eva", status="inactive"),
        me.change(colleague.path, 2, status="active"),
        _make_role("posts.read", "users.read")(office, me),
        _assign_self_a_role("posts.read")(office, me),
        me.call("DELETE", colleague.path),
        me.call("POST", f"{colleague.path}/restore"),
    ]

    assert [answer.status for answer in answers] == [201, 200, 200, 201, 200, 204, 200]


def test_no_company_role_grants_platform_permissions() -> None:
    assert permissions_of("admin") == set(PERMISSIONS)
    assert not permissions_of("admin") & {"*", "companies.read", "companies.manage", "flags.manage", "plans.manage"}
