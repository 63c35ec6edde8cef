"""The resources of all templates, as CloudFormation sees them after the SAM transform."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from infra.local.deploy_check import stacks
from infra.local.paths import ROOT

type Properties = dict[str, Any]


@dataclass(frozen=True)
class Resource:
    path: Path
    name: str
    type: str
    properties: Properties

    def __str__(self) -> str:
        return f"{self.path.relative_to(ROOT)}:{self.name}"


@cache
def templates() -> dict[Path, Properties]:
    """All templates by path, with SAM expanded."""
    return stacks.templates()


@cache
def resources(kind: str) -> tuple[Resource, ...]:
    return tuple(
        Resource(path, name, kind, resource.get("Properties", {}))
        for path, template in templates().items()
        for name, resource in template["Resources"].items()
        if resource["Type"] == kind
    )


def sibling(resource: Resource, name: str) -> Properties:
    """The properties of another resource of the same template."""
    properties: Properties = templates()[resource.path]["Resources"][name]["Properties"]
    return properties


def target(value: Any) -> str:
    """The logical id that a `Ref` or `Fn::GetAtt` points to."""
    if "Ref" in value:
        return str(value["Ref"])
    attribute = value["Fn::GetAtt"]
    return str(attribute[0] if isinstance(attribute, list) else attribute.split(".")[0])


def handler_file(function: Resource) -> Path:
    """The file of the function's handler."""
    return function.path.parent / f"{function.properties['Handler'].removesuffix('.handler')}.py"


def statements(role: Properties) -> list[Properties]:
    """The statements of a role's inline policies, including conditional ones."""
    found = []
    for policy in role.get("Policies", []):
        for statement in policy["PolicyDocument"]["Statement"]:
            given = statement["Fn::If"][1:] if "Fn::If" in statement else [statement]
            found += [one for one in given if "Effect" in one]
    return found


def made(path: Path, **parameters: str) -> dict[str, Properties]:
    """The resources of a template, by name, that exist with these parameters and the defaults of the others."""
    template = templates()[path]
    values = {name: str(given["Default"]) for name, given in template["Parameters"].items() if "Default" in given}
    conditions = template.get("Conditions", {})
    return {
        name: resource
        for name, resource in template["Resources"].items()
        if "Condition" not in resource or _holds(conditions[resource["Condition"]], conditions, values | parameters)
    }


def _holds(condition: Any, conditions: Properties, values: dict[str, str]) -> bool:
    match condition:
        case {"Condition": name}:
            return _holds(conditions[name], conditions, values)
        case {"Fn::Not": [one]}:
            return not _holds(one, conditions, values)
        case {"Fn::And": several}:
            return all(_holds(one, conditions, values) for one in several)
        case {"Fn::Equals": [{"Ref": name}, wanted]}:
            return values[name] == str(wanted)
    raise NotImplementedError(condition)
