"""What importing a CRUD endpoint costs over a bare interpreter, and whether built layers carry valid bytecode."""

import importlib.util
import os
import subprocess
import sys
from pathlib import Path

from tests.performance.report import Row, milliseconds, paired, show, timed
from tests.performance.rie import ROOT

RUNS = 7
_DOMAIN = ROOT / "layers" / "domain" / "python"
_BUILT = ROOT / ".local" / "build"
_UNCHECKED_HASH = 1


def _process(code: str, *folders: Path) -> float:
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(map(str, folders))}
    return timed(lambda: subprocess.run([sys.executable, "-c", code], env=environment, check=True))


def imports() -> list[Row]:
    bare, _, _ = paired(lambda: _process("pass"), lambda: _process("pass"), pairs=RUNS)
    endpoints = {
        "CRUD endpoint (business/transactions)": ("import transactions", ROOT / "functions" / "business"),
        "webhook (whatsapp/webhook_uaz)": ("import webhook_uaz", ROOT / "functions" / "whatsapp"),
        "agent (crews/run_financial_agent)": ("import run_financial_agent", ROOT / "functions" / "crews"),
    }
    peer = "import boto3, fastapi, mangum, sqlalchemy.orm, pg8000"
    rows = []
    for name, (code, folder) in endpoints.items():
        ours, theirs, ratio = paired(lambda: _process(code, folder, _DOMAIN), lambda: _process(peer), pairs=RUNS)  # noqa: B023
        target = "<= 450 ms" if "CRUD" in name else ""
        rows.append(Row(name, milliseconds(ours - bare), milliseconds(theirs - bare), f"{ratio:.2f}", target))
    return rows


def bytecode() -> list[Row]:
    """Every `.pyc` of a built layer must be trusted without looking at its source's date (zips carry 1980)."""
    rows = []
    for layer in sorted({path.parents[1] for path in _BUILT.glob("**/python") if path.is_dir()}):
        compiled = list(layer.rglob("*.pyc"))
        trusted = sum(int.from_bytes(path.read_bytes()[4:8], "little") == _UNCHECKED_HASH for path in compiled)
        right_magic = sum(path.read_bytes()[:4] == importlib.util.MAGIC_NUMBER for path in compiled)
        size = sum(path.stat().st_size for path in layer.rglob("*") if path.is_file()) / 1e6
        target = "<= 90 MB" if "agents" in layer.name.lower() else ""
        valid = f"{min(trusted, right_magic)} of {len(compiled)} pyc valid"
        rows.append(Row(f"layer {layer.name}", f"{size:.1f} MB, {valid}", "", "", target))
    return rows


def main() -> None:
    show("Import cost over a bare interpreter (peer: FastAPI + Mangum + boto3 + SQLAlchemy + pg8000)", imports())
    built = bytecode()
    if built:
        show("Built layers", built)
    else:
        print("\nBuilt layers: none yet; run `make build` first")


if __name__ == "__main__":
    main()
