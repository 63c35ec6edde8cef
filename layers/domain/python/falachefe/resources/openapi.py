"""What the toolkit adds to a resource's routes in the OpenAPI document: parameters, headers and answers."""

from typing import Any, Final

from pydantic.json_schema import models_json_schema

from falachefe.http.api import MERGE_PATCH
from falachefe.http.openapi import Json, problem_answer
from falachefe.resources.declaration import Resource
from falachefe.resources.queries import DEFAULT_PAGE, LARGEST_PAGE, suffixes

_REF: Final = "#/components/schemas/{model}"
_PAGINATION: Final[Json] = {
    "type": "object",
    "title": "Pagination",
    "required": ["page", "limit", "total", "pages", "has_next", "has_prev", "next_cursor"],
    "properties": {
        "page": {"type": ["integer", "null"]},
        "limit": {"type": "integer"},
        "total": {"type": ["integer", "null"]},
        "pages": {"type": ["integer", "null"]},
        "has_next": {"type": "boolean"},
        "has_prev": {"type": "boolean"},
        "next_cursor": {"type": ["string", "null"]},
    },
}
_RESULT: Final[Json] = {
    "type": "object",
    "required": ["index", "status"],
    "properties": {
        "index": {"type": "integer"},
        "status": {"type": "integer"},
        "data": {"type": "object"},
        "problem": {"$ref": "#/components/schemas/Problem"},
    },
}
_RESULTS: Final[Json] = {
    "type": "object",
    "required": ["results"],
    "properties": {"results": {"type": "array", "items": _RESULT}},
}
_ETAG: Final[Json] = {"ETag": {"description": "The version, for If-Match", "schema": {"type": "string"}}}


def describe(resource: Resource[Any, Any, Any], part: Json) -> Json:
    """`part` with the resource's own answers in it."""
    _, read = models_json_schema([(resource.read, "serialization")], ref_template=_REF)
    schemas = part.setdefault("components", {}).setdefault("schemas", {})
    schemas |= read["$defs"] | {"Pagination": _PAGINATION}
    shown = {"$ref": _REF.format(model=resource.read.__name__)}
    page = {
        "type": "object",
        "required": ["data", "pagination"],
        "properties": {
            "data": {"type": "array", "items": shown},
            "pagination": {"$ref": _REF.format(model="Pagination")},
        },
    }
    whole, item = f"/{resource.name}", f"/{resource.name}/{{item_id}}"
    if_match, once = _header("If-Match", "The version that was read, as its ETag"), _once()
    found = problem_answer("There is no such row")
    stale = {"404": found, "409": problem_answer("The rules or another row stand against it")}
    locked = {**stale, "412": problem_answer("The row changed meanwhile")}
    wanted = {**locked, "428": problem_answer("If-Match is missing")}
    taken = {"404": problem_answer("Something it refers to does not exist"), "409": stale["409"]}
    known = {"404": found, "304": {"description": "The version in If-None-Match is still the newest"}}
    _add(part, whole, "get", _answer("200", page), parameters=_query(resource))
    _add(part, item, "get", {**_answer("200", shown, tagged=True), **known}, parameters=[_header("If-None-Match", "")])
    _add(part, whole, "post", {**_answer("201", shown, tagged=True), **taken}, parameters=[once])
    _add(part, f"{whole}/batch", "post", {**_answer("200", _RESULTS), **wanted}, parameters=[once])
    _add(part, item, "patch", {**_answer("200", shown, tagged=True), **wanted}, parameters=[if_match])
    _add(part, item, "delete", {"204": {"description": "Deleted"}, **locked}, parameters=[if_match])
    _add(part, f"{item}/restore", "post", {**_answer("200", shown, tagged=True), **stale}, parameters=[])
    content = part["paths"].get(item, {}).get("patch", {}).get("requestBody", {}).get("content", {})
    if content:
        content[MERGE_PATCH] = content["application/json"]
    return part


def _add(part: Json, path: str, method: str, responses: Json, *, parameters: list[Json]) -> None:
    operation = part["paths"].get(path, {}).get(method)
    if operation is None:  # an action that this resource does not have
        return
    kept = {status: answer for status, answer in operation["responses"].items() if not status.startswith("2")}
    operation["responses"] = dict(sorted({**kept, **responses}.items()))
    operation["parameters"] = [*operation.get("parameters", []), *parameters]


def _answer(status: str, schema: Json, *, tagged: bool = False) -> Json:
    answer: Json = {"description": "Done", "content": {"application/json": {"schema": schema}}}
    return {status: answer | ({"headers": _ETAG} if tagged else {})}


def _header(name: str, description: str) -> Json:
    header: Json = {"name": name, "in": "header", "required": False, "schema": {"type": "string"}}
    return header | ({"description": description} if description else {})


def _once() -> Json:
    header = _header("Idempotency-Key", "Sent again with the same body, the request is answered, not done, again")
    return header | {"schema": {"type": "string", "minLength": 1, "maxLength": 255}}


def _query(resource: Resource[Any, Any, Any]) -> list[Json]:
    orders = f"Any of {', '.join(resource.sort_by)}; a - before a name turns its order round"
    found = {
        "page": {"type": "integer", "minimum": 1, "default": 1},
        "limit": {"type": "integer", "minimum": 1, "maximum": LARGEST_PAGE, "default": DEFAULT_PAGE},
        "cursor": {"type": "string"},
        "sort": {
            "type": "string",
            "default": resource.default_sort,
            "description": f"Any of {orders}; - turns one round",
        },
        "fields": {"type": "string", "description": "The fields to show, with commas between them"},
        "total": {"type": "boolean", "default": True},
        "include_deleted": {"type": "boolean", "default": False},
    }
    if resource.search_in:
        found["search"] = {"type": "string", "maxLength": 200}
    for name in resource.filter_by:
        for suffix in suffixes(resource, name):
            typed = {"type": "boolean"} if suffix == "isnull" else {"type": "string"}
            found[f"{name}__{suffix}" if suffix else name] = typed
    found |= {
        alias: {"type": "string", "description": f"The same as {name}"} for alias, name in resource.aliases.items()
    }
    return [{"name": name, "in": "query", "required": False, "schema": schema} for name, schema in found.items()]
