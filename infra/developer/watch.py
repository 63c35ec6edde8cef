"""`make watch`: on every save, the unit tests of what changed; at its start, those of what is not committed yet."""

import subprocess
from collections.abc import Iterable
from pathlib import Path

from watchfiles import PythonFilter, watch

from infra.developer.related import related_tests
from infra.local.paths import PYTHON, ROOT

_WATCHED = ("layers/domain/python", "functions", "infra", "tests")
_QUIET_MS = 200  # an editor, or git, writes several files at once
# Importing this plugin takes longer than most units' tests, and none of them uses it.
_PYTEST = (str(PYTHON), "-m", "pytest", "-q", "--no-header", "-p", "no:schemathesis")


def main() -> None:
    _run(_not_committed())
    folders = [ROOT / name for name in _WATCHED]
    for changes in watch(*folders, watch_filter=PythonFilter(), debounce=_QUIET_MS, raise_interrupt=False):
        _run({Path(path).relative_to(ROOT) for _, path in changes})


def _run(changed: Iterable[Path]) -> None:
    tests = [str(test) for test in related_tests(changed, ROOT)]
    if tests:
        print(f"\n{' '.join(tests)}", flush=True)
        subprocess.run([*_PYTEST, *tests], cwd=ROOT, check=False)
    elif changed:
        print(f"no unit test concerns {', '.join(sorted(map(str, changed)))}", flush=True)
    print("watching; Ctrl-C ends it", flush=True)


def _not_committed() -> set[Path]:
    command = ["git", "status", "--porcelain", "--untracked-files=all", "--no-renames"]
    lines = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout.splitlines()
    return {Path(line[3:]) for line in lines}


if __name__ == "__main__":
    main()
