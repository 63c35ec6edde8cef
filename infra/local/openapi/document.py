"""The OpenAPI document of all domains, made from their handlers."""

import json
from typing import Any

from infra.local.openapi.handlers import api_of  # brings the layer within reach
from infra.local.paths import ROOT

# isort: split
from falachefe.http.api import Api
from falachefe.http.openapi.document import document_of, part_of
from falachefe.resources.http import ResourceApi
from falachefe.resources.openapi import describe
from infra.local.openapi.bare_routes import bare_apis
from infra.local.openapi.shared_parts import with_shared_parts

COPY = ROOT / "functions" / "platform" / "openapi.json"
"""In the folder of the function that serves it."""


def document() -> dict[str, Any]:
    apis = [api for handler in sorted(ROOT.glob("functions/*/*.py")) if (api := api_of(handler)) is not None]
    return document_of((api, _part(api)) for api in (*apis, *bare_apis()))


def text() -> str:
    return json.dumps(with_shared_parts(document()), ensure_ascii=False, indent=1, sort_keys=True) + "\n"


def _part(api: Api) -> dict[str, Any]:
    part = part_of(api)
    return describe(api.resource, part) if isinstance(api, ResourceApi) else part


def main() -> None:
    if COPY.read_text() != (made := text()):
        COPY.write_text(made)
        print(f"{COPY.relative_to(ROOT)} written: read what changed")
