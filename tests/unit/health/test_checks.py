"""What makes the product degraded or down; a hanging probe delays nothing."""

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest

from falachefe.health.checks import (
    CACHE_S,
    DEADLINE_S,
    Health,
    Probe,
    Readiness,
    State,
    evaluate,
)


@pytest.mark.parametrize(
    ("outcomes", "status"),
    [
        ({"postgres": (True, 0), "model": (False, 0)}, "ok"),
        ({"postgres": (True, 0), "model": (False, None)}, "degraded"),
        ({"postgres": (True, None), "model": (False, None)}, "down"),
        ({"inbound": (True, 100)}, "ok"),
        ({"inbound": (True, 101)}, "degraded"),
        ({}, "ok"),
    ],
)
def test_the_overall_status_is_the_worst_state(outcomes: dict[str, tuple[bool, int | None]], status: State) -> None:
    assert evaluate(outcomes).status == status


@dataclass
class Hanging:
    """Probes that wait until they are released, and a clock that stands still."""

    let_go: threading.Event = field(default_factory=threading.Event)
    began: list[str] = field(default_factory=list)
    heard: list[tuple[str, str]] = field(default_factory=list)
    now: float = 0.0

    def probe(self, name: str, *, vital: bool = True) -> Probe:
        def check() -> int:
            self.began.append(name)
            assert self.let_go.wait(60)
            return 0

        return Probe(check, vital)

    def readiness(self, deadline_s: float = 0.05, **probes: Probe) -> Readiness:
        return Readiness(
            probes,
            lambda name, error: self.heard.append((name, type(error).__name__)),
            deadline_s=deadline_s,
            monotonic=lambda: self.now,
        )


@pytest.fixture
def hanging() -> Iterator[Hanging]:
    services = Hanging()
    yield services
    services.let_go.set()


def _ok() -> int:
    return 0


def test_one_failing_probe_does_not_stop_the_others(hanging: Hanging) -> None:
    def fail() -> int:
        raise ConnectionRefusedError

    health = hanging.readiness(5, postgres=Probe(fail, vital=True), model=Probe(_ok, vital=False))()

    assert (health.checks, hanging.heard) == (
        {"postgres": "down", "model": "ok"},
        [("postgres", "ConnectionRefusedError")],
    )


@pytest.mark.parametrize(("vital", "said", "status"), [(True, "down", "down"), (False, "degraded", "degraded")])
def test_a_hanging_probe_does_not_delay_the_result(hanging: Hanging, vital: bool, said: State, status: State) -> None:
    readiness = hanging.readiness(0.5, dynamodb=hanging.probe("dynamodb", vital=vital), model=Probe(_ok, vital=False))

    assert readiness() == Health(status, {"dynamodb": said, "model": "ok"})
    assert hanging.heard == [("dynamodb", "TimeoutError")]


def test_probes_run_concurrently(hanging: Hanging) -> None:
    """Each waits until the other has started: one after the other they would never end."""
    meeting = threading.Barrier(2)

    def meet() -> int:
        meeting.wait(30)
        return 0

    health = hanging.readiness(30, postgres=Probe(meet, vital=True), dynamodb=Probe(meet, vital=True))()

    assert health.status == "ok"


def test_a_probe_that_still_hangs_is_not_started_again(hanging: Hanging) -> None:
    readiness = hanging.readiness(0.002, postgres=hanging.probe("postgres"))
    for _ in range(20):
        assert readiness().status == "down"
        hanging.now += CACHE_S

    assert hanging.began == ["postgres"]
    assert sum(thread.name == "probe-postgres" for thread in threading.enumerate()) == 1


def test_a_recovered_dependency_is_ready_again(hanging: Hanging) -> None:
    readiness = hanging.readiness(30, postgres=hanging.probe("postgres"))
    hanging.let_go.set()
    assert readiness().status == "ok"

    late = hanging.readiness(postgres=hanging.probe("postgres"))
    hanging.let_go.clear()
    assert late().status == "down"
    hanging.let_go.set()
    for thread in threading.enumerate():
        if thread.name == "probe-postgres":
            thread.join(30)
    hanging.now += CACHE_S
    assert late._begin("postgres", _ok).result(30) == 0  # the one that ended late is not asked for its old answer


def test_every_result_is_cached_for_a_while(hanging: Hanging) -> None:
    asked: list[int] = []

    def check() -> int:
        asked.append(1)
        if len(asked) == 1:
            raise ConnectionRefusedError
        return 0

    readiness = hanging.readiness(5, postgres=Probe(check, vital=True))
    said = [readiness().status for _ in range(100)]
    hanging.now += CACHE_S - 0.001
    said.append(readiness().status)
    assert (set(said), len(asked)) == ({"down"}, 1)

    hanging.now += 0.001
    assert (readiness().status, len(asked)) == ("ok", 2)


def test_the_deadline_leaves_room_within_two_and_a_half_seconds() -> None:
    assert DEADLINE_S <= 2
