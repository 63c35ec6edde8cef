"""`make test`: the whole suite in lanes that run in parallel, or the part that ONLY names.

The stack's tests mostly wait, for queues and for outages to end, so they share the cores with the tests in process.
The latter run with a lower priority, so that they do not slow down the stack.
"""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final

from infra.local.paths import PYTHON, ROOT

IN_PROCESS: Final = ("tests/unit", "tests/integration", "tests/security")
# Builds the layers and imports every function in a separate process: needs the cores, but no running stack.
LAYERS: Final = "tests/stack/test_layers.py"
# One worker per core, each with its own Postgres; an idle worker takes over half of another's tests.
WORKERS: Final = ("-n", "auto", "--maxprocesses", "8", "--dist", "worksteal")
_STACK = "tests/stack"
# These stop parts of their instance, so they have one of their own.
_OUTAGES: Final = ("test_outages.py", "test_crash_recovery.py")
# These check what all earlier tests left on an instance: its logs and its AWS calls. Both instances are checked.
_CHECKS_AFTERWARDS: Final = ("test_private_data_in_logs.py", "test_recorded_calls.py")
LAST: Final = ("test_private_data_in_logs.py", "test_crash_recovery.py", "test_recorded_calls.py")
"""Files of tests/stack that run after all others, in this order. The recovery empties the emulator, and its logs."""
_NICER: Final = 10
_LOOK_S: Final = 0.2


@dataclass
class Lane:
    """One run of pytest. Its output is kept until it has ended, unless it is `shown` at once."""

    name: str
    arguments: tuple[str, ...]
    nice: int = 0
    shown: bool = False

    def start(self, output: IO[bytes] | None) -> subprocess.Popen[bytes]:
        command = ["nice", "-n", str(self.nice), str(PYTHON), "-m", "pytest", *self.arguments]
        return subprocess.Popen(command, cwd=ROOT, stdout=output, stderr=output and subprocess.STDOUT)


def lanes() -> list[Lane]:
    names = sorted((path.name for path in (ROOT / _STACK).glob("test_*.py")), key=lambda name: (place_of(name), name))
    outages = sorted({*_OUTAGES, *_CHECKS_AFTERWARDS}, key=place_of)
    others = [name for name in names if name not in _OUTAGES and f"{_STACK}/{name}" != LAYERS]
    return [
        Lane("in process", (*WORKERS, *IN_PROCESS, LAYERS), nice=_NICER, shown=True),
        Lane("stack", tuple(f"{_STACK}/{name}" for name in others)),
        Lane("outages", tuple(f"{_STACK}/{name}" for name in outages)),
    ]


def place_of(name: str) -> int:
    """Sorts files of tests/stack: 0 unless the file is one of `LAST`."""
    return LAST.index(name) + 1 if name in LAST else 0


def selected(only: str) -> tuple[str, ...]:
    """pytest's arguments for ONLY: paths, or one test, whose id may contain spaces. Whole folders use all cores."""
    paths = (only,) if "::" in only else tuple(only.split())
    whole = any(Path(path).as_posix() in IN_PROCESS for path in paths)
    return (*(WORKERS if whole else ()), *paths)


def run(lanes: list[Lane]) -> bool:
    """Whether all of them passed."""
    with ExitStack() as files:
        kept = {lane.name: files.enter_context(tempfile.TemporaryFile()) for lane in lanes if not lane.shown}
        running = {lane.name: lane.start(kept.get(lane.name)) for lane in lanes}
        took_s = _ended(running)
        for name, output in kept.items():
            output.seek(0)
            print(f"\n==== {name}\n{output.read().decode(errors='replace')}")
    for name, process in running.items():
        print(f"{'passed' if process.returncode == 0 else 'FAILED'} {took_s[name]:5.0f} s  {name}")
    return all(process.returncode == 0 for process in running.values())


def _ended(running: Mapping[str, subprocess.Popen[bytes]]) -> dict[str, float]:
    """Waits for all, and returns how long each took."""
    began, took_s = time.monotonic(), dict[str, float]()
    try:
        while len(took_s) < len(running):
            for name, process in running.items():
                if name not in took_s and process.poll() is not None:
                    took_s[name] = time.monotonic() - began
            time.sleep(_LOOK_S)
    except KeyboardInterrupt:  # the terminal interrupts the lanes too, and they clean up
        for process in running.values():
            process.wait()
        raise
    return took_s


def main() -> int:
    if only := " ".join(sys.argv[1:]).strip():
        os.execv(PYTHON, [str(PYTHON), "-m", "pytest", *selected(only)])
    try:
        return 0 if run(lanes()) else 1
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main())
