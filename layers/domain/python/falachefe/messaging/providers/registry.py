"""Which adapter speaks for a channel's provider."""

from functools import cache

from falachefe.messaging.providers.base import Provider


@cache
def provider(name: str) -> Provider:
    """Raises `LookupError` for a provider that has no adapter."""
    if name == "uaz":
        from falachefe.messaging.providers.uaz import Uaz

        return Uaz()
    raise LookupError(f"no adapter for provider {name}")
