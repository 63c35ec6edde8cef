"""Entries of the decision log are complete, and the files and names that they give exist."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pytest

from infra.local.paths import ROOT
from tests.unit.docs.paths import missing, missing_names

LOG: Final = ROOT / "docs" / "decisions.md"
FILES: Final = sorted((ROOT / "docs" / "decisions").glob("*.md"))
PARTS: Final = ("Choice", "Why", "Undo")


@dataclass(frozen=True)
class Entry:
    file: Path
    date: str
    title: str
    text: str

    @property
    def superseded(self) -> bool:
        return self.text.lstrip().startswith("**Superseded on ")


def entries(file: Path) -> list[Entry]:
    headings = re.split(r"^## (\d{4}-\d\d-\d\d) — (.+)$", file.read_text(), flags=re.MULTILINE)[1:]
    return [Entry(file, *headings[at : at + 3]) for at in range(0, len(headings), 3)]


ENTRIES: Final = [entry for file in FILES for entry in entries(file)]
each_entry = pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: f"{entry.file.stem}: {entry.title}")


def test_every_heading_is_a_dated_entry_and_the_oldest_comes_first() -> None:
    for file in FILES:
        assert len(re.findall(r"^## ", file.read_text(), re.MULTILINE)) == len(entries(file)), file.name
        dates = [entry.date for entry in entries(file)]
        assert dates == sorted(dates), file.name


def test_titles_are_unique() -> None:
    titles = [entry.title for entry in ENTRIES]
    assert sorted(titles) == sorted(set(titles))


def test_the_log_lists_every_file() -> None:
    assert set(re.findall(r"\(decisions/([a-z]+)\.md\)", LOG.read_text())) == {file.stem for file in FILES}


@each_entry
def test_an_entry_has_its_three_parts(entry: Entry) -> None:
    assert tuple(re.findall(r"^- \*\*(\w+):\*\* \S", entry.text, re.MULTILINE)) == PARTS


@each_entry
def test_paths_exist_unless_the_entry_is_superseded(entry: Entry) -> None:
    if entry.superseded:
        assert re.search(r"^\*\*Superseded on \d{4}-\d\d-\d\d\*\* by \[[^]]+\]\([^)]*#[^)]+\)", entry.text.lstrip())
        return
    assert missing(entry.text) == []


@each_entry
def test_names_are_in_the_file_that_the_entry_gives(entry: Entry) -> None:
    assert entry.superseded or missing_names(entry.text) == []
