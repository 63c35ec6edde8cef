"""On the event whatsapp.channel_updated: copies the channel's state to the table that the webhook reads."""

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
