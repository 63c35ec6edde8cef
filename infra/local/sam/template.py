"""Reads the project's templates and expands SAM to plain CloudFormation."""

import json
import subprocess
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from infra.local.console import Refused
from infra.local.paths import EMULATOR_PYTHON, ROOT

type Template = dict[str, Any]

ROOT_TEMPLATE = ROOT / "template.yaml"


class _Loader(yaml.CSafeLoader):
    """Reads the short forms of CloudFormation's functions (`!Ref x`) as the long forms."""


def _function(loader: _Loader, suffix: str, node: yaml.Node) -> Any:
    name = suffix if suffix in ("Ref", "Condition") else f"Fn::{suffix}"
    if isinstance(node, yaml.ScalarNode):
        value: Any = loader.construct_scalar(node)
        if suffix == "GetAtt":
            value = value.split(".", 1)
    elif isinstance(node, yaml.SequenceNode):
        value = loader.construct_sequence(node, deep=True)
    else:
        value = loader.construct_mapping(node, deep=True)  # type: ignore[arg-type]  # the third kind of node
    return {name: value}


_Loader.add_multi_constructor("!", _function)
# Versions ("2012-10-17") stay strings.
_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
    for first, resolvers in yaml.CSafeLoader.yaml_implicit_resolvers.items()
}


@cache
def _parsed(text: str) -> str:
    return json.dumps(yaml.load(text, Loader=_Loader))  # noqa: S506  # a SafeLoader


def load(path: Path) -> Template:
    """The parsed template, as a new copy for each caller; each text is parsed once."""
    template: Template = json.loads(_parsed(path.read_text()))
    return template


def children(template: Template, path: Path) -> dict[str, Path]:
    """The nested templates, by logical id."""
    found = {}
    for name, resource in template["Resources"].items():
        location = _location_key(resource["Type"])
        if location:
            found[name] = (path.parent / resource["Properties"][location]).resolve()
    return found


def place_child(resource: dict[str, Any], url: str) -> None:
    key = _location_key(resource["Type"])
    assert key is not None
    resource["Properties"][key] = url


def _location_key(kind: str) -> str | None:
    return {"AWS::Serverless::Application": "Location", "AWS::CloudFormation::Stack": "TemplateURL"}.get(kind)


def expand(templates: dict[str, Template]) -> dict[str, Template]:
    """The templates after the SAM transform, by the same keys."""
    command = [str(EMULATOR_PYTHON), "-P", str(ROOT / "infra" / "local" / "sam" / "translate.py")]
    done = subprocess.run(command, input=json.dumps(templates), capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise Refused(f"the template cannot be translated:\n{done.stderr.strip()}")
    expanded: dict[str, Template] = json.loads(done.stdout)
    return expanded
