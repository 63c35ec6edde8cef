"""The OpenAPI document of all domains, made from their handlers.

python -m infra.local.openapi  writes docs/openapi.json anew
"""

import importlib.util
import json
import sys
from pathlib import Path
from typing import Any

from infra.local.paths import ROOT

_DOMAIN = ROOT / "layers" / "domain" / "python"
if str(_DOMAIN) not in sys.path:
    sys.path.insert(0, str(_DOMAIN))

from falachefe.http.api import Api  # noqa: E402  # after the layer is in reach
from falachefe.http.openapi import document_of, part_of  # noqa: E402
from falachefe.resources.http import ResourceApi  # noqa: E402
from falachefe.resources.openapi import describe  # noqa: E402

COPY = ROOT / "docs" / "openapi.json"


def document() -> dict[str, Any]:
    apis = [api for handler in sorted(ROOT.glob("functions/*/*.py")) if (api := _api_of(handler)) is not None]
    return document_of((api, _part(api)) for api in apis)


def text() -> str:
    return json.dumps(document(), ensure_ascii=False, indent=1, sort_keys=True) + "\n"


def _part(api: Api) -> dict[str, Any]:
    part = part_of(api)
    return describe(api.resource, part) if isinstance(api, ResourceApi) else part


def _api_of(handler: Path) -> Api | None:
    """The routes of a handler file; None for workers, and for the hot paths that do without the resolver."""
    spec = importlib.util.spec_from_file_location(f"openapi_{handler.parent.name}_{handler.stem}", handler)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return next((value for value in vars(module).values() if isinstance(value, Api)), None)


if __name__ == "__main__":
    COPY.write_text(text())
