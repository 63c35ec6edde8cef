"""What a resource costs beyond its model and its schemas, counted in lines that say something.

Counted are its declaration, its handler file and the lines that register it (permissions, exports); of the one in
docs/adding-a-resource.md its imports and its tests as well.
Not counted are the model with its revision, the schemas, what is generated from all these (template, OpenAPI document),
and hooks: rules of its own would have to be written anywhere.
"""

import ast
from pathlib import Path

import pytest

from falachefe.resources.http import ResourceApi
from infra.local.handlers import api_of
from infra.local.paths import ROOT

MOST = 60
LAYER = ROOT / "layers" / "domain" / "python" / "falachefe"
REGISTERS = (LAYER / "auth" / "permissions.py", LAYER / "resources" / "exportable.py")


def lines(text: str) -> int:
    """Lines that hold more than white space or a comment."""
    return sum(1 for line in text.splitlines() if line.strip() and not line.strip().startswith("#"))


def declaration(name: str) -> str:
    """The source of `Resource[…](name=…, …)`."""
    sources = [file.read_text() for file in sorted(LAYER.rglob("*.py"))]
    found = [
        ast.get_source_segment(source, node) or ""
        for source in sources
        if "Resource[" in source
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Call) and ast.unparse(node.func).startswith("Resource[") and _is_called(node, name)
    ]
    return "".join(found)


def _is_called(node: ast.Call, name: str) -> bool:
    return any(
        word.arg == "name" and isinstance(word.value, ast.Constant) and word.value.value == name
        for word in node.keywords
    )


def registered(name: str) -> str:
    """The lines that give the resource's permissions to somebody, or let its lists be exported."""
    known = [line for file in REGISTERS for line in file.read_text().splitlines()]
    return "\n".join(line for line in known if f'"{name}"' in line or f'"{name}.' in line)


def cost(file: Path, name: str) -> int:
    return sum(map(lines, (declaration(name), file.read_text(), registered(name.replace("-", "_")))))


SERVED = {
    file: api.resource.name
    for file in sorted(ROOT.glob("functions/*/*.py"))
    # A handler with routes of its own serves more than the resource.
    if isinstance(api := api_of(file), ResourceApi) and "@api." not in file.read_text()
}


@pytest.mark.parametrize("file", [file for file, name in SERVED.items() if declaration(name)], ids=lambda f: f.stem)
def test_a_resource_costs_at_most_sixty_lines_beyond_model_schemas_and_rules(file: Path) -> None:
    assert 10 < cost(file, SERVED[file]) <= MOST


def test_hardly_any_resource_is_declared_in_another_way() -> None:
    assert [name for name in SERVED.values() if not declaration(name)] == ["exports"]  # made for the files' bucket


def test_with_imports_and_tests_a_plain_resource_costs_no_more() -> None:
    files = (
        LAYER / "finance" / "suppliers.py",
        ROOT / "functions" / "business" / "suppliers.py",
        ROOT / "tests" / "integration" / "resources" / "test_suppliers.py",
    )
    assert sum(lines(file.read_text()) for file in files) + lines(registered("suppliers")) <= MOST
