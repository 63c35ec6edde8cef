"""How a company's rows are reached from outside. A route or a field that is not told of here fails the tests."""

from typing import Any, Final

from sqlalchemy import ForeignKeyConstraint

from falachefe.data.schema import metadata
from falachefe.resources.http import ResourceApi
from tests.integration.api.gateway import Route

SIGN_INS: Final = "sign-ins"
"""Sessions are no table: items of DynamoDB, under their person."""
ROW_OF_ROUTE: Final[dict[str, str]] = {
    "/v1/auth/sessions/{session_id}": SIGN_INS,
    "/v1/whatsapp/conversations/{conversation_id}/messages": "conversations",
}
"""Whose row a path names, where the route's own declaration does not say it."""


def table_of(route: Route) -> str:
    """The table whose row a path's parameter names."""
    if isinstance(route.api, ResourceApi):
        name: str = route.api.resource.model.__tablename__
        return name
    assert route.path in ROW_OF_ROUTE, f"tests/security/reach.py does not tell whose row {route.path} names"
    return ROW_OF_ROUTE[route.path]


def referred_table(field: str) -> str:
    """The table that a field of a body refers to, by the columns of that name."""
    found = {
        constraint.referred_table.name
        for table in metadata.tables.values()
        for constraint in table.constraints
        if isinstance(constraint, ForeignKeyConstraint) and field in constraint.column_keys
    }
    (table,) = found
    return table


def identifiers(schema: Any, defined: Any) -> set[str]:
    """The fields of a body's schema that hold an id."""
    properties = _resolved(schema, defined).get("properties", {})
    return {name for name, field in properties.items() if _is_identifier(field, defined)}


def _is_identifier(field: Any, defined: Any) -> bool:
    field = _resolved(field, defined)
    return field.get("format") == "uuid" or any(_is_identifier(one, defined) for one in field.get("anyOf", ()))


def _resolved(schema: Any, defined: Any) -> Any:
    return defined[schema["$ref"].rpartition("/")[2]] if "$ref" in schema else schema
