"""Failures that tests configure for the stand-in's next sends."""

from collections.abc import Mapping
from dataclasses import dataclass
from threading import Lock
from typing import Any, Literal, get_args

from infra.local.front_door.phones import same_phone

type FaultKind = Literal["fail500", "reject429", "stall", "drop_after_accept", "blocked"]
KINDS: tuple[str, ...] = get_args(FaultKind.__value__)

_MAX_STALL_SECONDS = 300.0


@dataclass(frozen=True)
class Fault:
    """One failure of one send; without a phone it applies to the next send to any phone.

    `seconds` is how long a `stall` holds its answer, and what a `reject429` says in `Retry-After` when it is above 0.
    """

    kind: str
    seconds: float
    phone: str | None


class Faults:
    """Faults in the order in which they were requested; each applies to one send."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._waiting: list[Fault] = []

    def order(self, document: Mapping[str, Any]) -> None:
        """Takes `{kind, count, seconds?, phone?}`; raises ValueError for anything else."""
        kind, count, seconds = document.get("kind"), document.get("count", 1), document.get("seconds", 0)
        if kind not in KINDS:
            raise ValueError(f"kind must be one of {', '.join(KINDS)}")
        if not isinstance(count, int) or isinstance(count, bool) or not 1 <= count <= 10_000:
            raise ValueError("count must be a whole number from 1 to 10000")
        if not isinstance(seconds, int | float) or not 0 <= seconds <= _MAX_STALL_SECONDS:
            raise ValueError(f"seconds must be from 0 to {_MAX_STALL_SECONDS:.0f}")
        phone = document.get("phone")
        with self._lock:
            self._waiting += [Fault(kind, float(seconds), str(phone) if phone else None)] * count

    def take(self, phone: str) -> Fault | None:
        """Removes and returns the fault that applies to this send."""
        with self._lock:
            for index, fault in enumerate(self._waiting):
                if fault.phone is None or same_phone(fault.phone, phone):
                    return self._waiting.pop(index)
        return None

    def waiting(self) -> list[Fault]:
        with self._lock:
            return list(self._waiting)

    def clear(self) -> None:
        with self._lock:
            self._waiting.clear()
