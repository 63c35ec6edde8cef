"""An example for every body of the OpenAPI document, put together from what the schemas' fields give as examples."""

from collections.abc import Mapping
from typing import Any, Final

from falachefe.http.schemas import ID_EXAMPLE, MOMENT_EXAMPLE

_BY_FORMAT: Final[Mapping[str, str]] = {
    "uuid": ID_EXAMPLE,
    "date-time": MOMENT_EXAMPLE,
    "date": "2026-11-22",
    "uri": "https://falachefe.app/problems/invalid-input",
}
_DEEPEST: Final = 12


def example_of(schema: Mapping[str, Any], schemas: Mapping[str, Any], depth: int = 0) -> Any:
    """A value that the schema allows. A field whose text follows a pattern needs an example of its own."""
    if depth > _DEEPEST:
        return None
    if "$ref" in schema:
        return example_of(schemas[schema["$ref"].rpartition("/")[2]], schemas, depth + 1)
    given = [*schema.get("examples", ()), *(schema[one] for one in ("const", "default") if one in schema)]
    given += schema.get("enum", ())
    choices = [one for choice in ("anyOf", "oneOf", "allOf") for one in schema.get(choice, ())]
    if given:
        return given[0]
    return example_of(choices[0], schemas, depth + 1) if choices else _by_type(schema, schemas, depth)


def _by_type(schema: Mapping[str, Any], schemas: Mapping[str, Any], depth: int) -> Any:
    kind = schema.get("type")
    match kind[0] if isinstance(kind, list) else kind:
        case "object":
            fields = schema.get("properties", {}).items()
            return {name: example_of(one, schemas, depth + 1) for name, one in fields if _telling(name, one, schema)}
        case "array":
            return [example_of(schema.get("items", {}), schemas, depth + 1)]
        case "string":
            return _BY_FORMAT.get(schema.get("format", ""), "texto".ljust(schema.get("minLength", 0), "o"))
        case "integer" | "number":
            return schema.get("minimum", 1)
        case "boolean":
            return True
    return None


def _telling(name: str, field: Mapping[str, Any], schema: Mapping[str, Any]) -> bool:
    """What may be left out stands in an example only when it has one."""
    return name in schema.get("required", ()) or "examples" in field or "const" in field
