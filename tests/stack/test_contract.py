"""Some operations of every domain over HTTP conform to the OpenAPI document that the deployed stack serves.

tests/integration/api checks all operations, with all roles, in process. These tests add what that leaves out: the
gateway, the front door, and the packaged functions.
"""

import json
from collections.abc import Iterator, Mapping
from itertools import groupby, islice
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.result import Ok
from schemathesis.specs.openapi import checks

from tests.stack.clients import DemoCompany, http

DOMAINS = ("admin", "auth", "business", "crews", "platform", "whatsapp")
GETS_A_DOMAIN = 3
CHECKS = [
    not_a_server_error,
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_headers_conformance,
    checks.response_schema_conformance,
]
few = settings(
    max_examples=2,
    derandomize=True,
    database=None,
    deadline=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)


@pytest.fixture(scope="module")
def admin(demo_company: DemoCompany) -> Mapping[str, str]:
    answer = http("POST", demo_company.url("/v1/auth/login"), dict(demo_company.demo["admin"]))
    assert answer.status == 200, answer.body
    return {"Authorization": f"Bearer {answer.json['tokens']['access_token']}"}


@pytest.fixture(scope="module")
def operations(demo_company: DemoCompany) -> dict[str, list[Any]]:
    """By domain: some lists, and one operation with a body."""
    served = http("GET", demo_company.url("/v1/platform/openapi.json"))
    assert served.status == 200
    schema = schemathesis.openapi.from_dict(_unguarded(json.loads(served.body)))
    found = [operation.ok() for operation in schema.get_all_operations() if isinstance(operation, Ok)]
    plain = sorted((one for one in found if "{" not in one.path), key=_domain)
    return {domain: list(_some(list(members))) for domain, members in groupby(plain, key=_domain)}


def _domain(operation: Any) -> str:
    return str(operation.path.split("/")[2])


def _some(members: list[Any]) -> Iterator[Any]:
    yield from islice((one for one in members if one.method == "get"), GETS_A_DOMAIN)
    yield from islice((one for one in members if one.method == "post" and one.body), 1)


def _unguarded(document: Any) -> Any:
    """Removes security, since the tests set credentials, and parameters of POST, so that only the body is invalid."""
    document["components"].pop("securitySchemes")
    for item in document["paths"].values():
        for method, operation in item.items():
            operation.pop("security", None)
            if method == "post":
                operation.pop("parameters", None)
    return document


@pytest.mark.parametrize("domain", DOMAINS)
def test_responses_conform_to_the_served_openapi_document(
    demo_company: DemoCompany, admin: Mapping[str, str], operations: dict[str, list[Any]], domain: str
) -> None:
    assert operations[domain]
    for operation in operations[domain]:
        # Invalid bodies only, so that the demo company does not change.
        mode = GenerationMode.NEGATIVE if operation.method == "post" else GenerationMode.POSITIVE
        _try(demo_company, operation, mode, admin)


def _try(demo_company: DemoCompany, operation: Any, mode: GenerationMode, admin: Mapping[str, str]) -> None:
    @few
    @given(case=operation.as_strategy(generation_mode=mode))
    def run(case: Any) -> None:
        for headers in ({}, dict(admin)):
            case.call_and_validate(base_url=demo_company.url(""), headers=headers, checks=CHECKS)

    run()
