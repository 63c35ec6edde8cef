"""Writes a scaffold and all generated files into the working tree, and removes them again.

Files that exist are changed by inserting a line or a block; imports are put in order by ruff afterwards. What each file
held before is kept in .local/scaffold, so that `make unscaffold` restores it to the byte.
"""

import hashlib
import json
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from infra.local.console import Refused
from infra.local.paths import ROOT

KEPT: Final = ROOT / ".local" / "scaffold"
_GENERATED: Final = ("functions/*/*.yaml", "functions/platform/openapi.json")


@dataclass(slots=True)
class Change:
    """Texts of files by their path below the project; nothing is written before `write`."""

    title: str
    texts: dict[str, str] = field(default_factory=dict)

    def new(self, path: str, text: str) -> None:
        """Adds a new file. Raises `Refused` if it exists."""
        if path in self.texts or (ROOT / path).exists():
            raise Refused(f"{path} exists")
        self.texts[path] = text

    def text(self, path: str) -> str:
        """The file's text with the changes so far. Raises `Refused` if it is missing."""
        if path in self.texts:
            return self.texts[path]
        try:
            return (ROOT / path).read_text()
        except FileNotFoundError:
            raise Refused(f"there is no {path}") from None

    def append(self, path: str, text: str, imports: Iterable[str] = ()) -> None:
        """Adds code at the end of a module, and its imports below the docstring."""
        before = self.text(path)
        lines = "\n".join(dict.fromkeys(line for one in imports for line in one.splitlines()))
        if lines:
            head, quotes, rest = before.partition('"""\n')
            before = f"{head}{quotes}\n{lines}\n{rest}"
        self.texts[path] = before.rstrip("\n") + "\n\n\n" + text.strip("\n") + "\n"

    def insert_sorted(self, path: str, line: str, *, after: str, until: str) -> None:
        """Inserts a line in alphabetical order between the lines that begin with `after` and `until`."""
        lines = self.text(path).splitlines(keepends=True)
        start = next((i for i, one in enumerate(lines) if one.startswith(after)), None)
        if start is None:
            raise Refused(f"{path} has no line that begins with {after!r}")
        place = start + 1
        while not lines[place].startswith(until) and lines[place] < line:
            place += 1
        self.texts[path] = "".join([*lines[:place], line, *lines[place:]])

    def replace_once(self, path: str, old: str, new: str) -> None:
        text = self.text(path)
        if text.count(old) != 1:
            raise Refused(f"{path} does not hold {old!r} once")
        self.texts[path] = text.replace(old, new)


def write(change: Change) -> tuple[str, list[str]]:
    """Writes it and what is generated from it; returns its title, and the paths that are new or changed.

    Raises `Refused`, with everything as it was before, where a generator fails.
    """
    before = {path: _content(path) for path in {*change.texts, *_generated()}}
    try:
        for path, text in change.texts.items():
            (ROOT / path).parent.mkdir(parents=True, exist_ok=True)
            (ROOT / path).write_text(text)
        _put_in_order([path for path in change.texts if path.endswith(".py")])
        _run("-m", "infra.local.scaffold.generated")
    except BaseException:
        _restore(before)
        raise
    changed = {path: text for path, text in before.items() if _content(path) != text}
    _keep(change.title, changed)
    return change.title, sorted(changed)


def undo() -> tuple[str, list[str]]:
    """Removes the newest scaffold; returns its title and paths. Raises `Refused` if the files changed since."""
    kept = sorted(KEPT.glob("*.json"))
    if not kept:
        raise Refused("nothing is left to take away: what was made elsewhere or long ago is removed by git")
    record = json.loads(kept[-1].read_text())
    touched = [path for path, mark in record["after"].items() if _mark(_content(path)) != mark]
    if touched:
        raise Refused(f"changed since {record['title']} was made: {', '.join(touched)}; use git restore and git clean")
    _restore(record["before"])
    kept[-1].unlink()
    return record["title"], sorted(record["before"])


def _generated() -> Iterable[str]:
    return (str(path.relative_to(ROOT)) for pattern in _GENERATED for path in ROOT.glob(pattern))


def _content(path: str) -> str | None:
    file = ROOT / path
    return file.read_text() if file.exists() else None


def _mark(content: str | None) -> str:
    return hashlib.sha256((content or "").encode()).hexdigest()


def _keep(title: str, before: dict[str, str | None]) -> None:
    KEPT.mkdir(parents=True, exist_ok=True)
    after = {path: _mark(_content(path)) for path in before}
    number = 1 + max((int(file.stem) for file in KEPT.glob("*.json")), default=0)
    record = {"title": title, "before": before, "after": after}
    (KEPT / f"{number:04}.json").write_text(json.dumps(record, ensure_ascii=False))


def _restore(before: dict[str, str | None]) -> None:
    for path, text in before.items():
        if text is None:
            (ROOT / path).unlink(missing_ok=True)
        else:
            (ROOT / path).write_text(text)


def _put_in_order(paths: list[str]) -> None:
    _run("-m", "ruff", "check", "--quiet", "--fix", "--select", "I", *paths)
    _run("-m", "ruff", "format", "--quiet", *paths)


def _run(*arguments: str) -> None:
    done = subprocess.run([sys.executable, *arguments], cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        raise Refused(f"{' '.join(arguments[:2])} failed:\n{done.stdout}{done.stderr}")
