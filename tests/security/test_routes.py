"""Every route declares who may call it, and the template and the code agree on what routes there are."""

import ast
import re
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from falachefe.access.permissions import PERMISSIONS, PLATFORM
from falachefe.http.api import Api
from infra.local.openapi.handlers import api_of, module_of

ROOT = Path(__file__).parents[2]
HANDLERS = sorted(ROOT.glob("functions/*/*.py"))


class _Loader(yaml.CSafeLoader):
    """CloudFormation's tags (`!Ref`, `!Sub`, …) as plain values."""


def _plain(loader: _Loader, _: str, node: yaml.Node) -> Any:
    if isinstance(node, yaml.ScalarNode):
        return loader.construct_scalar(node)
    if isinstance(node, yaml.SequenceNode):
        return loader.construct_sequence(node, deep=True)
    assert isinstance(node, yaml.MappingNode)
    return loader.construct_mapping(node, deep=True)


_Loader.add_multi_constructor("!", _plain)


@cache
def _template(folder: Path) -> Any:
    return yaml.load((folder / "template.yaml").read_text(), Loader=_Loader)  # a safe loader


def routes_in_template(handler: Path) -> set[tuple[str, str]]:
    template = _template(handler.parent)
    return {
        (event["Properties"]["Method"].upper(), event["Properties"]["Path"])
        for resource in template["Resources"].values()
        if resource["Type"] == "AWS::Serverless::Function"
        and resource["Properties"]["Handler"] == f"{handler.stem}.handler"
        for event in resource["Properties"].get("Events", {}).values()
        if event["Type"] == "Api"
    }


def routes_in_code(api: Api) -> set[tuple[str, str]]:
    return {(rule.method, re.sub(r"<(\w+)>", r"{\1}", rule.path)) for rule in api.rules}


SERVED = [handler for handler in HANDLERS if routes_in_template(handler)]


def test_handlers_with_routes_are_found() -> None:
    assert len(SERVED) >= 10


@pytest.mark.parametrize("handler", SERVED, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_every_served_route_declares_its_permission_or_says_why_it_is_public(handler: Path) -> None:
    api = api_of(handler)
    if api is None:  # hot paths without the resolver: the handler's first line says it
        assert "Public:" in (module_of(handler).__doc__ or "").splitlines()[0]
        return
    known = set(PERMISSIONS) | set(PLATFORM)
    for rule in api.rules:
        if rule.public is None:
            assert rule.permission in known, f"{rule.permission} is not known"
        else:
            assert len(rule.public) > 10


def routes_and_permissions() -> list[str]:
    apis = [(handler.parent.name, api_of(handler)) for handler in SERVED]
    return sorted(
        f"{rule.method} /v1/{domain}{rule.path} {rule.permission or 'public'}"
        for domain, api in apis
        if api is not None
        for rule in api.rules
    )


def test_each_routes_permission_is_as_listed_in_route_permissions() -> None:
    """A known permission may still be the wrong one, so the list makes each change visible in a review."""
    written = (ROOT / "tests/security/route_permissions.txt").read_text().splitlines()

    assert routes_and_permissions() == written, "if intended, change tests/security/route_permissions.txt as well"


@pytest.mark.parametrize("handler", SERVED, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_the_template_and_the_code_serve_the_same_routes(handler: Path) -> None:
    api = api_of(handler)
    if api is not None:
        assert routes_in_code(api) == routes_in_template(handler)


def variables_in_template(handler: Path) -> set[str]:
    template = _template(handler.parent)
    own = {
        name
        for resource in template["Resources"].values()
        if resource["Type"] == "AWS::Serverless::Function"
        and resource["Properties"]["Handler"] == f"{handler.stem}.handler"
        for name in resource["Properties"].get("Environment", {}).get("Variables", {})
    }
    return own | set(template["Globals"]["Function"]["Environment"]["Variables"])


def actions_in_template(handler: Path) -> set[str]:
    """The actions that the function's role allows on the auth table."""
    template = _template(handler.parent)
    (role,) = (
        resource["Properties"]["Role"].partition(".")[0]
        for resource in template["Resources"].values()
        if resource["Type"] == "AWS::Serverless::Function"
        and resource["Properties"]["Handler"] == f"{handler.stem}.handler"
    )
    (policy,) = template["Resources"][role]["Properties"]["Policies"]
    return {
        action
        for statement in policy["PolicyDocument"]["Statement"]
        if isinstance(statement, dict) and "${AuthTable}" in str(statement["Resource"])
        for action in ([statement["Action"]] if isinstance(statement["Action"], str) else statement["Action"])
    }


@pytest.mark.parametrize("handler", SERVED, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_a_function_with_a_permission_can_read_the_callers_session(handler: Path) -> None:
    """Without access to the table every authenticated request would fail, and only once deployed."""
    api = api_of(handler)
    if api is not None and any(rule.permission is not None for rule in api.rules):
        assert {"TOKEN_KEYS_SECRET_ARN", "AUTH_TABLE"} <= variables_in_template(handler)
        assert "dynamodb:GetItem" in actions_in_template(handler)


@pytest.mark.parametrize("handler", HANDLERS, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_importing_a_handler_reads_no_environment_and_makes_no_network_call(
    handler: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The tests block sockets and set no variables of functions, so an import that needs either fails."""
    for variable in ("DATABASE_SECRET_ARN", "CHANNELS_TABLE", "INBOUND_QUEUE_URL", "TOKEN_KEYS_SECRET_ARN"):
        monkeypatch.delenv(variable, raising=False)
    module_of.cache_clear()
    assert callable(module_of(handler).handler)


@pytest.mark.parametrize("handler", HANDLERS, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_a_handler_imports_no_models(handler: Path) -> None:
    """Rules and use cases belong to the domain layer, which alone reads and writes rows."""
    nodes = ast.walk(ast.parse(handler.read_text()))
    imported = {node.module for node in nodes if isinstance(node, ast.ImportFrom) and node.module}

    assert not {module for module in imported if module.startswith("falachefe.") and module.endswith(".models")}
