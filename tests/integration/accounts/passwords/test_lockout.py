"""Failed sign-ins and lockouts of increasing length."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from itertools import pairwise

import pytest

from falachefe.accounts.passwords.lockout import (
    MAX_FAILURES,
    MAX_FAILURES_PER_EMAIL,
    WINDOW_PER_EMAIL,
    Attempt,
    SignInAttempts,
    lockout,
)
from falachefe.aws.clients import client
from falachefe.aws.tables import Table
from falachefe.kernel.errors import LimitExceeded
from tests.integration.aws.atomic import AtomicTable
from tests.integration.aws_fixtures import NOW

WHO = Attempt("dono@exemplo.com", "203.0.113.7")


@pytest.fixture
def attempts(auth_table: Table) -> SignInAttempts:
    return SignInAttempts(AtomicTable(client("dynamodb"), "auth"), "p" * 64)


def fail(attempts: SignInAttempts, at: timedelta, times: int = MAX_FAILURES) -> None:
    for _ in range(times):
        attempts.begin(WHO, NOW + at)
        attempts.failed(WHO, NOW + at)


def wait(attempts: SignInAttempts, at: timedelta) -> int | None:
    """The `retry_after` of a refused attempt; None when it is allowed."""
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


def test_lockouts_are_forgotten_a_day_after_their_end(attempts: SignInAttempts) -> None:
    fail(attempts, timedelta(0))
    later = timedelta(minutes=15, days=1)

    fail(attempts, later)

    assert wait(attempts, later) == 15 * 60


def test_success_resets_failures_and_lockouts(attempts: SignInAttempts) -> None:
    fail(attempts, timedelta(0))
    later = timedelta(minutes=15)
    attempts.begin(WHO, NOW + later)
    attempts.succeeded(WHO)

    fail(attempts, later)

    assert wait(attempts, later) == 15 * 60


def test_single_failures_do_not_reset_earlier_lockouts(attempts: SignInAttempts) -> None:
    fail(attempts, timedelta(0))
    fail(attempts, timedelta(minutes=20), times=1)
    later = timedelta(minutes=40)

    fail(attempts, later)

    assert wait(attempts, later) == 30 * 60


def test_of_concurrent_attempts_five_are_allowed_and_one_lockout_counts(attempts: SignInAttempts) -> None:
    def guess(_: int) -> bool:
        try:
            attempts.begin(WHO, NOW)
        except LimitExceeded:
            return False
        attempts.failed(WHO, NOW)
        return True

    with ThreadPoolExecutor(16) as pool:
        looked_at = sum(pool.map(guess, range(50)))

    while looked_at < MAX_FAILURES and wait(attempts, timedelta(0)) is None:
        attempts.failed(WHO, NOW)
        looked_at += 1
    assert looked_at == MAX_FAILURES, "no fewer are let through, and no more"
    assert wait(attempts, timedelta(0)) == 15 * 60


def test_exactly_five_attempts_are_allowed(attempts: SignInAttempts) -> None:
    let_through = 0
    while wait(attempts, timedelta(0)) is None:
        attempts.failed(WHO, NOW)
        let_through += 1

    assert let_through == MAX_FAILURES


def test_failures_from_another_origin_do_not_lock(attempts: SignInAttempts) -> None:
    """REVIEW S3: five wrong passwords from anywhere locked the owner out."""
    fail(attempts, timedelta(0))
    owner = Attempt(WHO.email.upper(), "198.51.100.9")

    attempts.begin(owner, NOW)
    attempts.succeeded(owner)


def from_everywhere(attempts: SignInAttempts, times: int) -> int:
    """How many of `times` attempts, each from another network, are allowed."""
    for number in range(times):
        elsewhere = Attempt(WHO.email, f"192.0.2.{number}")
        try:
            attempts.begin(elsewhere, NOW)
        except LimitExceeded:
            return number
        attempts.failed(elsewhere, NOW)
    return times


def test_limit_per_e_mail_applies_to_all_networks_but_not_to_known_devices(attempts: SignInAttempts) -> None:
    assert from_everywhere(attempts, 200) == MAX_FAILURES_PER_EMAIL

    attempts.begin(Attempt(WHO.email, "the owner's telephone", known=True), NOW)
    assert wait(attempts, timedelta(0)) is not None
    assert wait(attempts, WINDOW_PER_EMAIL) is None


def test_known_device_has_five_attempts_of_its_own(attempts: SignInAttempts) -> None:
    device = Attempt(WHO.email, "the owner's telephone", known=True)
    for _ in range(MAX_FAILURES):
        attempts.begin(device, NOW)
        attempts.failed(device, NOW)

    with pytest.raises(LimitExceeded):
        attempts.begin(device, NOW)
    assert wait(attempts, timedelta(0)) is None


def test_successes_do_not_count_towards_the_limit_per_e_mail(attempts: SignInAttempts) -> None:
    for _ in range(MAX_FAILURES_PER_EMAIL * 2):
        attempts.begin(WHO, NOW)
        attempts.succeeded(WHO)


def test_using_a_mailed_link_resets_all_failures(attempts: SignInAttempts) -> None:
    from_everywhere(attempts, 200)
    attempts.forget(WHO)

    assert wait(attempts, timedelta(0)) is None
