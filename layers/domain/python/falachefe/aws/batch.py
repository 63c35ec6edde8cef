"""A worker on an SQS FIFO queue: one message at a time, failures reported one by one, order kept in each group."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from falachefe.kernel.tracing import TRACE_ID, root_of, traced
from falachefe.observability import logger

type Event = dict[str, Any]


@dataclass(frozen=True, slots=True)
class SqsAttributes:
    message_id: str
    group_id: str
    deliveries: int
    """How often SQS has handed out this message, this time included."""
    receipt_handle: str
    queue_arn: str


def fifo_batch(process: Callable[[dict[str, Any], SqsAttributes], None]) -> Callable[[Event, Any], Event]:
    """A Lambda handler for a FIFO queue with `ReportBatchItemFailures`.

    After a failure the rest of its group is handed back too, so that nothing overtakes the message that failed.
    Other groups of the batch go on: one conversation's trouble is not another one's.
    """

    def handler(event: Event, _context: Any) -> Event:
        failed_groups: set[str] = set()
        failures: list[dict[str, str]] = []
        for record in event["Records"]:
            attributes = _attributes(record)
            if attributes.group_id in failed_groups:
                failures.append({"itemIdentifier": attributes.message_id})
                continue
            with traced(_trace_of(record)), logger().append_context_keys(correlation_id=attributes.message_id):
                try:
                    process(json.loads(record["body"]), attributes)
                except Exception as error:  # noqa: BLE001  # reported to SQS item by item, which delivers it again
                    logger().exception("a message failed", deliveries=attributes.deliveries, error=type(error).__name__)
                    failed_groups.add(attributes.group_id)
                    failures.append({"itemIdentifier": attributes.message_id})
        return {"batchItemFailures": failures}

    return handler


def _trace_of(record: dict[str, Any]) -> object:
    """What the message says, or else the trace that SQS carried beside it."""
    try:
        known = json.loads(record["body"])[TRACE_ID]
    except (ValueError, KeyError, TypeError, RecursionError):
        known = None
    return known or root_of(record.get("attributes", {}).get("AWSTraceHeader"))


def _attributes(record: dict[str, Any]) -> SqsAttributes:
    attributes = record.get("attributes", {})
    return SqsAttributes(
        message_id=record["messageId"],
        group_id=attributes.get("MessageGroupId", ""),
        deliveries=int(attributes.get("ApproximateReceiveCount", 1)),
        receipt_handle=record.get("receiptHandle", ""),
        queue_arn=record.get("eventSourceARN", ""),
    )
