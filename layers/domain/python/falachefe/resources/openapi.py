"""The toolkit's parts of the OpenAPI document of a resource: parameters, headers and responses."""

from functools import partial
from typing import Any, Final

from pydantic.json_schema import models_json_schema

from falachefe.http.api import MERGE_PATCH
from falachefe.http.openapi.document import Json, header_refs, problem_answer
from falachefe.resources.batch import MAX_OPERATIONS
from falachefe.resources.declaration import Action, Resource
from falachefe.resources.lists.query_string import (
    DEFAULT_PAGE,
    LARGEST_NUMBER,
    LARGEST_PAGE,
    MAX_LIST_LENGTH,
    MAX_VALUE_LENGTH,
    MOST_VALUES,
    suffixes,
)

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
        "shortened": {
            "type": "boolean",
            "description": "Present if the page is shorter than requested, to stay under 6 MB; use `next_cursor`",
        },
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
    "examples": [{"index": 0, "status": 204}],
}
_RESULTS: Final[Json] = {
    "type": "object",
    "required": ["results"],
    "properties": {"results": {"type": "array", "items": _RESULT}},
}
_EXPORT: Final[Json] = {
    "type": "object",
    "title": "ExportAsked",
    "required": ["id", "status"],
    "properties": {"id": {"type": "string", "format": "uuid"}, "status": {"type": "string", "enum": ["pending"]}},
}


def describe(resource: Resource[Any, Any, Any], part: Json) -> Json:
    """`part` with the resource's parameters and responses added."""
    _, read = models_json_schema([(resource.read, "serialization")], ref_template=_REF)
    schemas = part.setdefault("components", {}).setdefault("schemas", {})
    row = f"{resource.read.__name__}Row"
    whole_row = read["$defs"][resource.read.__name__]
    partly = {
        **whole_row,
        "title": row,
        "required": ["id"],
        "description": "The whole row, or the fields that `fields` names",
    }
    schemas |= read["$defs"] | {"Pagination": _PAGINATION, row: partly}
    part["x-looks-like"] = dict.fromkeys((resource.read.__name__, row), resource.create.__name__)
    shown = {"$ref": _REF.format(model=resource.read.__name__)}
    page = {
        "type": "object",
        "required": ["data", "pagination"],
        "properties": {
            "data": {"type": "array", "items": {"$ref": _REF.format(model=row)}},
            "pagination": {"$ref": _REF.format(model="Pagination")},
        },
    }
    whole = resource.path.replace("<", "{").replace(">", "}")
    item = f"{whole}/{{item_id}}"
    if_match, once = _header("If-Match", "The ETag of the version that was read"), _once()
    found = problem_answer("No such row")
    stale = {"404": found, "409": problem_answer("It conflicts with a business rule or another row")}
    locked = {**stale, "412": problem_answer("The row has changed since it was read")}
    wanted = {**locked, "428": problem_answer("If-Match is missing")}
    taken = {"404": problem_answer("A row that it refers to does not exist"), "409": stale["409"]}
    known = {"404": found, "304": {"description": "The version in If-None-Match is current"}}
    above = {} if resource.parent is None else {"404": found}
    one, many = resource.singular, resource.name.replace("-", "_")
    if_known = _header("If-None-Match", "The ETag of the version that the client has")
    made = _answer("201", shown, "ETag", "Location", "Idempotency-Replayed")
    done = _answer("200", _RESULTS, "Idempotency-Replayed")
    tagged = _answer("200", shown, "ETag")
    add = partial(_add, part)
    add(whole, "get", {**_answer("200", page), **above}, name=f"list_{many}", parameters=_query(resource))
    add(item, "get", {**tagged, **known}, name=f"get_{one}", parameters=[if_known])
    add(whole, "post", {**made, **taken}, name=f"create_{one}", parameters=[once])
    add(f"{whole}/batch", "post", {**done, **wanted}, name=f"batch_{many}", parameters=[once])
    add(item, "patch", {**tagged, **wanted}, name=f"update_{one}", parameters=[if_match])
    busy = {"409": problem_answer("The first request with this Idempotency-Key is still being processed")}
    accepted = _answer("202", _EXPORT, "Location", "Idempotency-Replayed")
    add(f"{whole}/exports", "post", {**accepted, **busy}, name=f"export_{many}", parameters=[once])
    deleted = {"204": {"description": "Deleted"}}
    add(item, "delete", {**deleted, **locked}, name=f"delete_{one}", parameters=[if_match])
    add(f"{item}/restore", "post", {**tagged, **stale}, name=f"restore_{one}", parameters=[])
    content = part["paths"].get(item, {}).get("patch", {}).get("requestBody", {}).get("content", {})
    if content:
        content[MERGE_PATCH] = content["application/json"]
    batched = part["paths"].get(f"{whole}/batch", {}).get("post")
    if batched is not None:
        batched["requestBody"]["content"]["application/json"]["schema"] = _batch(resource)
        for name in ("Batch", "Operation"):
            schemas.pop(name)
    return part


def _batch(resource: Resource[Any, Any, Any]) -> Json:
    """The schema of this resource's batches: each operation with its data."""
    key: Json = {"type": "string", "format": "uuid"}
    version: Json = {"type": "integer", "minimum": 1, "description": "Version of the row that was read"}
    created, changed = ({"$ref": _REF.format(model=model.__name__)} for model in (resource.create, resource.update))
    takes: dict[Action, tuple[Json, list[str]]] = {
        "create": ({"data": created}, ["data"]),
        "update": ({"id": key, "version": version, "data": changed}, ["id", "version", "data"]),
        "delete": ({"id": key, "version": version}, ["id"]),
        "restore": ({"id": key}, ["id"]),
    }
    operations = [
        _closed({"op": {"type": "string", "enum": [op]}, **more}, ["op", *needed])
        for op, (more, needed) in takes.items()
        if op in resource.actions
    ]
    mode = {"type": "string", "enum": ["all", "each"], "default": "all"}
    mode |= {"description": "`all` writes everything or nothing; `each` writes what it can and reports each result"}
    many = {"type": "array", "minItems": 1, "maxItems": MAX_OPERATIONS, "items": {"anyOf": operations}}
    return {"title": "Batch", **_closed({"mode": mode, "operations": many}, ["operations"])}


def _closed(properties: Json, required: list[str]) -> Json:
    return {"type": "object", "additionalProperties": False, "required": required, "properties": properties}


def _add(part: Json, path: str, method: str, responses: Json, *, name: str, parameters: list[Json]) -> None:
    operation = part["paths"].get(path, {}).get(method)
    if operation is None:  # the resource lacks this action
        return
    kept = {status: answer for status, answer in operation["responses"].items() if not status.startswith("2")}
    operation["responses"] = {**kept, **responses}
    operation["parameters"] = [*operation.get("parameters", []), *parameters]
    operation |= {"operationId": name, "x-named": True, "summary": name.replace("_", " ").capitalize()}


def _answer(status: str, schema: Json, *headers: str) -> Json:
    content = {"application/json": {"schema": schema}}
    return {status: {"description": "Done", "content": content, "headers": header_refs(*headers)}}


def _header(name: str, description: str) -> Json:
    header: Json = {"name": name, "in": "header", "required": False, "schema": {"type": "string"}}
    return header | ({"description": description} if description else {})


def _once() -> Json:
    header = _header(
        "Idempotency-Key", "A repeated request with the same key and an equivalent body is not executed again"
    )
    return header | {"schema": {"type": "string", "minLength": 1, "maxLength": 255}}


def _query(resource: Resource[Any, Any, Any]) -> list[Json]:
    orders = [f"{sign}{name}" for name in resource.sort_by for sign in ("", "-")]
    found: Json = {
        "page": {"type": "integer", "minimum": 1, "maximum": LARGEST_NUMBER, "default": 1},
        "limit": {"type": "integer", "minimum": 1, "maximum": LARGEST_PAGE, "default": DEFAULT_PAGE},
        "cursor": {
            "type": "string",
            "maxLength": MAX_LIST_LENGTH,
            "description": "The `next_cursor` of an earlier response; replaces `page`",
        },
        "sort": _several({"type": "string", "enum": orders}, "A leading `-` sorts in descending order")
        | {"default": resource.default_sort.split(",")},
        "fields": _several({"type": "string", "enum": list(resource.read.model_fields)}, "The fields to return"),
        "total": {"type": "boolean", "default": True},
        "include_deleted": {"type": "boolean", "default": False},
    }
    if resource.search_in:
        found["search"] = _text()
    for name in resource.filter_by:
        for suffix in suffixes(resource, name):
            found[f"{name}__{suffix}" if suffix else name] = _filter_schema(resource, name, suffix)
    for alias, name in resource.aliases.items():
        found[alias] = {**found[name], "description": f"Alias of {name}"}
    return [_parameter(name, schema) for name, schema in found.items()]


def _parameter(name: str, schema: Json) -> Json:
    listed = {"style": "form", "explode": False} if schema["type"] == "array" else {}  # once, with commas
    return {"name": name, "in": "query", "required": False, "schema": schema} | listed


def _several(one: Json, description: str) -> Json:
    return {"type": "array", "items": one, "minItems": 1, "description": description}


def _text() -> Json:
    return {"type": "string", "maxLength": MAX_VALUE_LENGTH}


def _filter_schema(resource: Resource[Any, Any, Any], name: str, suffix: str) -> Json:
    """The schema of a filter's value, which is parsed from text."""
    if suffix == "isnull":
        return {"type": "boolean"}
    if suffix == "like":
        return _text()
    read_as: Json = resource.value_type(name).json_schema()
    kind: Json = read_as.get("anyOf", [read_as])[0]  # a decimal is a number before a string; for null there is __isnull
    if suffix == "in":
        return {
            **_several(kind, f"Any of these values; at most {MAX_LIST_LENGTH} characters in all"),
            "maxItems": MOST_VALUES,
        }
    return kind if kind["type"] != "string" or kind.keys() & {"enum", "format", "pattern"} else {**_text(), **kind}
