"""Endpoints without an entry in functions.toml: all properties of their functions follow from their routes.

Each request is counted; a route that creates claims its Idempotency-Key; one that changes something tells the event
bus. What a role must allow beyond that stands in the handler's `NEEDS`.
"""

import re
from collections.abc import Mapping, Set
from pathlib import Path
from typing import Final

from infra.local.openapi.handlers import api_of, needs_of  # brings the layer within reach

# isort: split
from falachefe.access.permissions import PERMISSIONS, PLATFORM
from falachefe.http.api import Api
from infra.local.templates.declared import Allow, Function
from infra.local.templates.names import logical_of

MEMORY: Final = 512
"""MB: a third of a vCPU, enough for one query; more would only shorten the cold start."""
TIMEOUT: Final = 10
"""s: API Gateway's limit is 29, and a query never needs 10."""
_SESSION: Final = "GetItem"
_SESSIONS: Final = "GetItem Query PutItem UpdateItem DeleteItem"


def ordinary(handler: Path) -> Function | None:
    """The function of an endpoint; None for workers, and for hot paths without the resolver."""
    api = api_of(handler)
    if api is None:
        return None
    methods, needs = {rule.method for rule in api.rules}, needs_of(handler)
    unknown = set(needs) - {"sessions", "pepper", "emails", "exports", "files"}
    if unknown:
        raise KeyError(f"{handler.parent.name}/{handler.name} needs {', '.join(sorted(unknown))}, which there is not")
    files = Allow("s3:GetObject", "!Sub arn:${AWS::Partition}:s3:::${FilesBucket}/exports/*")
    return Function(
        domain=handler.parent.name,
        handler=handler.stem,
        name=handler.stem.replace("_", "-"),
        logical=logical_of(handler.stem),
        memory=MEMORY,
        timeout=TIMEOUT,
        routes=_routes(api),
        secrets=("DatabaseSecretArn", "TokenKeysSecretArn", *(["PepperSecretArn"] if "pepper" in needs else [])),
        tables={"AuthTable": _SESSIONS if "sessions" in needs else _SESSION, "LimitsTable": _counting(methods)},
        sends=tuple(f"{queue}.fifo" for queue in ("emails", "exports") if queue in needs),
        publishes=not methods <= {"GET"},
        variables={"FILES_BUCKET": "!Ref FilesBucket"} if "files" in needs else {},
        allow=(files,) if "files" in needs else (),
    )


def _counting(methods: Set[str]) -> str:
    """The actions of `http.rate_limits` and `resources.idempotency` for routes of these methods."""
    return "PutItem UpdateItem DeleteItem" if "POST" in methods else "UpdateItem"


def _routes(api: Api) -> Mapping[str, str]:
    routes = {}
    for rule in sorted(api.rules, key=lambda rule: (rule.path, rule.method)):
        path = rule.path.replace("<", "{").replace(">", "}")
        words = (word.capitalize() for word in re.findall(r"[a-z0-9]+", path))
        routes[rule.method.capitalize() + "".join(words)] = f"{rule.method} {path}"
    return routes


def faults(handler: Path) -> list[str]:
    """The reasons why an endpoint could not be called, and their remedies."""
    api = api_of(handler)
    if api is None:
        return []
    here = f"{handler.parent.name}/{handler.name}"
    asked = {rule.permission for rule in api.rules if rule.permission is not None}
    unknown = sorted(asked - set(PERMISSIONS) - set(PLATFORM))
    found = [f"{here}: nobody can hold {name}: see falachefe/access/permissions.py" for name in unknown]
    if api.domain != handler.parent.name:
        found.append(f'{here} serves /v1/{api.domain}: declare domain="{handler.parent.name}"')
    return found
