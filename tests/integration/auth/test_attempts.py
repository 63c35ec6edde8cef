"""Failed sign-ins and the lockouts that grow."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from itertools import pairwise

import pytest

from falachefe.auth.attempts import MOST_FAILURES, SignInAttempts, lockout
from falachefe.aws.clients import client
from falachefe.aws.tables import Table
from falachefe.kernel.errors import LimitExceeded
from tests.integration.aws.atomic import AtomicTable

from .conftest import NOW

WHO = "dono@exemplo.com"


@pytest.fixture
def attempts(auth_table: Table) -> SignInAttempts:
    return SignInAttempts(AtomicTable(client("dynamodb"), "auth"), "p" * 64)


def fail(attempts: SignInAttempts, at: timedelta, times: int = MOST_FAILURES) -> None:
    for _ in range(times):
        attempts.begin(WHO, NOW + at)
        attempts.failed(WHO, NOW + at)


def wait(attempts: SignInAttempts, at: timedelta) -> int | None:
    """Seconds that a refused attempt is told to wait; None when it is let through."""
    try:
        attempts.begin(WHO, NOW + at)
    except LimitExceeded as refused:
        return refused.retry_after
    return None


def test_each_further_lockout_lasts_twice_as_long(attempts: SignInAttempts) -> None:
    at = timedelta(0)
    for minutes in (15, 30, 60, 120):
        fail(attempts, at)
        assert wait(attempts, at) == minutes * 60
        at += timedelta(minutes=minutes)


def test_no_lockout_is_longer_than_a_day() -> None:
    lengths = [lockout(n) for n in range(100)]

    assert all(shorter <= longer for shorter, longer in pairwise(lengths))
    assert lengths[-1] == timedelta(days=1)


def test_a_quiet_day_starts_over(attempts: SignInAttempts) -> None:
    fail(attempts, timedelta(0))
    later = timedelta(minutes=15, days=1)

    fail(attempts, later)

    assert wait(attempts, later) == 15 * 60


def test_a_success_starts_over(attempts: SignInAttempts) -> None:
    fail(attempts, timedelta(0))
    later = timedelta(minutes=15)
    attempts.begin(WHO, NOW + later)
    attempts.succeeded(WHO)

    fail(attempts, later)

    assert wait(attempts, later) == 15 * 60


def test_single_failures_between_lockouts_do_not_forget_them(attempts: SignInAttempts) -> None:
    fail(attempts, timedelta(0))
    fail(attempts, timedelta(minutes=20), times=1)
    later = timedelta(minutes=40)

    fail(attempts, later)

    assert wait(attempts, later) == 30 * 60


def test_of_many_tries_at_once_five_are_looked_at_and_one_lockout_counts(attempts: SignInAttempts) -> None:
    def guess(_: int) -> bool:
        try:
            attempts.begin(WHO, NOW)
        except LimitExceeded:
            return False
        attempts.failed(WHO, NOW)
        return True

    with ThreadPoolExecutor(16) as pool:
        looked_at = sum(pool.map(guess, range(50)))

    assert 1 <= looked_at <= MOST_FAILURES
    while wait(attempts, timedelta(0)) is None:
        attempts.failed(WHO, NOW)
    assert wait(attempts, timedelta(0)) == 15 * 60
