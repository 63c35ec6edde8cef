"""The deployed layers, built once, from which benchmarks of cold starts import."""

from pathlib import Path

from infra.local.paths import ROOT
from infra.local.stack.artifacts import build_layer

_NAMES = {"domain": "DomainLayer", "dependencies": "DependenciesLayer", "agents": "AgentsLayer"}


def built_layer(name: str) -> Path:
    """The layer's `python` folder; builds it unless what it is made from is unchanged."""
    return build_layer(_NAMES[name], ROOT / "layers" / name) / "python"


def project_packages() -> Path:
    """Where the peers' packages are installed."""
    (found,) = (ROOT / ".venv" / "lib").glob("python3*/site-packages")
    return found
