"""Whether replies and rows are as a conversation expects them."""

import unicodedata
from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any, Final
from zoneinfo import ZoneInfo

from infra.local.evaluation.conversations.script import Turn

type Row = dict[str, Any]

ZONE: Final = ZoneInfo("America/Sao_Paulo")
"""Of the companies that the conversations are played in."""
_RULES: Final = {"includes", "lacks", "count"}


def reply_faults(turn: Turn, reply: str, tools: Sequence[str]) -> list[str]:
    """What is wrong with a reply, one sentence each. Case, accents and kinds of space do not matter."""
    said = plain(reply)
    faults = [
        f"the reply lacks {' or '.join(map(repr, words))}"
        for words in turn.contains
        if not any(plain(word) in said for word in words)
    ]
    faults += [f"the reply contains {word!r}" for words in turn.lacks for word in words if plain(word) in said]
    if turn.tools is not None and sorted(tools) != sorted(turn.tools):
        faults.append(f"the tools that acted are {sorted(tools)}, not {sorted(turn.tools)}")
    return faults


def plain(text: str) -> str:
    """Lower case, without accents and formatting, with single spaces."""
    bare = "".join(c for c in unicodedata.normalize("NFKD", text.casefold()) if not unicodedata.combining(c))
    return " ".join(bare.replace("*", "").replace("_", " ").split())


def row_faults(name: str, expected: Any, rows: Sequence[Row]) -> list[str]:
    """What is wrong with the rows of a resource. A list means exactly these rows, in any order."""
    if isinstance(expected, list):
        left = _unmatched(expected, list(rows))
        faults = [f"{name}: no row like {_short(wanted)}" for wanted in left]
        if len(rows) != len(expected):
            faults.append(f"{name}: {len(rows)} rows instead of {len(expected)}")
        return faults and [*faults, f"{name}: there are {[_outline(row, expected) for row in rows]}"]
    unknown = set(expected) - _RULES
    if unknown:
        raise ValueError(f"{name}: no rule is called {', '.join(sorted(unknown))}")
    faults = [
        f"{name}: no row like {_short(wanted)}" for wanted in _unmatched(expected.get("includes", []), list(rows))
    ]
    faults += [
        f"{name}: a row like {_short(unwanted)}"
        for unwanted in expected.get("lacks", [])
        if any(_row_matches(unwanted, row) for row in rows)
    ]
    if "count" in expected and len(rows) != expected["count"]:
        faults.append(f"{name}: {len(rows)} rows instead of {expected['count']}")
    return faults


def _unmatched(expected: list[Row], rows: list[Row]) -> list[Row]:
    """Expected rows without a row of their own; the most specific ones choose first."""
    left = []
    for wanted in sorted(expected, key=len, reverse=True):
        found = next((row for row in rows if _row_matches(wanted, row)), None)
        if found is None:
            left.append(wanted)
        else:
            rows.remove(found)
    return left


def _row_matches(wanted: Row, row: Row) -> bool:
    return all(name in row and value_matches(value, row[name]) for name, value in wanted.items())


def value_matches(wanted: Any, got: Any) -> bool:
    """Equal, or as `{"contains": text}`, `{"any_of": [...]}` or `{"starts": local moment}` says."""
    if isinstance(wanted, dict):
        ((rule, value),) = wanted.items()
        if rule == "contains":
            return got is not None and plain(str(value)) in plain(str(got))
        if rule == "any_of":
            return any(value_matches(one, got) for one in value)
        if rule == "starts":
            return _local(str(got)).startswith(str(value))
        raise ValueError(f"a value has no rule {rule!r}")
    if isinstance(wanted, str) and isinstance(got, str | int | float) and not isinstance(got, bool):
        return wanted == str(got) or _equal_numbers(wanted, str(got))
    return bool(wanted == got)


def _equal_numbers(wanted: str, got: str) -> bool:
    try:
        return Decimal(wanted) == Decimal(got)
    except InvalidOperation:
        return False


def _local(moment: str) -> str:
    try:
        read = datetime.fromisoformat(moment)
    except ValueError:
        return moment
    return (read.astimezone(ZONE) if read.tzinfo else read).replace(tzinfo=None).isoformat()


def _outline(row: Row, expected: list[Row]) -> Row:
    """The members of a row that a reader of the failure needs."""
    names = {name for wanted in expected for name in wanted} | {"description", "name", "amount", "status", "text"}
    return {name: row[name] for name in sorted(names) if name in row}


def _short(row: Row) -> str:
    return ", ".join(f"{name}={value}" for name, value in row.items())
