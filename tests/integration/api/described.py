"""The OpenAPI document as Schemathesis reads it, over the functions in process."""

import copy
from functools import cache
from typing import Any

import schemathesis
from schemathesis.core.result import Ok

from infra.local.openapi.document import document
from tests.integration.api.gateway import Route, application

WELL_FORMED = ("2xx", "3xx", "401", "402", "403", "404", "409", "412", "422", "428", "429")
"""What may be said to data that the document allows: rules that no schema can tell refuse with 422, which leaves
400, 413 and 415, and what is no fault of the data."""


@cache
def described() -> dict[str, Any]:
    """The document without its guard. Who calls is the tests' business, not the generator's."""
    found = copy.deepcopy(document())
    found["components"].pop("securitySchemes")
    for item in found["paths"].values():
        for operation in item.values():
            operation.pop("security", None)
    return found


@cache
def operations() -> tuple[Any, ...]:
    schema = schemathesis.openapi.from_dict(described())
    schema.app = application
    checks = schema.config.checks
    checks.negative_data_rejection.expected_statuses = ["4xx"]
    checks.positive_data_acceptance.expected_statuses = list(WELL_FORMED)
    found = list(schema.get_all_operations())
    assert all(isinstance(operation, Ok) for operation in found)
    return tuple(operation.ok() for operation in found if isinstance(operation, Ok))


def operation_of(route: Route) -> Any:
    return next(
        operation
        for operation in operations()
        if (operation.method, operation.path) == (route.rule.method.lower(), route.path)
    )


def _described(route: Route) -> Any:
    return described()["paths"][route.path][route.rule.method.lower()]


def body_of(route: Route) -> Any:
    """The schema of a request's body; one without fields where there is no body."""
    content = _described(route).get("requestBody", {}).get("content", {})
    return content.get("application/json", {}).get("schema", {})


def query_of(route: Route) -> list[Any]:
    return [one for one in _described(route).get("parameters", []) if one["in"] == "query"]
