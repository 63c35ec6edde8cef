"""What follows from a company's settings. Pure."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final

DEFAULT_TAKEOVER_MINUTES: Final = 60


def takeover_of(settings: Mapping[str, Any]) -> timedelta:
    """How long the crew stays silent in a conversation that a person took over, by the company's stored settings.

    Said here for the queue's functions, which do without the library that checks settings when they are changed.
    """
    return timedelta(minutes=settings.get("takeover_minutes", DEFAULT_TAKEOVER_MINUTES))
