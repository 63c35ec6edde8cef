"""The built layers: valid bytecode, a size within the limits, and all packages that functions import."""

import importlib.util
import os
import struct
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

from infra.local.paths import ROOT
from infra.local.requirements import LAYERS, requirements
from infra.local.sam.template import ROOT_TEMPLATE, load
from infra.local.stack.artifacts import build_layer
from tests.security.template_resources import handler_file, resources

UNCHECKED_HASH = 0b01
MEGABYTE = 1024 * 1024
LAYER_NAMES = ("DependenciesLayer", "AgentsLayer", "MigrationsLayer", "DomainLayer")


@cache
def built(logical_id: str) -> Path:
    properties = load(ROOT_TEMPLATE)["Resources"][logical_id]["Properties"]
    return build_layer(logical_id, ROOT / properties["ContentUri"]) / "python"


@pytest.mark.parametrize("layer", LAYER_NAMES)
def test_every_module_has_bytecode_that_is_loaded_without_a_check(layer: str) -> None:
    sources = list(built(layer).rglob("*.py"))

    assert sources
    for source in sources:
        header = Path(importlib.util.cache_from_source(str(source))).read_bytes()[:16]
        assert header[:4] == importlib.util.MAGIC_NUMBER, source
        assert struct.unpack("<I", header[4:8]) == (UNCHECKED_HASH,), source


def test_the_agents_layer_is_at_most_90_mb() -> None:
    size = sum(path.stat().st_size for path in built("AgentsLayer").rglob("*") if path.is_file())

    assert size <= 90 * MEGABYTE


def test_all_layers_of_an_agent_fit_into_lambda() -> None:
    layers = ("DependenciesLayer", "AgentsLayer", "DomainLayer")
    size = sum(path.stat().st_size for layer in layers for path in built(layer).rglob("*") if path.is_file())

    assert size <= 250 * MEGABYTE


@pytest.mark.parametrize("layer", LAYERS)
def test_requirements_follow_the_lock_file(layer: str) -> None:
    assert (ROOT / "layers" / layer / "requirements.txt").read_text() == requirements(layer)


def _functions() -> list[tuple[Path, tuple[str, ...]]]:
    """Each handler file with the layers of its function."""
    return [
        (handler_file(function), tuple(layer["Ref"].removesuffix("Arn") for layer in function.properties["Layers"]))
        for function in resources("AWS::Lambda::Function")
    ]


@pytest.mark.parametrize(("file", "layers"), _functions(), ids=lambda value: getattr(value, "stem", ""))
def test_a_function_imports_with_only_its_layers(file: Path, layers: tuple[str, ...]) -> None:
    folders = [file.parent, *(built(layer) for layer in reversed(layers))]
    bare = Path(sys.base_prefix, "bin", "python3.13")
    done = subprocess.run(
        [str(bare), "-s", "-c", f"import {file.stem}; assert callable({file.stem}.handler)"],
        env={
            "PATH": os.environ["PATH"],
            "PYTHONPATH": os.pathsep.join(map(str, folders)),
            "PYTHONDONTWRITEBYTECODE": "1",
            "POWERTOOLS_TRACE_DISABLED": "true",
        },
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stderr
