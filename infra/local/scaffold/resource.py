"""`make resource name=invoices context=finance label="faturas" fields="name:text amount:money due:date"`."""

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from infra.local.console import Refused
from infra.local.paths import ROOT
from infra.local.scaffold.events import request_event
from infra.local.scaffold.fields import Field, read_fields
from infra.local.scaffold.names import Name, singular_of, text_given
from infra.local.scaffold.places import LAYER, context_of, domain_of
from infra.local.scaffold.tree import Change
from infra.local.templates.text import filled

REVISIONS: Final = "infra/migrations/falachefe_migrations/versions"
_FILES: Final = Path(__file__).parent / "files" / "resource"
_ROUTES: Final = (
    ("DELETE", "/<item_id>", "delete"),
    ("GET", "", "read"),
    ("GET", "/<item_id>", "read"),
    ("PATCH", "/<item_id>", "update"),
    ("POST", "", "create"),
    ("POST", "/<item_id>/restore", "restore"),
    ("POST", "/batch", "create"),
    ("POST", "/exports", "read"),
)


def plan(given: Mapping[str, str]) -> Change:
    """All files of a new resource. Raises `Refused` for arguments that are missing, malformed or exist already."""
    name, context = Name.read(given.get("name", "")), context_of(given)
    domain = domain_of(given, "business")
    singular = singular_of(name, given.get("singular"))
    label = text_given(given.get("label"), "label", "faturas")
    fields = read_fields(given.get("fields"))
    change = Change(f"resource {name.kebab}")
    if any(f'__tablename__ = "{name.snake}"' in file.read_text() for file in ROOT.glob(f"{LAYER}/**/models.py")):
        raise Refused(f"there is a table {name.snake}")
    words = {
        "name": name.kebab,
        "snake": name.snake,
        "constant": name.constant,
        "singular": singular.snake,
        "singular_words": singular.words,
        "words": name.words,
        "model": singular.camel,
        "context": context,
        "domain": domain,
    }
    _domain_layer(change, words, fields, label)
    _revision(change, words, fields)
    change.new(f"functions/{domain}/{name.snake}.py", filled(_FILES / "handler.py.txt", **words))
    _events_and_tests(change, words, fields)
    return change


def _domain_layer(change: Change, words: Mapping[str, str], fields: list[Field], label: str) -> None:
    folder = f"{LAYER}/{words['context']}"
    for file, pattern in (("models.py", words["model"]), ("schemas.py", f"{words['model']}(In|Out)")):
        if re.search(rf"^class {pattern}\b", change.text(f"{folder}/{file}"), re.MULTILINE):
            raise Refused(f"{folder}/{file} has a class {words['model']}")
    model = filled(_FILES / "model.py.txt", **words, columns="".join(one.in_model() for one in fields))
    of_model = ["from sqlalchemy.orm import Mapped", "from falachefe.db.base import TenantRow, of_company"]
    if any("mapped_column" in one.kind.extra for one in fields):
        of_model.append("from sqlalchemy.orm import mapped_column")
    change.append(f"{folder}/models.py", model, [*of_model, *(one.kind.of_model for one in fields)])
    schemas = filled(
        _FILES / "schemas.py.txt",
        **words,
        inputs="".join(one.in_input() for one in fields),
        outputs="".join(one.in_output() for one in fields),
    )
    of_schemas = ["from falachefe.resources.schemas import Document, Input"]
    change.append(f"{folder}/schemas.py", schemas, [*of_schemas, *(one.kind.of_schemas for one in fields)])
    change.new(f"{folder}/{words['snake']}.py", filled(_FILES / "declaration.py.txt", **words, **_lists(fields)))
    change.insert_sorted(
        f"{LAYER}/access/permissions.py", f'    "{words["snake"]}": "{label}",\n', after="RESOURCES:", until="}"
    )
    exported = f'    "{words["name"]}": "{words["context"]}.{words["snake"]}:{words["constant"]}",\n'
    change.insert_sorted(f"{LAYER}/app/export_registry.py", exported, after="EXPORTABLE:", until="}")


def _lists(fields: list[Field]) -> dict[str, str]:
    """The list's filters (all short fields), sort orders (ordered ones) and searched fields (texts)."""
    short = [one.name for one in fields if one.of != "prose"]
    ordered = [one.name for one in fields if one.of in ("text", "money", "date", "number") and not one.optional]
    searched = [one.name for one in fields if one.of in ("text", "prose")]
    return {
        "filter_by": _tuple([*short, "created_at"]),
        "sort_by": _tuple([*ordered, "created_at"]),
        "search": f"    search_in={_tuple(searched)},\n" if searched else "",
        "default_sort": next((one.name for one in fields if one.of == "text" and not one.optional), "-created_at"),
    }


def _tuple(names: list[str]) -> str:
    return f"({', '.join(f'"{name}"' for name in names)}{',' if len(names) == 1 else ''})"


def _revision(change: Change, words: Mapping[str, str], fields: list[Field]) -> None:
    newest = max(int(file.name[:4]) for file in (ROOT / REVISIONS).glob("[0-9]*.py"))
    number = f"{newest + 1:04}"
    text = filled(
        _FILES / "revision.py.txt",
        **words,
        revision=number,
        before=f"{newest:04}",
        columns="".join(one.in_revision() for one in fields),
    )
    change.new(f"{REVISIONS}/{number}_{words['snake']}.py", text)


def _events_and_tests(change: Change, words: Mapping[str, str], fields: list[Field]) -> None:
    body = json.loads("{" + ", ".join(f'"{one.name}": {one.kind.example}' for one in fields) + "}")
    path, events = f"/{words['name']}", f"events/{words['domain']}/{words['snake']}"
    change.new(f"{events}_create.json", request_event("POST", path, body))
    change.new(f"{events}_list.json", request_event("GET", path))
    tests = f"tests/integration/{words['context']}/test_{words['snake']}.py"
    first = next(one for one in fields if not one.optional)
    written = repr(body).replace("'", '"')
    change.new(tests, filled(_FILES / "test.py.txt", **words, body=written, required=first.name))
    for method, rest, action in _ROUTES:
        route = f"{method} /v1/{words['domain']}{path}{rest} {words['snake']}.{action}\n"
        change.insert_sorted("tests/security/route_permissions.txt", route, after="DELETE", until="\0")
