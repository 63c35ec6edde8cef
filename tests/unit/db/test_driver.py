"""Private names of pg8000 are used in one file only, written for one release."""

import ast
import tomllib
from importlib.metadata import version
from pathlib import Path

from infra.local.paths import ROOT

RELEASE = "1.31.6"
DRIVER = ROOT / "layers" / "domain" / "python" / "falachefe" / "db" / "driver.py"


def test_the_installed_pg8000_release_is_the_one_the_driver_was_written_for() -> None:
    """A new release: read its `core.py` and `dbapi.py` beside `falachefe/db/driver.py`, run `tests/integration/db`
    (the protocol on a real server) and `make bench ONLY=database`, then change the number here and in the project."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]

    assert version("pg8000") == RELEASE
    assert f"pg8000=={RELEASE}" in project["dependencies"]


def test_no_other_file_uses_private_names_of_pg8000() -> None:
    ours = [*ROOT.glob("layers/domain/**/*.py"), *ROOT.glob("functions/**/*.py"), *ROOT.glob("infra/**/*.py")]

    assert [path for path in ours if path != DRIVER and inside(path)] == []
    assert inside(DRIVER)


def inside(path: Path) -> list[str]:
    found = []
    for node in ast.walk(ast.parse(path.read_text())):
        match node:
            case ast.ImportFrom(module=str(module)) if module.startswith("pg8000."):
                names = [alias.name for alias in node.names]
                found += [name for name in names if module in ("pg8000.core", "pg8000.converters") or name[0] == "_"]
            case ast.Attribute(attr=("_usock" | "_sock" | "_in_transaction" | "_transaction_status" | "_flush")):
                found.append(node.attr)
            case _:
                pass
    return found
