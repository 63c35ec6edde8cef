"""Resources whose lists can be had as a file, where their declarations stand, and how one asks for it.

Names only: the worker imports the one it needs, and not the models of every context.
"""

from collections.abc import Mapping
from importlib import import_module
from typing import Any, Final, Literal

from pydantic import Field

from falachefe.resources.declaration import Resource
from falachefe.resources.schemas import Input

EXPORTABLE: Final[Mapping[str, str]] = {
    "budgets": "finance.resources:BUDGETS",
    "campaigns": "marketing.resources:CAMPAIGNS",
    "contacts": "messaging.api.resources:CONTACTS",
    "conversations": "messaging.api.resources:CONVERSATIONS",
    "employees": "hr.resources:EMPLOYEES",
    "memories": "crews.api.resources:MEMORIES",
    "posts": "posts.resource:POSTS",
    "suppliers": "finance.suppliers:SUPPLIERS",
    "tasks": "crews.api.resources:TASKS",
    "tickets": "support.resources:TICKETS",
    "time-off": "hr.resources:TIME_OFF",
    "transactions": "finance.resources:TRANSACTIONS",
    "users": "accounts.resource:USERS",
}
LONGEST_QUERY: Final = 4_000


class ExportIn(Input):
    """`query` is that of the list, without its pages: the file holds them all."""

    format: Literal["csv", "json"] = Field(examples=["csv"])
    delimiter: Literal[",", ";", "\t"] = Field(default=",", description="Of a CSV file's columns")
    decimal: Literal[".", ","] = Field(default=".", description="In a CSV file's amounts; dates keep their form")
    query: str = Field(default="", max_length=LONGEST_QUERY, examples=["kind=expense&date__gte=2026-11-01&sort=date"])


def exportable(name: str) -> Resource[Any, Any, Any]:
    """The declaration of that name. Raises `KeyError` for one that cannot be exported."""
    module, _, attribute = EXPORTABLE[name].partition(":")
    found: Resource[Any, Any, Any] = getattr(import_module(f"falachefe.{module}"), attribute)
    return found
