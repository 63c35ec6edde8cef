"""Sign-in by e-mail and password, through the handler."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import event

from falachefe.accounts.passwords import hashing
from falachefe.app import runtime
from falachefe.aws.clients import client
from falachefe.companies.service import create_company
from falachefe.db.engine import Database
from falachefe.http.principal import Caller, Principal
from falachefe.kernel.clock import FixedClock
from falachefe.kernel.ids import new_id
from falachefe.sessions import access_tokens
from falachefe.sessions.authenticator import authenticate
from functions.auth import login
from tests.integration.aws_fixtures import NOW
from tests.integration.identity.people import PASSWORD, staff_of
from tests.keys import PUBLISHED, RETIRING, SIGNING


def post(document: Any) -> tuple[int, dict[str, Any], dict[str, Any]]:
    request = json.loads(Path("events/auth/login.json").read_text()) | {
        "body": document if isinstance(document, str) else json.dumps(document)
    }
    answer = login.handler(request, None)
    headers = {name: values[0] for name, values in (answer.get("multiValueHeaders") or {}).items()}
    return answer["statusCode"], json.loads(answer["body"]), headers | (answer.get("headers") or {})


def sign_in(email: str, password: str = PASSWORD, **more: str) -> tuple[int, dict[str, Any]]:
    status, body, _ = post({"email": email, "password": password} | more)
    return status, body


def who(token: str) -> Principal:
    caller = Caller.of({"Authorization": f"Bearer {token}"})
    return authenticate(caller, NOW, PUBLISHED, runtime.sessions(), runtime.permission_cache())


def test_right_password_gives_tokens_for_half_an_hour(email: str, company_id: UUID) -> None:
    status, body = sign_in(email)

    principal = who(body["tokens"]["access_token"])
    assert (status, body["tokens"]["token_type"], body["tokens"]["expires_in"]) == (200, "Bearer", 1800)
    assert (str(principal.user_id), principal.company_id, principal.role) == (body["user"]["id"], company_id, "admin")
    assert principal.may("finance.read")
    assert set(body["user"]) == {"id", "company_id", "name", "email", "role"}
    assert set(body["tokens"]) == {"access_token", "refresh_token", "token_type", "expires_in"}
    assert principal.session_id == body["session"]["id"]


@pytest.mark.parametrize("written", [str.upper, lambda email: f"  {email} "])
def test_e_mail_matches_in_any_case_and_with_surrounding_spaces(email: str, written: Any) -> None:
    assert sign_in(written(email))[0] == 200


def test_password_matches_in_any_unicode_composition(email: str) -> None:
    import unicodedata

    assert sign_in(email, unicodedata.normalize("NFD", PASSWORD))[0] == 200


def test_unknown_e_mail_and_wrong_password_get_the_same_response(email: str) -> None:
    wrong, unknown = sign_in(email, "errada"), sign_in("ninguem@lugar.nenhum", "errada")

    assert wrong == unknown
    assert (wrong[0], wrong[1]["code"]) == (401, "login_failed")


def test_unknown_e_mail_takes_the_same_work_as_a_wrong_password(
    email: str, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    hashes: list[str | None] = []
    verify = hashing.verify_password

    def recorded_verify(stored: str | None, given: str) -> bool:
        hashes.append(stored)
        return verify(stored, given)

    monkeypatch.setattr(hashing, "verify_password", recorded_verify)

    def work_for(address: str) -> list[str]:
        done: list[str] = []

        def begun(_connection: Any) -> None:
            done.append("begin")

        def executed(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
            done.append(statement)

        event.listen(database.engine, "begin", begun)
        event.listen(database.engine, "before_cursor_execute", executed)
        sign_in(address, "errada")
        event.remove(database.engine, "begin", begun)
        event.remove(database.engine, "before_cursor_execute", executed)
        return done

    known, unknown = work_for(email), work_for("ninguem@lugar.nenhum")

    assert known == unknown
    assert len(known) == 6
    assert known[-1] == "select set_config('synchronous_commit', 'off', true)"
    assert [stored is None for stored in hashes] == [False, True]
    assert not hashing.needs_rehash(hashing.PLACEHOLDER_HASH)


def test_five_failures_lock_the_account_for_a_quarter_of_an_hour(email: str, clock: FixedClock) -> None:
    for _ in range(5):
        assert sign_in(email, "errada")[0] == 401
    clock.at += timedelta(minutes=14, seconds=59)
    status, body, headers = post({"email": email, "password": PASSWORD})
    assert (status, body["code"], headers["Retry-After"]) == (429, "login_locked", "1")

    clock.at += timedelta(seconds=1)

    assert sign_in(email)[0] == 200


def test_unknown_e_mail_is_locked_like_a_known_one(aws: None) -> None:
    assert [sign_in("ninguem@lugar.nenhum")[0] for _ in range(6)] == [401] * 5 + [429]


def test_success_resets_earlier_failures(email: str) -> None:
    for _ in range(2):
        assert [sign_in(email, "errada")[0] for _ in range(4)] == [401] * 4
        assert sign_in(email)[0] == 200


def test_failures_far_apart_do_not_add_up(email: str, clock: FixedClock) -> None:
    for _ in range(7):
        assert sign_in(email, "errada")[0] == 401
        clock.at += timedelta(minutes=4)


def test_attempts_are_stored_without_the_e_mail(email: str) -> None:
    sign_in(email, "errada")

    items = client("dynamodb").scan(TableName="auth")["Items"]
    assert len(items) == 2
    assert email.split("@", maxsplit=1)[0] not in str(items)


def test_user_of_two_companies_chooses_one(email: str, database: Database, company_id: UUID) -> None:
    other = new_id()
    with database.tenant(other) as session:
        create_company(session, other, name="Segunda loja")
    staff_of(database, other, email, "outra senha bem longa")

    assert sign_in(email)[1]["user"]["company_id"] == str(company_id)
    status, body = sign_in(email, "outra senha bem longa", company_id=str(other))
    assert (status, body["user"]["company_id"]) == (200, str(other))
    assert sign_in(email, PASSWORD, company_id=str(new_id()))[0] == 401


@pytest.mark.parametrize(
    ("document", "status", "code"),
    [
        ("{", 400, "malformed_json"),
        ({"email": "a@b.c"}, 422, "invalid_input"),
        ({"email": "not an address", "password": "x"}, 422, "invalid_input"),
        ({"email": "a@b\x00.c", "password": "x"}, 422, "invalid_input"),
        ({"email": "a@b.c", "password": ""}, 422, "invalid_input"),
        ({"email": "a@b.c", "password": "x" * 129}, 422, "invalid_input"),
        ({"email": "a@b.c", "password": "x", "role": "admin"}, 422, "invalid_input"),
        ({"email": ["a@b.c"], "password": {"$ne": ""}}, 422, "invalid_input"),
        ('{"email": "a@b.c", "password": "\\ud800"}', 422, "invalid_input"),
        ({"email": "a@b.c", "password": "\x00"}, 401, "login_failed"),
    ],
)
def test_invalid_body_is_rejected_with_its_code(aws: None, document: Any, status: int, code: str) -> None:
    got, body, _ = post(document)

    assert (got, body["code"]) == (status, code)


def test_weak_hash_is_replaced_at_sign_in(email: str, database: Database, company_id: UUID) -> None:
    from argon2 import PasswordHasher
    from sqlalchemy import text

    weak = PasswordHasher(time_cost=1, memory_cost=1024, parallelism=1).hash(PASSWORD)
    with database.tenant(company_id) as session:
        session.execute(text("update users set password_hash = :weak"), {"weak": weak})

    assert sign_in(email)[0] == 200

    with database.tenant(company_id) as session:
        stored = session.execute(text("select password_hash from users")).scalar_one()
    assert not hashing.needs_rehash(stored)
    assert sign_in(email)[0] == 200


def test_user_without_a_password_cannot_sign_in_by_e_mail(aws: None, database: Database, company_id: UUID) -> None:
    address = staff_of(database, company_id, password="")

    assert sign_in(address, "")[0] == 422
    assert sign_in(address, "qualquer")[0] == 401


def test_during_a_rotation_the_old_key_verifies_and_the_new_one_signs(email: str) -> None:
    import jwt

    token = sign_in(email)[1]["tokens"]["access_token"]
    claims = access_tokens.verify(PUBLISHED, token, NOW)
    old, _ = access_tokens.issue(
        RETIRING,
        user_id=claims.user_id,
        company_id=claims.company_id,
        role="admin",
        session_id=claims.session_id,
        now=NOW,
    )

    assert jwt.get_unverified_header(token)["kid"] == SIGNING.kid
    assert who(old).user_id == claims.user_id
