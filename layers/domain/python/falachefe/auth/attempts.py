"""Failed sign-ins by e-mail, counted before the password is looked at, so that tries at once are counted as well."""

import hmac
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Final

from falachefe.aws.tables import ConditionFailed, Item, Table
from falachefe.kernel.errors import LimitExceeded

MOST_FAILURES: Final = 5
WINDOW: Final = timedelta(minutes=15)
"""Failures further apart do not add up."""
LOCKOUT: Final = timedelta(minutes=15)
"""The first time; each further lockout lasts twice as long, up to a day."""
LONGEST_LOCKOUT: Final = timedelta(days=1)
REMEMBERED: Final = timedelta(days=1)
"""How long after a lockout the next one is a further one. A successful sign-in forgets all."""
_SK: Final = "attempts"
_RACES: Final = 3


class SignInAttempts:
    """The attempts of one deployment. E-mails are known by a keyed hash only."""

    def __init__(self, table: Table, pepper: str) -> None:
        self._table = table
        self._pepper = pepper.encode()

    def begin(self, email: str, now: datetime) -> None:
        """Counts one more attempt as failed until `succeeded` says otherwise. Raises `LimitExceeded` while locked."""
        for _ in range(_RACES):
            try:
                self._count(email, now)
            except ConditionFailed as refused:
                if _locked(refused.item, now):
                    raise _too_many(refused.item, now) from None
                if self._start(email, refused.item, now):
                    return
            else:
                return
        raise LimitExceeded("Muitas tentativas ao mesmo tempo. Tente de novo.", code="login_locked", retry_after=1)

    def failed(self, email: str, now: datetime) -> None:
        """The attempt failed; the last one that is allowed locks the account from now on.

        Of several last ones at once the first locks: `locked` says that this round has.
        """
        item = self._table.get(self._pk(email), _SK)
        if item is None or item["failures"] < MOST_FAILURES or item["locked"]:
            return
        until = int((now + lockout(item["lockouts"])).timestamp())
        try:
            self._table.update(
                self._pk(email),
                _SK,
                "SET window_ends = :until, expires_at = :forget, lockouts = :more, locked = :yes",
                {
                    ":until": until,
                    ":forget": until + int(REMEMBERED.total_seconds()),
                    ":more": item["lockouts"] + 1,
                    ":yes": True,
                    ":no": False,
                    ":most": MOST_FAILURES,
                },
                condition="failures >= :most AND locked = :no",
            )
        except ConditionFailed:
            return

    def succeeded(self, email: str) -> None:
        self._table.delete(self._pk(email), _SK)

    def _count(self, email: str, now: datetime) -> None:
        self._table.update(
            self._pk(email),
            _SK,
            "SET failures = failures + :one",
            {":one": 1, ":now": int(now.timestamp()), ":most": MOST_FAILURES},
            condition="window_ends > :now AND failures < :most",
        )

    def _start(self, email: str, before: Item, now: datetime) -> bool:
        """The first attempt of a new round, which knows how many lockouts there were lately."""
        moment = int(now.timestamp())
        recent = before if before and before["expires_at"] > moment else None
        ends = int((now + WINDOW).timestamp())
        item = {
            "pk": self._pk(email),
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

    def _pk(self, email: str) -> str:
        return f"login#{hmac.new(self._pepper, f'login\x1f{email.casefold()}'.encode(), sha256).hexdigest()}"


def lockout(earlier: int) -> timedelta:
    """How long a lockout lasts after so many `earlier` ones."""
    times: int = 2 ** min(earlier, 10)
    return min(LOCKOUT * times, LONGEST_LOCKOUT)


def _locked(item: Item, now: datetime) -> bool:
    return bool(item) and item["window_ends"] > int(now.timestamp()) and item["failures"] >= MOST_FAILURES


def _too_many(item: Item, now: datetime) -> LimitExceeded:
    return LimitExceeded(
        "Muitas tentativas de entrada. Tente de novo mais tarde.",
        code="login_locked",
        retry_after=max(1, item["window_ends"] - int(now.timestamp())),
    )
