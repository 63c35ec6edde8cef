"""Failed sign-ins, counted before the password is looked at, so that tries at once are counted as well.

They count by the e-mail and where they come from: somebody else's failures elsewhere keep no owner out. Tries from many
networks at one e-mail meet a bound of its own, much higher, which holds for no device that has signed in before.
"""

import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Final

from falachefe.aws.tables import ConditionFailed, Item, Table
from falachefe.kernel.errors import LimitExceeded

MOST_FAILURES: Final = 5
MOST_OF_EMAIL: Final = 100
"""Failures at one e-mail from everywhere but its own devices, in `WINDOW_OF_EMAIL`."""
WINDOW_OF_EMAIL: Final = timedelta(hours=1)
WINDOW: Final = timedelta(minutes=15)
"""Failures further apart do not add up."""
LOCKOUT: Final = timedelta(minutes=15)
"""The first time; each further lockout lasts twice as long, up to a day."""
LONGEST_LOCKOUT: Final = timedelta(days=1)
REMEMBERED: Final = timedelta(days=1)
"""How long after a lockout the next one is a further one. A successful sign-in forgets all."""
_SK: Final = "attempts"
_RACES: Final = 3


@dataclass(frozen=True, slots=True)
class Attempt:
    """Whose password is tried, and from where: a network, a device that signed in before, or a session."""

    email: str
    place: str
    known: bool = False
    """The place has shown before that it is the owner's."""


class SignInAttempts:
    """The attempts of one deployment. E-mails are known by a keyed hash only."""

    def __init__(self, table: Table, pepper: str) -> None:
        self._table = table
        self._pepper = pepper.encode()

    def begin(self, attempt: Attempt, now: datetime) -> None:
        """Counts one more attempt as failed until `succeeded` says otherwise. Raises `LimitExceeded` while locked."""
        self._begin(self._by_place(attempt), now, MOST_FAILURES, WINDOW)
        if not attempt.known:
            self._begin(self._by_email(attempt.email), now, MOST_OF_EMAIL, WINDOW_OF_EMAIL)

    def failed(self, attempt: Attempt, now: datetime) -> None:
        """The attempt failed; the last one that is allowed locks the e-mail for this place from now on.

        Of several last ones at once the first locks: `locked` says that this round has.
        """
        pk = self._by_place(attempt)
        item = self._table.get(pk, _SK)
        if item is None or item["failures"] < MOST_FAILURES or item["locked"]:
            return
        until = int((now + lockout(item["lockouts"])).timestamp())
        try:
            self._table.update(
                pk,
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

    def succeeded(self, attempt: Attempt) -> None:
        self._table.delete(self._by_place(attempt), _SK)
        if not attempt.known:
            self._take_back(self._by_email(attempt.email))

    def forget(self, attempt: Attempt) -> None:
        """The owner of the e-mail has shown up (by a mailed link): whatever was counted is none of theirs."""
        self._table.delete(self._by_place(attempt), _SK)
        self._table.delete(self._by_email(attempt.email), _SK)

    def _take_back(self, pk: str) -> None:
        try:
            self._table.update(
                pk, _SK, "SET failures = failures - :one", {":one": 1, ":none": 0}, condition="failures > :none"
            )
        except ConditionFailed:
            return

    def _begin(self, pk: str, now: datetime, most: int, window: timedelta) -> None:
        for _ in range(_RACES):
            try:
                self._count(pk, now, most)
            except ConditionFailed as refused:
                if _locked(refused.item, now, most):
                    raise _too_many(refused.item, now) from None
                if self._start(pk, refused.item, now, window):
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

    def _start(self, pk: str, before: Item, now: datetime, window: timedelta) -> bool:
        """The first attempt of a new round, which knows how many lockouts there were lately."""
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

    def _by_place(self, attempt: Attempt) -> str:
        return self._hashed("place", attempt.email.casefold(), attempt.place)

    def _by_email(self, email: str) -> str:
        return self._hashed("email", email.casefold())

    def _hashed(self, *parts: str) -> str:
        named = "\x1f".join(("login", *parts)).encode()
        return f"login#{hmac.new(self._pepper, named, sha256).hexdigest()}"


def lockout(earlier: int) -> timedelta:
    """How long a lockout lasts after so many `earlier` ones."""
    times: int = 2 ** min(earlier, 10)
    return min(LOCKOUT * times, LONGEST_LOCKOUT)


def _locked(item: Item, now: datetime, most: int) -> bool:
    return bool(item) and item["window_ends"] > int(now.timestamp()) and item["failures"] >= most


def _too_many(item: Item, now: datetime) -> LimitExceeded:
    return LimitExceeded(
        "Muitas tentativas de entrada. Tente de novo mais tarde.",
        code="login_locked",
        retry_after=max(1, item["window_ends"] - int(now.timestamp())),
    )
