"""Rate limits of callers: by role, by the API key's own limit, or by the route.

Each request is one conditional write to DynamoDB, exact under concurrency. While DynamoDB is unavailable, reads are
allowed uncounted and all others refused; a metric counts both.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from falachefe.aws.rate_limit import SlidingLimit, Verdict
from falachefe.http.principal import Principal
from falachefe.kernel.errors import LimitExceeded, Unavailable

MINUTE: Final = 60
PER_MINUTE: Final[Mapping[str, int]] = {"superadmin": 1_000, "admin": 500, "user": 100}
READS: Final = frozenset({"GET", "HEAD"})

type Announce = Callable[[str, str], None]
"""Adds a header to the response."""
type Count = Callable[..., None]


@dataclass(frozen=True, slots=True)
class Limit:
    """At most `quantity` requests of a caller in any `window_s` seconds; `name` is the policy's in the headers."""

    name: str
    quantity: int
    window_s: int = MINUTE


def limit_of(who: Principal) -> Limit:
    """The caller's limit, unless the route has a stricter one."""
    if who.key is not None:
        return Limit("api-key", who.key.limit_per_minute)
    return Limit(who.role, PER_MINUTE.get(who.role, PER_MINUTE["user"]))


def check(
    limits: SlidingLimit,
    who: Principal,
    method: str,
    stricter: Limit | None,
    now: datetime,
    *,
    announce: Announce,
    count: Count,
) -> None:
    """Counts one request. Raises `LimitExceeded`; `Unavailable` for a write that cannot be counted."""
    own = limit_of(who)
    limit = own if stricter is None or own.quantity * stricter.window_s < stricter.quantity * own.window_s else stricter
    counter = f"{limit.name}#{who.subject}"
    count_hit(limits, counter, limit, now, passes_uncounted=method in READS, announce=announce, count=count)


def count_hit(
    limits: SlidingLimit,
    counter: str,
    limit: Limit,
    now: datetime,
    *,
    passes_uncounted: bool,
    announce: Announce,
    count: Count,
) -> None:
    """Counts a hit on `counter` and sets the response's `RateLimit` headers.

    Raises `LimitExceeded`; while DynamoDB is unavailable, `Unavailable` unless `passes_uncounted`. A metric counts the
    outage.
    """
    from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415  # 6 ms, after a failure

    try:
        verdict = limits.hit(counter, limit=limit.quantity, window_s=limit.window_s, now=now)
    except (BotoCoreError, ClientError) as error:
        count("rate_limit_unchecked_total", now, outcome="open" if passes_uncounted else "closed")
        if passes_uncounted:
            return
        raise Unavailable("Não foi possível conferir os limites. Tente de novo.", retry_after=1) from error
    set_headers(announce, limit, verdict)


def set_headers(announce: Announce, limit: Limit, verdict: Verdict) -> None:
    """Sets the headers of draft-ietf-httpapi-ratelimit-headers. Raises `LimitExceeded` unless allowed."""
    wait = "" if verdict.allowed else f";t={verdict.retry_after_s}"
    announce("RateLimit-Policy", f'"{limit.name}";q={limit.quantity};w={limit.window_s}')
    announce("RateLimit", f'"{limit.name}";r={verdict.remaining}{wait}')
    if not verdict.allowed:
        raise LimitExceeded("Muitas requisições. Aguarde um pouco e tente de novo.", retry_after=verdict.retry_after_s)
