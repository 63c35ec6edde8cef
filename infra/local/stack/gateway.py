"""What API Gateway does by itself, as the templates say it. The emulator does not, so the front door does it here."""

import re
from collections.abc import Mapping
from typing import Any

from infra.local.paths import ROOT
from infra.local.sam.template import load

type Facts = dict[str, Any]


def gateway_of(domain: str, parameters: Mapping[str, str]) -> Facts:
    """Compression, preflight and own answers of a domain's API, with the stack's parameters in their places."""
    template = load(ROOT / "functions" / domain / "template.yaml")
    api = template["Resources"]["Api"]["Properties"]
    greedy = api["DefinitionBody"]["paths"]["/{proxy+}"]["options"]["x-amazon-apigateway-integration"]
    answer = greedy["responses"]["default"]
    mapped = answer["responseParameters"]
    preflight = {name.removeprefix("method.response.header."): value.strip("'") for name, value in mapped.items()}
    return {
        "compress_from": api["MinimumCompressionSize"],
        "preflight": preflight,
        "preflight_template": resolved(answer["responseTemplates"]["application/json"], parameters),
        "answers": {name: _answer(given, parameters) for name, given in api["GatewayResponses"].items()},
    }


def _answer(given: Mapping[str, Any], parameters: Mapping[str, str]) -> Facts:
    headers = given["ResponseParameters"]["Headers"]
    return {
        "status": int(given["StatusCode"]),
        "headers": {name: _valued(value, parameters) for name, value in headers.items()},
        "body": given["ResponseTemplates"]["application/json"],
    }


def _valued(value: Any, parameters: Mapping[str, str]) -> str:
    """A header's mapping: a literal in quotes, or a name of the request's context as it stands in templates."""
    text = str(resolved(value, parameters))
    return text.strip("'") if text.startswith("'") else f"${text}"


def resolved(value: Any, parameters: Mapping[str, str]) -> Any:
    """The value of those of CloudFormation's functions that the templates use here."""
    match value:
        case {"Ref": name}:
            return parameters[name]
        case {"Fn::Select": [index, several]}:
            return resolved(several, parameters)[int(index)]
        case {"Fn::Split": [delimiter, text]}:
            return resolved(text, parameters).split(delimiter)
        case {"Fn::Sub": [str(text), {**names}]}:
            for name, inner in names.items():
                text = text.replace(f"${{{name}}}", resolved(inner, parameters))
            return text
        case {"Fn::Sub": str(text)}:
            return re.sub(r"\$\{(\w+)\}", lambda found: parameters[found[1]], text)
    return value
