"""Values derived from a company's settings. Pure."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final

DEFAULT_TAKEOVER_MINUTES: Final = 60


def takeover_of(settings: Mapping[str, Any]) -> timedelta:
    """How long the crew stays silent after a takeover, by the company's stored settings.

    Not in `settings_rules`, so that queue workers do not import pydantic.
    """
    return timedelta(minutes=settings.get("takeover_minutes", DEFAULT_TAKEOVER_MINUTES))
