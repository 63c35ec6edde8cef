"""One trace id for everything that a message or request causes: it is passed in the payloads of queues and events, and
in every log line and metric. Where AWS has a trace, the id is its root.
"""

import os
import re
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, Final

TRACE_ID: Final = "trace_id"
"""The key in payloads, logs and a task's metadata."""
_HEADER: Final = "x-amzn-trace-id"
_ROOT: Final = re.compile(r"1-[0-9a-f]{8}-[0-9a-f]{24}", re.ASCII)
_current: ContextVar[str | None] = ContextVar(TRACE_ID, default=None)


def trace_id() -> str | None:
    """The current trace id, or None outside a trace."""
    return _current.get()


@contextmanager
def traced(known: object = None) -> Iterator[str]:
    """Runs the block under the trace id `known`, or under a new one if that is not a valid id."""
    given = known if isinstance(known, str) and _ROOT.fullmatch(known) else new_trace_id()
    token = _current.set(given)
    try:
        yield given
    finally:
        _current.reset(token)


def with_trace(payload: Mapping[str, Any]) -> Mapping[str, Any]:
    """The payload with the current trace id, unless it has one already."""
    current = _current.get()
    return payload if current is None or TRACE_ID in payload else {**payload, TRACE_ID: current}


def trace_of_headers(headers: Mapping[str, Any] | None) -> str | None:
    """The root in API Gateway's `X-Amzn-Trace-Id`."""
    for name, value in (headers or {}).items():
        if name.lower() == _HEADER:
            return root_of(value)
    return None


def root_of(header: object) -> str | None:
    """The root of `Root=1-…;Parent=…;Sampled=1`, AWS's trace header."""
    if not isinstance(header, str):
        return None
    for part in header.split(";"):
        name, _, value = part.strip().partition("=")
        if name == "Root" and _ROOT.fullmatch(value):
            return value
    return None


def new_trace_id() -> str:
    """A new id in the format of AWS X-Ray: version, seconds, 96 random bits."""
    return f"1-{int(time.time()):08x}-{os.urandom(12).hex()}"
