"""Audit entries of accounts and sessions, each in the transaction of its action."""

import json
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text

from falachefe.accounts import audit_entries
from falachefe.db.engine import Database
from falachefe.kernel.clock import FixedClock
from falachefe.kernel.errors import Unavailable
from functions.auth import logout, me, password, refresh, sessions
from tests.integration.identity.http import call
from tests.integration.identity.mails import delivered
from tests.integration.identity.people import (
    ANOTHER,
    PASSWORD,
    confirm_email,
    new_address,
    register_company,
    request_reset,
    reset_password,
    sign_in,
    token_of,
)

pytestmark = pytest.mark.usefixtures("aws")

ROWS = text("""
    select action, resource, resource_id, actor_kind, actor_id, changes, address, user_agent, request_id
      from audit_logs where resource in ('account', 'session') order by id
""")


@pytest.fixture
def audit_rows(database: Database, company_id: UUID) -> Any:
    def rows(of: UUID = company_id) -> list[Any]:
        with database.tenant(of) as session:
            return list(session.execute(ROWS).all())

    return rows


def actions(rows: list[Any]) -> list[str]:
    return [f"{row.resource} {row.action}" for row in rows]


def test_sign_in_is_audited_with_its_origin(email: str, audit_rows: Any) -> None:
    signed_in = sign_in(email)[1]

    (row,) = audit_rows()
    assert (row.action, row.resource, str(row.resource_id)) == ("signed_in", "session", signed_in["session"]["id"])
    assert (row.actor_kind, str(row.actor_id)) == ("user", signed_in["user"]["id"])
    assert (row.address, row.user_agent) == ("203.0.113.0", "Firefox")
    assert row.request_id
    assert row.changes == {"method": {"old": None, "new": "password"}}


def test_failed_sign_in_is_audited_for_existing_accounts_only(email: str, audit_rows: Any, database: Database) -> None:
    with database.no_tenant() as session:
        user_id = session.execute(text("select user_id from directory.logins_of(:e)"), {"e": email}).scalar_one()

    assert [sign_in(email, "errada")[0], sign_in("ninguem@lugar.nenhum", "errada")[0]] == [401, 401]

    (row,) = audit_rows()
    assert (row.action, row.resource, row.resource_id, row.actor_id) == ("sign_in_failed", "account", user_id, None)
    assert row.address == "203.0.113.0"


def test_registration_is_audited_with_its_session(audit_rows: Any) -> None:
    _, body = register_company(new_address())

    rows = audit_rows(UUID(body["user"]["company_id"]))
    assert actions(rows) == ["account registered", "session signed_in"]
    assert {str(row.actor_id) for row in rows} == {body["user"]["id"]}


def test_each_ended_session_is_audited_once(email: str, audit_rows: Any) -> None:
    first, second, third = (sign_in(email)[1] for _ in range(3))
    token = third["tokens"]["access_token"]

    call(sessions.handler, "sessions_end", token=token, pathParameters={"session_id": first["session"]["id"]},
         path=f"/sessions/{first['session']['id']}")  # fmt: skip
    call(sessions.handler, "sessions_end_others", token=token)
    call(logout.handler, "logout", token=token)

    ended = audit_rows()[3:]
    assert actions(ended) == ["session ended", "session ended", "session signed_out"]
    assert [str(row.resource_id) for row in ended] == [one["session"]["id"] for one in (first, second, third)]


def test_ending_an_unknown_session_is_not_audited(email: str, audit_rows: Any) -> None:
    token = token_of(email)
    other = "0190a000-0000-7000-8000-000000000000"

    assert call(sessions.handler, "sessions_end", token=token, pathParameters={"session_id": other},
                path=f"/sessions/{other}")[0] == 404  # fmt: skip
    assert actions(audit_rows()) == ["session signed_in"]


def test_reuse_of_a_refresh_token_is_audited(email: str, audit_rows: Any, clock: FixedClock) -> None:
    signed_in = sign_in(email)[1]
    spent = {"refresh_token": signed_in["tokens"]["refresh_token"]}
    seen = call(refresh.handler, "refresh", spent)[1]["tokens"]["refresh_token"]
    call(refresh.handler, "refresh", {"refresh_token": seen})
    clock.at += timedelta(minutes=1)

    assert call(refresh.handler, "refresh", spent)[1]["code"] == "refresh_reused"

    row = audit_rows()[-1]
    assert (row.action, str(row.resource_id)) == ("refresh_reused", signed_in["session"]["id"])


def test_account_changes_are_audited_with_personal_data_masked(email: str, audit_rows: Any) -> None:
    token, other = token_of(email), new_address()
    call(me.handler, "me_patch", {"name": "Carlos Augusto"}, token=token)
    call(me.handler, "me_patch", {"email": other, "current_password": PASSWORD}, token=token)
    (confirmation,) = delivered()
    assert confirm_email(confirmation.token, token) == 200
    changed = {"current_password": PASSWORD, "new_password": ANOTHER}
    assert call(password.handler, "password", changed, token=token)[0] == 200
    delivered()
    assert reset_password(request_reset(other).token, "outra senha bem longa")[0] == 200

    rows = audit_rows()[1:]
    assert actions(rows) == [
        "account updated",
        "account email_changed",
        "account email_verified",
        "account password_changed",
        "account password_reset",
    ]
    assert rows[1].changes == {"email": {"old": "***", "new": "***"}}
    shown = json.dumps([[row.changes, row.user_agent] for row in rows])
    assert not [secret for secret in ("Carlos", email, other, PASSWORD, ANOTHER) if secret in shown]


def test_rejected_change_is_not_audited(email: str, audit_rows: Any) -> None:
    token = token_of(email)

    call(me.handler, "me_patch", {"email": new_address(), "current_password": "errada"}, token=token)
    call(password.handler, "password", {"current_password": PASSWORD, "new_password": "curta"}, token=token)

    assert actions(audit_rows()) == ["session signed_in"]


def test_sign_in_that_cannot_be_audited_leaves_no_session(email: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_: Any, **__: Any) -> None:
        raise Unavailable("the log does not answer")

    with monkeypatch.context() as patched:
        patched.setattr(audit_entries, "record_sign_in", refused)
        assert sign_in(email)[0] == 503

    listed = call(sessions.handler, "sessions_list", token=token_of(email))[1]["data"]
    assert len(listed) == 1
