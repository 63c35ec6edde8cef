"""Rate limits of public endpoints by IP address and by e-mail, and of the mails sent."""

import hashlib
import hmac
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from falachefe.aws.emf import emit
from falachefe.aws.rate_limit import SlidingLimit
from falachefe.http.rate_limits.callers import Announce, Limit, count_hit
from falachefe.kernel.config import Settings

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
    mails_per_company: int = 200
    """In an hour: mails to addresses that its admins enter."""


class RequestLimits:
    """Counts under keyed hashes, so that the table has neither addresses nor e-mails."""

    def __init__(self, limit: SlidingLimit, pepper: str) -> None:
        self._limit = limit
        self._pepper = pepper.encode()

    def hit(self, announce: Announce, name: str, key: str, *, limit: int, window_s: int, now: datetime) -> None:
        """Counts a hit and sets the `RateLimit` headers. Raises `LimitExceeded`, or `Unavailable` if it cannot count.

        Of several limits the headers show the last one.
        """
        hashed = hmac.new(self._pepper, f"limit\x1f{name}\x1f{key}".encode(), hashlib.sha256).hexdigest()
        wanted, counter = Limit(name, limit, window_s), f"{name}#{hashed}"
        count_hit(self._limit, counter, wanted, now, passes_uncounted=False, announce=announce, count=emit)


def limit_mail(limits: RequestLimits, company_id: UUID, email: str, now: datetime) -> None:
    """Counts a mail to an address that a company's admin entered. Raises `LimitExceeded`.

    Anyone can register a company and enter any address, so the limit of the e-mail is that of publicly requested mails.
    """
    settings = LimitSettings.from_env()
    company = {"limit": settings.mails_per_company, "window_s": HOUR}
    limits.hit(_no_headers, "mail-company", str(company_id), **company, now=now)
    limits.hit(_no_headers, "mail", email.casefold(), limit=settings.mails_per_email, window_s=HOUR, now=now)


def _no_headers(_name: str, _value: str) -> None:
    """Keeps these limits out of the headers, which show the caller's own."""
