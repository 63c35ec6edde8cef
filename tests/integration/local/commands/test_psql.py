"""`make psql`: a session on the instance's own database."""

from pathlib import Path

import pytest

from infra.local.commands.psql import session
from infra.local.console import Refused
from infra.local.stack.postgres import LocalPostgres


def test_a_session_runs_as_the_superuser(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    postgres = LocalPostgres(tmp_path / "postgres", durable=False)
    with pytest.raises(Refused):
        session(postgres, "postgres")
    postgres.start()
    try:
        code = session(postgres, "postgres", "-tAc", "select current_setting('is_superuser')")
        assert (code, capfd.readouterr().out.strip()) == (0, "on")
    finally:
        postgres.stop()
