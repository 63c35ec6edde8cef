"""Packages the templates for CloudFormation: code and nested templates in a bucket, SAM expanded."""

import hashlib
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from infra.local.paths import ROOT
from infra.local.sam.template import ROOT_TEMPLATE, Template, children, expand, load, place_child
from infra.local.stack.artifacts import archive, build_layer, layer_pointer

BUCKET = "falachefe-artifacts"


@dataclass
class Package:
    """The root template and everything that it refers to, by key in the bucket."""

    template: Template = field(default_factory=dict)
    files: dict[str, Path] = field(default_factory=dict)
    code: dict[str, str] = field(default_factory=dict)  # layer or code folder → key
    texts: dict[str, str] = field(default_factory=dict)


def package(endpoint: str) -> Package:
    """Builds what changed. Keys are content hashes, so unchanged content keeps its key."""
    done = Package()
    expanded = _expand_all(done)
    done.template = _place(ROOT_TEMPLATE, expanded, endpoint, done)
    return done


def _expand_all(done: Package) -> dict[Path, Template]:
    """All templates, with code in the bucket and SAM expanded in one run of the translator."""
    pending, templates = [ROOT_TEMPLATE], {}
    while pending:
        path = pending.pop()
        if path in templates:
            continue
        template = load(path)
        for name, resource in template["Resources"].items():
            _upload_code(name, resource, path, done)
        templates[path] = template
        pending += children(template, path).values()
    sam = {str(path): template for path, template in templates.items() if "Transform" in template}
    return templates | {Path(path): template for path, template in expand(sam).items()}


def _upload_code(name: str, resource: dict[str, Any], path: Path, done: Package) -> None:
    if resource["Type"] == "AWS::Serverless::Function":
        key, code = "CodeUri", (path.parent / resource["Properties"]["CodeUri"]).resolve()
        label, bundle = f"code:{code.relative_to(ROOT)}", archive(code)
    elif resource["Type"] == "AWS::Serverless::LayerVersion":
        key, layer = "ContentUri", build_layer(name, path.parent / resource["Properties"]["ContentUri"])
        label, bundle = f"layer:{name}", layer_pointer(layer)
    else:
        return
    done.files[bundle.name] = bundle
    done.code[label] = bundle.name
    resource["Properties"][key] = f"s3://{BUCKET}/{bundle.name}"


def _place(path: Path, expanded: dict[Path, Template], endpoint: str, done: Package) -> Template:
    """The template with its nested templates put in the bucket, depth first."""
    template: Template = json.loads(json.dumps(expanded[path]))
    for name, child in children(load(path), path).items():
        text = json.dumps(_place(child, expanded, endpoint, done), sort_keys=True)
        key = f"{child.parent.name}-{child.stem}-{hashlib.sha256(text.encode()).hexdigest()[:24]}.json"
        done.texts[key] = text
        resource = template["Resources"][name]
        place_child(resource, f"{endpoint}/{BUCKET}/{key}")
    return template
