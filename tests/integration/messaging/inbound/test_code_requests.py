"""Phone sign-in over the API: the same limits as in the chat, and responses that reveal nothing."""

import json
import re
from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

import pytest
from botocore.exceptions import EndpointConnectionError

from falachefe.app import runtime
from falachefe.aws.rate_limit import SlidingLimit
from falachefe.aws.tables import Table
from falachefe.http.principal import Caller
from falachefe.kernel.ids import new_id
from falachefe.phone_sign_in.expired_items import clean
from falachefe.sessions.authenticator import principal_of
from falachefe.sessions.store import Sessions
from functions.auth import whatsapp_resend, whatsapp_verify
from tests.integration.messaging.conftest import OWNER_PHONE, PEPPER, UNKNOWN_PHONE, WhatsAppHarness
from tests.keys import SECRETS

type Answer = tuple[int, dict[str, Any], Mapping[str, Any]]


@pytest.fixture
def api(whatsapp: WhatsAppHarness, tables: dict[str, Table], monkeypatch: pytest.MonkeyPatch) -> WhatsAppHarness:
    """The two functions with the harness's database, tables, queues and clock."""
    for variable in SECRETS:
        monkeypatch.setenv(variable, variable)
    monkeypatch.setattr(runtime, "database", lambda: whatsapp.database)
    monkeypatch.setattr(runtime, "publisher", lambda: whatsapp.queues)
    monkeypatch.setattr(runtime, "clock", lambda: whatsapp.clock)
    monkeypatch.setattr(runtime, "table", lambda name: tables[name.removesuffix("_TABLE").lower()])
    secrets = SECRETS | {"PEPPER_SECRET_ARN": {"pepper": PEPPER}}
    monkeypatch.setattr(runtime, "secret", lambda name, **_: secrets[name])
    sessions = Sessions(tables["auth"], lambda: PEPPER)
    monkeypatch.setattr(runtime, "sessions", lambda: sessions)
    return whatsapp


def call(function: Any, path: str, address: str = "203.0.113.7", **body: Any) -> Answer:
    event = {
        "resource": path,
        "path": path,
        "httpMethod": "POST",
        "headers": {"Content-Type": "application/json", "User-Agent": "teste"},
        "multiValueHeaders": {},
        "queryStringParameters": None,
        "requestContext": {
            "requestId": "r-1",
            "stage": "v1",
            "path": path,
            "httpMethod": "POST",
            "identity": {"sourceIp": address},
        },
        "body": json.dumps(body),
        "isBase64Encoded": False,
    }
    answer = function.handler(event, None)
    headers = answer.get("multiValueHeaders") or answer.get("headers")
    return answer["statusCode"], json.loads(answer["body"]), headers


def verify(company_id: UUID, phone: str, code: str, **more: Any) -> Answer:
    return call(whatsapp_verify, "/whatsapp/verify", company_id=str(company_id), phone=phone, code=code, **more)


def resend(company_id: UUID, phone: str, **more: Any) -> Answer:
    return call(whatsapp_resend, "/whatsapp/resend", company_id=str(company_id), phone=phone, **more)


def code_of(whatsapp: WhatsAppHarness) -> str:
    found = re.search(r"\b\d{6}\b", whatsapp.send_queued()[-1])
    assert found is not None
    return found[0]


def test_a_code_creates_the_same_kind_of_session_as_a_password(api: WhatsAppHarness) -> None:
    api.receive(OWNER_PHONE, "gastei 150 de gasolina hoje")

    status, body, _ = verify(api.company_id, OWNER_PHONE, code_of(api), device_name="Celular")

    principal = principal_of(Caller.of({"Authorization": f"Bearer {body['tokens']['access_token']}"}), runtime)
    assert (status, str(principal.user_id), principal.company_id) == (200, body["user"]["id"], api.company_id)
    known = runtime.sessions().of_user(principal.company_id, principal.user_id, api.clock.now())
    assert {one.device.name for one in known} == {"Celular", "WhatsApp"}
    assert body["session"]["id"] in {str(one.key.session_id) for one in known}


def test_a_contacts_code_verifies_the_phone_and_returns_no_tokens(api: WhatsAppHarness) -> None:
    api.receive(UNKNOWN_PHONE, "oi, vocês abrem hoje?")

    status, body, _ = verify(api.company_id, UNKNOWN_PHONE, code_of(api))

    assert (status, set(body)) == (200, {"status", "message"})


def test_a_wrong_code_creates_no_session(api: WhatsAppHarness) -> None:
    api.receive(OWNER_PHONE, "gastei 150 de gasolina hoje")
    wrong = f"{(int(code_of(api)) + 1) % 1_000_000:06d}"

    status, body, _ = verify(api.company_id, OWNER_PHONE, wrong)

    assert status == 422
    assert "tokens" not in body


def test_a_code_given_to_the_api_releases_held_messages(api: WhatsAppHarness) -> None:
    api.receive(OWNER_PHONE, "gastei 150 de gasolina hoje")
    status, body, _ = verify(api.company_id, "(11) 98765-4321", code_of(api))
    assert (status, body["status"]) == (200, "verified")
    (queue_message,) = api.queues.of("inbound")
    assert queue_message.group_id == f"{api.channel_id}#{OWNER_PHONE}"
    assert api.inbound()(queue_message.payload) == "open"
    api.finish_turns()
    assert api.receive(OWNER_PHONE, "gastei 90 de gasolina hoje") == "open"
    (log,) = api.rows("select * from whatsapp_auth_logs where success")
    assert (log.masked_phone, str(log.ip_address), log.user_agent) == ("+55******21", "203.0.113.7", "teste")


def test_wrong_codes_get_the_same_response_for_known_and_unknown_phones_and_companies(api: WhatsAppHarness) -> None:
    api.receive(OWNER_PHONE, "oi")
    code = code_of(api)
    wrong = "000000" if code != "000000" else "111111"
    seen = []
    for company_id, phone in ((api.company_id, OWNER_PHONE), (api.company_id, UNKNOWN_PHONE), (new_id(), OWNER_PHONE)):
        answers = [verify(company_id, phone, wrong, address="198.51.100.1") for _ in range(4)]
        seen.append(
            [(status, body["code"], body["detail"], headers.get("Retry-After")) for status, body, headers in answers]
        )
    assert seen[0] == seen[1] == seen[2]
    assert [one[0] for one in seen[0]] == [422, 422, 429, 429]
    assert verify(api.company_id, OWNER_PHONE, code)[0] == 429


def test_a_resend_sends_a_new_code_and_reveals_nothing(api: WhatsAppHarness) -> None:
    api.receive(OWNER_PHONE, "oi")
    first = code_of(api)
    assert resend(api.company_id, OWNER_PHONE)[0] == 429
    api.advance(seconds=61)
    status, known, _ = resend(api.company_id, OWNER_PHONE)
    assert status == 202
    assert resend(api.company_id, UNKNOWN_PHONE)[:2] == (202, known)
    assert resend(new_id(), OWNER_PHONE)[:2] == (202, known)
    second = code_of(api)
    assert first not in (second,)
    assert verify(api.company_id, OWNER_PHONE, second)[0] == 200


def test_a_resend_does_not_write_to_unknown_phones(api: WhatsAppHarness) -> None:
    for _ in range(3):
        resend(api.company_id, UNKNOWN_PHONE)
        api.advance(minutes=2)
    assert api.queues.of("outbound") == []


def test_one_address_cannot_try_many_phones(api: WhatsAppHarness) -> None:
    phones = [f"+55119{number:08d}" for number in range(90_000_000, 90_000_021)]
    answers = [verify(api.company_id, phone, "000000")[0] for phone in phones]
    assert answers == [422] * 20 + [429]


def test_all_addresses_of_an_ipv6_network_share_a_limit(api: WhatsAppHarness, printed: Callable[[], str]) -> None:
    phones = [f"+55119{number:08d}" for number in range(90_000_000, 90_000_021)]
    answers = [
        verify(api.company_id, phone, "000000", address=f"2001:db8:1:2::{number:x}")[0]
        for number, phone in enumerate(phones)
    ]
    assert answers == [422] * 20 + [429]
    assert '"scope":"address"' in printed()


def test_without_a_working_limit_no_code_is_accepted(
    api: WhatsAppHarness, monkeypatch: pytest.MonkeyPatch, printed: Callable[[], str]
) -> None:
    def silent(*_: Any, **__: Any) -> None:
        raise EndpointConnectionError(endpoint_url="dynamodb")

    api.receive(OWNER_PHONE, "gastei 150 de gasolina hoje")
    code = code_of(api)
    monkeypatch.setattr(SlidingLimit, "hit", silent)

    status, problem, _ = verify(api.company_id, OWNER_PHONE, code)

    assert (status, problem["code"]) == (503, "unavailable")
    assert '"rate_limit_unchecked_total":1' in printed()


@pytest.mark.parametrize(
    "change",
    [{"phone": "123"}, {"phone": "não é telefone"}, {"code": "12345"}, {"code": "abcdef"}, {"company_id": "x"}],
    ids=str,
)
def test_unreadable_input_is_refused_with_its_field(api: WhatsAppHarness, change: dict[str, str]) -> None:
    body = {"company_id": str(api.company_id), "phone": OWNER_PHONE, "code": "123456"} | change
    status, problem, _ = call(whatsapp_verify, "/whatsapp/verify", **body)
    assert status == 422
    assert [one["field"] for one in problem["errors"]] == list(change)


def test_no_code_and_no_phone_is_logged_or_answered(api: WhatsAppHarness, printed: Callable[[], str]) -> None:
    api.receive(OWNER_PHONE, "canario no texto")
    code = code_of(api)
    said = [verify(api.company_id, OWNER_PHONE, code), resend(api.company_id, OWNER_PHONE)]
    shown = printed() + str(said) + str(api.counted)
    for canary in (code, OWNER_PHONE, "1987654321", "canario"):
        assert canary not in shown


def test_cleaning_removes_only_expired_items(api: WhatsAppHarness, tables: dict[str, Table]) -> None:
    api.sign_in.create_session(api.company_id, OWNER_PHONE, subject="user#1", now=api.clock.now())
    api.advance(hours=20)
    api.sign_in.create_session(api.company_id, UNKNOWN_PHONE, subject="user#2", now=api.clock.now())
    api.advance(hours=5)
    cleaned = clean(tables["auth"], api.clock.now(), has_time=lambda: True)
    # The phone's item, and the session in its user's list.
    assert (cleaned.items, cleaned.sessions, cleaned.complete) == (2, 1, True)
    assert api.sign_in.subjects(api.company_id, UNKNOWN_PHONE, api.clock.now()).keys() == {"user#2"}
    api.advance(hours=48)
    assert clean(tables["auth"], api.clock.now(), has_time=lambda: False).complete is False
