"""How many requests of one address may bring a credential that does not hold: a token, a session or a key.

Failures are counted in DynamoDB, for all functions and runtimes together; a request that is somebody's costs nothing
here. Once an address is over its limit a runtime remembers that and refuses it before it looks at any credential, so
whoever guesses keys or floods the API with tokens costs one read of this memory. The address is the one that API
Gateway took the request from; `X-Forwarded-For` is what the client says, and is not read.
"""

import hashlib
from collections.abc import Callable
from datetime import datetime, timedelta
from ipaddress import IPv6Address, ip_address, ip_network
from math import ceil
from typing import Final

from falachefe.aws.rate_limit import SlidingLimit, Verdict
from falachefe.http.rate_limits.callers import (
    MINUTE,
    Announce,
    Count,
    Limit,
    count_hit,
    tell,
)
from falachefe.kernel.errors import LimitExceeded
from falachefe.kernel.ttl_cache import TtlCache

FAILURES: Final = Limit("failed-sign-in", 60, MINUTE)
"""An office whose apps' tokens all end at once stays below it."""
_LONGEST: Final = timedelta(seconds=2 * MINUTE)
"""A window counter never makes anybody wait longer than this."""


class AddressGuard:
    """Refuses addresses from which too much failed. `limits` is asked for when something failed for the first time."""

    def __init__(self, limits: Callable[[], SlidingLimit], count: Count) -> None:
        self._limits = limits
        self._count = count
        self._blocked: TtlCache[str, datetime] = TtlCache(_LONGEST)

    def check(self, address: str | None, now: datetime, announce: Announce) -> None:
        """Before anything is known of the request. Raises `LimitExceeded` for an address that failed too often."""
        key = address_key(address)
        until = self._blocked.get(key, now)
        if until is not None and until > now:
            tell(announce, FAILURES, Verdict(False, 0, ceil((until - now).total_seconds())))

    def failed(self, address: str | None, now: datetime, announce: Announce) -> None:
        """Counts a request that proved nobody. Raises `LimitExceeded` when it is one too many.

        While DynamoDB does not answer failures pass uncounted: the refusal itself stays what it was.
        """
        key = address_key(address)
        counter = f"{FAILURES.name}#{hashlib.sha256(key.encode()).hexdigest()}"
        try:
            count_hit(
                self._limits(), counter, FAILURES, now, passes_uncounted=True, announce=announce, count=self._count
            )
        except LimitExceeded as refused:
            self._blocked.put(key, now + timedelta(seconds=refused.retry_after or 1), now)
            self._count("failed_sign_ins_limited_total", now)
            raise


def address_key(address: str | None) -> str:
    """Whom an address counts for: an IPv6 network of one customer (/64) has no end of addresses."""
    try:
        parsed = ip_address(address or "")
    except ValueError:
        return "unknown"
    if isinstance(parsed, IPv6Address):
        return str(ip_network((parsed, 64), strict=False))
    return str(parsed)
