"""The folders of a context and of a domain."""

import re
from collections.abc import Mapping
from typing import Final

from infra.local.console import Refused
from infra.local.paths import ROOT

LAYER: Final = "layers/domain/python/falachefe"


def context_of(given: Mapping[str, str]) -> str:
    """The given context's package. Raises `Refused` if it does not exist."""
    context = given.get("context", "")
    if not re.fullmatch(r"[a-z_]+", context) or not (ROOT / LAYER / context / "models.py").exists():
        raise Refused(f"context={context}: there is no {LAYER}/{context or '<context>'}/models.py")
    return context


def domain_of(given: Mapping[str, str], default: str = "") -> str:
    """The given domain's folder in functions/. Raises `Refused` if it does not exist."""
    domain = given.get("domain", default)
    if not re.fullmatch(r"[a-z_]+", domain) or not (ROOT / "functions" / domain / "template.yaml").exists():
        raise Refused(f"domain={domain}: there is no functions/{domain or '<domain>'}/template.yaml")
    return domain
