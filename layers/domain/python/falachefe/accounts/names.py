"""A user's name: in full, and in the two parts that forms ask for. All three columns are always written together."""

from collections.abc import Mapping
from typing import Final

PARTS: Final[tuple[str, ...]] = ("first_name", "last_name")


def from_full(name: str) -> dict[str, str | None]:
    """The three columns of a full name, which the caller has cleaned. The first word is the first name."""
    first, _, last = name.partition(" ")
    return {"name": name, "first_name": first, "last_name": last or None}


def from_parts(first: str, last: str | None) -> dict[str, str | None]:
    """The columns of a name given in parts."""
    return {"name": f"{first} {last}" if last else first, "first_name": first, "last_name": last}


def with_changes(known: Mapping[str, str | None], changes: Mapping[str, str | None]) -> dict[str, str | None]:
    """The columns of `known` (all three) after a change of one part or both."""
    before = known if known["first_name"] else from_full(known["name"] or "")
    parts = {part: (changes if part in changes else before)[part] for part in PARTS}
    return from_parts(parts["first_name"] or "", parts["last_name"])
