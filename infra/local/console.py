"""Progress lines with the time since the start, and errors for the user."""

import sys
import time

_started = time.monotonic()


def note(text: str) -> None:
    print(f"[{time.monotonic() - _started:5.1f}s] {text}", flush=True)


class Refused(Exception):
    """An error that the user can correct; the message says how, so no traceback is printed."""


def fail(text: str) -> None:
    print(f"error: {text}", file=sys.stderr, flush=True)
