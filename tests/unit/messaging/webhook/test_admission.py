"""Who is let onto the inbound queue, and when the calls may go out side by side."""

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
    """Counts exactly, as the table does for all processes together."""

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
    """Runs at once and remembers that it was asked to run something beside the queue."""

    def __init__(self) -> None:
        self.jobs = 0

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        self.jobs += 1
        future: Future[Any] = Future()
        future.set_result(fn(*args, **kwargs))
        return future


class Door:
    def __init__(self) -> None:
        self.limits, self.recorder = CountingLimits(), Recorder()
        self.queued: list[str] = []
        self.counted: list[str] = []
        self.admission = Admission(
            self.limits,  # type: ignore[arg-type]  # the fake has the one method that counts
            lambda name, *_, **__: self.counted.append(name),
            executor=lambda: self.recorder,
        )

    def knock(self, message: str, *, phone: str = "+5511987654321", at: datetime = NOW) -> None:
        self.admission.admit("company", phone, message, lambda: self.queued.append(message), at)


@pytest.fixture
def door() -> Door:
    return Door()


def test_ten_messages_of_a_phone_pass_and_the_eleventh_is_refused_and_not_queued(door: Door) -> None:
    for number in range(10):
        door.knock(f"m{number}")
    with pytest.raises(LimitExceeded) as refused:
        door.knock("m10")
    assert refused.value.retry_after == 7
    assert door.queued == [f"m{number}" for number in range(10)]


def test_an_unknown_phone_is_counted_before_it_is_queued(door: Door) -> None:
    door.knock("m0")
    assert door.recorder.jobs == 0


def test_calls_go_side_by_side_only_while_half_of_the_room_is_known_to_be_free(door: Door) -> None:
    for number in range(10):
        door.knock(f"m{number}")
    # The second to the sixth message knew of at least five free places; their company is counted later.
    assert door.recorder.jobs == 5


def test_what_was_known_long_ago_does_not_count(door: Door) -> None:
    door.knock("m0")
    door.knock("m1", at=NOW + timedelta(seconds=31))
    assert door.recorder.jobs == 0


def test_a_redelivery_does_not_use_up_room(door: Door) -> None:
    for number in range(10):
        for _ in range(3):
            door.knock(f"m{number}")
    assert len(door.queued) == 30


def test_a_limit_that_cannot_be_counted_lets_the_message_in(door: Door) -> None:
    door.limits.broken = True
    door.knock("m0")
    assert door.queued == ["m0"]
    assert door.counted == ["limit_not_counted_total"] * 2


def test_an_overrun_by_other_processes_is_let_in_and_counted(door: Door) -> None:
    door.knock("m0")
    door.limits.hits["in#company#+5511987654321"] |= {f"elsewhere{number}" for number in range(9)}
    door.knock("m1")
    assert door.queued == ["m0", "m1"]
    assert door.counted == ["limit_overrun_total"]


def test_a_queue_that_is_down_is_told_also_when_side_by_side(door: Door) -> None:
    def down() -> None:
        raise ConnectionError

    door.knock("m0")
    with pytest.raises(ConnectionError):
        door.admission.admit("company", "+5511987654321", "m1", down, NOW)


def phones(number: int) -> str:
    return f"+55119{number:08d}"


def test_a_company_with_plenty_of_room_is_counted_ten_messages_at_a_time(door: Door) -> None:
    for number in range(41):
        door.knock(f"m{number}", phone=phones(number))
    assert len(door.limits.hits["in#company"]) == 41
    for number in range(41, 50):
        door.knock(f"m{number}", phone=phones(number))
    assert len(door.limits.hits["in#company"]) == 41
    assert len(door.queued) == 50


def test_near_its_limit_every_message_of_a_company_is_counted_and_the_last_is_refused(door: Door) -> None:
    for number in range(1_000):
        door.knock(f"m{number}", phone=phones(number))
    with pytest.raises(LimitExceeded):
        door.knock("m1000", phone=phones(1_000))
    assert len(door.queued) == 1_000
    assert len(door.limits.hits["in#company"]) == 1_000


def test_what_was_not_counted_within_its_minute_is_forgotten(door: Door) -> None:
    for number in range(5):
        door.knock(f"m{number}", phone=phones(number))
    assert len(door.limits.hits["in#company"]) == 1
    door.knock("late", phone=phones(9), at=NOW + timedelta(seconds=61))
    assert len(door.limits.hits["in#company"]) == 2


@given(pauses=st.lists(st.integers(0, 12), max_size=60))
def test_never_ten_messages_are_unknown_to_the_table(pauses: list[int]) -> None:
    door, at = Door(), NOW
    for number, pause in enumerate(pauses):
        at += timedelta(milliseconds=pause * 100)
        door.knock(f"m{number}", phone=phones(number), at=at)
        assert 0 <= number + 1 - len(door.limits.hits["in#company"]) < 10
