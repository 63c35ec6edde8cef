"""SnapStart: what its parameter changes, and how the step between build and deploy rewrites the templates."""

import json
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from infra.local.deploy_check.limits import RESOURCES_A_STACK
from infra.local.deploy_check.stacks import application, with_code
from infra.local.sam import snapstart
from infra.local.sam.template import ROOT_TEMPLATE, expand, load
from tests.security.template_resources import resources, target, templates

DOMAINS = sorted(path for path in templates() if path.name == "template.yaml" and path != ROOT_TEMPLATE)
each_domain = pytest.mark.parametrize("path", DOMAINS, ids=lambda path: path.parent.name)


@cache
def published(release: str) -> dict[Path, Any]:
    """Every SAM template as CloudFormation sees it after the step."""
    found = snapstart.templates_under(ROOT_TEMPLATE)
    for template in found.values():
        snapstart.publish(template, release)
    sam = {str(path): with_code(template) for path, template in found.items() if "Transform" in template}
    return {Path(path): template for path, template in expand(sam).items()}


def of(path: Path, kind: str, release: str = "a" * 64) -> dict[str, Any]:
    return {name: one for name, one in published(release)[path]["Resources"].items() if one["Type"] == kind}


def behind_the_api(path: Path) -> set[str]:
    """The functions that API Gateway calls, without the step."""
    return {
        target(permission.properties["FunctionName"])
        for permission in resources("AWS::Lambda::Permission")
        if permission.path == path and permission.properties["Principal"] == "apigateway.amazonaws.com"
    }


def with_snapshots(**parameters: str) -> set[str]:
    made = application(**parameters).resources()
    return {
        f"{one.template.parent.name}:{one.name}"
        for one in made
        if one.type == "AWS::Lambda::Function" and one.properties.get("SnapStart")
    }


def test_the_parameter_enables_snapstart_only_for_functions_behind_an_api() -> None:
    """Nobody waits for the start of a queue's worker, and a snapshot costs money as long as it is kept."""
    wanted = {f"{path.parent.name}:{name}" for path in DOMAINS for name in behind_the_api(path)}
    assert with_snapshots() == with_snapshots(SnapStart="false") == set()
    assert with_snapshots(SnapStart="true") == wanted
    assert "whatsapp:WebhookUaz" in wanted


@each_domain
def test_the_api_calls_the_alias_that_points_to_the_version_of_this_release(path: Path) -> None:
    aliases, versions = of(path, "AWS::Lambda::Alias"), of(path, "AWS::Lambda::Version")
    pointed = {target(one["Properties"]["FunctionName"]): one["Properties"] for one in aliases.values()}
    assert set(pointed) == behind_the_api(path)
    assert {one["Name"] for one in pointed.values()} == {snapstart.ALIAS}
    for function, alias in pointed.items():
        version = versions[target(alias["FunctionVersion"])]
        assert target(version["Properties"]["FunctionName"]) == function
        assert version["DeletionPolicy"] == "Delete"


@each_domain
def test_the_api_may_call_the_alias_and_calls_nothing_else(path: Path) -> None:
    permissions = of(path, "AWS::Lambda::Permission").values()
    of_the_api = [one["Properties"] for one in permissions if one["Properties"]["Principal"].startswith("apigateway")]
    aliases = of(path, "AWS::Lambda::Alias")
    assert of_the_api
    assert {target(one["FunctionName"]) for one in of_the_api} == set(aliases)
    for api in of(path, "AWS::ApiGateway::RestApi").values():
        text = json.dumps(api["Properties"]["Body"]["paths"])
        assert text.count("/functions/${") == text.count("Aliaslive}/invocations") > 0


@each_domain
def test_functions_that_no_api_calls_are_unchanged(path: Path) -> None:
    for kind in ("AWS::Lambda::EventSourceMapping", "AWS::Events::Rule", "AWS::Scheduler::Schedule", "AWS::SQS::Queue"):
        before = {name: one for name, one in templates()[path]["Resources"].items() if one["Type"] == kind}
        assert of(path, kind) == before


@each_domain
def test_each_release_publishes_every_function_though_only_a_layer_or_a_parameter_changed(path: Path) -> None:
    first, second = of(path, "AWS::Lambda::Version"), of(path, "AWS::Lambda::Version", "b" * 64)
    assert len(first) == len(second)
    assert not set(first) & set(second)


def test_stacks_stay_below_the_resource_limit() -> None:
    assert max(len(template["Resources"]) for template in published("a" * 64).values()) <= RESOURCES_A_STACK


def test_the_step_rewrites_built_templates_with_their_release_id(tmp_path: Path) -> None:
    for path, template in snapstart.templates_under(ROOT_TEMPLATE).items():
        copy = tmp_path / path.relative_to(ROOT_TEMPLATE.parent)
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_text(json.dumps(template))
    releases = []
    for _ in range(2):
        snapstart.main(tmp_path / "template.yaml")
        written = load(tmp_path / "functions" / "whatsapp" / "template.yaml")["Resources"]
        assert "AutoPublishAlias" not in written["SendOutbound"]["Properties"]
        releases.append(written["WebhookUaz"]["Properties"]["AutoPublishCodeSha256"])
    assert releases[0][:10] != releases[1][:10]
