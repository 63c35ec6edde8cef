"""The adapters of the providers, by name."""

from functools import cache

from falachefe.messaging.providers.base import Provider
from falachefe.messaging.providers.uaz import Uaz


@cache
def provider(name: str) -> Provider:
    """Raises `LookupError` for a provider that has no adapter."""
    if name == "uaz":
        return Uaz()
    raise LookupError(f"no adapter for provider {name}")
