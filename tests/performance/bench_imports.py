"""What importing a CRUD endpoint costs over a bare interpreter, and whether built layers carry valid bytecode."""

import importlib.util
import os
import subprocess
import sys
from functools import partial
from pathlib import Path

from infra.local.paths import ROOT
from tests.performance.layers import built_layer, project_packages
from tests.performance.report import Row, milliseconds, paired, show, timed

RUNS = 7
_UNCHECKED_HASH = 1


def _process(code: str, *folders: Path) -> float:
    """Seconds of a process of the bare interpreter with packages from `folders` only, as in Lambda."""
    python = Path(sys.base_prefix, "bin", "python3.13")
    environment = {"PYTHONPATH": os.pathsep.join(map(str, folders)), "PYTHONDONTWRITEBYTECODE": "1"}
    return timed(lambda: subprocess.run([python, "-c", code], env=environment, check=True))


def imports(only: str = "") -> list[Row]:
    """Measures endpoints whose name contains `only`."""
    shared = [built_layer("domain"), built_layer("dependencies")]
    functions = ROOT / "functions"
    endpoints = {
        "CRUD endpoint (business/transactions)": ("import transactions", [functions / "business", *shared]),
        "webhook (whatsapp/webhook_uaz)": ("import webhook_uaz", [functions / "whatsapp", *shared]),
        "agent (crews/run_agent)": (
            "import run_agent",
            [functions / "crews", *shared, built_layer("agents")],
        ),
    }
    peer = "import boto3, fastapi, mangum, sqlalchemy.orm, pg8000"
    rows = []
    for name, (code, folders) in endpoints.items():
        if only not in name:
            continue
        ours = partial(_process, code, *folders)
        theirs = partial(_process, peer, project_packages())
        bare, _, _ = paired(lambda: _process("pass"), lambda: _process("pass"), pairs=RUNS)
        mine, other, _ = paired(ours, theirs, pairs=RUNS)
        mine, other = mine - bare, other - bare
        target = "<= 450 ms" if "CRUD" in name else ""
        rows.append(Row(name, milliseconds(mine), milliseconds(other), f"{mine / other:.2f}", target))
    return rows


def bytecode() -> list[Row]:
    """Every `.pyc` of a built layer must be trusted without looking at its source's date (zips carry 1980)."""
    rows = []
    for name in ("dependencies", "agents", "domain"):
        layer = built_layer(name)
        heads = [path.open("rb").read(8) for path in layer.rglob("*.pyc")]
        valid = sum(
            head[:4] == importlib.util.MAGIC_NUMBER and int.from_bytes(head[4:8], "little") == _UNCHECKED_HASH
            for head in heads
        )
        size = sum(path.stat().st_size for path in layer.rglob("*") if path.is_file()) / 1e6
        target = "<= 60 MB" if name == "agents" else ""
        rows.append(Row(f"layer {name}", f"{size:.1f} MB, {valid} of {len(heads)} pyc valid", "", "", target))
    return rows


def main() -> None:
    show("Import cost over a bare interpreter (peer: FastAPI + Mangum + boto3 + SQLAlchemy + pg8000)", imports())
    show("Built layers", bytecode())


if __name__ == "__main__":
    main()
