"""POST /v1/whatsapp/webhooks/uaz/{channel_key}. Public: the provider authenticates by key, token and signature."""

from functools import cache
from typing import Any

from falachefe.app import runtime
from falachefe.aws.clients import client
from falachefe.aws.emf import emit
from falachefe.aws.rate_limit import SlidingLimit
from falachefe.messaging.channels.directory import ChannelDirectory
from falachefe.messaging.providers.uaz import Uaz
from falachefe.messaging.webhook.admission import Admission
from falachefe.messaging.webhook.queue_messages import InboundQueueMessage
from falachefe.messaging.webhook.receive import Webhook


@cache
def webhook() -> Webhook:
    return Webhook(
        provider=Uaz(),
        channels=ChannelDirectory(runtime.quick_table("CHANNELS_TABLE"), runtime.secret),
        admission=Admission(SlidingLimit(runtime.quick_table("LIMITS_TABLE")), emit),
        enqueue=_enqueue,
        count=emit,
        clock=runtime.clock(),
    )


def _enqueue(message: InboundQueueMessage) -> None:
    client("sqs").send_message(
        QueueUrl=runtime.queue_url("inbound"),
        MessageBody=message.body,
        MessageGroupId=message.group_id,
        MessageDeduplicationId=message.deduplication_id,
    )


def handler(event: dict[str, Any], _context: Any) -> dict[str, Any]:
    return webhook()(event)
