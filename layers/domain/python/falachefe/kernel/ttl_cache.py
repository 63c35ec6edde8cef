"""What a runtime remembers for a short while, so that it need not ask again for every request."""

from collections.abc import Hashable
from datetime import datetime, timedelta
from typing import Final

CHECKED_FOR: Final = timedelta(seconds=30)
"""How long a runtime believes what it learned of a caller: sessions, roles and keys that end do so within this."""
_MOST: Final = 5_000


class Memory[K: Hashable, V]:
    """Values by key, each for `lasting` from the moment it was learned. Forgets everything rather than grow."""

    def __init__(self, lasting: timedelta = CHECKED_FOR, most: int = _MOST) -> None:
        self._lasting = lasting
        self._most = most
        self._known: dict[K, tuple[datetime, V]] = {}

    def recall(self, key: K, now: datetime) -> V | None:
        known = self._known.get(key)
        if known is None or not timedelta(0) <= now - known[0] < self._lasting:
            self._known.pop(key, None)
            return None
        return known[1]

    def learn(self, key: K, value: V, now: datetime) -> V:
        if len(self._known) >= self._most:
            self._known.clear()
        self._known[key] = (now, value)
        return value

    def forget(self, key: K) -> None:
        self._known.pop(key, None)
