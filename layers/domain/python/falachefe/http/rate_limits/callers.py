"""How many requests a caller may send: by their role, by their key's own limit, or by what a route says.

Each request is one conditional write to DynamoDB, exact under any number of callers at once. While DynamoDB does not
answer, reads pass uncounted and everything else waits; both are counted as metrics.
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
"""Puts a header on the answer."""
type Count = Callable[..., None]


@dataclass(frozen=True, slots=True)
class Limit:
    """At most `quantity` requests of one caller in any `window_s` seconds; `name` is the policy's in the headers."""

    name: str
    quantity: int
    window_s: int = MINUTE


def limit_of(who: Principal) -> Limit:
    """What holds where the route says nothing stricter."""
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
    """Counts one request. Raises `LimitExceeded` with the time to wait; `Unavailable` for a write nobody can count."""
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
    """One more hit on `counter`, told in the answer's headers.

    Raises `LimitExceeded`; while DynamoDB does not answer `Unavailable`, unless the hit passes uncounted. Either way
    the outage is counted as a metric.
    """
    from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415  # 6 ms, after a failure

    try:
        verdict = limits.hit(counter, limit=limit.quantity, window_s=limit.window_s, now=now)
    except (BotoCoreError, ClientError) as error:
        count("rate_limit_unchecked_total", now, outcome="open" if passes_uncounted else "closed")
        if passes_uncounted:
            return
        raise Unavailable("Não foi possível conferir os limites. Tente de novo.", retry_after=1) from error
    tell(announce, limit, verdict)


def tell(announce: Announce, limit: Limit, verdict: Verdict) -> None:
    """The headers of draft-ietf-httpapi-ratelimit-headers. Raises `LimitExceeded` when the verdict is a refusal."""
    wait = "" if verdict.allowed else f";t={verdict.retry_after_s}"
    announce("RateLimit-Policy", f'"{limit.name}";q={limit.quantity};w={limit.window_s}')
    announce("RateLimit", f'"{limit.name}";r={verdict.remaining}{wait}')
    if not verdict.allowed:
        raise LimitExceeded("Muitas requisições. Aguarde um pouco e tente de novo.", retry_after=verdict.retry_after_s)
