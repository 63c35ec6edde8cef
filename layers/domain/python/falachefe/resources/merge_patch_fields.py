"""Fields with a JSON object: a patch of such a field is merged into the stored object (RFC 7396)."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import UnionType
from typing import Annotated, Any, TypeAliasType, Union, get_args, get_origin

from pydantic import BaseModel, TypeAdapter, ValidationError
from pydantic.json_schema import JsonSchemaValue

from falachefe.http.validation import field_errors
from falachefe.kernel.errors import InvalidInput
from falachefe.resources.merge_patch import merge

_NULL = {"type": "null"}


@dataclass(frozen=True, slots=True)
class MergePatch:
    """The type of an object field in a patch. The merged object is validated with the field's own type."""

    whole: Any

    def __get_pydantic_json_schema__(self, core: Any, handler: Any) -> JsonSchemaValue:
        schema = TypeAdapter(self.whole).json_schema()
        patch: JsonSchemaValue = _patch_of(schema, schema.pop("$defs", {}))
        return patch

    def merged(self, name: str, stored: Any, sent: Mapping[str, Any]) -> Any:
        """The merged object, validated with the field's own type. Raises `InvalidInput`."""
        try:
            return TypeAdapter(self.whole).validate_python(merge(_as_json(stored), sent))
        except ValidationError as error:
            errors = field_errors(error.errors(), name)
            raise InvalidInput("Há campos inválidos na requisição.", errors=errors) from None


def patch_annotation(whole: Any) -> Any:
    """The type in a patch for a field of this type: a `MergePatch` for objects, otherwise the type itself."""
    if not holds_an_object(whole):
        return whole
    sent = dict[str, Any] | None if _allows_null(whole) else dict[str, Any]
    return Annotated[sent, MergePatch(whole)]


def holds_an_object(annotation: Any) -> bool:
    plain = _plain(annotation)
    if get_origin(plain) in (Union, UnionType):
        return any(holds_an_object(one) for one in get_args(plain))
    if get_origin(plain) is dict or plain is dict:
        return True
    return isinstance(plain, type) and issubclass(plain, BaseModel)


def _allows_null(annotation: Any) -> bool:
    plain = _plain(annotation)
    return get_origin(plain) in (Union, UnionType) and type(None) in get_args(plain)


def _plain(annotation: Any) -> Any:
    if isinstance(annotation, TypeAliasType):
        return _plain(annotation.__value__)
    return _plain(get_args(annotation)[0]) if get_origin(annotation) is Annotated else annotation


def _as_json(stored: Any) -> Any:
    return stored.model_dump(mode="json", exclude_unset=True) if isinstance(stored, BaseModel) else stored


def _patch_of(schema: Any, defined: Mapping[str, Any]) -> Any:
    """The schema of a merge patch for an object schema: each member may be absent, or null to be removed."""
    schema = _resolved(schema, defined)
    if "anyOf" in schema:
        return {**schema, "anyOf": [_patch_of(one, defined) for one in schema["anyOf"]]}
    if schema.get("type") != "object" or "properties" not in schema:
        return _inlined(schema, defined)
    members = {name: _or_null(_patch_of(one, defined)) for name, one in schema["properties"].items()}
    kept = {key: value for key, value in schema.items() if key not in ("required", "properties", "title")}
    if kept.get("additionalProperties") is False:
        kept["additionalProperties"] = _NULL  # null for an unknown member has no effect
    return {**kept, "properties": members}


def _or_null(schema: Any) -> Any:
    described = {key: value for key, value in schema.items() if key != "default"}
    choices = described.pop("anyOf", None) or [described]
    rest = described if choices != [described] else {}
    return {**rest, "anyOf": [*choices, *([] if _NULL in choices else [_NULL])]}


def _resolved(schema: Any, defined: Mapping[str, Any]) -> Any:
    while "$ref" in schema:
        schema = defined[schema["$ref"].rpartition("/")[2]] | {k: v for k, v in schema.items() if k != "$ref"}
    return schema


def _inlined(schema: Any, defined: Mapping[str, Any]) -> Any:
    match schema:
        case dict():
            found = _resolved(schema, defined) if "$ref" in schema else schema
            return {key: _inlined(value, defined) for key, value in found.items()}
        case list():
            return [_inlined(one, defined) for one in schema]
    return schema
