"""Progress lines: what is being done, and how long the run has taken so far."""

import sys
import time

_started = time.monotonic()


def note(text: str) -> None:
    print(f"[{time.monotonic() - _started:5.1f}s] {text}", flush=True)


class Refused(Exception):
    """Something the person at the keyboard can mend; its sentence is all they need."""


def fail(text: str) -> None:
    print(f"error: {text}", file=sys.stderr, flush=True)
