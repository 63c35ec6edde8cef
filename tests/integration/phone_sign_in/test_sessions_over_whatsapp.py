"""Sessions over WhatsApp are listed with a user's others, and end like them."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from botocore.exceptions import EndpointConnectionError

from falachefe.accounts.users import SessionKey
from falachefe.app import runtime
from falachefe.aws.clients import client
from falachefe.kernel.clock import FixedClock
from falachefe.phone_sign_in.codes import Codes
from falachefe.phone_sign_in.rules import Kind
from falachefe.phone_sign_in.service import SignIn, subject_of
from falachefe.sessions import refresh_tokens
from functions.auth import logout, password, refresh, sessions
from tests.integration.aws.atomic import serialize_writes
from tests.integration.aws_fixtures import NOW
from tests.integration.identity.http import call
from tests.integration.identity.people import ANOTHER, PASSWORD, request_reset, reset_password, sign_in
from tests.keys import PEPPER

pytestmark = pytest.mark.usefixtures("aws")
PHONE = "+5511987654321"
OTHER_PHONE = "+5521987654321"
CODES = Codes(PEPPER)


@pytest.fixture
def chat(email: str) -> SignIn:
    return SignIn(runtime.table("AUTH_TABLE"), lambda: CODES)


@pytest.fixture
def here(email: str) -> Any:
    return sign_in(email)[1]


@pytest.fixture
def subject(here: Any) -> str:
    return subject_of(UUID(here["user"]["id"]))


@pytest.fixture
def opened(chat: SignIn, company_id: UUID, subject: str, clock: FixedClock) -> Callable[[str], None]:
    def prove(phone: str) -> None:
        """As a person does: a message, the code, and in."""
        sent = chat.message(company_id, phone, "oi", subject=subject, cause=f"{phone}{clock.now()}a", now=clock.now())
        assert sent.code is not None
        shown = CODES.shown(company_id, phone, sent.code.nonce)
        proved = chat.message(
            company_id, phone, shown, subject=subject, cause=f"{phone}{clock.now()}b", now=clock.now()
        )
        assert proved.kind is Kind.VERIFIED

    return prove


def token(of: Any) -> str:
    return str(of["tokens"]["access_token"])


def listed(of: Any) -> list[dict[str, Any]]:
    status, body, _ = call(sessions.handler, "sessions_list", token=token(of))
    assert status == 200, body
    return list(body["data"])


def end(of: Any, session_id: str) -> int:
    path, parameters = f"/sessions/{session_id}", {"session_id": session_id}
    return call(sessions.handler, "sessions_end", token=token(of), path=path, pathParameters=parameters)[0]


def test_whatsapp_session_is_listed_with_the_others(here: Any, opened: Any, chat: SignIn) -> None:
    opened(PHONE)

    chats = [one for one in listed(here) if one["device_name"] == "WhatsApp"]
    assert len(listed(here)) == 2
    assert (len(chats), chats[0]["current"], chats[0]["address"]) == (1, False, None)
    assert chats[0]["created_at"] == NOW.isoformat()
    assert chats[0]["expires_at"] == (NOW + timedelta(days=1)).isoformat()


def test_after_it_is_ended_the_next_message_needs_a_new_code(
    here: Any, opened: Any, chat: SignIn, company_id: UUID, subject: str
) -> None:
    opened(PHONE)
    assert chat.subjects(company_id, PHONE, NOW).keys() == {subject}
    (ours,) = [one for one in listed(here) if one["device_name"] == "WhatsApp"]

    assert [end(here, ours["id"]), end(here, ours["id"])] == [204, 404]

    assert chat.subjects(company_id, PHONE, NOW).keys() == frozenset()
    assert chat.message(company_id, PHONE, "oi", subject=subject, cause="next", now=NOW).kind is Kind.CODE_SENT
    assert [one["current"] for one in listed(here)] == [True]


@pytest.mark.parametrize("how", ["end_others", "password", "reset"])
def test_whatsapp_session_ends_with_all_others(
    here: Any, opened: Any, chat: SignIn, company_id: UUID, email: str, how: str
) -> None:
    opened(PHONE)
    opened(OTHER_PHONE)

    if how == "end_others":
        assert call(sessions.handler, "sessions_end_others", token=token(here))[1] == {"ended": 2}
    elif how == "password":
        changed = {"current_password": PASSWORD, "new_password": ANOTHER}
        assert call(password.handler, "password", changed, token=token(here))[1] == {"sessions_ended": 2}
    else:
        assert reset_password(request_reset(email).token)[0] == 200

    assert not chat.subjects(company_id, PHONE, NOW)
    assert not chat.subjects(company_id, OTHER_PHONE, NOW)


def test_whatsapp_session_does_not_end_with_another_one(
    here: Any, opened: Any, chat: SignIn, company_id: UUID, subject: str
) -> None:
    opened(PHONE)
    call(logout.handler, "logout", token=token(here))

    assert chat.subjects(company_id, PHONE, NOW).keys() == {subject}


def test_ending_it_keeps_the_rest_of_the_phone_s_state(
    here: Any, opened: Any, chat: SignIn, company_id: UUID, subject: str, clock: FixedClock
) -> None:
    """A lockout must not be ended by ending a session; nor the session of somebody else on this phone."""
    opened(PHONE)
    chat.create_session(company_id, PHONE, subject="contact", now=NOW)
    for number in range(3):
        chat.code(company_id, PHONE, "x", subject=subject, cause=f"wrong{number}", now=NOW)
    (ours,) = [one for one in listed(here) if one["device_name"] == "WhatsApp"]

    assert end(here, ours["id"]) == 204

    assert chat.subjects(company_id, PHONE, NOW).keys() == {"contact"}
    assert chat.code(company_id, PHONE, "x", subject=subject, cause="late", now=NOW).kind in (
        Kind.LOCKED,
        Kind.TOO_MANY_ATTEMPTS,
    )


def test_fourth_session_of_a_phone_replaces_the_first_in_the_list(
    here: Any, chat: SignIn, company_id: UUID, subject: str, clock: FixedClock
) -> None:
    for _ in range(4):
        chat.create_session(company_id, PHONE, subject=subject, now=clock.now())
        clock.at += timedelta(minutes=1)

    chats = [one["created_at"] for one in listed(here) if one["device_name"] == "WhatsApp"]
    assert sorted(chats) == [(NOW + timedelta(minutes=minute)).isoformat() for minute in (1, 2, 3)]


def test_contact_s_session_is_not_listed(chat: SignIn, company_id: UUID) -> None:
    chat.create_session(company_id, OTHER_PHONE, subject="contact", now=NOW)

    keys = [item["pk"]["S"] for item in client("dynamodb").scan(TableName="auth")["Items"]]
    assert [key for key in keys if OTHER_PHONE in key or "contact" in key] == [
        f"company#{company_id}#phone#{OTHER_PHONE}"
    ]


def test_whatsapp_session_is_not_valid_in_the_api(here: Any, opened: Any, company_id: UUID) -> None:
    """A forged refresh token with its id is refused, and does not end it."""
    opened(PHONE)
    (ours,) = [one for one in listed(here) if one["device_name"] == "WhatsApp"]
    key = SessionKey(company_id, UUID(here["user"]["id"]), UUID(ours["id"]))
    made_up = refresh_tokens.write("x" * 64, b"s" * 16, key, 1)

    assert call(refresh.handler, "refresh", {"refresh_token": made_up})[1]["code"] == "refresh_invalid"
    assert len(listed(here)) == 2


def test_concurrent_ending_and_writing_lose_nothing(
    here: Any, opened: Any, chat: SignIn, company_id: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    serialize_writes(monkeypatch)
    opened(PHONE)
    (ours,) = [one for one in listed(here) if one["device_name"] == "WhatsApp"]

    def wrong(cause: str) -> None:
        chat.code(company_id, PHONE, "x", subject="contact", cause=cause, now=NOW)

    with ThreadPoolExecutor(3) as pool:
        tries = [pool.submit(wrong, cause) for cause in ("first", "second")]
        ended = pool.submit(end, here, ours["id"])
    for one in tries:
        one.result()

    assert ended.result() == 204
    assert chat.subjects(company_id, PHONE, NOW).keys() == frozenset()
    # One try went into opening the session: both of these counted, and a fourth is one too many.
    assert chat.code(company_id, PHONE, "x", subject="contact", cause="last", now=NOW).kind is Kind.TOO_MANY_ATTEMPTS


def test_session_ends_even_if_the_table_fails(
    here: Any, opened: Any, chat: SignIn, company_id: UUID, subject: str
) -> None:
    opened(PHONE)
    (ours,) = [one for one in listed(here) if one["device_name"] == "WhatsApp"]

    def failing(**_: Any) -> None:
        raise EndpointConnectionError(endpoint_url="dynamodb")

    events = client("dynamodb").meta.events
    events.register("provide-client-params.dynamodb.TransactWriteItems", failing)
    assert end(here, ours["id"]) == 204
    events.unregister("provide-client-params.dynamodb.TransactWriteItems", failing)

    runtime.permission_cache.cache_clear()
    assert chat.subjects(company_id, PHONE, NOW).keys() == {subject}
    assert [one["current"] for one in listed(here)] == [True]
    assert end(here, ours["id"]) == 404


def test_message_of_a_signed_in_user_costs_one_request(here: Any, opened: Any, chat: SignIn, company_id: UUID) -> None:
    opened(PHONE)
    asked: list[str] = []
    events = client("dynamodb").meta.events

    def counted(model: Any, **_: Any) -> None:
        asked.append(model.name)

    events.register("before-call.dynamodb", counted)
    chat.subjects(company_id, PHONE, NOW).keys()
    events.unregister("before-call.dynamodb", counted)

    assert asked == ["GetItem"]
