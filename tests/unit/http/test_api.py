"""What every endpoint does before and after its own code: permissions, validation, errors."""

import base64
import json
from typing import Any
from unittest.mock import create_autospec
from uuid import uuid4

import pytest
from pydantic import BaseModel, ConfigDict, Field

from falachefe.http.api import Api
from falachefe.http.principal import Principal
from falachefe.http.services import Services
from falachefe.kernel.errors import Conflict, Unauthenticated

NO_SERVICES = create_autospec(Services, instance=True)


class Order(BaseModel):
    model_config = ConfigDict(extra="forbid")
    item: str = Field(min_length=1)
    quantity: int = Field(ge=1)


def event(method: str, path: str, body: str | None = None, **more: Any) -> dict[str, Any]:
    return {
        "httpMethod": method,
        "path": path,
        "resource": path,
        "headers": {"Content-Type": "application/json"} | more.pop("headers", {}),
        "multiValueHeaders": {},
        "queryStringParameters": None,
        "multiValueQueryStringParameters": None,
        "body": body,
        "isBase64Encoded": False,
        "requestContext": {"requestId": "req-1", "stage": "v1"},
    } | more


def principal(*permissions: str) -> Principal:
    return Principal(uuid4(), uuid4(), "user", frozenset(permissions), "s1")


def unauthenticated(_: Any) -> Principal:
    raise Unauthenticated("Entre na sua conta.")


def uncounted(*_: Any) -> None:
    return None


def api(who: Any) -> Any:
    made = Api("shop", NO_SERVICES, authenticate=who, meter=uncounted)

    @made.post("/orders", permission="orders.create")
    def create(order: Order) -> dict[str, Any]:
        if order.item == "conflict":
            raise Conflict("Já existe.")
        if order.item == "boom":
            raise RuntimeError("secret inside")
        return {"item": order.item}

    @made.get("/ping", public="says that it is there")
    def ping() -> dict[str, str]:
        return {"ok": "sim"}

    return made


def call(who: Any, request: dict[str, Any]) -> tuple[int, dict[str, Any], dict[str, str]]:
    answer = api(who).handler()(request, None)
    headers = dict(answer.get("headers") or {})
    headers |= {name: values[0] for name, values in (answer.get("multiValueHeaders") or {}).items()}
    return answer["statusCode"], json.loads(answer["body"]), headers


def allowed(_: Any) -> Principal:
    return principal("orders.create")


def test_a_route_without_permission_or_reason_cannot_be_declared() -> None:
    with pytest.raises(ValueError, match="must declare a permission"):
        Api("shop", NO_SERVICES, authenticate=unauthenticated).get("/x")


def test_a_permitted_request_is_served_with_security_headers_and_its_request_id() -> None:
    status, body, headers = call(allowed, event("POST", "/orders", '{"item": "pão", "quantity": 2}'))
    assert (status, body) == (200, {"item": "pão"})
    assert headers["X-Request-Id"] == "req-1"
    assert headers["X-Content-Type-Options"] == "nosniff"


def test_unauthenticated_request_is_401_even_with_an_invalid_body() -> None:
    status, body, headers = call(unauthenticated, event("POST", "/orders", "{"))
    assert (status, body["code"]) == (401, "unauthenticated")
    assert headers["Content-Type"] == "application/problem+json"
    assert headers["WWW-Authenticate"] == "Bearer"


def test_missing_permission_is_403_before_validation() -> None:
    status, body, _ = call(lambda _: principal("orders.read"), event("POST", "/orders", '{"nonsense": 1}'))
    assert (status, body["code"]) == (403, "permission_denied")


def test_invalid_fields_are_named() -> None:
    status, body, _ = call(allowed, event("POST", "/orders", '{"item": "", "quantity": 0, "price": 1}'))
    assert (status, body["code"]) == (422, "invalid_input")
    assert {error["field"] for error in body["errors"]} == {"item", "quantity", "price"}


@pytest.mark.parametrize(
    "text", ["{", "", "NaN", '{"a": Infinity}', "[" * 100_000, '{"a":' * 50 + "1" + "}" * 50, "\x00", "nul"]
)
def test_malformed_json_is_400_or_422_and_never_500(text: str) -> None:
    status, body, _ = call(allowed, event("POST", "/orders", text))
    assert status in (400, 422)
    assert body["request_id"] == "req-1"


def test_a_base64_body_is_read_and_a_broken_one_is_400() -> None:
    good = base64.b64encode(b'{"item": "x", "quantity": 1}').decode()
    assert call(allowed, event("POST", "/orders", good, isBase64Encoded=True))[0] == 200
    assert (
        call(allowed, event("POST", "/orders", base64.b64encode(b"\xff\xfe{").decode(), isBase64Encoded=True))[0] == 400
    )
    assert call(allowed, event("POST", "/orders", "abc", isBase64Encoded=True))[0] == 400


def test_a_body_over_the_limit_is_413() -> None:
    assert call(allowed, event("POST", "/orders", '{"item": "' + "x" * 300_000 + '"}'))[0] == 413


def test_a_domain_refusal_keeps_its_status_and_code() -> None:
    status, body, _ = call(allowed, event("POST", "/orders", '{"item": "conflict", "quantity": 1}'))
    assert (status, body["code"], body["detail"]) == (409, "conflict", "Já existe.")


def test_unexpected_failure_reveals_no_internals(capsys: pytest.CaptureFixture[str]) -> None:
    status, body, _ = call(allowed, event("POST", "/orders", '{"item": "boom", "quantity": 1}'))
    assert (status, body["code"]) == (500, "internal_error")
    assert "secret inside" not in json.dumps(body)
    assert "secret inside" not in capsys.readouterr().out


def test_an_unknown_address_is_404_as_a_problem() -> None:
    status, body, _ = call(allowed, event("GET", "/nowhere"))
    assert (status, body["code"]) == (404, "not_found")


def test_a_principal_of_one_request_is_not_kept_for_the_next() -> None:
    people = iter([principal("orders.create"), principal()])
    made = api(lambda _: next(people))
    handle = made.handler()
    request = event("POST", "/orders", '{"item": "x", "quantity": 1}')
    assert [handle(request, None)["statusCode"] for _ in range(2)] == [200, 403]


def test_public_route_does_not_authenticate() -> None:
    assert call(unauthenticated, event("GET", "/ping"))[0] == 200


def test_an_unsupported_content_type_is_415() -> None:
    request = event("POST", "/orders", "<a/>", headers={"Content-Type": "text/xml"})
    assert call(allowed, request)[0] == 415


@pytest.mark.parametrize("number", ["9" * 5_000, "1e400", "-1e400", "1." + "0" * 5_000])
def test_a_number_that_nothing_can_hold_is_422_wherever_it_stands(number: str) -> None:
    for text in (number, f'{{"item": "x", "quantity": {number}}}', f'{{"a": [{{"b": {number}}}]}}'):
        status, body, _ = call(allowed, event("POST", "/orders", text))
        assert (status, body["code"]) == (422, "number_too_large")


def test_a_byte_order_mark_before_the_body_is_no_part_of_it() -> None:
    text = '\ufeff{"item": "x", "quantity": 1}'
    assert call(allowed, event("POST", "/orders", text))[0] == 200
    in_base64 = base64.b64encode(text.encode()).decode()
    assert call(allowed, event("POST", "/orders", in_base64, isBase64Encoded=True))[0] == 200


def test_form_is_not_accepted() -> None:
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    assert call(allowed, event("POST", "/orders", "item=x&quantity=1", headers=form))[0] == 415


def test_a_field_s_name_in_an_answer_is_text_of_a_bearable_length() -> None:
    for strange in ("\ud800", "k" * 100_000, "a\0b", *[{str(number): 1 for number in range(20_000)}]):
        more = strange if isinstance(strange, dict) else {strange: 1}
        answer = api(allowed).handler()(event("POST", "/orders", json.dumps({"item": "x", "quantity": 1} | more)), None)

        assert answer["statusCode"] == 422
        assert len(answer["body"].encode()) < 10_000
        assert "\\u0000" not in answer["body"]


@pytest.mark.parametrize("path", ["/orders", "/v1/shop/orders"])
def test_a_problem_s_instance_is_the_path_as_clients_know_it(path: str) -> None:
    assert call(allowed, event("POST", path, "{"))[1]["instance"] == "/v1/shop/orders"
    assert call(allowed, event("GET", "/nowhere"))[1]["instance"] == "/v1/shop/nowhere"
