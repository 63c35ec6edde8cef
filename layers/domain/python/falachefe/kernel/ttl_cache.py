"""What a runtime remembers for a short while, so that it need not ask again for every request."""

from collections.abc import Hashable
from datetime import datetime, timedelta
from typing import Final

CHECKED_FOR: Final = timedelta(seconds=30)
"""How long a runtime believes what it learned of a caller: sessions, roles and keys that end do so within this."""
_MOST: Final = 5_000


class TtlCache[K: Hashable, V]:
    """Values by key, each good for `ttl` from the moment it was put. Drops everything rather than grow."""

    def __init__(self, ttl: timedelta = CHECKED_FOR, most: int = _MOST) -> None:
        self._ttl = ttl
        self._most = most
        self._entries: dict[K, tuple[datetime, V]] = {}

    def get(self, key: K, now: datetime, *, newer_than: timedelta | None = None) -> V | None:
        """None for a value that is older than the cache's `ttl`, or than `newer_than`. One from the future (the clock
        was set back) is of no known age, and none either."""
        entry = self._entries.get(key)
        if entry is None or not timedelta(0) <= now - entry[0] < (newer_than or self._ttl):
            return None
        return entry[1]

    def get_stale(self, key: K) -> V | None:
        """The value whatever its age, for when no newer one can be had."""
        entry = self._entries.get(key)
        return None if entry is None else entry[1]

    def put(self, key: K, value: V, now: datetime) -> V:
        if len(self._entries) >= self._most and key not in self._entries:
            self._entries.clear()
        self._entries[key] = (now, value)
        return value

    def discard(self, key: K) -> None:
        self._entries.pop(key, None)
