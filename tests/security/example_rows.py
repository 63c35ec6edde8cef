"""A valid row for any table, derived from its columns, checks and foreign keys. A new table needs no line here."""

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from graphlib import TopologicalSorter
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Column, ForeignKeyConstraint, Table, insert
from sqlalchemy.orm import Session

from falachefe.app.schema import metadata
from falachefe.kernel.ids import new_id


def _referred_first() -> list[Table]:
    """Every table after those that it refers to. SQLAlchemy's order ignores foreign keys that are added later."""
    referred = {
        name: {c.referred_table.name for c in table.constraints if isinstance(c, ForeignKeyConstraint)} - {name}
        for name, table in metadata.tables.items()
    }
    return [metadata.tables[name] for name in TopologicalSorter(referred).static_order()]


TENANT_TABLES = [table for table in _referred_first() if "company_id" in table.columns]
APPEND_ONLY = {"audit_logs", "whatsapp_auth_logs"}
SHARED = {"plans", "feature_flags"}
"""Shared tables: all companies read them, and only a transaction without a company writes them."""
PLATFORM_ONLY = {"quarantined_messages"}
"""Visible only to transactions without a company: a row may belong to any company."""
_EXAMPLES: dict[type, Any] = {
    str: "texto de exemplo",
    int: 1,
    bool: True,
    date: date(2026, 11, 1),
    datetime: datetime(2026, 11, 1, tzinfo=UTC),
    Decimal: Decimal(1),
    object: {},  # JSON
}
_KNOWN_TO_RULES = {"category": "outros", "scopes": ["suppliers.read"], "role": "financial"}
"""Columns whose valid values are defined in code, not by the table."""
_IDLE = {
    ("messages", "status"): "read",
    ("crew_tasks", "status"): "completed",
    ("outbox", "destination"): "events",
    ("reminders", "status"): "cancelled",
}
"""Values that need no work, because other tests run the sweep on the same database."""
_CONSISTENT = {
    ("bills", "amount"): Decimal(10),
    ("bills", "paid"): Decimal(1),
    ("bills", "status"): "partly_paid",
}
"""Values that agree with the example of a row that refers to this one: the bill's payment."""
_VISIBLE_WHEN_SET = {"counterparty", "published_at"}
"""Nullable columns that hide the row while they are null."""

type Keys = Mapping[str, UUID]
"""The id of a row to refer to, by table."""


def references(table: Table) -> list[ForeignKeyConstraint]:
    """The foreign keys to other tables of the company."""
    found = (c for c in table.constraints if isinstance(c, ForeignKeyConstraint))
    return sorted(
        (c for c in found if c.referred_table.name not in ("companies", table.name)), key=lambda c: str(c.name)
    )


def own_column(reference: ForeignKeyConstraint) -> str:
    return next(name for name in reference.column_keys if name != "company_id")


def values_for(table: Table, company_id: UUID, keys: Keys) -> dict[str, Any]:
    """Values for an insert into `table`, with all foreign keys, nullable ones too."""
    values: dict[str, Any] = {}
    for column in table.columns:
        needed = not column.nullable and column.server_default is None and column.computed is None
        if needed or column.name in _VISIBLE_WHEN_SET:
            values[column.name] = _allowed(table, column) or _KNOWN_TO_RULES.get(column.name) or _example(column)
    for reference in references(table):
        values[own_column(reference)] = keys[reference.referred_table.name]
    values |= {column: value for (name, column), value in (_IDLE | _CONSISTENT).items() if name == table.name}
    return values | {"company_id": company_id, "id": new_id()}


def fill(session: Session, company_id: UUID) -> dict[str, UUID]:
    """Creates a company with one row in every table, and returns their ids by table."""
    keys: dict[str, UUID] = {}
    session.execute(insert(metadata.tables["companies"]).values(id=company_id, name="Empresa"))
    for table in TENANT_TABLES:
        values = values_for(table, company_id, keys)
        session.execute(insert(table).values(values))
        keys[table.name] = values["id"]
    return keys


def _allowed(table: Table, column: Column[Any]) -> str | None:
    """The first value that a check constraint allows, if it lists them."""
    for constraint in table.constraints:
        if isinstance(constraint, CheckConstraint):
            closed = re.fullmatch(rf"{column.name} in \('(\w+)'.*\)", str(constraint.sqltext))
            if closed:
                return closed[1]
    return None


def _example(column: Column[Any]) -> Any:
    kind = column.type.python_type
    if kind is UUID:
        return new_id()
    return _EXAMPLES[kind]
