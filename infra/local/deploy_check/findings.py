"""The result of a check: its line in the table, and its faults."""

from collections.abc import Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Checked:
    """`seen` says briefly what was checked. Faults fail the check; notes are only printed."""

    name: str
    seen: str
    faults: Sequence[str] = field(default_factory=tuple)
    notes: Sequence[str] = field(default_factory=tuple)


def table(checks: Sequence[Checked]) -> str:
    rows = [("check", "result", "what"), *((one.name, _verdict(one), one.seen) for one in checks)]
    widths = [max(len(row[column]) for row in rows) for column in range(3)]
    return "\n".join(
        "  " + "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows
    )


def _verdict(one: Checked) -> str:
    return "ok" if not one.faults else f"{len(one.faults)} wrong"
