"""What the handler files of functions/ say of themselves: their routes, and what they need beyond the usual."""

import importlib.util
import sys
from functools import cache
from pathlib import Path
from types import ModuleType

from infra.local.paths import ROOT

_DOMAIN = ROOT / "layers" / "domain" / "python"
if str(_DOMAIN) not in sys.path:
    sys.path.insert(0, str(_DOMAIN))

from falachefe.http.api import Api  # noqa: E402  # after the layer is in reach


@cache
def module_of(handler: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"functions_{handler.parent.name}_{handler.stem}", handler)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def api_of(handler: Path) -> Api | None:
    """The routes of a handler file; None for workers, and for the hot paths that do without the resolver."""
    return next((value for value in vars(module_of(handler)).values() if isinstance(value, Api)), None)


def needs_of(handler: Path) -> tuple[str, ...]:
    """What its role must allow beyond the usual: the handler's `NEEDS`, and what its resource's routes need."""
    return (*getattr(module_of(handler), "NEEDS", ()), *getattr(api_of(handler), "needs", ()))
