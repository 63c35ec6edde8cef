"""The front door does what an account's API Gateway does around the functions, from the templates' own facts."""

import gzip
import json
from typing import Any

import pytest

from infra.local.front_door.gateway import LONGEST_REQUEST, MAX_RESPONSE_BYTES, accepts_gzip
from infra.local.front_door.web import Response
from infra.local.stack.gateway import gateway_of
from tests.integration.local.rig import Door

APP, DEVELOPER = "https://app.falachefe.app", "http://localhost:3000"
LONG = json.dumps({"text": "a" * 2000}).encode()


@pytest.fixture
def gated(door: Door) -> Door:
    stack = json.loads(door.stack_path.read_text())
    stack["gateways"] = {"whatsapp": gateway_of("whatsapp", {"AllowedOrigins": f"{APP},{DEVELOPER}"})}
    door.stack_path.write_text(json.dumps(stack))
    return door


def asked(door: Door, method: str, **headers: str) -> tuple[Any, bytes]:
    found: tuple[Any, bytes] = door.ask(method, "/v1/whatsapp/conversations", None, headers)
    return found


@pytest.mark.parametrize("origin", [APP, DEVELOPER])
def test_a_preflight_of_an_allowed_origin_is_answered_without_the_api(gated: Door, origin: str) -> None:
    response, body = asked(gated, "OPTIONS", Origin=origin, **{"Access-Control-Request-Method": "PATCH"})
    assert (response.status, body, gated.emulator.seen) == (204, b"", [])
    assert response.headers["Access-Control-Allow-Origin"] == origin
    assert "PATCH" in response.headers["Access-Control-Allow-Methods"]
    assert "If-Match" in response.headers["Access-Control-Allow-Headers"]
    assert response.headers["Vary"] == "Origin"


def test_a_preflight_of_another_origin_is_let_in_nowhere(gated: Door) -> None:
    response, _ = asked(gated, "OPTIONS", Origin="https://evil.example")
    assert "Access-Control-Allow-Origin" not in response.headers


def test_a_long_answer_is_compressed_for_those_who_take_it(gated: Door) -> None:
    gated.emulator.answer = Response(200, LONG, (("Content-Type", "application/json"),))
    response, body = asked(gated, "GET", **{"Accept-Encoding": "br, gzip"})
    assert (response.headers["Content-Encoding"], int(response.headers["Content-Length"])) == ("gzip", len(body))
    assert len(body) < len(LONG)
    assert gzip.decompress(body) == LONG


@pytest.mark.parametrize("accepted", ["", "identity", "gzip;q=0", "br", "*;q=0"])
def test_a_long_answer_stays_as_it_is_for_others(gated: Door, accepted: str) -> None:
    gated.emulator.answer = Response(200, LONG)
    response, body = asked(gated, "GET", **({"Accept-Encoding": accepted} if accepted else {}))
    assert ("Content-Encoding" in response.headers, body) == (False, LONG)


@pytest.mark.parametrize("answer", [Response(200, b"{}"), Response(200, LONG, (("Content-Encoding", "br"),))])
def test_a_short_or_encoded_answer_is_not_compressed(gated: Door, answer: Response) -> None:
    gated.emulator.answer = answer
    response, body = asked(gated, "GET", **{"Accept-Encoding": "gzip"})
    assert (response.headers.get("Content-Encoding") == "gzip", body) == (False, answer.body)


def test_the_kinds_of_accepting() -> None:
    assert [text for text in ("gzip", "GZIP ; q=0.5", "*", "br, *;q=0.1", "gzip;q=1.0") if not accepts_gzip(text)] == []
    assert [text for text in ("", "gzip;q=0", "gzip;q=x", "br", "*, gzip;q=0") if accepts_gzip(text)] == []


@pytest.mark.parametrize(
    ("status", "kind", "shown", "code"),
    [
        (403, "MissingAuthenticationTokenException", 404, "not_found"),
        (429, "TooManyRequestsException", 429, "rate_limited"),
        (403, "IncompleteSignatureException", 404, "not_found"),
        (403, "ForbiddenException", 403, "forbidden"),
        (415, "UnsupportedMediaTypeException", 415, "unsupported_media_type"),
        (400, "BadRequestException", 400, "bad_request"),
        (502, "InternalServerErrorException", 503, "unavailable"),
    ],
)
def test_what_the_gateway_refuses_by_itself_is_a_problem(
    gated: Door, status: int, kind: str, shown: int, code: str
) -> None:
    own = (("x-amzn-ErrorType", kind), ("x-amzn-RequestId", "gateway-1"), ("Content-Type", "application/json"))
    gated.emulator.answer = Response(status, b'{"message":"?"}', own)
    response, body = asked(gated, "GET", Origin=APP)
    problem = json.loads(body)
    assert (response.status, problem["status"], problem["code"]) == (shown, shown, code)
    assert response.headers["Content-Type"] == "application/problem+json"
    assert (problem["request_id"], response.headers["X-Request-Id"]) == ("gateway-1", "gateway-1")
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert response.headers["Access-Control-Allow-Origin"] == "*"
    assert ("Retry-After" in response.headers) == (shown in (429, 503))


def test_a_functions_own_refusal_passes_unchanged(gated: Door) -> None:
    gated.emulator.answer = Response(404, b'{"code":"conversation_not_found"}')
    response, body = asked(gated, "GET")
    assert (response.status, body) == (404, b'{"code":"conversation_not_found"}')


def test_an_answer_that_lambda_could_not_hand_back_is_the_gateway_s_own_failure(gated: Door) -> None:
    gated.emulator.answer = Response(200, b"a" * MAX_RESPONSE_BYTES)
    assert asked(gated, "GET")[0].status == 200
    gated.emulator.answer = Response(200, b"a" * (MAX_RESPONSE_BYTES + 1))
    response, body = asked(gated, "GET")
    assert response.status == json.loads(body)["status"] >= 500


def test_a_request_that_the_gateway_does_not_take_reaches_no_function(gated: Door) -> None:
    path = "/v1/whatsapp/conversations"
    response, body = gated.ask("POST", path, b"a" * (LONGEST_REQUEST + 1), {})
    assert (response.status, json.loads(body)["code"], gated.emulator.seen) == (413, "payload_too_large", [])
    assert gated.ask("POST", path, b"a" * LONGEST_REQUEST, {})[0].status == 200
