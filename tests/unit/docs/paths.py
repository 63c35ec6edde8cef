"""Paths that documents name in backticks."""

import re
from pathlib import Path
from typing import Final

from infra.local.paths import ROOT

PACKAGE: Final = ROOT / "layers" / "domain" / "python" / "falachefe"
_PATH: Final = re.compile(r"`((?:[A-Za-z_0-9*-]+/)+[A-Za-z_0-9*-]+(?:\.[a-z]+)?)`")


def found(path: str) -> list[Path]:
    """What a path leads to: from the root, from the domain layer with its package's name or without, or a function."""
    function = (ROOT / "functions").glob(f"{path}.py")
    return [*ROOT.glob(path), *PACKAGE.parent.glob(path), *PACKAGE.glob(path), *function]


def missing(text: str) -> list[str]:
    """The paths in a text that lead nowhere.

    Media types and routes look like paths too; a path has an extension or begins with a directory of ours.
    """
    named = [path for path in _PATH.findall(text) if "." in path or found(path.partition("/")[0])]
    return [path for path in named if not found(path)]
