"""Measures and prints medians, and ratios of pairs that run one after the other."""

import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Row:
    what: str
    ours: str
    peer: str
    ratio: str
    target: str


def show(title: str, rows: Sequence[Row]) -> None:
    print(f"\n{title}")
    widths = [max(len(getattr(row, name)) for row in (*rows, HEADER)) for name in Row.__dataclass_fields__]
    for row in (HEADER, *rows):
        cells = [getattr(row, name) for name in Row.__dataclass_fields__]
        print("  " + "  ".join(cell.ljust(width) for cell, width in zip(cells, widths, strict=True)).rstrip())


HEADER = Row("what", "ours", "peer", "ours/peer", "target")


def milliseconds(seconds: float) -> str:
    return f"{seconds * 1000:.1f} ms"


def microseconds(seconds: float) -> str:
    return f"{seconds * 1e6:.0f} µs"


def percentile(values: Sequence[float], share: float) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


def timed(action: Callable[[], object]) -> float:
    start = time.perf_counter()
    action()
    return time.perf_counter() - start


def paired(ours: Callable[[], float], peer: Callable[[], float], *, pairs: int) -> tuple[float, float, float]:
    """Medians of both and of the ratio per pair, so that a slow phase of the machine affects both alike."""
    measured = [(ours(), peer()) for _ in range(pairs)]
    return (
        statistics.median(a for a, _ in measured),
        statistics.median(b for _, b in measured),
        statistics.median(a / b for a, b in measured),
    )
