"""Readiness: probes each dependency. A failing dependency that is not vital makes the product degraded, not down."""

import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import Future, wait
from dataclasses import dataclass
from typing import Final, Literal

type State = Literal["ok", "degraded", "down"]

MAX_BACKLOG: Final = 100
"""More messages than this in a queue make it degraded: users notice the delay."""
DEADLINE_S: Final = 2.0
"""For all probes, which run concurrently."""
CACHE_S: Final = 10.0
"""The result is reused for this time, because the route is public: a runtime probes at most once in it."""

type OnFailure = Callable[[str, Exception], None]


@dataclass(frozen=True, slots=True)
class Probe:
    """`check` returns a backlog (0 without one) or raises; when a `vital` dependency fails, the product is down."""

    check: Callable[[], int]
    vital: bool


@dataclass(frozen=True, slots=True)
class Health:
    status: State
    checks: Mapping[str, State]


def evaluate(outcomes: Mapping[str, tuple[bool, int | None]]) -> Health:
    """The states from each probe's (vital, backlog or None after a failure)."""
    checks: dict[str, State] = {}
    for name, (vital, backlog) in outcomes.items():
        if backlog is None:
            checks[name] = "down" if vital else "degraded"
        else:
            checks[name] = "degraded" if backlog > MAX_BACKLOG else "ok"
    states = set(checks.values())
    overall: State = "down" if "down" in states else "degraded" if "degraded" in states else "ok"
    return Health(overall, checks)


class Readiness:
    """Runs all probes concurrently, waits for them until the deadline, and caches the result.

    A probe that hangs cannot be stopped: its thread ends with the client's timeout. Until then no second one is started
    for the same dependency, so threads do not pile up.
    """

    def __init__(
        self,
        probes: Mapping[str, Probe],
        failed: OnFailure,
        *,
        deadline_s: float = DEADLINE_S,
        cache_s: float = CACHE_S,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._probes = probes
        self._failed = failed
        self._deadline_s = deadline_s
        self._remembered_s = cache_s
        self._monotonic = monotonic
        self._running: dict[str, Future[int]] = {}
        self._last: tuple[float, Health] | None = None

    def __call__(self) -> Health:
        if self._last is not None and self._monotonic() - self._last[0] < self._remembered_s:
            return self._last[1]
        running = {name: self._begin(name, probe.check) for name, probe in self._probes.items()}
        wait(running.values(), timeout=self._deadline_s)
        outcomes = {name: (self._probes[name].vital, self._outcome(name, one)) for name, one in running.items()}
        health = evaluate(outcomes)
        self._last = self._monotonic(), health
        return health

    def _begin(self, name: str, check: Callable[[], int]) -> Future[int]:
        earlier = self._running.get(name)
        if earlier is not None and not earlier.done():
            return earlier
        future: Future[int] = Future()
        self._running[name] = future
        threading.Thread(target=_run, args=(check, future), name=f"probe-{name}", daemon=True).start()
        return future

    def _outcome(self, name: str, probe: Future[int]) -> int | None:
        error = probe.exception() if probe.done() else TimeoutError("the deadline passed")
        if error is None:
            return probe.result()
        self._failed(name, error if isinstance(error, Exception) else RuntimeError(type(error).__name__))
        return None


def _run(check: Callable[[], int], future: Future[int]) -> None:
    try:
        future.set_result(check())
    except BaseException as error:  # noqa: BLE001  # any failure is the result of the probe
        future.set_exception(error)
