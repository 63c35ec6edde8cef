"""When a message was written, and how long it may be acted on."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from falachefe.messaging.webhook.queue_messages import moment_of

MAX_MESSAGE_AGE: Final = timedelta(hours=24)
"""A message that waited longer (for its sender's code, the crew or the company) is not acted on, and its sender gets a
notice: they may have found another way meanwhile."""


def written_at(queue_message: Mapping[str, Any], now: datetime) -> datetime:
    """The provider's time of an inbound queue message, clamped to plausible values.

    Not after the webhook received it (a provider's clock may be ahead), and not more than `MAX_MESSAGE_AGE` before:
    older messages are not accepted, so an older time is wrong and must not date an entry.
    """
    received = min(moment_of(queue_message["received_at"]), now) if queue_message.get("received_at") else now
    reported = moment_of(queue_message["message"]["provider_at"])
    return min(max(reported, received - MAX_MESSAGE_AGE), received)


def is_too_old(written: datetime, now: datetime) -> bool:
    return written < now - MAX_MESSAGE_AGE
