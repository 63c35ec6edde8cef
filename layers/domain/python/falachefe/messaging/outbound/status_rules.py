"""How far a message that we sent has come. Statuses arrive in any order, some never: a message only moves forward."""

from collections.abc import Mapping
from typing import Final

_RANK: Final[Mapping[str, int]] = {
    "queued": 0,
    "sending": 1,
    # The provider may have it or not; anything that a provider then says is news.
    "uncertain": 1,
    "sent": 2,
    "delivered": 3,
    "read": 4,
}


def forward(current: str, reported: str) -> str | None:
    """The status that a report leads to, or None when it says nothing new.

    A failure counts only before delivery, and is final: what arrived cannot fail any more.
    """
    if current == "failed" or current not in _RANK:
        return None
    if reported == "failed":
        return "failed" if _RANK[current] < _RANK["delivered"] else None
    return reported if _RANK[reported] > _RANK[current] else None
