"""What documents say of the code's places is so."""

import re
import tomllib
from pathlib import Path
from typing import Final

import pytest

from infra.local.paths import ROOT
from tests.unit.docs.paths import PACKAGE, missing, missing_names

ARCHITECTURE: Final = ROOT / "docs" / "architecture.md"
OLD_PATHS: Final = ROOT / "docs" / "moves-2026-12.md"
TEXTS: Final = [
    ROOT / "README.md",
    *sorted({*(ROOT / "docs").glob("*.md"), *(ROOT / "docs" / "runbooks").glob("*.md")}),
]


def packages(layer: str) -> list[str]:
    return re.findall(r"\w+", layer)


def test_the_picture_of_the_layers_is_the_linter_s_contract() -> None:
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    layers = next(one for one in contracts if one["id"] == "layers")["layers"]
    picture = ARCHITECTURE.read_text().partition("```\n")[2].partition("```")[0].splitlines()

    drawn = [re.split(r"\s{2,}", line.strip())[0] for line in picture]
    assert [packages(line) for line in drawn] == [packages(layer) for layer in layers]
    for line, layer in zip(drawn, layers, strict=True):
        assert (":" in line) == (":" in layer)


def test_every_package_is_described() -> None:
    described = set(re.findall(r"\*\*`(\w+)`\*\*", ARCHITECTURE.read_text()))
    assert described == {folder.name for folder in PACKAGE.iterdir() if any(folder.glob("**/*.py"))}


def test_the_pictures_name_files_that_exist() -> None:
    pictures = re.findall(r"^```mermaid\n(.*?)^```", ARCHITECTURE.read_text(), re.MULTILINE | re.DOTALL)
    named = re.findall(r"[\w/]+/\w+\.py", "".join(pictures))
    assert named
    assert missing("".join(f"`{path}` " for path in named)) == []


@pytest.mark.parametrize("text", [text for text in TEXTS if text != OLD_PATHS], ids=lambda text: text.name)
def test_paths_and_names_in_them_exist(text: Path) -> None:
    assert missing(text.read_text()) == []
    assert missing_names(text.read_text()) == []


def test_moved_files_lead_to_files_that_exist() -> None:
    rows = re.findall(r"^\| `[^|]+ \| ([^|]+) \|$", OLD_PATHS.read_text(), re.MULTILINE)
    assert rows
    for new in re.findall(r"`([^`]+)`", " ".join(rows)):
        assert any((root / new).exists() for root in (PACKAGE, ROOT / "tests", ROOT / "infra" / "local")), new
