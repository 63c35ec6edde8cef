"""Is the product ready? Each thing it stands on is probed; one that only slows it down makes it degraded, not down."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

type State = Literal["ok", "degraded", "down"]

BACKLOG = 100
"""Messages waiting in one queue from which on people notice (the seed's alert on queue depth)."""


@dataclass(frozen=True, slots=True)
class Probe:
    """`check` returns a backlog (0 where there is none) or raises; `vital` things make the whole product down."""

    check: Callable[[], int]
    vital: bool


@dataclass(frozen=True, slots=True)
class Health:
    status: State
    checks: Mapping[str, State]


def judge(outcomes: Mapping[str, tuple[bool, int | None]]) -> Health:
    """From (vital, backlog or None for a failure) of each probe to the state of all."""
    checks: dict[str, State] = {}
    for name, (vital, backlog) in outcomes.items():
        if backlog is None:
            checks[name] = "down" if vital else "degraded"
        else:
            checks[name] = "degraded" if backlog > BACKLOG else "ok"
    states = set(checks.values())
    overall: State = "down" if "down" in states else "degraded" if "degraded" in states else "ok"
    return Health(overall, checks)


def probe(probes: Mapping[str, Probe], failed: Callable[[str, Exception], None]) -> Health:
    """Runs every probe, whatever the others did; `failed` hears of those that raised."""
    outcomes: dict[str, tuple[bool, int | None]] = {}
    for name, one in probes.items():
        try:
            outcomes[name] = (one.vital, one.check())
        except Exception as error:  # noqa: BLE001  # any failure at all is what this asks about
            failed(name, error)
            outcomes[name] = (one.vital, None)
    return judge(outcomes)
