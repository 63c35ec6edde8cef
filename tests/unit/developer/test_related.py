"""A change is tested by the tests at its path and by those that import it."""

from pathlib import Path

import pytest

from infra.developer.related import imported_by, module_name, related_tests

RULES = Path("layers/domain/python/falachefe/finance/rules.py")


@pytest.fixture
def project(tmp_path: Path) -> Path:
    for name, content in {
        "tests/unit/finance/test_rules.py": "import json",
        "tests/unit/hr/test_rules.py": "from falachefe.hr import rules",
        "tests/unit/plans/test_sums.py": "def test():\n    from falachefe.finance.rules import total",
        "tests/unit/plans/test_names.py": "from falachefe.finance import rules",
        "tests/unit/local/commands/test_samples.py": "from tests.keys import KEY",
        "tests/unit/local/test_broken.py": "from tests.keys import (",
        "tests/integration/finance/test_rules.py": "from falachefe.finance import rules",
    }.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(content)
    return tmp_path


def related(project: Path, *changed: str | Path) -> list[str]:
    return [path.relative_to("tests/unit").as_posix() for path in related_tests(map(Path, changed), project)]


def test_a_module_s_tests_are_at_its_path_and_wherever_it_is_imported(project: Path) -> None:
    assert related(project, RULES) == ["finance/test_rules.py", "plans/test_names.py", "plans/test_sums.py"]


def test_a_package_is_its_init(project: Path) -> None:
    init = RULES.with_name("__init__.py")

    assert related(project, init) == ["plans/test_names.py"]


def test_a_test_is_its_own(project: Path) -> None:
    assert related(project, "tests/unit/hr/test_rules.py") == ["hr/test_rules.py"]


def test_what_tests_share_concerns_those_that_import_it(project: Path) -> None:
    assert related(project, "tests/keys.py") == ["local/commands/test_samples.py"]


def test_a_module_outside_of_the_domain_has_its_tests_too(project: Path) -> None:
    assert related(project, "infra/local/commands/samples.py") == ["local/commands/test_samples.py"]


@pytest.mark.parametrize(
    "changed", ["tests/unit/gone/test_gone.py", "docs/architecture.md", "tests/integration/finance/test_rules.py"]
)
def test_what_no_unit_test_concerns_runs_none(project: Path, changed: str) -> None:
    assert related(project, changed) == []


def test_a_file_that_is_gone_or_half_written_imports_nothing(tmp_path: Path) -> None:
    half = tmp_path / "half.py"
    half.write_text("import a, (")

    assert imported_by(half) == imported_by(tmp_path / "gone.py") == set()


def test_modules_are_named_as_they_are_imported() -> None:
    names = ("functions/auth/login.py", "infra/migrations/falachefe_migrations/indexes.py", RULES)

    assert [module_name(Path(name)) for name in names] == [
        "functions.auth.login",
        "falachefe_migrations.indexes",
        "falachefe.finance.rules",
    ]
