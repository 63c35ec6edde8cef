"""Sliding-window rate limit in DynamoDB: one conditional write per request, atomic under concurrency.

A key's item holds the hits of the current window and the count of the previous one, which is weighted by the share of
it within the last `window_s` seconds (sliding window counter: exact for an even rate, approximate for bursts). The
write's condition refuses the hit that would exceed the limit. A second write is needed only when a window ends or when
this process does not know the previous count yet.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil
from typing import Any

from falachefe.aws.tables import ConditionFailed, Item, Table
from falachefe.kernel.ttl_cache import TtlCache

_RETRIES = 10
_SK = "window"
_MAX_WINDOW = timedelta(hours=1)
_MAX_CACHED = 10_000


@dataclass(frozen=True, slots=True)
class Verdict:
    allowed: bool
    remaining: int
    retry_after_s: int
    """Seconds until another hit is allowed; 0 when this one was."""


@dataclass(slots=True)
class _Window:
    number: int
    moment: float
    length: int

    @property
    def earlier_share(self) -> float:
        return 1 - (self.moment - self.number * self.length) / self.length

    def allowance(self, limit: int, before: int) -> int:
        return limit - ceil(before * self.earlier_share)


class SlidingLimit:
    def __init__(self, table: Table) -> None:
        self._table = table
        self._before: TtlCache[str, tuple[int, int]] = TtlCache(_MAX_WINDOW, _MAX_CACHED)
        """By key: the number of a window and the count of the previous one."""

    def hit(
        self, key: str, *, limit: int, window_s: int, now: datetime, distinct: str | None = None, weight: int = 1
    ) -> Verdict:
        """Counts a hit on `key` if allowed: about `limit` in any `window_s` seconds, never more in one window.

        With `distinct`, hits with the same id count once per window (redeliveries). `weight` hits without an id are
        counted together, all or none. Refused hits are not counted. Raises DynamoDB's error when it is unavailable.
        """
        if distinct is not None and weight != 1:
            raise ValueError("hits that carry an id are counted one by one")
        pk = f"limit#{key}"
        window = _Window(int(now.timestamp() // window_s), now.timestamp(), window_s)
        before = self._recall(pk, window, now)
        for _ in range(_RETRIES):
            allowance = window.allowance(limit, before)
            try:
                item = self._count(pk, window, allowance - weight + 1, before, distinct or weight)
            except ConditionFailed as failed:
                item = failed.item
            else:
                self._before.put(pk, (window.number, before), now)
                return Verdict(True, max(0, allowance - _hits(item)), 0)
            if not item:  # there was no item, and the limit allows no hit at all
                return Verdict(False, 0, window_s)
            if item.get("win") == window.number:
                if item["prev"] == before:
                    self._before.put(pk, (window.number, before), now)
                    return Verdict(False, 0, _seconds_until_free(item, window, limit))
                before = item["prev"]
            elif item.get("win", 0) > window.number:  # another machine's clock is ahead of ours
                window = _Window(item["win"], float(item["win"] * window_s), window_s)
                before = item["prev"]
            else:
                before = _hits(item) if item.get("win") == window.number - 1 else 0
                allowance = window.allowance(limit, before)
                if self._roll(pk, item, window, before, allowance=allowance - weight + 1, hit=distinct or weight):
                    self._before.put(pk, (window.number, before), now)
                    return Verdict(True, max(0, allowance - weight), 0)
        return Verdict(False, 0, 1)

    def _count(self, pk: str, window: _Window, allowance: int, before: int, hit: str | int) -> Item:
        """`hit` is an id, or a number of hits."""
        distinct = isinstance(hit, str)
        counter, size = ("ids", "size(ids)") if distinct else ("n", "n")
        values: dict[str, Any] = {
            ":w": window.number,
            ":prev": before,
            ":ttl": _expiry(window),
            ":new": {hit} if distinct else hit,
        }
        room: list[str] = []
        if distinct:
            room.append("contains(ids, :id)")
            values[":id"] = hit
        if allowance > 0 or not distinct:
            room.append(f"{size} < :allow")
            values[":allow"] = allowance
        if allowance > 0:  # a window without hits has no counter, because DynamoDB has no empty sets
            room.insert(0, f"attribute_not_exists({counter})")
        condition = f"win = :w and prev = :prev and ({' or '.join(room)})"
        return self._table.update(
            pk,
            _SK,
            f"set win = :w, prev = :prev, expires_at = :ttl add {counter} :new",
            values,
            condition=f"attribute_not_exists(pk) or ({condition})" if allowance > 0 else condition,
        )

    def _roll(self, pk: str, item: Item, window: _Window, before: int, *, allowance: int, hit: str | int) -> bool:
        """Starts the new window with this hit, or without it when the previous window leaves no room."""
        values = {":w": window.number, ":prev": before, ":ttl": _expiry(window), ":old": item["win"]}
        update = "set win = :w, prev = :prev, expires_at = :ttl"
        if allowance < 1:
            update += " remove ids, n"
        else:
            update += ", ids = :first" if isinstance(hit, str) else ", n = :first"
            values[":first"] = {hit} if isinstance(hit, str) else hit
        try:
            self._table.update(pk, _SK, update, values, condition="win = :old")
        except ConditionFailed:
            return False
        return allowance >= 1

    def _recall(self, pk: str, window: _Window, now: datetime) -> int:
        number, before = self._before.get(pk, now) or (0, 0)
        return before if number == window.number else 0


def _hits(item: Item) -> int:
    ids: set[str] | None = item.get("ids")
    if ids is not None:
        return len(ids)
    count: int = item.get("n") or 0
    return count


def _expiry(window: _Window) -> int:
    return (window.number + 2) * window.length


def _seconds_until_free(item: Item, window: _Window, limit: int) -> int:
    """Seconds until the weight of the previous window, or of the current one in the next, allows one more hit."""
    left = window.length - (window.moment - window.number * window.length)
    hits = _hits(item)
    before: int = item["prev"]
    if hits < limit and before:
        faded = (limit - hits - 1) / before
        wait = left - faded * window.length
        if wait > 0:
            return max(1, ceil(wait))
    if hits:
        # In the next window the current hits are weighted: one more is allowed once ceil(hits * share) <= limit - 1.
        left += window.length * max(0.0, 1 - (limit - 1) / hits)
    return max(1, ceil(left))
