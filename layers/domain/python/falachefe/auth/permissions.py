"""Who may do what: `<resource>.<action>`, by role. `*` belongs to superadmin alone.

`account.manage` is one's own account and sessions: everybody who signs in holds it.
"""

from collections.abc import Mapping

EVERYTHING = "*"

# Resources of the REST API (`falachefe.resources`), each with the five actions. The agents' tools ask for the
# permissions of their domain (`finance.write` …) instead.
RESOURCES = ("budgets", "campaigns", "employees", "suppliers", "tickets", "time_off", "transactions")
_ACTIONS = ("read", "create", "update", "delete", "restore")

_USER = frozenset(
    {"account.manage", "crews.process", "crews.read", "finance.write", "hr.read", "hr.request", "marketing.read"}
    # The same by REST: note what was spent, ask for one's own days off, see colleagues and campaigns.
    | {"campaigns.read", "employees.read", "time_off.create", "transactions.create"}
)
_ADMIN = (
    _USER
    | {"conversations.read", "crews.manage", "finance.read", "hr.write", "marketing.write", "users.read"}
    | {"users.manage"}
    | {f"{resource}.{action}" for resource in RESOURCES for action in _ACTIONS}
)

PERMISSIONS_OF: Mapping[str, frozenset[str]] = {
    "superadmin": frozenset({EVERYTHING}),
    "admin": _ADMIN,
    # Staff note what they spend and ask for days off; the company's figures and people's data are the admin's.
    "user": _USER,
}


def permissions_of(role: str) -> frozenset[str]:
    """The permissions of a role; an unknown role holds none."""
    return PERMISSIONS_OF.get(role, frozenset())


def allows(held: frozenset[str], needed: str) -> bool:
    return needed in held or EVERYTHING in held
