"""The stand-in for API Gateway under the contract's tests gives functions what was sent."""

from typing import Any

import pytest
from werkzeug.test import Client

from falachefe.app.rest import rest_api
from falachefe.http.api import RouteRule
from tests.integration.api import gateway


def test_a_query_reaches_the_function_as_it_was_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    events: list[dict[str, Any]] = []

    def handler(event: dict[str, Any], _: Any) -> dict[str, Any]:
        events.append(event)
        return {"statusCode": 200, "body": "{}"}

    rule = RouteRule("GET", "/things/<item_id>", None, "a test", {}, None)
    monkeypatch.setattr(gateway, "routes", lambda: (gateway.Route("business", rule, rest_api("business"), handler),))
    client = Client(gateway.application)

    client.get("/v1/business/things/b", query_string={"page": "0", "name": "São & Cia"})
    client.get("/v1/business/things/c?sort=name&sort=")

    assert [event["queryStringParameters"] for event in events] == [{"page": "0", "name": "São & Cia"}, {"sort": ""}]
    assert events[1]["multiValueQueryStringParameters"] == {"sort": ["name", ""]}
