"""Paths of the project, its tools and the running instance."""

import os
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
TOOLS = ROOT / ".tools"
UV = TOOLS / "uv" / "bin" / "uv"
SAM = TOOLS / "sam" / "bin" / "sam"
EMULATOR_PYTHON = TOOLS / "emulator" / "bin" / "python"
PYTHON = ROOT / ".venv" / "bin" / "python"
BUILD = ROOT / ".aws-sam"


def instance_dir() -> Path:
    """The directory of the instance that commands act on: `.local`, unless FALACHEFE_LOCAL_DIR names another."""
    return Path(os.environ.get("FALACHEFE_LOCAL_DIR", ROOT / ".local")).resolve()
