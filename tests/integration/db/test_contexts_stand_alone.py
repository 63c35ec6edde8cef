"""A function imports only the models of the contexts it uses; writing their rows must not need other models."""

import subprocess
import sys
from pathlib import Path

import pytest

DOMAIN = Path(__file__).parents[3] / "layers" / "domain" / "python"
MODELS = sorted(
    ".".join(path.relative_to(DOMAIN).with_suffix("").parts)
    for path in [*DOMAIN.glob("falachefe/*/models.py"), DOMAIN / "falachefe" / "db" / "outbox.py"]
)

WRITE_EACH = """
import importlib, sys
from sqlalchemy.orm import configure_mappers
importlib.import_module(sys.argv[1])
from falachefe.db.base import Base
configure_mappers()
written = 0
for mapper in Base.registry.mappers:
    mapper._sorted_tables  # what an insert and a flush ask for first
    written += 1
assert written
"""


@pytest.mark.parametrize("module", MODELS)
def test_a_contexts_rows_can_be_written_without_other_contexts(module: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", WRITE_EACH, module],
        env={"PYTHONPATH": str(DOMAIN)}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-500:]
