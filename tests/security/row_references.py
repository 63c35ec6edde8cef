"""Which rows the parameters of routes and the fields of bodies refer to. Tests fail for one that is missing here."""

import re
from typing import Any, Final

from sqlalchemy import ForeignKeyConstraint

from falachefe.app.schema import metadata
from falachefe.resources.http import ResourceApi
from tests.integration.api.gateway import Route

OWN_SESSIONS: Final = "own sessions"
"""The caller's own sessions. They are items of DynamoDB, not rows of a table."""
NAMED_BY: Final[dict[str, str]] = {"sessions": OWN_SESSIONS}
"""The table that a segment of a path stands for, where its name differs."""
USER_SESSIONS: Final = "users' sessions"
"""The sessions of the user in `users`."""
BY_PARAMETER: Final[dict[str, str]] = {"user_id": "users"}
"""The table of a parameter, whatever segment precedes it."""
NO_ROWS: Final = {"provider", "channel_key", "code", "name"}
"""Path parameters that refer to no row of a company (`code` is a plan's, `name` a feature's)."""
ACCEPTED: Final[dict[str, dict[str, Any]]] = {
    "/v1/business/time-off": {"start": "2026-12-01", "end": "2026-12-02"},
    "/v1/admin/users/{item_id}": {"email": "ana@padaria.example"},
}
"""Valid bodies, where fields depend on each other."""
TABLES_READ_BY_TOOL: Final[dict[str, tuple[str, ...]]] = {
    "greet": (),
    "help": (),
    "add_expense": ("budgets",),
    "add_income": (),
    "list_entries": ("transactions",),
    "spending_report": ("transactions", "budgets", "users"),
    "correct_entry": ("transactions",),
    "delete_entry": ("transactions",),
    "add_bill": (),
    "settle_bill": ("bills",),
    "cancel_bill": ("bills",),
    "list_bills": ("bills",),
    "cash_flow_report": ("transactions",),
    "create_budget": ("transactions", "budgets"),
    "analyze_trends": ("transactions",),
    "create_campaign": ("campaigns",),
    "list_campaigns": ("campaigns",),
    "campaign_results": ("campaigns",),
    "send_campaign": ("campaigns",),
    "cancel_campaign": ("campaigns",),
    "count_contacts": (),
    "suggest_post": (),
    "add_employee": ("employees",),
    "list_employees": ("employees",),
    "request_time_off": ("employees", "time_off_requests"),
    "register_absence": ("employees", "time_off_requests"),
    "answer_question": ("articles",),
    "open_ticket": ("tickets",),
    "talk_to_human": (),
    "remind": (),  # reminders are one user's, whom the calls of these tests do not have
    "list_reminders": (),
    "cancel_reminder": (),
    "undo": (),  # tool calls of one conversation, which a company's example row is not in
}
"""The tables that a tool of an agent reads; it must not find rows of other companies in them."""


def table_of(route: Route, parameter: str) -> str:
    """The table that a path parameter refers to, by the segment before it or by the route's own resource."""
    if parameter in BY_PARAMETER:
        return BY_PARAMETER[parameter]
    if (route.domain, parameter) == ("admin", "session_id"):
        return USER_SESSIONS
    word: str = re.findall(rf"([\w-]+)/\{{{parameter}\}}", route.path)[0]
    if isinstance(route.api, ResourceApi) and route.api.resource.name == word:
        return str(route.api.resource.model.__tablename__)
    table = NAMED_BY.get(word, word.replace("-", "_"))
    assert table in {*metadata.tables, OWN_SESSIONS}, (
        f"tests/security/row_references.py lacks the table that {route.path} refers to"
    )
    return table


def parameters(route: Route) -> list[str]:
    """The parameters of a path that refer to rows."""
    return [name for name in route.parameters if name not in NO_ROWS]


def referred_table(field: str) -> str:
    """The table that a body's field refers to, by the foreign keys of columns with that name."""
    found = {
        constraint.referred_table.name
        for table in metadata.tables.values()
        for constraint in table.constraints
        if isinstance(constraint, ForeignKeyConstraint) and field in constraint.column_keys
    }
    (table,) = found
    return table


def identifiers(schema: Any, defined: Any) -> set[str]:
    """The fields of a body's schema that contain an id."""
    properties = _resolved(schema, defined).get("properties", {})
    return {name for name, field in properties.items() if _is_identifier(field, defined)}


def _is_identifier(field: Any, defined: Any) -> bool:
    field = _resolved(field, defined)
    return field.get("format") == "uuid" or any(_is_identifier(one, defined) for one in field.get("anyOf", ()))


def _resolved(schema: Any, defined: Any) -> Any:
    return defined[schema["$ref"].rpartition("/")[2]] if "$ref" in schema else schema
