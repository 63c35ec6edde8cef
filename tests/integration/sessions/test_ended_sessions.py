"""A session has ended once its audit entry is committed, even if the process dies before deleting the item."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID, uuid4

import pytest

from falachefe.access.staff import member
from falachefe.accounts.session_marks import MAX_MARKS, end_session
from falachefe.accounts.users import SessionKey
from falachefe.app import runtime
from falachefe.aws.clients import client
from falachefe.db.engine import Database
from functions.admin import sessions as admin_sessions
from functions.admin import whatsapp_sessions
from functions.auth import logout, refresh, sessions
from tests.integration.aws_fixtures import NOW
from tests.integration.identity.http import call
from tests.integration.identity.people import sign_in, staff_of
from tests.integration.senders import Sender, run
from tests.integration.sessions.test_admin import PHONE, SECOND, chat, join

pytestmark = pytest.mark.usefixtures("aws")


class Killed(BaseException):
    """Simulates the death of the process: no handler catches it."""


@contextmanager
def dying_at(*operations: str) -> Iterator[None]:
    """Kills the process as it is about to ask this of DynamoDB; the next one remembers nothing."""

    def die(**_: Any) -> None:
        raise Killed

    events = client("dynamodb").meta.events
    names = [f"provide-client-params.dynamodb.{operation}" for operation in operations]
    for name in names:
        events.register(name, die)
    with pytest.raises(Killed):
        yield
    for name in names:
        events.unregister(name, die)
    runtime.sessions.cache_clear()
    runtime.permission_cache.cache_clear()


@pytest.fixture
def me(database: Database, company_id: UUID) -> Any:
    return sign_in(staff_of(database, company_id))[1]


def audit_rows(database: Database, company_id: UUID, action: str) -> list[UUID]:
    found = run(database, company_id, "select resource_id from audit_logs where action = :action", action=action)
    return [row.resource_id for row in found]


def used(of: Any) -> tuple[int, int]:
    """What the session's access token and its refresh token are answered."""
    asked = call(sessions.handler, "sessions_list", token=of["tokens"]["access_token"])[0]
    return asked, call(refresh.handler, "refresh", {"refresh_token": of["tokens"]["refresh_token"]})[0]


def end(here: Any, other: Any) -> int:
    path, parameters = f"/sessions/{other['session']['id']}", {"session_id": other["session"]["id"]}
    token = here["tokens"]["access_token"]
    return call(sessions.handler, "sessions_end", token=token, path=path, pathParameters=parameters)[0]


def test_sign_out_survives_the_death_of_the_process(me: Any, database: Database, company_id: UUID) -> None:
    with dying_at("DeleteItem"):
        call(logout.handler, "logout", token=me["tokens"]["access_token"])

    assert audit_rows(database, company_id, "signed_out") == [UUID(me["session"]["id"])]
    assert used(me) == (401, 401)
    key = SessionKey(company_id, UUID(me["user"]["id"]), UUID(me["session"]["id"]))
    assert not runtime.sessions().has(key, NOW), "a request with it deletes what is left of it"


def test_own_session_has_ended_although_the_process_died(me: Any, database: Database, company_id: UUID) -> None:
    other = sign_in(me["user"]["email"])[1]
    with dying_at("DeleteItem"):
        end(me, other)

    assert audit_rows(database, company_id, "ended") == [UUID(other["session"]["id"])]
    assert end(me, other) == 404
    assert audit_rows(database, company_id, "ended") == [UUID(other["session"]["id"])]
    assert used(other) == (401, 401)
    assert used(me) == (200, 200)


def test_session_ended_by_an_admin_has_ended_although_the_process_died(database: Database, company_id: UUID) -> None:
    admin = Sender(join(database, company_id, "admin", "+5511987654321")[1])
    user_id, token = join(database, company_id, "user", PHONE)
    [one] = admin.ask(admin_sessions.handler, "GET", "/sessions", user_id=str(user_id)).json["data"]
    path = f"/sessions/{user_id}/{one['id']}"
    with dying_at("DeleteItem"):
        admin(admin_sessions.handler, "DELETE", path)

    assert audit_rows(database, company_id, "ended") == [UUID(one["id"])]
    assert call(sessions.handler, "sessions_list", token=token)[0] == 401
    assert admin.ask(admin_sessions.handler, "GET", "/sessions", user_id=str(user_id)).json["data"] == []
    assert admin(admin_sessions.handler, "DELETE", path).status == 404


def test_whatsapp_session_is_not_listed_after_its_ending_died(database: Database, company_id: UUID) -> None:
    admin = Sender(join(database, company_id, "admin", "+5511987654321")[1])
    user_id, _ = join(database, company_id, "user", PHONE)
    chat(database, company_id, user_id, PHONE)
    with dying_at("DeleteItem", "TransactWriteItems"):
        admin(whatsapp_sessions.handler, "DELETE", f"/whatsapp-sessions/{user_id}")

    assert admin.ask(whatsapp_sessions.handler, "GET", "/whatsapp-sessions").json["data"] == []
    assert len(audit_rows(database, company_id, "ended")) == 1


def test_ending_that_died_before_its_commit_has_no_effect(
    me: Any, database: Database, company_id: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    def die(*_: Any, **__: Any) -> None:
        raise Killed

    other = sign_in(me["user"]["email"])[1]
    with monkeypatch.context() as patched:
        patched.setattr("falachefe.accounts.audit_entries.record_session_action", die)
        with pytest.raises(Killed):
            end(me, other)

    assert audit_rows(database, company_id, "ended") == []
    assert used(other) == (200, 200)


def test_another_runtime_notices_within_half_a_minute(me: Any, database: Database, company_id: UUID) -> None:
    """It has cached the answers of both DynamoDB and Postgres."""
    assert used(me) == (200, 200)
    with database.tenant(company_id) as session:
        end_session(session, company_id, UUID(me["user"]["id"]), UUID(me["session"]["id"]))
    key = UUID(me["session"]["id"])

    assert not runtime.permission_cache().of(company_id, UUID(me["user"]["id"]), NOW + 29 * SECOND).has_ended(key, NOW)
    assert runtime.permission_cache().of(company_id, UUID(me["user"]["id"]), NOW + 30 * SECOND).has_ended(key, NOW)


def test_only_the_newest_marks_are_kept(me: Any, database: Database, company_id: UUID) -> None:
    user_id, ended = UUID(me["user"]["id"]), [uuid4() for _ in range(MAX_MARKS + 2)]
    with database.tenant(company_id) as session:
        marked = [end_session(session, company_id, user_id, one) for one in [*ended, ended[-1]]]
        found = member(session, company_id, user_id)

    assert marked == [True] * len(ended) + [False]
    assert found is not None
    assert set(found.sessions_ended) == set(ended[2:])
