"""Invoked by hand (docs/deploying.md): sets up a company's WhatsApp number at a provider."""

from typing import Any

from falachefe.app import runtime
from falachefe.aws.clients import client
from falachefe.kernel.observability.logs import logger
from falachefe.messaging.channels.provisioning import ChannelSetUp, set_up


def handler(event: dict[str, Any], _context: object) -> dict[str, str]:
    """`event` is a `ChannelSetUp` as JSON. For a company and phone that have a channel, it updates the channel."""
    order = ChannelSetUp.model_validate(event)
    done = set_up(
        order,
        database=runtime.database(),
        manager=client("secretsmanager"),
        channels=runtime.table("CHANNELS_TABLE"),
        stage=runtime.StageSettings.from_env().stage,
        now=runtime.clock().now(),
    )
    logger().info("a channel was set up", extra={"channel_id": done["channel_id"]})
    return done
