"""The authorities of RDS in the layer against a bundle as AWS publishes it."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from infra.local.rds_certificates import FOLDER, by_region, main

NOW = datetime(2026, 11, 29, tzinfo=UTC)


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    file = tmp_path / "global-bundle.pem"
    file.write_text("".join(one.read_text() for one in FOLDER.glob("*.pem")))
    return file


def test_what_the_layer_holds_is_what_the_tool_writes(bundle: Path) -> None:
    held = {file.stem: file.read_text() for file in FOLDER.glob("*.pem")}

    assert by_region(bundle.read_bytes(), NOW) == held
    assert len(held) >= 27
    assert main(["--check", str(bundle)]) == 0


def test_a_region_that_the_bundle_has_otherwise_is_named(bundle: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lines = bundle.read_text().split("# Amazon RDS ")
    bundle.write_text("# Amazon RDS ".join(line for line in lines if not line.startswith("sa-east-1 Root CA ECC384")))

    assert main(["--check", str(bundle)]) == 1
    assert capsys.readouterr().out == "sa-east-1 differs\n"


def test_a_root_that_has_expired_is_left_out(bundle: Path) -> None:
    assert by_region(bundle.read_bytes(), datetime(2200, 1, 1, tzinfo=UTC)) == {}
