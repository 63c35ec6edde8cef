"""The OpenAPI document is of the code, whole, and the committed copy is it."""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest

from infra.local.openapi import COPY, document, text

METHODS = {"get", "post", "patch", "delete"}
RESOURCES = ("budgets", "campaigns", "employees", "suppliers", "tickets", "time-off", "transactions")


@pytest.fixture(scope="module")
def made() -> dict[str, Any]:
    return document()


def operations(made: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, item in made["paths"].items():
        for method in METHODS & set(item):
            yield path, method, item[method]


def test_the_committed_copy_is_what_the_handlers_say() -> None:
    assert COPY.read_text() == text(), "the API changed: run python -m infra.local.openapi, and read what it changes"


def test_every_reference_leads_somewhere(made: dict[str, Any]) -> None:
    named = set(re.findall(r'"#/components/schemas/([^"]+)"', json.dumps(made)))

    assert named
    assert named <= set(made["components"]["schemas"])


def test_operations_have_names_of_their_own(made: dict[str, Any]) -> None:
    names = [operation["operationId"] for _, _, operation in operations(made)]

    assert len(names) == len(set(names))


def test_every_operation_says_who_may_call_it_and_how_it_refuses(made: dict[str, Any]) -> None:
    for path, method, operation in operations(made):
        guarded = operation["security"] == [{"bearer": []}]
        assert guarded == ("x-permission" in operation), f"{method} {path}"
        assert ({"401", "403"} <= set(operation["responses"])) == guarded
        assert {"422", "500", "503"} <= set(operation["responses"])


@pytest.mark.parametrize("name", RESOURCES)
def test_a_resource_is_described_with_its_filters_locks_and_answers(made: dict[str, Any], name: str) -> None:
    whole, item = (made["paths"][f"/v1/business/{name}{rest}"] for rest in ("", "/{item_id}"))

    parameters = {parameter["name"] for parameter in whole["get"]["parameters"]}
    assert {"page", "limit", "cursor", "sort", "fields", "created_at__gte"} <= parameters
    assert "201" in whole["post"]["responses"]
    assert [p["name"] for p in item["patch"]["parameters"]] == ["item_id", "If-Match"]
    assert {"200", "404", "409", "412", "428"} <= set(item["patch"]["responses"])
    assert "ETag" in item["get"]["responses"]["200"]["headers"]
    assert "204" in item["delete"]["responses"]
