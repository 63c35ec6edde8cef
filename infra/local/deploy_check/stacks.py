"""The application as CloudFormation would make it: SAM expanded, nested stacks entered, conditions and functions
evaluated for given parameters. What only AWS knows (generated names, ids) becomes a name made of the logical ids."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Final

from infra.local.deploy_check.names import attribute_of, reference_of
from infra.local.paths import ROOT
from infra.local.sam.template import ROOT_TEMPLATE, Template, children, expand, load

REGION: Final = "sa-east-1"
_NOTHING: Final = object()
_HOLE: Final = re.compile(r"\$\{(!?[^}]+)\}")


@cache
def _expanded() -> str:
    pending, found = [ROOT_TEMPLATE], {}
    while pending:
        path = pending.pop()
        if path not in found:
            found[path] = load(path)
            pending += children(found[path], path).values()
    nested = {str(path): {name: str(child) for name, child in children(found[path], path).items()} for path in found}
    sam = {str(path): with_code(template) for path, template in found.items() if "Transform" in template}
    plain = {str(path): template for path, template in found.items()} | expand(sam)
    return json.dumps({"templates": plain, "nested": nested})


def templates() -> dict[Path, Template]:
    """Every template of the application, as its stack's body would be."""
    return {Path(path): template for path, template in json.loads(_expanded())["templates"].items()}


def with_code(template: Template) -> Template:
    """The transform takes code in a bucket only."""
    copied: Template = json.loads(json.dumps(template))
    for resource in copied["Resources"].values():
        for key in ("CodeUri", "ContentUri", "Location"):
            if key in resource.get("Properties", {}):
                resource["Properties"][key] = "s3://bucket/" + str(resource["Properties"][key])
    return copied


@dataclass(frozen=True)
class Resource:
    """One resource that the parameters lead to, its properties evaluated."""

    template: Path
    stack: str
    name: str
    type: str
    properties: dict[str, Any]
    arn: str

    def __str__(self) -> str:
        return f"{self.template.relative_to(ROOT)}:{self.name}"


@dataclass
class Stack:
    path: Path
    given: Mapping[str, Any]
    name: str = "falachefe"
    _children: dict[str, "Stack"] = field(default_factory=dict)

    def __post_init__(self) -> None:
        known = json.loads(_expanded())
        self.template: Template = known["templates"][str(self.path)]
        self._nested: dict[str, str] = known["nested"][str(self.path)]
        defaults = {name: p.get("Default", "") for name, p in self.template.get("Parameters", {}).items()}
        self.parameters: dict[str, Any] = {name: str(value) for name, value in (defaults | dict(self.given)).items()}

    def resources(self) -> Iterator[Resource]:
        """All that are made, of the nested stacks too."""
        for name, resource in self.template["Resources"].items():
            if not self._is_made(resource):
                continue
            if name in self._nested:
                yield from self.child(name).resources()
                continue
            properties = self.value(resource.get("Properties", {}))
            arn = str(attribute_of(resource["Type"], "Arn", self._label(name), properties))
            yield Resource(self.path, self.name, name, resource["Type"], properties, arn)

    def child(self, name: str) -> "Stack":
        if name not in self._children:
            wanted = self.value(self.template["Resources"][name]["Properties"].get("Parameters", {}))
            self._children[name] = Stack(Path(self._nested[name]), wanted, f"{self.name}-{name}")
        return self._children[name]

    def output(self, name: str) -> Any:
        return self.value(self.template["Outputs"][name]["Value"])

    def _is_made(self, resource: Mapping[str, Any]) -> bool:
        return "Condition" not in resource or self.holds({"Condition": resource["Condition"]})

    def _label(self, name: str) -> str:
        return f"{self.name}-{name}"

    # ---- conditions

    def holds(self, condition: Any) -> bool:
        ((kind, rest),) = condition.items()
        match kind:
            case "Condition":
                return self.holds(self.template["Conditions"][rest])
            case "Fn::Equals":
                first, second = (self.value(one) for one in rest)
                return str(first) == str(second)
            case "Fn::Not":
                return not self.holds(rest[0])
            case "Fn::And":
                return all(self.holds(one) for one in rest)
            case "Fn::Or":
                return any(self.holds(one) for one in rest)
        raise ValueError(f"{self.path.name}: no condition: {kind}")

    # ---- values

    def value(self, node: Any) -> Any:
        found = self._value(node)
        return None if found is _NOTHING else found

    def _value(self, node: Any) -> Any:
        if isinstance(node, list):
            return [one for one in map(self._value, node) if one is not _NOTHING]
        if not isinstance(node, dict):
            return node
        if len(node) == 1:
            ((kind, rest),) = node.items()
            if kind == "Ref":
                return self._ref(rest)
            if kind.startswith("Fn::"):
                return self._function(kind.removeprefix("Fn::"), rest)
        pairs = ((key, self._value(one)) for key, one in node.items())
        return {key: one for key, one in pairs if one is not _NOTHING}

    def _ref(self, name: str) -> Any:
        pseudo = {
            "AWS::Region": REGION,
            "AWS::AccountId": "123456789012",
            "AWS::Partition": "aws",
            "AWS::URLSuffix": "amazonaws.com",
            "AWS::StackName": self.name,
            "AWS::StackId": f"arn:aws:cloudformation:{REGION}:123456789012:stack/{self.name}/1",
            "AWS::NoValue": _NOTHING,
        }
        if name in pseudo:
            return pseudo[name]
        if name in self.parameters:
            kind = self.template["Parameters"][name]["Type"]
            value = self.parameters[name]
            return value.split(",") if kind.startswith(("CommaDelimitedList", "List<")) else value
        resource = self.template["Resources"][name]
        return reference_of(resource["Type"], self._label(name), self.value(resource.get("Properties", {})))

    def _attribute(self, name: str, attribute: str) -> Any:
        if name in self._nested:
            return self.child(name).output(attribute.removeprefix("Outputs."))
        resource = self.template["Resources"][name]
        return attribute_of(resource["Type"], attribute, self._label(name), self.value(resource.get("Properties", {})))

    def _function(self, kind: str, rest: Any) -> Any:  # noqa: PLR0911  # one case a function
        match kind:
            case "If":
                return self._value(rest[1] if self.holds({"Condition": rest[0]}) else rest[2])
            case "GetAtt":
                name, attribute = rest if isinstance(rest, list) else rest.split(".", 1)
                return self._attribute(name, attribute)
            case "Sub":
                text, extra = (rest, {}) if isinstance(rest, str) else rest
                return self._filled(text, self.value(extra))
            case "Join":
                return str(rest[0]).join(str(one) for one in self.value(rest[1]))
            case "Split":
                return str(self.value(rest[1])).split(rest[0])
            case "Select":
                return self.value(rest[1])[int(self.value(rest[0]))]
            case "GetAZs":
                return [f"{REGION}{zone}" for zone in "abc"]
            case "Base64":
                return self.value(rest)  # a script is easier read as it is
            case "FindInMap":
                first, second, third = (self.value(one) for one in rest)
                return self.template["Mappings"][first][second][third]
        raise ValueError(f"{self.path.name}: Fn::{kind} is not known here")

    def _filled(self, text: str, extra: Mapping[str, Any]) -> str:
        def put(match: re.Match[str]) -> str:
            name = match[1].strip()
            if name.startswith("!"):
                return f"${{{name[1:]}}}"
            if name in extra:
                return str(extra[name])
            if "." in name and name.split(".", 1)[0] in self.template["Resources"]:
                return str(self._attribute(*name.split(".", 1)))
            return str(self._ref(name))

        return _HOLE.sub(put, text)


def application(**parameters: str) -> Stack:
    """The root stack with `parameters` over the template's defaults."""
    return Stack(ROOT_TEMPLATE, parameters)
