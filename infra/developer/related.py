"""Which unit tests concern a changed file: those at its path, and those that import it."""

import ast
from collections.abc import Iterable, Iterator
from pathlib import Path

UNIT = Path("tests/unit")
# Where modules lie, and where the tree of their tests begins.
_ROOTS = (
    (Path("layers/domain/python/falachefe"), UNIT),
    (Path("infra"), UNIT),
)
# What a module's dotted name is counted from.
_IMPORT_ROOTS = (Path("layers/domain/python"), Path("infra/migrations"), Path())


def related_tests(changed: Iterable[Path], root: Path) -> list[Path]:
    """The test files, sorted; paths are relative to `root`, the project."""
    files = [path for path in changed if path.suffix == ".py"]
    found = {test for path in files for test in _at_the_path_of(path) if (root / test).is_file()}
    names = {name for path in files if (name := module_name(path))}
    if names:
        found |= {test for test in _unit_tests(root) if names & imported_by(root / test)}
    return sorted(found)


def module_name(path: Path) -> str | None:
    """`falachefe.finance.rules` for layers/domain/python/falachefe/finance/rules.py."""
    for base in _IMPORT_ROOTS:
        if path.is_relative_to(base):
            parts = path.relative_to(base).with_suffix("").parts
            return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
    return None


def imported_by(path: Path) -> set[str]:
    """Names of modules that a file imports, anywhere in it. `from a import b` may name the module `a` or `a.b`."""
    names: set[str] = set()
    try:
        tree = ast.parse(path.read_bytes())
    except (SyntaxError, FileNotFoundError):  # half written, or gone since it was listed
        return names
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    return names


def _at_the_path_of(path: Path) -> Iterator[Path]:
    if path.is_relative_to(UNIT) and path.name.startswith("test_"):
        yield path
    for base, tests in _ROOTS:
        if path.is_relative_to(base):
            yield tests / path.relative_to(base).with_name(f"test_{path.name}")


def _unit_tests(root: Path) -> Iterator[Path]:
    for path in (root / UNIT).rglob("test_*.py"):
        yield path.relative_to(root)
