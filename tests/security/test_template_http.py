"""What API Gateway does without a function, checked on the templates after the SAM transform."""

import json
from typing import Any

import pytest

from falachefe.http.headers import EXPOSED_HEADERS, SECURITY_HEADERS, VARY
from infra.local.front_door.mapping import Mapped, execute
from infra.local.openapi.document import COPY
from infra.local.paths import ROOT
from infra.local.stack.gateway import resolved
from tests.security.template_resources import Resource, resources, target, templates

APIS = resources("AWS::ApiGateway::RestApi")
each_api = pytest.mark.parametrize("api", APIS, ids=str)
ORIGINS = {"Ref": "AllowedOrigins"}
ALLOWED = ("https://app.falachefe.app", "http://localhost:3000")


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


STATUS = {
    "DEFAULT_4XX": 400, "DEFAULT_5XX": 503, "WAF_FILTERED": 403, "ACCESS_DENIED": 403, "THROTTLED": 429,
    "QUOTA_EXCEEDED": 429, "REQUEST_TOO_LARGE": 413, "UNSUPPORTED_MEDIA_TYPE": 415,
    # All three mean that there is no such path or method: the last is its guess when there is an Authorization header.
    "MISSING_AUTHENTICATION_TOKEN": 404, "RESOURCE_NOT_FOUND": 404, "INVALID_SIGNATURE": 404,
}  # fmt: skip
"""API Gateway's own responses and the status of each: a refusal by the web ACL must not become a 400."""


def test_there_is_an_api_for_each_domain() -> None:
    assert len(APIS) >= 6


@each_api
def test_answers_over_a_kibibyte_are_compressed(api: Resource) -> None:
    assert api.properties["MinimumCompressionSize"] == 1024


@each_api
def test_a_preflight_is_answered_for_every_path(api: Resource) -> None:
    """The greedy path serves OPTIONS of all paths, so no other path may define OPTIONS."""
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


def asked(api: Resource, **headers: str) -> Mapped:
    """The result of the preflight's VTL template for a browser's request."""
    integration = preflight(api)["x-amazon-apigateway-integration"]
    (template,) = integration["responses"]["default"]["responseTemplates"].values()
    mapped: Mapped = execute(resolved(template, {"AllowedOrigins": ",".join(ALLOWED)}), headers)
    return mapped


@each_api
def test_a_preflight_allows_the_configured_origins(api: Resource) -> None:
    assert "Access-Control-Allow-Origin" not in mapped(api), "a fixed origin would be that of one page only"
    assert mapped(api)["Vary"] == "'Origin'"
    for origin in ALLOWED:
        for name in ("Origin", "origin"):  # as a client writes it, and as HTTP/2 does
            said = asked(api, **{name: origin})
            assert said.headers == {"Access-Control-Allow-Origin": origin}
            assert said.text.strip() == ""


NO_ORIGINS = [
    "", ",", "null", "*", "https://app.falachefe.ap", "ttps://app.falachefe.app", "https://app.falachefe.app.evil.example",
    "https://evil.example", f"{ALLOWED[0]},{ALLOWED[1]},https://evil.example", "http://localhost:30000", "$allowed",
]  # fmt: skip


@each_api
@pytest.mark.parametrize("origin", NO_ORIGINS)
def test_a_preflight_allows_no_other_origin(api: Resource, origin: str) -> None:
    assert asked(api, Origin=origin).headers == {}
    assert asked(api).headers == {}


@each_api
def test_the_mock_behind_a_preflight_answers_204(api: Resource) -> None:
    (request,) = preflight(api)["x-amazon-apigateway-integration"]["requestTemplates"].values()
    assert json.loads(execute(request, {}).text) == {"statusCode": 204}


def test_the_vtl_engine_of_these_tests_refuses_a_method_call_on_a_literal() -> None:
    """API Gateway refuses it as well: both parse as Apache Velocity does."""
    with pytest.raises(Exception, match="expected \\)"):
        execute('#if(",https://app.falachefe.app,".contains(",x,"))yes#end', {})


@each_api
def test_a_response_of_the_gateway_itself_is_a_problem_with_the_standard_headers(api: Resource) -> None:
    answers = api.properties["Body"]["x-amazon-apigateway-gateway-responses"]
    assert set(answers) == set(STATUS)
    for kind, answer in answers.items():
        headers = {name.rpartition(".")[2]: value for name, value in answer["responseParameters"].items()}
        assert int(answer["statusCode"]) == STATUS[kind]
        assert headers["Access-Control-Allow-Origin"] == "'*'"
        assert ("Retry-After" in headers) == (STATUS[kind] in (429, 503))
        assert headers["Content-Security-Policy"] == "'sandbox'"
        assert headers["Vary"] == f"'{VARY}'"
        assert set(headers["Access-Control-Expose-Headers"].strip("'").split(", ")) <= set(EXPOSED_HEADERS.split(", "))
        fixed = {name: f"'{value}'" for name, value in SECURITY_HEADERS.items() if name != "Content-Security-Policy"}
        assert headers.items() >= fixed.items()
        problem = json.loads(answer["responseTemplates"]["application/json"])
        assert problem["status"] == int(answer["statusCode"])
        assert problem["request_id"] == "$context.requestId"
        assert problem["instance"] == f"/v1/{api.path.parent.name}"


def test_all_apis_have_the_same_gateway_responses_and_preflight() -> None:
    variants = set()
    for api in APIS:
        body = api.properties["Body"]
        both = {"preflight": preflight(api), "answers": body["x-amazon-apigateway-gateway-responses"]}
        variants.add(json.dumps(both, sort_keys=True).replace(f"/v1/{api.path.parent.name}", "/v1/<domain>"))
    assert len(variants) == 1


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


# A deployment's name holds a digest of the time: it is another one in each process.
@pytest.mark.parametrize(
    "deployment", resources("AWS::ApiGateway::Deployment"), ids=lambda one: one.path.relative_to(ROOT).as_posix()
)
def test_a_deployment_creates_no_stage(deployment: Resource) -> None:
    """A stage that a deployment creates has no throttling, access log, web ACL or alarm."""
    assert set(deployment.properties) <= {"Description", "RestApiId"}
    stages = [
        stage
        for stage in resources("AWS::ApiGateway::Stage")
        if stage.path == deployment.path and target(stage.properties["DeploymentId"]) == deployment.name
    ]
    assert [stage.properties["StageName"] for stage in stages] == ["v1"]


@pytest.mark.parametrize("permission", resources("AWS::Lambda::Permission"), ids=str)
def test_an_api_may_invoke_a_function_for_its_own_method_and_path(permission: Resource) -> None:
    if permission.properties["Principal"] != "apigateway.amazonaws.com":
        return
    arn, names = permission.properties["SourceArn"]["Fn::Sub"]
    assert names == {"__ApiId__": {"Ref": "Api"}, "__Stage__": "*"}  # v1 is the only one there is
    method, _, path = arn.partition("${__Stage__}/")[2].partition("/")
    assert method in {"GET", "POST", "PATCH", "DELETE"}
    assert path.strip("*/")


@each_api
def test_a_custom_domain_disables_the_default_endpoint(api: Resource) -> None:
    endpoint = api.properties["Body"]["x-amazon-apigateway-endpoint-configuration"]
    assert endpoint["disableExecuteApiEndpoint"] == {"Fn::If": ["HasDomain", True, False]}
