"""A resource, an endpoint and a worker are made in a copy of the project, hold its rules, and are taken away again."""

import hashlib
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest

from infra.local.paths import ROOT

COPIED: Final = ("docs", "events", "functions", "infra", "layers/domain", "tests")
FILES: Final = ("pyproject.toml", "template.yaml")
RESOURCE: Final = (
    *("resource", "name=late-fees", "context=finance", "label=multas"),
    "fields=name:text amount:money due:date items:number? notes:prose?",
)
ENDPOINT: Final = (
    *("endpoint", "name=overdue", "domain=business", "context=finance"),
    *("permission=overdue.read", "summary=List what is overdue", "label=Ver o que venceu"),
)
WORKER: Final = ("worker", "name=close-months", "domain=business", "context=finance", "queue=month-ends")


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    copy = tmp_path_factory.mktemp("project")
    for folder in COPIED:
        ignored = shutil.ignore_patterns("__pycache__", "*.pyc", "dist")
        shutil.copytree(ROOT / folder, copy / folder, ignore=ignored)
    for file in FILES:
        shutil.copy2(ROOT / file, copy / file)
    (copy / ".tools").symlink_to(ROOT / ".tools")
    return copy


def run(project: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *arguments], cwd=project, capture_output=True, text=True, check=False, timeout=120
    )


def scaffold(project: Path, *arguments: str) -> None:
    done = run(project, "-m", "infra.local.scaffold", *arguments)
    assert done.returncode == 0, done.stdout + done.stderr


def contents(project: Path) -> dict[str, str]:
    files = (file for folder in COPIED for file in (project / folder).rglob("*") if file.is_file())
    return {
        str(file.relative_to(project)): hashlib.sha256(file.read_bytes()).hexdigest()
        for file in (*files, *(project / one for one in FILES))
        if "__pycache__" not in file.parts
    }


def test_what_is_made_holds_the_rules_and_is_taken_away_without_a_trace(project: Path) -> None:
    before = contents(project)
    for command in (RESOURCE, ENDPOINT, WORKER):
        scaffold(project, *command)
    made = contents(project)
    new = sorted(path for path in made if path not in before)
    assert len(new) == 14, new

    python = [path for path in new if path.endswith(".py")]
    for check in (("check", "--quiet"), ("format", "--check", "--quiet")):
        done = run(project, "-m", "ruff", *check, *python)
        assert done.returncode == 0, done.stdout
    held = run(
        project,
        *("-m", "pytest", "-q", "-p", "no:cacheprovider", "tests/security/test_template_queues.py"),
        "tests/security/test_routes.py::test_each_routes_permission_is_as_listed_in_route_permissions",
        "tests/security/test_template_rules.py::test_every_handler_file_has_its_function",
    )
    assert held.returncode == 0, held.stdout

    for _ in range(3):
        scaffold(project, "undo")
    assert contents(project) == before
