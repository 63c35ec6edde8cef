"""Resources whose lists can be exported, by the import path of their declarations.

A worker imports only the declaration it needs, not the models of every package.
"""

from collections.abc import Mapping
from importlib import import_module
from typing import Any, Final

from falachefe.resources.declaration import Resource

EXPORTABLE: Final[Mapping[str, str]] = {
    "bills": "finance.bills.resources:BILLS",
    "budgets": "finance.resources:BUDGETS",
    "campaigns": "marketing.resources:CAMPAIGNS",
    "contacts": "messaging.api.resources:CONTACTS",
    "conversations": "messaging.api.resources:CONVERSATIONS",
    "employees": "hr.resources:EMPLOYEES",
    "memories": "crews.api.resources:MEMORIES",
    "posts": "posts.resource:POSTS",
    "reminders": "reminders.resources:REMINDERS",
    "suppliers": "finance.suppliers:SUPPLIERS",
    "tasks": "crews.api.resources:TASKS",
    "tickets": "support.resources:TICKETS",
    "time-off": "hr.resources:TIME_OFF",
    "transactions": "finance.resources:TRANSACTIONS",
    "users": "administration.users:USERS",
}


def exportable(name: str) -> Resource[Any, Any, Any]:
    """The declaration of that name. Raises `KeyError` for one that cannot be exported."""
    module, _, attribute = EXPORTABLE[name].partition(":")
    found: Resource[Any, Any, Any] = getattr(import_module(f"falachefe.{module}"), attribute)
    return found
