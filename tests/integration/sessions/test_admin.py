"""Admins list and end sessions of their own company's users only."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from botocore.exceptions import EndpointConnectionError

from falachefe.access.permissions import PERMISSIONS_OF
from falachefe.accounts.users import SessionKey
from falachefe.app import runtime
from falachefe.companies.service import create_company
from falachefe.db.engine import Database
from falachefe.kernel.clock import FixedClock
from falachefe.kernel.errors import Unauthenticated
from falachefe.kernel.ids import new_id
from falachefe.onboarding.staff import register_staff
from falachefe.phone_sign_in.codes import Codes
from falachefe.phone_sign_in.people import mark_verified
from falachefe.phone_sign_in.service import SignIn, subject_of
from falachefe.sessions.sign_in import open_session
from falachefe.sessions.store import Device, Sessions
from functions.admin import sessions, whatsapp_sessions
from tests.integration.aws_fixtures import NOW
from tests.integration.senders import Sender, run
from tests.keys import PEPPER, SIGNING

PHONE = "+5511976543210"
SECOND = timedelta(seconds=1)

pytestmark = pytest.mark.usefixtures("aws")


def join(database: Database, company_id: UUID, role: str, phone: str) -> tuple[UUID, str]:
    """A signed-in member: their id and access token."""
    with database.tenant(company_id) as session:
        user = register_staff(session, company_id, name="Ana Souza", phone=phone, role=role, now=NOW)
    device = Device("Celular da Ana", "tests", "203.0.113.0")
    return user.id, open_session(runtime.sessions(), SIGNING, user, device, NOW).tokens.access


def chat(database: Database, company_id: UUID, user_id: UUID, phone: str) -> None:
    """Signs a user in by WhatsApp."""
    codes = Codes(PEPPER)
    sign_in = SignIn(runtime.table("AUTH_TABLE"), lambda: codes)
    sign_in.create_session(company_id, phone, subject=subject_of(user_id), now=NOW)
    with database.tenant(company_id) as session:
        mark_verified(session, company_id, user_id, NOW)


@pytest.fixture
def admin(aws: None, database: Database, company_id: UUID) -> Sender:
    return Sender(join(database, company_id, "admin", "+5511987654321")[1])


@pytest.fixture
def person(aws: None, database: Database, company_id: UUID) -> UUID:
    return join(database, company_id, "user", PHONE)[0]


def listed(admin: Sender, user_id: UUID) -> list[dict[str, Any]]:
    answer = admin.ask(sessions.handler, "GET", "/sessions", user_id=str(user_id))
    assert answer.status == 200, answer.text
    return list(answer.json["data"])


def test_sessions_of_a_user_are_listed_including_whatsapp(
    admin: Sender, person: UUID, database: Database, company_id: UUID
) -> None:
    chat(database, company_id, person, PHONE)
    found = listed(admin, person)

    assert {(one["kind"], one["device_name"]) for one in found} == {("api", "Celular da Ana"), ("whatsapp", "WhatsApp")}
    assert {one["user_id"] for one in found} == {str(person)}
    assert "76543210" not in str(found)


def test_ended_session_is_audited_and_refused_within_thirty_seconds(
    admin: Sender, person: UUID, database: Database, company_id: UUID
) -> None:
    [one] = listed(admin, person)
    key = SessionKey(company_id, person, UUID(one["id"]))
    far = Sessions(runtime.table("AUTH_TABLE"), lambda: "pepper")
    far.require(key, NOW)
    path = f"/sessions/{person}/{one['id']}"

    assert admin(sessions.handler, "DELETE", path).status == 204
    assert admin(sessions.handler, "DELETE", path).json["code"] == "session_not_found"
    far.require(key, NOW + 29 * SECOND)
    with pytest.raises(Unauthenticated):
        far.require(key, NOW + 30 * SECOND)
    noted = run(
        database, company_id, "select actor_kind, action, resource_id, changes from audit_logs where action = 'ended'"
    )
    assert [(row.actor_kind, row.resource_id) for row in noted] == [("user", UUID(one["id"]))]
    assert noted[0].changes["user_id"]["old"] == str(person)


def test_ending_all_sessions_includes_whatsapp_and_is_logged(
    admin: Sender, person: UUID, database: Database, company_id: UUID
) -> None:
    chat(database, company_id, person, PHONE)
    answer = admin(sessions.handler, "DELETE", f"/sessions/{person}")

    assert (answer.status, answer.json) == (200, {"ended": 2})
    assert listed(admin, person) == []
    sign_in = SignIn(runtime.table("AUTH_TABLE"), lambda: Codes("p"))
    assert sign_in.subjects(company_id, PHONE, NOW).keys() == frozenset()
    logs = run(
        database, company_id, "select masked_phone, user_id from whatsapp_auth_logs where auth_method = 'logout'"
    )
    assert logs == [("+55******10", person)]
    assert admin(sessions.handler, "DELETE", f"/sessions/{person}").json == {"ended": 0}


def test_sessions_of_a_superadmin_are_hidden_from_admins(admin: Sender, database: Database, company_id: UUID) -> None:
    boss, token = join(database, company_id, "superadmin", "+5511965432109")
    chat(database, company_id, boss, "+5511965432109")
    session_id = runtime.sessions().of_user(company_id, boss, NOW)[0].key.session_id

    assert admin.ask(sessions.handler, "GET", "/sessions", user_id=str(boss)).status == 404
    for path in (f"/sessions/{boss}", f"/sessions/{boss}/{session_id}"):
        assert admin(sessions.handler, "DELETE", path).status == 404
    assert admin(whatsapp_sessions.handler, "DELETE", f"/whatsapp-sessions/{boss}").status == 404
    assert admin(whatsapp_sessions.handler, "GET", "/whatsapp-sessions").json["data"] == []
    assert len(runtime.sessions().of_user(company_id, boss, NOW)) == 2
    assert len(listed(Sender(token), boss)) == 2


def test_users_of_another_company_are_not_found(admin: Sender, database: Database) -> None:
    theirs = new_id()
    with database.tenant(theirs) as session:
        create_company(session, theirs, name="Padaria do Lado")
    other_user, _ = join(database, theirs, "user", PHONE)

    assert admin.ask(sessions.handler, "GET", "/sessions", user_id=str(other_user)).status == 404
    assert admin(sessions.handler, "DELETE", f"/sessions/{other_user}").status == 404
    assert len(runtime.sessions().of_user(theirs, other_user, NOW)) == 1


def test_reading_and_ending_sessions_need_their_permissions(
    database: Database, company_id: UUID, admin: Sender, person: UUID
) -> None:
    other = Sender(join(database, company_id, "user", "+5511965432109")[1])

    assert {"sessions.read", "sessions.end"} <= PERMISSIONS_OF["admin"]
    assert other.ask(sessions.handler, "GET", "/sessions", user_id=str(person)).status == 403
    assert other(sessions.handler, "DELETE", f"/sessions/{person}").status == 403
    assert other(whatsapp_sessions.handler, "GET", "/whatsapp-sessions").status == 403
    assert admin(sessions.handler, "GET", "/sessions").status == 422
    assert admin.ask(sessions.handler, "GET", "/sessions", user_id="me").status == 422


def test_sessions_end_even_if_their_items_cannot_be_deleted(
    admin: Sender, person: UUID, database: Database, company_id: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    def down(*_: Any, **__: Any) -> None:
        raise EndpointConnectionError(endpoint_url="https://dynamodb")

    [one] = listed(admin, person)
    with monkeypatch.context() as patched:
        patched.setattr(runtime.table("AUTH_TABLE"), "delete", down)
        assert admin(sessions.handler, "DELETE", f"/sessions/{person}/{one['id']}").status == 204

    assert listed(admin, person) == []
    assert admin(sessions.handler, "DELETE", f"/sessions/{person}/{one['id']}").status == 404
    assert len(run(database, company_id, "select id from audit_logs where action = 'ended'")) == 1


def test_whatsapp_sessions_are_paged_by_user_with_masked_phones(
    admin: Sender, database: Database, company_id: UUID, clock: FixedClock
) -> None:
    phones = [f"+551196543210{number}" for number in range(5)]
    people = [join(database, company_id, "user", phone)[0] for phone in phones]
    for user_id, phone in zip(people[:4], phones, strict=False):
        chat(database, company_id, user_id, phone)
    seen: list[str] = []
    cursor: dict[str, str] = {}
    while True:
        page = admin.ask(whatsapp_sessions.handler, "GET", "/whatsapp-sessions", limit="3", **cursor).json
        seen += [one["user_id"] for one in page["data"]]
        if not page["pagination"]["has_next"]:
            break
        cursor = {"cursor": page["pagination"]["next_cursor"]}

    assert seen == [str(user_id) for user_id in people[:4]]
    one = admin.ask(whatsapp_sessions.handler, "GET", "/whatsapp-sessions", user_id=seen[0]).json["data"]
    assert [(row["user_name"], row["phone"]) for row in one] == [("Ana Souza", "+55******00")]
    clock.at += timedelta(minutes=20)
    assert admin(whatsapp_sessions.handler, "DELETE", f"/whatsapp-sessions/{people[0]}").json == {"ended": 1}
    assert [row["kind"] for row in listed(admin, people[0])] == ["api"]
    assert admin.ask(whatsapp_sessions.handler, "GET", "/whatsapp-sessions", limit="51").status == 422
