"""The OpenAPI document is of the code, whole, and the committed copy is it."""

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from jsonschema import Draft202012Validator, FormatChecker  # type: ignore[import-untyped]
from openapi_spec_validator import OpenAPIV31SpecValidator

from falachefe.app.rest import rest_api
from falachefe.http.deprecation import Deprecation
from falachefe.http.openapi.document import document_of, part_of
from infra.local.openapi.document import COPY, document, text
from infra.local.openapi.shared_parts import with_shared_parts

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


def resolved(node: Any, components: dict[str, Any]) -> Any:
    """The node with shared answers and parameters back in their places."""
    match node:
        case {"$ref": str(target)} if target.split("/")[2] in ("responses", "parameters"):
            return components[target.split("/")[2]][target.rpartition("/")[2]]
        case dict():
            return {key: resolved(value, components) for key, value in node.items()}
        case list():
            return [resolved(one, components) for one in node]
    return node


def test_what_operations_share_is_said_once_and_means_the_same(made: dict[str, Any]) -> None:
    shared = with_shared_parts(made)

    assert resolved(shared["paths"], shared["components"]) == made["paths"]
    assert len(json.dumps(shared)) < 0.7 * len(json.dumps(made))
    assert [f"{error.json_path}: {error.message}" for error in OpenAPIV31SpecValidator(shared).iter_errors()] == []


def test_every_reference_leads_somewhere(made: dict[str, Any]) -> None:
    named = set(re.findall(r'"#/components/schemas/([^"]+)"', json.dumps(made)))

    assert named
    assert named <= set(made["components"]["schemas"])


def test_the_document_is_valid_openapi(made: dict[str, Any]) -> None:
    assert [f"{error.json_path}: {error.message}" for error in OpenAPIV31SpecValidator(made).iter_errors()] == []


def bodies(operation: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """(where, media type, its schema and example) of what an operation takes and answers."""
    for kind, media in operation.get("requestBody", {}).get("content", {}).items():
        yield "request", kind, media
    for status, answer in operation["responses"].items():
        for kind, media in answer.get("content", {}).items():
            yield status, kind, media


def says_something(schema: dict[str, Any]) -> bool:
    inside = (schema.get("items"), schema.get("additionalProperties"))
    return bool({"$ref", "properties", "anyOf"} & set(schema)) or any(isinstance(one, dict) and one for one in inside)


def test_every_body_in_json_has_a_schema_that_says_something_and_an_example_of_it(made: dict[str, Any]) -> None:
    for path, method, operation in operations(made):
        for where, kind, media in bodies(operation):
            if kind.endswith("json") and kind != "application/problem+json":
                place = f"{method} {path} {where}"
                assert says_something(media["schema"]), f"{place}: a body of which nothing is said"
                schema = {**media["schema"], "components": made["components"]}
                errors = Draft202012Validator(schema, format_checker=FormatChecker()).iter_errors(media["example"])
                assert [f"{place}: {error.json_path} {error.message}" for error in errors] == []


def test_every_refusal_has_an_example_that_is_a_problem_of_its_status(made: dict[str, Any]) -> None:
    given = made["components"]["examples"]
    for path, method, operation in operations(made):
        for status, answer in operation["responses"].items():
            if status >= "400":
                (example,) = answer["content"]["application/problem+json"]["examples"].values()
                problem = given[example["$ref"].rpartition("/")[2]]["value"]
                assert problem["status"] == int(status), f"{method} {path} {status}"
                Draft202012Validator(made["components"]["schemas"]["Problem"]).validate(problem)


def test_every_operation_says_in_words_what_it_does_and_who_may(made: dict[str, Any]) -> None:
    for path, method, operation in operations(made):
        assert not operation["summary"].startswith(method.upper()), f"{method} {path} needs a summary"
        assert re.search(r"Needs the permission|Public: ", operation["description"])


def test_refusals_come_with_the_headers_that_say_what_to_do(made: dict[str, Any]) -> None:
    for _, _, operation in operations(made):
        for status, answer in operation["responses"].items():
            assert "X-Request-Id" in answer["headers"]
            if status == "429":
                assert {"RateLimit", "RateLimit-Policy", "Retry-After"} <= set(answer["headers"])
            if status == "503":
                assert "Retry-After" in answer["headers"]
            if status in ("200", "201") and "x-permission" in operation:
                assert {"RateLimit", "RateLimit-Policy"} <= set(answer["headers"])


def test_every_operation_succeeds_somehow_and_an_empty_answer_has_no_body(made: dict[str, Any]) -> None:
    for path, method, operation in operations(made):
        assert [status for status in operation["responses"] if status[0] in "23"], f"{method} {path}"
        for empty in ("204", "302", "303", "304"):
            assert "content" not in operation["responses"].get(empty, {})


def test_a_retired_route_is_deprecated_in_the_document() -> None:
    api = rest_api("shop")
    leaves = Deprecation(datetime(2026, 12, 1, tzinfo=UTC), datetime(2027, 6, 1, tzinfo=UTC))

    @api.get("/old", public="prices are for everybody", deprecation=leaves)
    def old_prices() -> list[str]:
        return []

    @api.get("/new", public="prices are for everybody")
    def prices() -> list[str]:
        return []

    paths = document_of([(api, part_of(api))])["paths"]

    old, new = paths["/v1/shop/old"]["get"], paths["/v1/shop/new"]["get"]
    assert (old["deprecated"], "deprecated" in new) == (True, False)
    assert "stops answering on 2027-06-01" in old["description"]
    assert {"Deprecation", "Sunset"} <= set(old["responses"]["200"]["headers"])


def test_operations_have_names_of_their_own(made: dict[str, Any]) -> None:
    names = [operation["operationId"] for _, _, operation in operations(made)]

    assert len(names) == len(set(names))


def test_every_operation_says_who_may_call_it_and_how_it_refuses(made: dict[str, Any]) -> None:
    for path, method, operation in operations(made):
        guarded = {"bearer": []} in operation["security"]
        assert guarded == ("x-permission" in operation), f"{method} {path}"
        assert {"401", "403", "429"} <= set(operation["responses"]) or not guarded
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


def test_a_parameter_of_a_list_says_what_it_takes(made: dict[str, Any]) -> None:
    listed = made["paths"]["/v1/business/transactions"]["get"]
    taken = {parameter["name"]: parameter["schema"] for parameter in listed["parameters"]}

    assert taken["kind"]["enum"] == ["expense", "income"]
    assert taken["amount__gte"]["type"] == "number"
    assert (taken["date"]["format"], taken["start"]["format"], taken["created_at"]["format"]) == (
        "date",
        "date",
        "date-time",
    )
    assert taken["description__like"]["maxLength"] == 200
    assert taken["kind__in"]["items"] == taken["kind"]
    assert {"date", "-date"} < set(taken["sort"]["items"]["enum"])
    assert taken["sort"]["default"] == ["-date"]
    assert "company_id" not in taken["fields"]["items"]["enum"]


def test_a_list_in_a_query_is_written_with_commas(made: dict[str, Any]) -> None:
    listed = [
        parameter
        for _, _, operation in operations(made)
        for parameter in operation.get("parameters", [])
        if parameter["schema"].get("type") == "array"
    ]

    assert listed
    assert all((parameter["style"], parameter["explode"]) == ("form", False) for parameter in listed)


def test_a_list_promises_only_ids_since_fields_may_leave_the_rest_out(made: dict[str, Any]) -> None:
    listed = made["paths"]["/v1/business/budgets"]["get"]["responses"]["200"]["content"]["application/json"]["schema"]
    shown, rows = (made["components"]["schemas"][name] for name in ("BudgetOut", "BudgetOutRow"))

    assert listed["properties"]["data"]["items"] == {"$ref": "#/components/schemas/BudgetOutRow"}
    assert rows["properties"] == shown["properties"]
    assert (rows["required"], "amount" in shown["required"]) == (["id"], True)


def test_each_operation_of_a_batch_says_what_data_it_takes(made: dict[str, Any]) -> None:
    body = made["paths"]["/v1/business/budgets/batch"]["post"]["requestBody"]["content"]["application/json"]["schema"]
    kinds = {one["properties"]["op"]["enum"][0]: one for one in body["properties"]["operations"]["items"]["anyOf"]}

    assert {op: one["required"] for op, one in kinds.items()} == {
        "create": ["op", "data"],
        "update": ["op", "id", "version", "data"],
        "delete": ["op", "id"],
        "restore": ["op", "id"],
    }
    assert kinds["create"]["properties"]["data"] == {"$ref": "#/components/schemas/BudgetIn"}
    assert kinds["update"]["properties"]["data"] == {"$ref": "#/components/schemas/BudgetInPatch"}
