"""The deployed layers, built once, from which benchmarks of cold starts import."""

from pathlib import Path

from infra.local.paths import ROOT
from infra.local.stack.artifacts import build_layer

_NAMES = {"domain": "DomainLayer", "dependencies": "DependenciesLayer", "agents": "AgentsLayer"}


def built_layer(name: str) -> Path:
    """The layer's `python` folder; builds the layer if its sources have changed."""
    return build_layer(_NAMES[name], ROOT / "layers" / name) / "python"


def project_packages() -> Path:
    """The folder with the peers' packages."""
    (found,) = (ROOT / ".venv" / "lib").glob("python3*/site-packages")
    return found
