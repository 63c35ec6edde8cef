"""A company with users of any permissions, and the handlers that administer them behind one dispatcher."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final
from uuid import UUID

import pytest
from sqlalchemy import insert, text

from falachefe.access.models import Role, RoleAssignment
from falachefe.access.staff import member
from falachefe.accounts.models import User
from falachefe.accounts.users import UserView
from falachefe.app import runtime
from falachefe.db.engine import Database
from falachefe.db.outbox import Outbox
from falachefe.flags.reader import enable_for_company
from falachefe.http.principal import Principal
from falachefe.http.unit_of_work import RequestUnitOfWork
from falachefe.kernel.actors import Actor
from falachefe.kernel.clock import FixedClock
from falachefe.kernel.ids import new_id
from falachefe.sessions.sign_in import open_session
from falachefe.sessions.store import Device
from functions.admin import api_keys, clinic_roles, permissions, roles, user_invitations, user_roles, users
from functions.platform import post_views, posts
from tests.integration.aws_fixtures import NOW
from tests.integration.callers import Answer, Caller
from tests.keys import SIGNING

DOORS: Final[Mapping[str, Any]] = {
    r"/users/[^/]+/roles.*": user_roles,
    r"/users/[^/]+/invitations": user_invitations,
    r"/users.*": users,
    r"/roles/clinic": clinic_roles,
    r"/roles.*": roles,
    r"/permissions": permissions,
    r"/api-keys": api_keys,
    r"/posts/[^/]+/views": post_views,
    r"/posts.*": posts,
}


def dispatch(event: dict[str, Any], context: Any) -> dict[str, Any]:
    handler = next(module.handler for path, module in DOORS.items() if re.fullmatch(path, event["path"]))
    answer: dict[str, Any] = handler(event, context)
    return answer


@dataclass(frozen=True)
class Person:
    user: UserView
    call: Caller

    @property
    def id(self) -> UUID:
        return self.user.id

    @property
    def path(self) -> str:
        return f"/users/{self.user.id}"

    def with_key(self, *scopes: str) -> "Person":
        """A caller with an API key of this user, with fewer permissions."""
        made = self.call("POST", "/api-keys", {"name": "Integração", "scopes": list(scopes)})
        assert made.status == 201, made.body
        return Person(self.user, Caller(dispatch, made.json["key"]))

    def change(self, path: str, version: int = 1, /, **patch: Any) -> Answer:
        return self.call("PATCH", path, patch, {"If-Match": f'"{version}"'})


@dataclass(frozen=True)
class Office:
    database: Database
    company_id: UUID
    clock: FixedClock

    def person(self, role: str = "user", *, grants: Iterable[str] = (), **columns: Any) -> Person:
        """A user with a base role, a company role with these permissions, a session and a confirmed e-mail."""
        user_id = new_id()
        shown: dict[str, Any] = {"name": "Ana Lima", "first_name": "Ana", "last_name": "Lima", "password_hash": "-"}
        shown |= {"email": f"{user_id}@example.org", "email_verified_at": NOW, "role": role} | columns
        with self.database.tenant(self.company_id) as session:
            session.execute(insert(User).values(company_id=self.company_id, id=user_id, **shown))
        if grants:
            self.give(user_id, self.role(*grants))
        user = UserView(user_id, self.company_id, shown["name"], shown["email"], role)
        signed_in = open_session(runtime.sessions(), SIGNING, user, Device(None, None, None), self.clock.now())
        return Person(user, Caller(dispatch, signed_in.tokens.access))

    def role(self, *permissions: str, parent: UUID | None = None, **columns: Any) -> UUID:
        role_id = new_id()
        values = {"name": f"papel {role_id}", "permissions": list(permissions), "parent_id": parent} | columns
        with self.database.tenant(self.company_id) as session:
            session.execute(insert(Role).values(company_id=self.company_id, id=role_id, **values))
        return role_id

    def give(self, user_id: UUID, role_id: UUID) -> None:
        values = {"company_id": self.company_id, "id": new_id(), "user_id": user_id, "role_id": role_id}
        with self.database.tenant(self.company_id) as session:
            session.execute(insert(RoleAssignment).values(values))

    def permissions_of(self, user_id: UUID) -> frozenset[str]:
        with self.database.tenant(self.company_id) as session:
            found = member(session, self.company_id, user_id)
        assert found is not None
        return found.permissions

    def work[T](self, who: Person | None, use_case: Callable[[RequestUnitOfWork], T]) -> T:
        """Runs a use case in its own transaction, for concurrent calls; without a user, with all permissions."""
        principal = Principal(new_id(), self.company_id, "superadmin", frozenset({"*"}), "s")
        if who is not None:
            principal = replace(principal, user_id=who.id, role=who.user.role, permissions=self.permissions_of(who.id))
        outbox, actor = Outbox(self.company_id), Actor("user", principal.user_id)
        with self.database.tenant(self.company_id) as session:
            return use_case(RequestUnitOfWork(session, outbox, actor, self.clock.now(), principal))

    def work_as_superadmin[T](self, use_case: Callable[[RequestUnitOfWork], T]) -> T:
        """The same by a superadmin of another company."""
        superadmin = Principal(new_id(), self.company_id, "superadmin", frozenset({"*"}), "s", home_company_id=new_id())
        with self.database.tenant(self.company_id) as session:
            actor = Actor("user", superadmin.user_id)
            return use_case(RequestUnitOfWork(session, Outbox(self.company_id), actor, self.clock.now(), superadmin))

    def waiting_for_locks(self) -> bool:
        """Whether a transaction waits for a lock."""
        return self.rows("select 1 from pg_locks where not granted") != []

    def rows(self, statement: str) -> list[Any]:
        with self.database.tenant(self.company_id) as session:
            return list(session.execute(text(statement)).all())


@pytest.fixture
def office(aws: None, database: Database, company_id: UUID, clock: FixedClock) -> Office:
    with database.tenant(company_id) as session:
        enable_for_company(session, company_id, "clinic")
    return Office(database, company_id, clock)


@pytest.fixture
def admin(office: Office) -> Person:
    return office.person("admin")
