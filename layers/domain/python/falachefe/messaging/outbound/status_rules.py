"""The order of an outbound message's statuses. Reports arrive in any order, some never: a status only moves forward."""

from collections.abc import Mapping
from typing import Final

_RANK: Final[Mapping[str, int]] = {
    "queued": 0,
    "sending": 1,
    # The provider may have the message or not; any report is newer.
    "uncertain": 1,
    "sent": 2,
    "delivered": 3,
    "read": 4,
}


def forward(current: str, reported: str) -> str | None:
    """The status that a report leads to, or None when it changes nothing.

    A failure counts only before delivery, and is final.
    """
    if current == "failed" or current not in _RANK:
        return None
    if reported == "failed":
        return "failed" if _RANK[current] < _RANK["delivered"] else None
    return reported if _RANK[reported] > _RANK[current] else None
