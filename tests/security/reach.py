"""How a company's rows are reached from outside. A route or a field that is not told of here fails the tests."""

import re
from typing import Any, Final

from sqlalchemy import ForeignKeyConstraint

from falachefe.app.schema import metadata
from falachefe.resources.http import ResourceApi
from tests.integration.api.gateway import Route

SIGN_INS: Final = "sign-ins"
"""Sessions are no table: items of DynamoDB, under their person."""
NAMED_BY: Final[dict[str, str]] = {"sessions": SIGN_INS}
"""Whose row stands behind a word of a path, where it is not the table of that name."""
PEOPLES_SIGN_INS: Final = "people's sign-ins"
"""Those of the person who is the row in `users`."""
BY_PARAMETER: Final[dict[str, str]] = {"user_id": "users"}
"""Whose row a parameter names, whatever stands before it."""
NO_ROWS: Final = {"provider", "channel_key", "code", "name"}
"""Parameters of paths that name no row of a company; plans have codes, and features names."""
ACCEPTED: Final[dict[str, dict[str, Any]]] = {
    "/v1/business/time-off": {"start": "2026-12-01", "end": "2026-12-02"},
    "/v1/admin/users/{item_id}": {"email": "ana@padaria.example"},
}
"""Bodies whose fields must fit each other."""
LOOKED_AT: Final[dict[str, tuple[str, ...]]] = {
    "greet": (),
    "help": (),
    "add_expense": ("budgets",),
    "add_income": (),
    "cash_flow_report": ("transactions",),
    "create_budget": ("transactions", "budgets"),
    "analyze_trends": ("transactions",),
    "create_campaign": ("campaigns",),
    "list_campaigns": ("campaigns",),
    "campaign_results": ("campaigns",),
    "suggest_post": (),
    "add_employee": ("employees",),
    "list_employees": ("employees",),
    "request_time_off": ("employees", "time_off_requests"),
    "register_absence": ("employees", "time_off_requests"),
    "answer_question": ("articles",),
    "open_ticket": ("tickets",),
    "talk_to_human": (),
}
"""The tables that an agent's tool finds things in, and so must find nobody else's."""


def table_of(route: Route, parameter: str) -> str:
    """The table whose row a path's parameter names: the word before it says so, or the route's own resource."""
    if parameter in BY_PARAMETER:
        return BY_PARAMETER[parameter]
    if (route.domain, parameter) == ("admin", "session_id"):
        return PEOPLES_SIGN_INS
    word: str = re.findall(rf"([\w-]+)/\{{{parameter}\}}", route.path)[0]
    if isinstance(route.api, ResourceApi) and route.api.resource.name == word:
        return str(route.api.resource.model.__tablename__)
    table = NAMED_BY.get(word, word.replace("-", "_"))
    assert table in {*metadata.tables, SIGN_INS}, f"tests/security/reach.py does not tell whose row {route.path} names"
    return table


def parameters(route: Route) -> list[str]:
    """The parameters of a path that name rows."""
    return [name for name in route.parameters if name not in NO_ROWS]


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
