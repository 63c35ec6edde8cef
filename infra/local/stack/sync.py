"""Updates code on a running stack without a deploy, as `sam sync --code` does in an account.

When a template changed, the stack is created again instead, because the emulator cannot update nested stacks.
"""

import re
from pathlib import Path
from typing import Any

from infra.local.sam.template import ROOT_TEMPLATE, children, load
from infra.local.stack.artifacts import content_hash
from infra.local.stack.emulator import Emulator
from infra.local.stack.package import BUCKET, Package

_VERSION = re.compile(r":\d+$")


def shape() -> str:
    """A hash of all templates. While it is the same, only code has changed."""
    return content_hash(_template_files(ROOT_TEMPLATE))


def _template_files(path: Path) -> list[Path]:
    nested = sorted(set(children(load(path), path).values()))
    return [path, *(file for child in nested for file in _template_files(child))]


def sync_code(emulator: Emulator, before: dict[str, str], package: Package) -> list[str]:
    """Publishes changed layers, updates functions whose code or layers differ, and returns what changed.

    `before` and `package.code` map layer names and code folders to keys in the bucket.
    """
    changed = {name: key for name, key in package.code.items() if before.get(name) != key}
    if not changed:
        return []
    functions = emulator.client("lambda")
    layers = {name: _publish(functions, name, key) for name, key in changed.items() if name.startswith("layer:")}
    for page in functions.get_paginator("list_functions").paginate():
        for function in page["Functions"]:
            _update(functions, function, changed, layers)
    return sorted(changed)


def _publish(functions: Any, name: str, key: str) -> tuple[str, str]:
    """The layer's ARN without and with its new version."""
    published = functions.publish_layer_version(
        LayerName=_layer_name(functions, name),
        Content={"S3Bucket": BUCKET, "S3Key": key},
        CompatibleRuntimes=["python3.13"],
    )
    return published["LayerArn"], published["LayerVersionArn"]


def _layer_name(functions: Any, name: str) -> str:
    """`layer:DomainLayer` → `falachefe-local-domain`."""
    short = name.removeprefix("layer:").removesuffix("Layer").lower()
    found: list[str] = [layer["LayerName"] for layer in functions.list_layers()["Layers"]]
    return next(layer for layer in found if layer.endswith(f"-{short}"))


def _update(
    functions: Any, function: dict[str, Any], changed: dict[str, str], layers: dict[str, tuple[str, str]]
) -> None:
    name = function["FunctionName"]
    domain = name.split("-")[2]
    if key := changed.get(f"code:functions/{domain}"):
        functions.update_function_code(FunctionName=name, S3Bucket=BUCKET, S3Key=key)
    newer = dict(layers.values())
    have = [layer["Arn"] for layer in function.get("Layers", [])]
    want = [newer.get(_VERSION.sub("", arn), arn) for arn in have]
    if want != have:
        functions.update_function_configuration(FunctionName=name, Layers=want)
