"""Relative links in Markdown lead to a file, and to a heading of it."""

import re
from pathlib import Path
from typing import Final

import pytest

from infra.local.paths import ROOT

TEXTS: Final = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
_CODE: Final = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)
_LINK: Final = re.compile(r"\]\((?!https?:|mailto:)([^)\s]+)\)")


def anchors(text: Path) -> set[str]:
    """The anchors that GitHub makes of a text's headings."""
    headings = re.findall(r"^#+ (.+)$", _CODE.sub("", text.read_text()), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("text", TEXTS, ids=lambda text: str(text.relative_to(ROOT)))
def test_relative_links_resolve(text: Path) -> None:
    for link in _LINK.findall(" ".join(_CODE.sub("", text.read_text()).split())):
        name, _, anchor = link.partition("#")
        target = text.parent / name if name else text
        assert target.exists(), f"{link} leads nowhere"
        assert not anchor or anchor in anchors(target), f"{target.name} has no heading {anchor}"
