"""Rotation of refresh tokens and ending of sessions, through the handlers."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text

from falachefe.accounts.session_marks import end_sessions
from falachefe.accounts.users import SessionKey
from falachefe.app import runtime
from falachefe.aws.clients import client
from falachefe.db.engine import Database
from falachefe.kernel.clock import FixedClock
from falachefe.kernel.ids import new_id
from falachefe.sessions import access_tokens
from falachefe.sessions.store import (
    Device,
)
from functions.auth import login, logout, refresh, sessions
from tests.integration.aws_fixtures import NOW
from tests.integration.identity.http import call
from tests.integration.identity.people import PASSWORD

DEVICE = Device("Celular", "Firefox", "203.0.113.0")


def sign_in(email: str, device: str = "Celular") -> dict[str, Any]:
    status, body, _ = call(login.handler, "login", {"email": email, "password": PASSWORD, "device_name": device})
    assert status == 200, body
    return dict(body)


def renew(token: str) -> tuple[int, dict[str, Any]]:
    status, body, _ = call(refresh.handler, "refresh", {"refresh_token": token})
    return status, body


def mine(access_token: str) -> tuple[int, Any]:
    status, body, _ = call(sessions.handler, "sessions_list", token=access_token)
    return status, body


def test_refresh_token_is_spent_for_new_tokens(email: str, clock: FixedClock) -> None:
    first = sign_in(email)["tokens"]
    clock.at += timedelta(minutes=31)
    assert mine(first["access_token"])[0] == 401

    status, body = renew(first["refresh_token"])

    assert (status, body["tokens"]["expires_in"]) == (200, 1800)
    assert body["tokens"]["refresh_token"] != first["refresh_token"]
    assert mine(body["tokens"]["access_token"])[0] == 200


def test_repeated_refresh_within_ten_seconds_gets_the_same_successor(email: str, clock: FixedClock) -> None:
    token = sign_in(email)["tokens"]["refresh_token"]
    successor = renew(token)[1]["tokens"]["refresh_token"]
    clock.at += timedelta(seconds=10)

    assert renew(token)[1]["tokens"]["refresh_token"] == successor
    assert renew(successor)[0] == 200


def test_reuse_ends_the_session_permanently(email: str, clock: FixedClock) -> None:
    token = sign_in(email)["tokens"]["refresh_token"]
    stolen = renew(renew(token)[1]["tokens"]["refresh_token"])[1]["tokens"]
    clock.at += timedelta(seconds=11)

    assert renew(token)[1]["code"] == "refresh_reused"

    for held in (stolen["refresh_token"], token):
        status, body = renew(held)
        assert (status, body["code"]) == (401, "refresh_invalid")
    assert mine(stolen["access_token"])[0] == 401


def test_client_that_lost_the_response_can_refresh_later(email: str, clock: FixedClock) -> None:
    """FAULTS 16: a client without network for longer than ten seconds was signed out."""
    token = sign_in(email)["tokens"]["refresh_token"]
    lost = renew(token)[1]["tokens"]["refresh_token"]
    clock.at += timedelta(days=3)

    found = renew(token)[1]["tokens"]["refresh_token"]

    assert found != lost
    clock.at += timedelta(seconds=11)
    assert renew(found)[0] == 200


@pytest.mark.parametrize("first", ["thief", "owner"])
def test_two_holders_of_a_token_cannot_both_continue(email: str, clock: FixedClock, first: str) -> None:
    """The later use gets another successor; using the first successor is then reuse."""
    token = sign_in(email)["tokens"]["refresh_token"]
    held = {first: renew(token)[1]["tokens"]["refresh_token"]}
    clock.at += timedelta(minutes=20)
    held["the other"] = renew(token)[1]["tokens"]["refresh_token"]
    clock.at += timedelta(minutes=20)

    assert renew(held[first])[1]["code"] == "refresh_reused"
    assert renew(held["the other"])[0] == 401


def test_after_use_of_the_successor_the_previous_token_is_reuse(email: str, clock: FixedClock) -> None:
    token = sign_in(email)["tokens"]["refresh_token"]
    successor = renew(token)[1]["tokens"]["refresh_token"]
    clock.at += timedelta(minutes=1)
    renew(successor)

    assert renew(token)[1]["code"] == "refresh_reused"


def test_one_mark_ends_all_sessions_of_a_user(
    email: str, database: Database, company_id: UUID, clock: FixedClock
) -> None:
    """Also a session that was opened concurrently: the mark does not need to find its item."""
    held = [sign_in(email)["tokens"] for _ in range(2)]
    clock.at += timedelta(minutes=1)
    with database.tenant(company_id) as session:
        user_id = session.execute(text("select id from users where email = :email"), {"email": email}).scalar_one()
        end_sessions(session, company_id, user_id, clock.at)

    for one in held:
        assert mine(one["access_token"])[0] == 401
        assert renew(one["refresh_token"])[0] == 401
    assert renew(sign_in(email)["tokens"]["refresh_token"])[0] == 200


def test_token_two_generations_old_is_reuse(email: str) -> None:
    token = sign_in(email)["tokens"]["refresh_token"]
    newest = renew(renew(token)[1]["tokens"]["refresh_token"])[1]["tokens"]["refresh_token"]

    assert renew(token)[1]["code"] == "refresh_reused"
    assert renew(newest)[0] == 401


def test_reuse_ends_only_its_session(email: str) -> None:
    other = sign_in(email, "Computador")["tokens"]["refresh_token"]
    token = sign_in(email)["tokens"]["refresh_token"]
    renew(renew(token)[1]["tokens"]["refresh_token"])

    renew(token)

    assert renew(other)[0] == 200


def test_forged_token_of_a_session_does_not_end_it(email: str) -> None:
    token = sign_in(email)["tokens"]["refresh_token"]
    changed = token[:-1] + ("A" if token[-1] != "A" else "B")

    assert renew(changed)[1]["code"] == "refresh_invalid"
    assert renew("fcr_" + "A" * 112)[0] == 401
    assert renew(token)[0] == 200


def test_unused_session_expires_after_seven_days(email: str, clock: FixedClock) -> None:
    token = sign_in(email)["tokens"]["refresh_token"]
    for _ in range(2):
        clock.at += timedelta(days=7) - timedelta(seconds=1)
        token = renew(token)[1]["tokens"]["refresh_token"]
    clock.at += timedelta(days=7)

    assert renew(token)[0] == 401


def test_deactivated_user_cannot_refresh(email: str, database: Database, company_id: UUID) -> None:
    token = sign_in(email)["tokens"]["refresh_token"]
    with database.tenant(company_id) as session:
        session.execute(text("update users set status = 'inactive'"))

    assert renew(token)[0] == 401

    with database.tenant(company_id) as session:
        session.execute(text("update users set status = 'active'"))
    assert renew(token)[0] == 401


def test_refreshed_token_has_the_current_role(email: str, database: Database, company_id: UUID) -> None:
    signed_in = sign_in(email)
    with database.tenant(company_id) as session:
        session.execute(text("update users set role = 'user'"))

    renewed = renew(signed_in["tokens"]["refresh_token"])[1]["tokens"]["access_token"]

    key = SessionKey(company_id, UUID(signed_in["user"]["id"]), UUID(signed_in["session"]["id"]))
    assert mine(renewed)[0] == 200
    assert access_tokens.verify(runtime.published_keys(), renewed, NOW).role == "user"
    assert runtime.permission_cache().of(key.company_id, key.user_id, NOW).role == "user"


def test_logout_takes_effect_at_once_for_both_tokens(email: str) -> None:
    held = sign_in(email)["tokens"]
    assert mine(held["access_token"])[0] == 200

    assert call(logout.handler, "logout", token=held["access_token"])[0] == 204

    assert mine(held["access_token"])[1]["code"] == "session_ended"
    assert renew(held["refresh_token"])[0] == 401


def test_session_list_shows_devices_and_the_current_one(email: str, clock: FixedClock) -> None:
    sign_in(email, "Computador")
    clock.at += timedelta(minutes=1)
    held = sign_in(email)

    status, body = mine(held["tokens"]["access_token"])

    assert status == 200
    assert [(one["device_name"], one["current"]) for one in body["data"]] == [("Celular", True), ("Computador", False)]
    assert body["data"][0] == held["session"]
    assert (held["session"]["address"], held["session"]["user_agent"]) == ("203.0.113.0", "Firefox")


def test_ending_other_sessions_keeps_the_current_one(email: str) -> None:
    others = [sign_in(email, f"Antigo {n}")["tokens"] for n in range(3)]
    here = sign_in(email)["tokens"]

    status, body, _ = call(sessions.handler, "sessions_end_others", token=here["access_token"])

    assert (status, body) == (200, {"ended": 3})
    assert [renew(other["refresh_token"])[0] for other in others] == [401] * 3
    assert len(mine(here["access_token"])[1]["data"]) == 1


def test_session_ends_by_id_only_for_its_own_user(email: str, database: Database, company_id: UUID) -> None:
    here, lost = sign_in(email), sign_in(email, "Perdido")

    def end(session_id: str, token: str) -> int:
        path: dict[str, Any] = {"path": f"/sessions/{session_id}", "pathParameters": {"session_id": session_id}}
        return call(sessions.handler, "sessions_end", token=token, **path)[0]

    token = here["tokens"]["access_token"]
    assert end(lost["session"]["id"], token) == 204
    assert end(lost["session"]["id"], token) == 404
    assert renew(lost["tokens"]["refresh_token"])[0] == 401
    other_session, _ = runtime.sessions().open(company_id, new_id(), "user", DEVICE, NOW)
    assert end(str(other_session.key.session_id), token) == 404
    runtime.sessions().require(other_session.key, NOW)
    assert end("nonsense", token) == 422


@pytest.mark.parametrize(("handler", "sample"), [(logout, "logout"), (sessions, "sessions_list")])
def test_session_routes_need_a_token(aws: None, handler: Any, sample: str) -> None:
    assert call(handler.handler, sample)[0] == 401


def test_requests_are_unavailable_without_the_sessions_table(email: str) -> None:
    token = sign_in(email)["tokens"]["access_token"]
    client("dynamodb").delete_table(TableName="auth")

    assert mine(token)[0] == 503


def test_refresh_tokens_are_not_stored(email: str) -> None:
    token = sign_in(email)["tokens"]["refresh_token"]

    assert token not in str(client("dynamodb").scan(TableName="auth")["Items"])
