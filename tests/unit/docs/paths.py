"""Paths that documents name in backticks, and names of code beside them."""

import re
from pathlib import Path
from typing import Final

from infra.local.paths import ROOT

PACKAGE: Final = ROOT / "layers" / "domain" / "python" / "falachefe"
_PATH: Final = re.compile(r"`((?:[A-Za-z_0-9*-]+/)+[A-Za-z_0-9*-]+(?:\.[a-z]+)?)`")
_NAMES: Final = re.compile(r"((?:`[\w.]+`(?:\(\))?(?:, | and )?)+) in `([\w/]+\.py)`")


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


def missing_names(text: str) -> list[str]:
    """What a text says is in a file, as "`name` in `path`", and is not."""
    wrong = []
    for names, path in _NAMES.findall(" ".join(text.split())):
        sources = [file.read_text() for file in found(path)]
        for name in re.findall(r"`([\w.]+)`", names):
            if not any(all(part in source for part in name.split(".")) for source in sources):
                wrong.append(f"{name} in {path}")
    return wrong
