"""Limits the failed authentications of an IP address, by token, session or key.

Failures are counted in DynamoDB, for all functions together; successful requests cost nothing here. Once an address is
over the limit, a runtime refuses it from memory, before verifying any credential. The address is that of the connection
to API Gateway; `X-Forwarded-For`, which clients can forge, is not read.
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
    set_headers,
)
from falachefe.kernel.errors import LimitExceeded
from falachefe.kernel.ttl_cache import TtlCache

FAILURES: Final = Limit("failed-sign-in", 60, MINUTE)
"""High enough for an office whose clients' tokens all expire at once."""
_MAX_WAIT: Final = timedelta(seconds=2 * MINUTE)
"""The longest wait that a sliding window gives."""


class AddressGuard:
    """Refuses addresses with too many failures. `limits` is created at the first failure."""

    def __init__(self, limits: Callable[[], SlidingLimit], count: Count) -> None:
        self._limits = limits
        self._count = count
        self._blocked: TtlCache[str, datetime] = TtlCache(_MAX_WAIT)

    def check(self, address: str | None, now: datetime, announce: Announce) -> None:
        """Called before authentication. Raises `LimitExceeded` for an address with too many failures."""
        key = address_key(address)
        until = self._blocked.get(key, now)
        if until is not None and until > now:
            set_headers(announce, FAILURES, Verdict(False, 0, ceil((until - now).total_seconds())))

    def failed(self, address: str | None, now: datetime, announce: Announce) -> None:
        """Counts a failed authentication. Raises `LimitExceeded`.

        While DynamoDB is unavailable failures are not counted; the request is refused all the same.
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
    """The key an address counts under: IPv6 addresses by their /64 network, which one customer has to themselves."""
    try:
        parsed = ip_address(address or "")
    except ValueError:
        return "unknown"
    if isinstance(parsed, IPv6Address):
        return str(ip_network((parsed, 64), strict=False))
    return str(parsed)
