"""How often an address, or an e-mail, may knock at the doors that stand open to everybody."""

import hashlib
import hmac
from dataclasses import dataclass
from datetime import datetime
from ipaddress import IPv6Address, ip_address, ip_network
from typing import TYPE_CHECKING, Final

from falachefe.aws.emf import emit
from falachefe.aws.limits import SlidingLimit
from falachefe.http.limits import Limit, tell
from falachefe.kernel.config import Settings
from falachefe.kernel.errors import Unavailable

if TYPE_CHECKING:
    from falachefe.http.api import Api

QUARTER_HOUR: Final = 900
HOUR: Final = 3600


@dataclass(frozen=True)
class LimitSettings(Settings):
    logins_per_address: int = 5
    """In a quarter of an hour."""
    registrations_per_address: int = 3
    """In an hour."""
    mails_per_address: int = 10
    """In an hour."""
    mails_per_email: int = 3
    """In an hour."""


class RequestLimits:
    """Counts under keyed hashes: the table holds neither addresses nor e-mails."""

    def __init__(self, limit: SlidingLimit, pepper: str) -> None:
        self._limit = limit
        self._pepper = pepper.encode()

    def hit(self, api: "Api", name: str, key: str, *, limit: int, window_s: int, now: datetime) -> None:
        """One more hit, told in the answer's headers. Raises `LimitExceeded`; `Unavailable` when nobody can count.

        The headers are those of draft-ietf-httpapi-ratelimit-headers; of several limits the last one stands there.
        """
        from botocore.exceptions import BotoCoreError, ClientError

        hashed = hmac.new(self._pepper, f"limit\x1f{name}\x1f{key}".encode(), hashlib.sha256).hexdigest()
        try:
            verdict = self._limit.hit(f"{name}#{hashed}", limit=limit, window_s=window_s, now=now)
        except (BotoCoreError, ClientError) as error:
            emit("rate_limit_unchecked_total", now, outcome="closed")
            raise Unavailable("Não foi possível conferir os limites. Tente de novo.", retry_after=1) from error
        tell(api.add_header, Limit(name, limit, window_s), verdict)


def address_key(address: str | None) -> str:
    """Whom an address counts for: an IPv6 network of one customer (/64) has no end of addresses."""
    try:
        parsed = ip_address(address or "")
    except ValueError:
        return "unknown"
    if isinstance(parsed, IPv6Address):
        return str(ip_network((parsed, 64), strict=False))
    return str(parsed)
