"""An in-memory cache with expiry, for values that need not be fetched on every request."""

from collections.abc import Hashable
from datetime import datetime, timedelta
from typing import Final

CHECKED_FOR: Final = timedelta(seconds=30)
"""How long a runtime trusts what it read about a caller: a revoked session, role or key takes effect within this."""
_MAX_ENTRIES: Final = 5_000


class TtlCache[K: Hashable, V]:
    """Values by key, each valid for `ttl` after `put`. When full, all entries are dropped."""

    def __init__(self, ttl: timedelta = CHECKED_FOR, most: int = _MAX_ENTRIES) -> None:
        self._ttl = ttl
        self._most = most
        self._entries: dict[K, tuple[datetime, V]] = {}

    def get(self, key: K, now: datetime, *, newer_than: timedelta | None = None) -> V | None:
        """The value unless it is older than `newer_than` (default: `ttl`), or from the future because the clock was set
        back."""
        entry = self._entries.get(key)
        if entry is None or not timedelta(0) <= now - entry[0] < (newer_than or self._ttl):
            return None
        return entry[1]

    def get_stale(self, key: K) -> V | None:
        """The value whatever its age, for when no newer one is available."""
        entry = self._entries.get(key)
        return None if entry is None else entry[1]

    def put(self, key: K, value: V, now: datetime) -> V:
        if len(self._entries) >= self._most and key not in self._entries:
            self._entries.clear()
        self._entries[key] = (now, value)
        return value

    def discard(self, key: K) -> None:
        self._entries.pop(key, None)
