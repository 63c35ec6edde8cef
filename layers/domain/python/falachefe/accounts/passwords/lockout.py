"""Lock-out after failed sign-ins. An attempt counts before the password is verified, so concurrent ones count too.

Attempts count by e-mail and origin, so that failures elsewhere do not lock the owner out. A second, much higher limit
counts attempts on one e-mail from all origins; devices that have signed in before are exempt from it.
"""

import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Final

from falachefe.aws.tables import ConditionFailed, Item, Table
from falachefe.kernel.errors import LimitExceeded

MAX_FAILURES: Final = 5
MAX_FAILURES_PER_EMAIL: Final = 100
"""Failures on one e-mail within `WINDOW_PER_EMAIL` from all origins except known devices."""
WINDOW_PER_EMAIL: Final = timedelta(hours=1)
WINDOW: Final = timedelta(minutes=15)
"""From the first failure; failures after its end start a new count."""
LOCKOUT: Final = timedelta(minutes=15)
"""The first lockout; each further one lasts twice as long, up to `MAX_LOCKOUT`."""
MAX_LOCKOUT: Final = timedelta(days=1)
LOCKOUT_MEMORY: Final = timedelta(days=1)
"""How long after its end a lockout still doubles the next one. A successful sign-in resets this."""
_SK: Final = "attempts"
_MAX_TRIES: Final = 3


@dataclass(frozen=True, slots=True)
class Attempt:
    """The account whose password is tried, and from where: a network, a known device, or a session."""

    email: str
    origin: str
    known: bool = False
    """The origin has been authenticated for this account before."""


class SignInAttempts:
    """Attempts in DynamoDB. E-mails are stored as keyed hashes only."""

    def __init__(self, table: Table, pepper: str) -> None:
        self._table = table
        self._pepper = pepper.encode()

    def begin(self, attempt: Attempt, now: datetime) -> None:
        """Counts one more attempt as failed until `succeeded` says otherwise. Raises `LimitExceeded` while locked."""
        self._count_or_start(self._origin_key(attempt), now, MAX_FAILURES, WINDOW)
        if not attempt.known:
            self._count_or_start(self._email_key(attempt.email), now, MAX_FAILURES_PER_EMAIL, WINDOW_PER_EMAIL)

    def failed(self, attempt: Attempt, now: datetime) -> None:
        """After a failed attempt: the last allowed one locks the e-mail for this origin.

        Of several concurrent last ones only the first locks: `locked` marks that this window already did.
        """
        pk = self._origin_key(attempt)
        item = self._table.get(pk, _SK)
        if item is None or item["failures"] < MAX_FAILURES or item["locked"]:
            return
        until = int((now + lockout(item["lockouts"])).timestamp())
        try:
            self._table.update(
                pk,
                _SK,
                "SET window_ends = :until, expires_at = :forget, lockouts = :more, locked = :yes",
                {
                    ":until": until,
                    ":forget": until + int(LOCKOUT_MEMORY.total_seconds()),
                    ":more": item["lockouts"] + 1,
                    ":yes": True,
                    ":no": False,
                    ":most": MAX_FAILURES,
                },
                condition="failures >= :most AND locked = :no",
            )
        except ConditionFailed:
            return

    def succeeded(self, attempt: Attempt) -> None:
        self._table.delete(self._origin_key(attempt), _SK)
        if not attempt.known:
            self._uncount(self._email_key(attempt.email))

    def forget(self, attempt: Attempt) -> None:
        """Forgets all failures after the owner has proved to be that by a mailed link."""
        self._table.delete(self._origin_key(attempt), _SK)
        self._table.delete(self._email_key(attempt.email), _SK)

    def _uncount(self, pk: str) -> None:
        try:
            self._table.update(
                pk, _SK, "SET failures = failures - :one", {":one": 1, ":none": 0}, condition="failures > :none"
            )
        except ConditionFailed:
            return

    def _count_or_start(self, pk: str, now: datetime, most: int, window: timedelta) -> None:
        for _ in range(_MAX_TRIES):
            try:
                self._count(pk, now, most)
            except ConditionFailed as refused:
                if _locked(refused.item, now, most):
                    raise _too_many(refused.item, now) from None
                if self._start_window(pk, refused.item, now, window):
                    return
            else:
                return
        raise LimitExceeded("Muitas tentativas ao mesmo tempo. Tente de novo.", code="login_locked", retry_after=1)

    def _count(self, pk: str, now: datetime, most: int) -> None:
        self._table.update(
            pk,
            _SK,
            "SET failures = failures + :one",
            {":one": 1, ":now": int(now.timestamp()), ":most": most},
            condition="window_ends > :now AND failures < :most",
        )

    def _start_window(self, pk: str, before: Item, now: datetime, window: timedelta) -> bool:
        """The first attempt of a new window, which keeps the number of recent lockouts."""
        moment = int(now.timestamp())
        recent = before if before and before["expires_at"] > moment else None
        ends = int((now + window).timestamp())
        item = {
            "pk": pk,
            "sk": _SK,
            "failures": 1,
            "locked": False,
            "lockouts": recent["lockouts"] if recent else 0,
            "window_ends": ends,
            "expires_at": max(ends, recent["expires_at"] if recent else 0),
        }
        try:
            self._table.put(item, condition="attribute_not_exists(pk) OR window_ends <= :now", values={":now": moment})
        except ConditionFailed:
            return False
        return True

    def _origin_key(self, attempt: Attempt) -> str:
        return self._hashed("place", attempt.email.casefold(), attempt.origin)

    def _email_key(self, email: str) -> str:
        return self._hashed("email", email.casefold())

    def _hashed(self, *parts: str) -> str:
        named = "\x1f".join(("login", *parts)).encode()
        return f"login#{hmac.new(self._pepper, named, sha256).hexdigest()}"


def lockout(earlier: int) -> timedelta:
    """How long a lockout lasts after `earlier` ones."""
    times: int = 2 ** min(earlier, 10)
    return min(LOCKOUT * times, MAX_LOCKOUT)


def _locked(item: Item, now: datetime, most: int) -> bool:
    return bool(item) and item["window_ends"] > int(now.timestamp()) and item["failures"] >= most


def _too_many(item: Item, now: datetime) -> LimitExceeded:
    return LimitExceeded(
        "Muitas tentativas de entrada. Tente de novo mais tarde.",
        code="login_locked",
        retry_after=max(1, item["window_ends"] - int(now.timestamp())),
    )
