"""Event whatsapp.channel_updated: whether the channel is on, to where the webhook looks."""

from typing import Any

from falachefe.app import runtime
from falachefe.kernel.observability.logs import logger
from falachefe.kernel.observability.tracing import TRACE_ID, traced
from falachefe.messaging.channels.states import ChannelStates


def handler(event: dict[str, Any], _context: Any) -> dict[str, str]:
    states = ChannelStates(runtime.database(), runtime.table("CHANNELS_TABLE"))
    with traced(event["detail"].get(TRACE_ID)):
        state = states(event["detail"])
        logger().info("a channel changed", state=state)
    return {"state": state}
