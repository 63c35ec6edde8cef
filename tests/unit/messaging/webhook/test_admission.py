"""Which messages are admitted to the inbound queue, and when the calls run concurrently."""

from collections.abc import Callable
from concurrent.futures import Executor, Future
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from falachefe.aws.rate_limit import Verdict
from falachefe.kernel.errors import LimitExceeded
from falachefe.messaging.webhook.admission import Admission

NOW = datetime(2026, 11, 10, 12, tzinfo=UTC)


class CountingLimits:
    """Counts exactly, as the table does for all processes."""

    def __init__(self) -> None:
        self.hits: dict[str, set[str]] = {}
        self.broken = False

    def hit(
        self, key: str, *, limit: int, window_s: int, now: datetime, distinct: str | None = None, weight: int = 1
    ) -> Verdict:
        if self.broken:
            raise TimeoutError
        seen = self.hits.setdefault(key, set())
        names = {distinct} if distinct else {f"{len(seen) + number}" for number in range(weight)}
        if len(seen | names) > limit:
            return Verdict(False, 0, 7)
        seen |= names
        return Verdict(True, limit - len(seen), 0)


class Recorder(Executor):
    """Runs calls at once, and records that they were submitted to run beside the queue."""

    def __init__(self) -> None:
        self.jobs = 0

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        self.jobs += 1
        future: Future[Any] = Future()
        future.set_result(fn(*args, **kwargs))
        return future


class AdmissionHarness:
    def __init__(self) -> None:
        self.limits, self.recorder = CountingLimits(), Recorder()
        self.queued: list[str] = []
        self.counted: list[str] = []
        self.admission = Admission(
            self.limits,  # type: ignore[arg-type]  # the fake has the one method that counts
            lambda name, *_, **__: self.counted.append(name),
            executor=lambda: self.recorder,
        )

    def admit(self, message: str, *, phone: str = "+5511987654321", at: datetime = NOW) -> None:
        self.admission.admit("company", phone, message, lambda: self.queued.append(message), at)


@pytest.fixture
def harness() -> AdmissionHarness:
    return AdmissionHarness()


def test_the_eleventh_message_of_a_phone_in_a_minute_is_refused_and_not_enqueued(harness: AdmissionHarness) -> None:
    for number in range(10):
        harness.admit(f"m{number}")
    with pytest.raises(LimitExceeded) as refused:
        harness.admit("m10")
    assert refused.value.retry_after == 7
    assert harness.queued == [f"m{number}" for number in range(10)]


def test_a_new_phone_is_counted_before_its_message_is_enqueued(harness: AdmissionHarness) -> None:
    harness.admit("m0")
    assert harness.recorder.jobs == 0


def test_calls_run_concurrently_only_while_half_of_the_limits_is_known_to_be_left(harness: AdmissionHarness) -> None:
    for number in range(10):
        harness.admit(f"m{number}")
    # The second to the sixth message knew of at least five free places; their company is counted later.
    assert harness.recorder.jobs == 5


def test_an_old_verdict_is_not_used(harness: AdmissionHarness) -> None:
    harness.admit("m0")
    harness.admit("m1", at=NOW + timedelta(seconds=31))
    assert harness.recorder.jobs == 0


def test_a_redelivery_does_not_count(harness: AdmissionHarness) -> None:
    for number in range(10):
        for _ in range(3):
            harness.admit(f"m{number}")
    assert len(harness.queued) == 30


def test_a_message_is_admitted_when_counting_fails(harness: AdmissionHarness) -> None:
    harness.limits.broken = True
    harness.admit("m0")
    assert harness.queued == ["m0"]
    assert harness.counted == ["limit_not_counted_total"] * 2


def test_an_overrun_by_other_processes_is_admitted_and_counted(harness: AdmissionHarness) -> None:
    harness.admit("m0")
    harness.limits.hits["in#company#+5511987654321"] |= {f"elsewhere{number}" for number in range(9)}
    harness.admit("m1")
    assert harness.queued == ["m0", "m1"]
    assert harness.counted == ["limit_overrun_total"]


def test_a_queue_failure_is_raised_from_concurrent_calls_too(harness: AdmissionHarness) -> None:
    def down() -> None:
        raise ConnectionError

    harness.admit("m0")
    with pytest.raises(ConnectionError):
        harness.admission.admit("company", "+5511987654321", "m1", down, NOW)


def phone_number(number: int) -> str:
    return f"+55119{number:08d}"


def test_messages_of_a_company_far_from_its_limit_are_counted_ten_at_a_time(harness: AdmissionHarness) -> None:
    for number in range(41):
        harness.admit(f"m{number}", phone=phone_number(number))
    assert len(harness.limits.hits["in#company"]) == 41
    for number in range(41, 50):
        harness.admit(f"m{number}", phone=phone_number(number))
    assert len(harness.limits.hits["in#company"]) == 41
    assert len(harness.queued) == 50


def test_near_the_limit_every_message_of_a_company_is_counted_and_the_last_is_refused(
    harness: AdmissionHarness,
) -> None:
    for number in range(1_000):
        harness.admit(f"m{number}", phone=phone_number(number))
    with pytest.raises(LimitExceeded):
        harness.admit("m1000", phone=phone_number(1_000))
    assert len(harness.queued) == 1_000
    assert len(harness.limits.hits["in#company"]) == 1_000


def test_messages_not_counted_within_a_minute_are_not_counted_later(harness: AdmissionHarness) -> None:
    for number in range(5):
        harness.admit(f"m{number}", phone=phone_number(number))
    assert len(harness.limits.hits["in#company"]) == 1
    harness.admit("late", phone=phone_number(9), at=NOW + timedelta(seconds=61))
    assert len(harness.limits.hits["in#company"]) == 2


@given(pauses=st.lists(st.integers(0, 12), max_size=60))
def test_fewer_than_ten_messages_are_uncounted_at_any_time(pauses: list[int]) -> None:
    harness, at = AdmissionHarness(), NOW
    for number, pause in enumerate(pauses):
        at += timedelta(milliseconds=pause * 100)
        harness.admit(f"m{number}", phone=phone_number(number), at=at)
        assert 0 <= number + 1 - len(harness.limits.hits["in#company"]) < 10
