"""Reads files with one JSON object a line."""

import json
from collections.abc import Callable, Iterable
from typing import Any


def rows[Row](lines: Iterable[str], make: Callable[[dict[str, Any]], Row], called: str) -> list[Row]:
    """One row for each line that is not blank. Raises `ValueError` with the number of a line that makes none."""
    made: list[Row] = []
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            made.append(make(json.loads(line)))
        except (KeyError, TypeError, ValueError) as problem:
            raise ValueError(f"line {number} is not a {called}: {problem!r}") from problem
    return made
