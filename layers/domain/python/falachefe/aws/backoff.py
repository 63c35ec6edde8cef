"""Waiting longer before each further delivery of an SQS message than its queue's visibility would have it."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from falachefe.observability import logger

type Event = dict[str, Any]
type Handler = Callable[[Event, Any], Event]

LONGEST_S = 900


def with_backoff(
    handler: Handler, *, sqs: Callable[[], Any], queue_url: Callable[[], str], delays: Sequence[int]
) -> Handler:
    """`handler`, whose failed messages come again after `delays[deliveries - 1]` seconds (the last one from then on).

    All failed messages of a batch get the wait of their own count, those behind the first of a group too: a FIFO queue
    keeps their order. Should the change fail, the queue's own visibility timeout applies.
    """

    def handle(event: Event, context: Any) -> Event:
        answer = handler(event, context)
        failed = {one["itemIdentifier"] for one in answer.get("batchItemFailures", ())}
        records = [record for record in event["Records"] if record["messageId"] in failed]
        if records:
            _postpone(sqs(), queue_url(), records, delays)
        return answer

    return handle


def _postpone(client: Any, url: str, records: Sequence[Mapping[str, Any]], delays: Sequence[int]) -> None:
    entries = [
        {"Id": str(position), "ReceiptHandle": record["receiptHandle"], "VisibilityTimeout": _delay(record, delays)}
        for position, record in enumerate(records)
    ]
    try:
        answer = client.change_message_visibility_batch(QueueUrl=url, Entries=entries)
    except Exception as error:  # noqa: BLE001  # the messages are safe: they come after the queue's own timeout
        logger().warning("a wait was not set", error=type(error).__name__)
        return
    if answer.get("Failed"):
        logger().warning("a wait was not set", messages=len(answer["Failed"]))


def _delay(record: Mapping[str, Any], delays: Sequence[int]) -> int:
    deliveries = int(record.get("attributes", {}).get("ApproximateReceiveCount", 1))
    return min(delays[min(deliveries, len(delays)) - 1], LONGEST_S)
