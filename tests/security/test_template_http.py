"""What every API's gateway does by itself, held on what the SAM transform makes of the templates."""

import json
from typing import Any

import pytest

from falachefe.http.headers import EXPOSED_HEADERS, SECURITY_HEADERS, VARY
from infra.local.openapi import COPY
from tests.security.template_facts import Resource, resources, target, templates

APIS = resources("AWS::ApiGateway::RestApi")
each_api = pytest.mark.parametrize("api", APIS, ids=str)
ORIGINS = {"Ref": "AllowedOrigins"}
PRIMARY = {"Fn::Sub": ["'${Origin}'", {"Origin": {"Fn::Select": [0, {"Fn::Split": [",", ORIGINS]}]}}]}


def preflight(api: Resource) -> dict[str, Any]:
    operation: dict[str, Any] = api.properties["Body"]["paths"]["/{proxy+}"]["options"]
    return operation


def mapped(api: Resource) -> dict[str, str]:
    answer = preflight(api)["x-amazon-apigateway-integration"]["responses"]["default"]
    return {name.rpartition(".")[2]: value for name, value in answer["responseParameters"].items()}


def header_parameters() -> set[str]:
    document = json.loads(COPY.read_text())
    shared = document["components"].get("parameters", {})
    given = [
        shared[parameter["$ref"].rpartition("/")[2]] if "$ref" in parameter else parameter
        for path, item in document["paths"].items()
        if "/webhooks/" not in path  # a provider is no page
        for operation in item.values()
        for parameter in operation.get("parameters", ())
    ]
    return {parameter["name"] for parameter in given if parameter["in"] == "header"}


def test_there_is_an_api_for_each_domain() -> None:
    assert len(APIS) >= 6


@each_api
def test_answers_over_a_kibibyte_are_compressed(api: Resource) -> None:
    assert api.properties["MinimumCompressionSize"] == 1024


@each_api
def test_a_preflight_is_answered_for_every_path(api: Resource) -> None:
    """The greedy path takes the methods that the others do not have: so none of them may have OPTIONS of its own."""
    assert preflight(api)["x-amazon-apigateway-integration"]["type"] == "mock"
    others = [path for path, methods in api.properties["Body"]["paths"].items() if "options" in methods]
    assert others == ["/{proxy+}"]
    assert set(preflight(api)["responses"]["204"]["headers"]) == set(mapped(api))


@each_api
def test_a_preflight_allows_the_methods_and_headers_that_routes_take(api: Resource) -> None:
    allowed = set(mapped(api)["Access-Control-Allow-Methods"].strip("'").split(","))
    used = {method.upper() for methods in api.properties["Body"]["paths"].values() for method in methods}
    assert used - {"OPTIONS"} <= allowed
    wanted = {"Authorization", "Content-Type", "X-Request-Id"} | {name.title() for name in header_parameters()}
    assert wanted <= set(mapped(api)["Access-Control-Allow-Headers"].strip("'").split(","))


@each_api
def test_a_preflight_lets_in_allowed_origins_only(api: Resource) -> None:
    assert "Access-Control-Allow-Origin" not in mapped(api), "a fixed origin would be that of one page only"
    (template,) = preflight(api)["x-amazon-apigateway-integration"]["responses"]["default"][
        "responseTemplates"
    ].values()
    assert '",${AllowedOrigins},".contains(",$origin,")' in template["Fn::Sub"]
    assert mapped(api)["Vary"] == "'Origin'"


@each_api
def test_what_the_gateway_says_by_itself_is_a_problem_with_our_headers(api: Resource) -> None:
    answers = api.properties["Body"]["x-amazon-apigateway-gateway-responses"]
    assert {"DEFAULT_4XX", "DEFAULT_5XX", "MISSING_AUTHENTICATION_TOKEN", "THROTTLED"} <= set(answers)
    for answer in answers.values():
        headers = {name.rpartition(".")[2]: value for name, value in answer["responseParameters"].items()}
        assert headers["Access-Control-Allow-Origin"] == PRIMARY
        assert headers["Content-Security-Policy"] == "'sandbox'"
        assert headers["Vary"] == f"'{VARY}'"
        assert set(headers["Access-Control-Expose-Headers"].strip("'").split(", ")) <= set(EXPOSED_HEADERS.split(", "))
        fixed = {name: f"'{value}'" for name, value in SECURITY_HEADERS.items() if name != "Content-Security-Policy"}
        assert headers.items() >= fixed.items()
        problem = json.loads(answer["responseTemplates"]["application/json"])
        assert problem["status"] == int(answer["statusCode"])
        assert problem["request_id"] == "$context.requestId"
        assert problem["instance"] == f"/v1/{api.path.parent.name}"


def test_no_api_differs_in_this_from_the_others() -> None:
    told = set()
    for api in APIS:
        body = api.properties["Body"]
        both = {"preflight": preflight(api), "answers": body["x-amazon-apigateway-gateway-responses"]}
        told.add(json.dumps(both, sort_keys=True).replace(f"/v1/{api.path.parent.name}", "/v1/<domain>"))
    assert len(told) == 1


def test_every_function_behind_an_api_knows_the_allowed_origins() -> None:
    behind = {
        (permission.path, target(permission.properties["FunctionName"]))
        for permission in resources("AWS::Lambda::Permission")
        if permission.properties["Principal"] == "apigateway.amazonaws.com"
    }
    assert len(behind) >= 20
    for path, name in behind:
        function = templates()[path]["Resources"][name]["Properties"]
        assert function["Environment"]["Variables"]["ALLOWED_ORIGINS"] == ORIGINS
