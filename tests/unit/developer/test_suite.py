"""`make test` runs every test, and ONLY what it is given."""

import pytest

from infra.developer.suite import WORKERS, lanes, selected
from infra.local.paths import ROOT


def test_every_file_of_tests_is_in_a_lane() -> None:
    given = [ROOT / one for lane in lanes() for one in lane.arguments if one.startswith("tests/")]
    files = {path for one in given for path in ([one] if one.is_file() else one.rglob("test_*.py"))}

    assert files == set((ROOT / "tests").rglob("test_*.py"))


def test_what_is_asked_of_everything_before_it_is_asked_last_and_of_both_instances() -> None:
    stack, outages = ([one.rpartition("/")[2] for one in lane.arguments] for lane in lanes()[1:])

    assert stack[-2:] == ["test_private_data_in_logs.py", "test_recorded_calls.py"]
    assert outages == [
        "test_outages.py",
        "test_private_data_in_logs.py",
        "test_crash_recovery.py",
        "test_recorded_calls.py",
    ]


@pytest.mark.parametrize(
    ("only", "arguments"),
    [
        ("tests/unit/finance", ("tests/unit/finance",)),
        ("tests/unit/a.py tests/unit/b.py", ("tests/unit/a.py", "tests/unit/b.py")),
        ("tests/unit/a.py::test_b[two words]", ("tests/unit/a.py::test_b[two words]",)),
        ("tests/stack", ("tests/stack",)),
        ("tests/unit/", (*WORKERS, "tests/unit/")),
        ("tests/integration", (*WORKERS, "tests/integration")),
    ],
)
def test_only_is_paths_or_one_test(only: str, arguments: tuple[str, ...]) -> None:
    assert selected(only) == arguments
