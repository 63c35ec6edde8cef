"""`make coverage`: what the tests in process cover of the domain layer and of the functions, by line and by branch.

The floor is `fail_under` in pyproject.toml. It only rises: `make coverage RAISE=1` sets it to what was measured, and
never lowers it. Processes that tests start are not measured: they prove what an import needs. The stack's functions
are not measured either.
"""

import json
import re
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from math import floor
from pathlib import Path
from typing import Any, Final

from infra.developer.suite import IN_PROCESS, WORKERS
from infra.local.paths import PYTHON, ROOT

PROJECT: Final = ROOT / "pyproject.toml"
_FLOOR: Final = re.compile(r"^(fail_under = )([0-9.]+)$", re.MULTILINE)
_LEAST_COVERED: Final = 10


@dataclass(frozen=True)
class Measured:
    percent: float
    missing: tuple[tuple[str, float, int], ...]
    """Files by what is not covered of them, most first: path, percent covered, lines and branches that are not."""

    @classmethod
    def of(cls, report: Mapping[str, Any]) -> "Measured":
        """From coverage's report in JSON."""
        files = []
        for name, file in report["files"].items():
            sums = file["summary"]
            files.append((name, float(sums["percent_covered"]), sums["missing_lines"] + sums["missing_branches"]))
        files.sort(key=lambda one: (-one[2], one[0]))
        return cls(float(report["totals"]["percent_covered"]), tuple(files))


def floor_of(text: str) -> float:
    found = _FLOOR.search(text)
    if found is None:
        raise ValueError("pyproject.toml has no fail_under")
    return float(found[2])


def raised(text: str, percent: float) -> str:
    """pyproject.toml with the floor at what was measured, cut to a tenth; as it is when that is no more."""
    new = floor(percent * 10) / 10
    return _FLOOR.sub(rf"\g<1>{new}", text) if new > floor_of(text) else text


def main() -> int:
    command = [str(PYTHON), "-m", "pytest", "-q", *WORKERS, *IN_PROCESS, "--cov", "--cov-report=", "--no-cov-on-fail"]
    # pytest itself fails under the floor.
    status = subprocess.run(command, cwd=ROOT, check=False).returncode
    if not (ROOT / ".coverage").exists():
        return status
    measured = _report()
    print("least covered:")
    for name, percent, missing in measured.missing[:_LEAST_COVERED]:
        print(f"  {percent:5.1f} %  {missing:4} lines and branches missing  {name}")
    text = PROJECT.read_text()
    print(f"covered: {measured.percent:.2f} %, floor: {floor_of(text)} %")
    if status != 0 or raised(text, measured.percent) == text:
        return status
    if "--raise" in sys.argv:
        PROJECT.write_text(raised(text, measured.percent))
        print("raised the floor in pyproject.toml: commit it")
    else:
        print("the floor can rise: make coverage RAISE=1")
    return 0


def _report() -> Measured:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "coverage.json"
        command = [str(PYTHON), "-m", "coverage", "json", "--quiet", "--fail-under=0", "-o", str(path)]
        subprocess.run(command, cwd=ROOT, check=True)
        return Measured.of(json.loads(path.read_text()))


if __name__ == "__main__":
    sys.exit(main())
