"""One OpenAPI 3.1 document over the routes of many handler files. Made when documents are made, never in a request."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from falachefe.http.api import Api, RouteRule

type Json = dict[str, Any]

METHODS: Final = ("get", "post", "patch", "delete", "put")
_POWERTOOLS_REFUSALS: Final = ("HTTPValidationError", "ResponseValidationError", "ValidationError")
"""What powertools would answer to a wrong body; ours is a problem."""
_TEXT: Final = {"type": "string"}
PROBLEM: Final[Json] = {
    "type": "object",
    "title": "Problem",
    "description": "RFC 9457 problem details; `code` is stable, `detail` is for people.",
    "required": ["type", "title", "status", "detail", "instance", "code", "request_id"],
    "properties": {
        "type": {"type": "string", "format": "uri"},
        "title": _TEXT,
        "status": {"type": "integer"},
        "detail": _TEXT,
        "instance": _TEXT,
        "code": _TEXT,
        "request_id": _TEXT,
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["field", "message"],
                "properties": {"field": _TEXT, "message": _TEXT},
            },
        },
    },
}


def problem_answer(description: str) -> Json:
    schema = {"$ref": "#/components/schemas/Problem"}
    return {"description": description, "content": {"application/problem+json": {"schema": schema}}}


def document_of(parts: Iterable[tuple[Api, Json]]) -> Json:
    """The document of all handlers: each `Api` with what `part_of` said of it, others' descriptions applied."""
    paths: dict[str, Json] = {}
    schemas: dict[str, Json] = {"Problem": PROBLEM}
    for api, part in parts:
        for path, item in part["paths"].items():
            paths.setdefault(f"/v1/{api.domain}{path}", {}).update(item)
        for name, schema in part.get("components", {}).get("schemas", {}).items():
            if schemas.setdefault(name, schema) != schema:
                raise ValueError(f"two handlers mean different things by the schema {name}")
    return {
        "openapi": "3.1.0",
        "info": {"title": "Falachefe", "version": "v1"},
        "paths": dict(sorted(paths.items())),
        "components": {
            "schemas": dict(sorted(schemas.items())),
            "securitySchemes": {"bearer": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}},
        },
    }


def part_of(api: Api) -> Json:
    """What powertools knows of one handler's routes, with our guard and our refusals in place of its own."""
    made = api._app.get_openapi_schema(title="Falachefe", version="v1", openapi_version="3.1.0")
    part: Json = made.model_dump(by_alias=True, exclude_none=True, mode="json")
    rules = {(rule.method.lower(), rule.path.replace("<", "{").replace(">", "}")): rule for rule in api.rules}
    for path, item in part["paths"].items():
        for method in METHODS:
            if method in item:
                _guarded(item[method], api.domain, rules[method, path])
    schemas = part.get("components", {}).get("schemas", {})
    for name in _POWERTOOLS_REFUSALS:
        schemas.pop(name, None)
    return part


def _guarded(operation: Json, domain: str, rule: RouteRule) -> None:
    operation["tags"] = [domain]
    answers: Mapping[str, str] = {"422": "Refused: what was sent makes no sense", "500": "Our fault"}
    if rule.permission is None:
        operation["security"] = []
    else:
        operation["security"] = [{"bearer": []}]
        operation["x-permission"] = rule.permission
        answers = {"401": "Nobody signed in", "403": f"Needs {rule.permission}", **answers}
    if "requestBody" in operation:
        answers = {"400": "No JSON", "413": "Too large", "415": "No JSON by its type", **answers}
    operation.setdefault("responses", {}).update({status: problem_answer(text) for status, text in answers.items()})
    operation["responses"]["503"] = problem_answer("Something we stand on does not answer; try again later")
