"""Which problem codes the code answers, read from its syntax: refusals that are made with a code, or without one."""

import ast
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from infra.local.paths import ROOT
from tests.unit.docs.paths import PACKAGE

type Problems = set[tuple[str, str]]
"""Status and code."""

EXPORTS: Final = "an export"
"""Stands for the status of what fails later: the code is in `error_code` of the export."""

_GATEWAY: Final = ROOT / "infra/local/templates/parts/api.yaml"
_NOT_ANSWERED: Final = {
    "aws/queue_upkeep.py": "an operator's commands to the sweep",
    "messaging/outbound/send.py": "the worker that sends",
}
_COMPUTED: Final[Mapping[tuple[str, str], frozenset[str]]] = {
    ("administration/users.py", "Conflict"): frozenset({"email_taken", "phone_taken", "username_taken"}),
    ("http/api.py", "MalformedJson"): frozenset({"json_too_deep"}),
    ("http/api.py", "InvalidInput"): frozenset({"number_too_large"}),
    ("messaging/webhook/receive.py", "MalformedWebhook"): frozenset(
        {"json_too_deep", "malformed_json", "number_too_large"}
    ),
}
"""Codes that no literal at the call says: file and error, and what they can be."""
_GIVEN_UP: Final = ("export_failed", "export_interrupted")
"""What exports/runs.py writes without an error, for an export that was put aside."""


@dataclass(frozen=True)
class _Error:
    base: str
    status: str | None
    default_code: str | None


@dataclass(frozen=True)
class _File:
    name: str
    """Below the domain layer, or from the root for a function."""
    tree: ast.Module


def answered() -> Problems:
    files = [
        *(_File(path.relative_to(PACKAGE).as_posix(), ast.parse(path.read_text())) for path in PACKAGE.rglob("*.py")),
        *(
            _File(path.relative_to(ROOT).as_posix(), ast.parse(path.read_text()))
            for path in ROOT.glob("functions/*/*.py")
        ),
    ]
    errors = {name: error for file in files for name, error in _errors(file.tree)}
    constants = {name: value for file in files for name, value in _constants(file.tree)}
    found = set(re.findall(r'"status":(\d+).*?"code":"(\w+)"', _GATEWAY.read_text()))
    for file in files:
        if file.name not in _NOT_ANSWERED:
            found |= _made_in(file, errors, constants)
    return found | {(EXPORTS, code) for code in _GIVEN_UP}


def _errors(tree: ast.Module) -> Iterator[tuple[str, _Error]]:
    for node in tree.body:
        if isinstance(node, ast.ClassDef) and node.bases:
            said = {}
            for line in node.body:
                target = line.targets[0] if isinstance(line, ast.Assign) else getattr(line, "target", None)
                value = getattr(line, "value", None)
                if isinstance(target, ast.Name) and isinstance(value, ast.Constant):
                    said[target.id] = str(value.value)
            yield node.name, _Error(ast.unparse(node.bases[0]), said.get("status"), said.get("default_code"))


def _constants(tree: ast.Module) -> Iterator[tuple[str, str]]:
    for node in tree.body:
        match node:
            case ast.AnnAssign(target=ast.Name(id=name), value=ast.Constant(value=str(value))):
                yield name, value


def _made_in(file: _File, errors: Mapping[str, _Error], constants: Mapping[str, str]) -> Problems:
    found: Problems = set()
    for error, call in _calls(file.tree):
        kind = "InvalidInput" if error == "invalid_field" else error
        status, default = _of(kind, errors)
        if status is None or (file.name, kind) == ("kernel/errors.py", "InvalidInput"):  # passes a caller's code on
            continue
        code = next((one.value for one in call.keywords if one.arg == "code"), None)
        if code is None and error == "invalid_field" and len(call.args) == 3:
            code = call.args[2]
        codes = {str(default)} if code is None else _codes(code, constants)
        if codes is None:
            codes = _COMPUTED[file.name, kind]
        found |= {(EXPORTS if file.name == "exports/runs.py" else status, one) for one in codes}
    return found


def _calls(tree: ast.Module) -> Iterator[tuple[str, ast.Call]]:
    """Calls by the last part of their name; `super().__init__` by the class that it stands in."""
    owners = {id(inner): node.name for node in tree.body if isinstance(node, ast.ClassDef) for inner in ast.walk(node)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            name = ast.unparse(node.func)
            yield (owners.get(id(node), "") if name == "super().__init__" else name.rpartition(".")[2]), node


def _of(name: str, errors: Mapping[str, _Error]) -> tuple[str | None, str | None]:
    """Status and default code of an error; None for a class that is no refusal."""
    if name == "DomainError":
        return "400", "bad_request"
    error = errors.get(name)
    if error is None:
        return None, None
    status, default = _of(error.base, errors)
    return (None, None) if status is None else (error.status or status, error.default_code or default)


def _codes(expression: ast.expr, constants: Mapping[str, str]) -> frozenset[str] | set[str] | None:
    match expression:
        case ast.Constant(value=str(code)):
            return {code}
        case ast.Name(id=name) if name in constants:
            return {constants[name]}
    return None


def documented(text: str) -> list[tuple[str, str]]:
    """Status and code of each row, in the order of the document."""
    found = []
    for section in re.split(r"^## ", text, flags=re.MULTILINE)[1:]:
        heading = section.partition("\n")[0]
        status = heading.partition(" ")[0] if heading[0].isdigit() else EXPORTS
        found += [(status, code) for code in re.findall(r"^\| `(\w+)` \|", section, re.MULTILINE)]
    return found
