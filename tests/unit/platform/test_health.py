"""What makes the product degraded, and what makes it down."""

import pytest

from falachefe.platform.health import Probe, State, judge, probe


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
def test_the_worst_state_is_the_state_of_all(outcomes: dict[str, tuple[bool, int | None]], status: State) -> None:
    assert judge(outcomes).status == status


def test_one_failing_probe_does_not_stop_the_others() -> None:
    heard: list[str] = []

    def fail() -> int:
        raise TimeoutError

    health = probe(
        {"postgres": Probe(fail, vital=True), "model": Probe(lambda: 0, vital=False)},
        lambda name, _: heard.append(name),
    )
    assert (health.checks, heard) == ({"postgres": "down", "model": "ok"}, ["postgres"])
