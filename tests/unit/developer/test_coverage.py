"""The floor of the coverage only rises."""

import pytest

from infra.developer.coverage import PROJECT, Measured, floor_of, raised

TEXT = "[tool.coverage.report]\nfail_under = 90.5\nprecision = 2\n"


@pytest.mark.parametrize(
    ("percent", "floor"), [(91.0, 91.0), (92.39, 92.3), (90.59, 90.5), (90.5, 90.5), (12.0, 90.5), (100.0, 100.0)]
)
def test_the_floor_rises_to_what_was_measured_and_never_falls(percent: float, floor: float) -> None:
    assert floor_of(raised(TEXT, percent)) == floor
    assert raised(TEXT, percent).replace(str(floor), "90.5") == TEXT


def test_the_project_has_a_floor() -> None:
    assert 0 < floor_of(PROJECT.read_text()) <= 100


def test_a_project_without_a_floor_is_an_error() -> None:
    with pytest.raises(ValueError, match="fail_under"):
        floor_of("[tool.coverage.report]\n")


def test_files_come_by_how_much_of_them_is_not_covered() -> None:
    def file(percent: float, lines: int, branches: int) -> dict[str, object]:
        return {"summary": {"percent_covered": percent, "missing_lines": lines, "missing_branches": branches}}

    report = {
        "totals": {"percent_covered": 90.25},
        "files": {"a.py": file(50.0, 1, 0), "b.py": file(80.0, 9, 4), "c.py": file(100.0, 0, 0)},
    }

    assert Measured.of(report) == Measured(90.25, (("b.py", 80.0, 13), ("a.py", 50.0, 1), ("c.py", 100.0, 0)))
