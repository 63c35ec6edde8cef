"""How often an address, or an e-mail, may knock at the doors that stand open to everybody, and be written to."""

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
    """In an hour: to those whom its admins name, who may be anybody."""


class RequestLimits:
    """Counts under keyed hashes: the table holds neither addresses nor e-mails."""

    def __init__(self, limit: SlidingLimit, pepper: str) -> None:
        self._limit = limit
        self._pepper = pepper.encode()

    def hit(self, announce: Announce, name: str, key: str, *, limit: int, window_s: int, now: datetime) -> None:
        """One more hit, told in the answer's headers. Raises `LimitExceeded`; `Unavailable` when nobody can count.

        The headers are those of draft-ietf-httpapi-ratelimit-headers; of several limits the last one stands there.
        """
        hashed = hmac.new(self._pepper, f"limit\x1f{name}\x1f{key}".encode(), hashlib.sha256).hexdigest()
        wanted, counter = Limit(name, limit, window_s), f"{name}#{hashed}"
        count_hit(self._limit, counter, wanted, now, passes_uncounted=False, announce=announce, count=emit)


def limit_mail(limits: RequestLimits, company_id: UUID, email: str, now: datetime) -> None:
    """Before a mail to somebody whom a company's admin named: anybody may be named, and begins a company in a minute.

    The e-mail's own limit is the one that holds for mails which anybody asks for. Raises `LimitExceeded`.
    """
    settings = LimitSettings.from_env()
    company = {"limit": settings.mails_per_company, "window_s": HOUR}
    limits.hit(_untold, "mail-company", str(company_id), **company, now=now)
    limits.hit(_untold, "mail", email.casefold(), limit=settings.mails_per_email, window_s=HOUR, now=now)


def _untold(_name: str, _value: str) -> None:
    """The answer's headers are about the caller's own limit."""
