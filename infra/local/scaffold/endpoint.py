"""`make endpoint name=overdue domain=business context=finance permission=finance.read summary="List what is overdue"`.

A GET with a use case in its context. Other methods, parameters and bodies are typed into the handler; `make templates`
then brings its function up to date.
"""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from infra.local.console import Refused
from infra.local.scaffold.events import request_event
from infra.local.scaffold.names import Name, text_given
from infra.local.scaffold.places import LAYER, context_of, domain_of
from infra.local.scaffold.tree import Change
from infra.local.templates.text import filled

_FILES: Final = Path(__file__).parent / "files" / "endpoint"
_PERMISSIONS: Final = f"{LAYER}/access/permissions.py"


def plan(given: Mapping[str, str]) -> Change:
    """All files of a new endpoint. Raises `Refused` for arguments that are missing, malformed or exist already."""
    name, context, domain = Name.read(given.get("name", "")), context_of(given), domain_of(given)
    permission = given.get("permission", "")
    if not re.fullmatch(r"[a-z_]+\.[a-z_]+", permission):
        raise Refused("permission is missing: permission=finance.read, or a new one with label='Ver o que venceu'")
    words = {
        "name": name.kebab,
        "snake": name.snake,
        "camel": name.camel,
        "context": context,
        "domain": domain,
        "permission": permission,
        "summary": text_given(given.get("summary"), "summary", "List what is overdue"),
    }
    change = Change(f"endpoint {domain}/{name.kebab}")
    change.new(f"{LAYER}/{context}/{name.snake}.py", filled(_FILES / "use_case.py.txt", **words))
    change.new(f"functions/{domain}/{name.snake}.py", filled(_FILES / "handler.py.txt", **words))
    change.new(f"events/{domain}/{name.snake}.json", request_event("GET", f"/{name.kebab}"))
    change.new(f"tests/integration/{context}/test_{name.snake}.py", filled(_FILES / "test.py.txt", **words))
    route = f"GET /v1/{domain}/{name.kebab} {permission}\n"
    change.insert_sorted("tests/security/route_permissions.txt", route, after="DELETE", until="\0")
    if not _known(change, permission):
        label = text_given(given.get("label"), "label", "Ver o que venceu")
        change.insert_sorted(_PERMISSIONS, f'    "{permission}": "{label}",\n', after="_OTHERS:", until="}")
    return change


def _known(change: Change, permission: str) -> bool:
    resource, _, action = permission.partition(".")
    catalogue = change.text(_PERMISSIONS)
    actions = re.findall(r'"(\w+)"', catalogue.partition("\n_ACTIONS:")[2].partition("\n}")[0])
    resources = catalogue.partition("\nRESOURCES:")[2].partition("\n}")[0]
    return f'    "{permission}": ' in catalogue or (action in actions and f'    "{resource}": ' in resources)
