"""AWS's limits, as far as templates and built layers can break them. Sources: the services' quota pages, seen 2026-11;
quotas that AWS raises on request stand at their default."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from infra.local.deploy_check.findings import Checked
from infra.local.deploy_check.names import name_of
from infra.local.deploy_check.stacks import Resource, application, templates
from infra.local.paths import ROOT
from infra.local.stack.artifacts import build_layer

RESOURCES_A_STACK: Final = 500
PARAMETERS_OR_OUTPUTS: Final = 200
TEMPLATE_BYTES: Final = 1_000_000
API_ROUTES: Final = 300
"""API Gateway's «resources per API», each path segment being one; raised on request."""
ROLE_POLICY_CHARACTERS: Final = 10_240
MANAGED_POLICIES_A_ROLE: Final = 10
MANAGED_POLICY_CHARACTERS: Final = 6_144
NAME_CHARACTERS: Final = {
    "AWS::Lambda::Function": 64,
    "AWS::IAM::Role": 64,
    "AWS::SQS::Queue": 80,
    "AWS::Events::Rule": 64,
}
ENVIRONMENT_BYTES: Final = 4_096
UNZIPPED_BYTES: Final = 250 * 1024 * 1024
LAYERS_A_FUNCTION: Final = 5
_LAYERS: Final = {
    "dependencies": "DependenciesLayer",
    "agents": "AgentsLayer",
    "migrations": "MigrationsLayer",
    "domain": "DomainLayer",
}
LONGEST_STAGE: Final = "s" * 16
"""`Stage` stands in every name; this is the longest that its pattern allows."""
_EVERYTHING: Final = {
    "Stage": LONGEST_STAGE,
    "DomainName": "api.example.com",
    "CertificateArn": "arn:aws:acm:sa-east-1:123456789012:certificate/1",
    "Waf": "true",
    "CustomerKey": "true",
    "AlarmEmail": "a@example.com",
    "ApiAccount": "true",
}


def check() -> Checked:
    made = list(application(**_EVERYTHING).resources())
    faults = [*_bodies(), *_resources(made), *_apis(), *(fault for one in made for fault in _of(one))]
    return Checked("limits", f"{len(templates())} templates, {len(made)} resources, stage of 16 characters", faults)


def check_sizes() -> Checked:
    """Every function with its layers, unzipped; builds the layers unless what they are made from is unchanged."""
    layers = {name: _size(build_layer(logical_id, ROOT / "layers" / name)) for name, logical_id in _LAYERS.items()}
    faults, most = [], 0
    for one in application().resources():
        if one.type == "AWS::Lambda::Function":
            size = _size(one.template.parent) + sum(
                layers[_layer_name(arn)] for arn in one.properties.get("Layers", [])
            )
            most = max(most, size)
            if size > UNZIPPED_BYTES:
                faults.append(f"{one}: {size / 1e6:.0f} MB with its layers, of {UNZIPPED_BYTES / 1e6:.0f} MB")
    shown = ", ".join(f"{name} {size / 1e6:.0f} MB" for name, size in layers.items())
    return Checked("sizes", f"{shown}; the largest function {most / 1e6:.0f} MB", faults)


def _layer_name(arn: str) -> str:
    return arn.split(":")[-2].rpartition("-")[2]


def _size(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def _bodies() -> Iterator[str]:
    for path, template in templates().items():
        here = path.relative_to(ROOT)
        if (size := len(json.dumps(template))) > TEMPLATE_BYTES:
            yield f"{here}: {size} bytes, of {TEMPLATE_BYTES}"
        for part in ("Parameters", "Outputs"):
            if (count := len(template.get(part, {}))) > PARAMETERS_OR_OUTPUTS:
                yield f"{here}: {count} {part}, of {PARAMETERS_OR_OUTPUTS}"


def _resources(made: list[Resource]) -> Iterator[str]:
    by_stack: dict[str, int] = {}
    for one in made:
        by_stack[one.stack] = by_stack.get(one.stack, 0) + 1
    for stack, count in by_stack.items():
        if count > RESOURCES_A_STACK:
            yield f"{stack}: {count} resources, of {RESOURCES_A_STACK}"


def _apis() -> Iterator[str]:
    for path, template in templates().items():
        for name, resource in template["Resources"].items():
            if resource["Type"] == "AWS::ApiGateway::RestApi":
                paths = resource["Properties"]["Body"]["paths"]
                nodes = {
                    tuple(route.strip("/").split("/")[: depth + 1])
                    for route in paths
                    for depth in range(route.count("/"))
                }
                if len(nodes) + 1 > API_ROUTES:
                    yield f"{path.relative_to(ROOT)}:{name}: {len(nodes) + 1} resources of the API, of {API_ROUTES}"


def _of(one: Resource) -> Iterator[str]:
    longest = NAME_CHARACTERS.get(one.type)
    name = name_of("", one.properties)
    if longest is not None and len(name) > longest:
        yield f"{one}: the name has {len(name)} characters, of {longest}: {name}"
    if one.type == "AWS::Lambda::Function":
        yield from _of_function(one)
    if one.type == "AWS::IAM::Role":
        policies = [policy["PolicyDocument"] for policy in one.properties.get("Policies", [])]
        if (size := sum(map(_characters, policies))) > ROLE_POLICY_CHARACTERS:
            yield f"{one}: its policies have {size} characters, of {ROLE_POLICY_CHARACTERS}"
        if (count := len(one.properties.get("ManagedPolicyArns", []))) > MANAGED_POLICIES_A_ROLE:
            yield f"{one}: {count} managed policies, of {MANAGED_POLICIES_A_ROLE}"
    if one.type == "AWS::IAM::ManagedPolicy":
        size = _characters(one.properties["PolicyDocument"])
        if size > MANAGED_POLICY_CHARACTERS:
            yield f"{one}: {size} characters, of {MANAGED_POLICY_CHARACTERS}"


def _of_function(one: Resource) -> Iterator[str]:
    variables = one.properties.get("Environment", {}).get("Variables", {})
    if (size := sum(len(str(key)) + len(str(value)) for key, value in variables.items())) > ENVIRONMENT_BYTES:
        yield f"{one}: the environment has {size} bytes, of {ENVIRONMENT_BYTES}"
    if (count := len(one.properties.get("Layers", []))) > LAYERS_A_FUNCTION:
        yield f"{one}: {count} layers, of {LAYERS_A_FUNCTION}"


def _characters(document: Any) -> int:
    """IAM counts no white space."""
    return len("".join(json.dumps(document, separators=(",", ":")).split()))
