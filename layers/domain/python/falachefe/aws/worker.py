"""Worker loop of an SQS FIFO queue: one message at a time, failures reported per message, order kept per group.

During an outage a message returns to the queue without limit. A message that fails by its own fault as often as the
queue's policy allows is quarantined (`db.quarantine`), and the following ones are processed.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from falachefe.aws.failures import is_outage
from falachefe.aws.queue_policies import QUEUES
from falachefe.db.quarantine import WORKER_LOST, Quarantine, ReceivedMessage
from falachefe.kernel.errors import DomainError, LimitExceeded
from falachefe.kernel.observability.logs import logger
from falachefe.kernel.observability.tracing import TRACE_ID, root_of, traced

type Event = dict[str, Any]
type Body = dict[str, Any]
type Handler = Callable[[Event, Any], Event]

MAX_RETRY_AFTER_S: Final = 900
"""Upper bound for another service's `Retry-After`."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """One delivery of a message by SQS."""

    message_id: str
    group_id: str
    deliveries: int
    """The receive count, this delivery included; a delivery is not always an attempt."""
    seconds_left: Callable[[], float]
    """Time until Lambda ends the function."""


type Process = Callable[[Body, Delivery], None]
type GiveUp = Callable[[Body, str], None]


@dataclass(frozen=True, slots=True)
class Worker:
    """A Lambda handler for a FIFO queue with `ReportBatchItemFailures`."""

    queue: str
    process: Process
    sqs: Callable[[], Any]
    queue_url: Callable[[], str]
    quarantine: Callable[[], Quarantine]
    give_up: GiveUp | None = None
    """Called with body and error class of a message that is quarantined, so that its sender can be informed."""

    def __call__(self, event: Event, context: Any) -> Event:
        waits: dict[str, int] = {}
        blocked: dict[str, int] = {}
        policy, left = QUEUES[self.queue], _seconds_left(context)
        for position, record in enumerate(event["Records"]):
            delivery = _delivery(record, left)
            # After a failure the rest of its group is returned without an attempt, to keep the order, with the same
            # visibility timeout, because a message that is invisible for longer would block the others.
            group = delivery.group_id or delivery.message_id
            if group not in blocked and position and left() < policy.min_remaining_s:
                blocked[group] = 0
            if group not in blocked:
                with traced(_trace_of(record)), logger().append_context_keys(correlation_id=delivery.message_id):
                    wait = self._try(record["body"], delivery)
                if wait is None:
                    continue
                blocked[group] = wait
            waits[delivery.message_id] = blocked[group]
        if waits:
            self._postpone([record for record in event["Records"] if record["messageId"] in waits], waits)
        return {"batchItemFailures": [{"itemIdentifier": message_id} for message_id in waits]}

    def _try(self, body: str, delivery: Delivery) -> int | None:
        """Processes one message; returns the seconds until its next delivery, None when it is finished."""
        message = ReceivedMessage(self.queue, delivery.message_id, delivery.group_id, body)
        tracked = delivery.deliveries > QUEUES[self.queue].track_after
        try:
            if tracked and self.quarantine().begin(message) > QUEUES[self.queue].tries:
                self._put_aside(message, WORKER_LOST)
                return None
            self.process(json.loads(body), delivery)
            if tracked:
                self.quarantine().forget(message)
        except Exception as error:  # noqa: BLE001  # reported to SQS per message, which delivers it again
            return self._failed(message, delivery, error, tracked=tracked)
        return None

    def _failed(self, message: ReceivedMessage, delivery: Delivery, error: Exception, *, tracked: bool) -> int | None:
        policy, outage = QUEUES[self.queue], is_outage(error)
        logger().exception(
            "a message failed",
            deliveries=delivery.deliveries,
            error=type(error).__name__,
            reason=error.code if isinstance(error, DomainError) else None,
            outage=outage,
        )
        try:
            if outage:
                if tracked:
                    self.quarantine().ended(message)
                return _wait(error, policy.backoff_after(delivery.deliveries))
            attempts = self.quarantine().fail(message, type(error).__name__)
            if attempts < policy.tries:
                return policy.backoff_after(attempts)
            self._put_aside(message, type(error).__name__)
        except Exception as trouble:  # noqa: BLE001  # an attempt that cannot be recorded does not count
            logger().warning("a try was not counted", error=type(trouble).__name__)
            return policy.backoff_after(delivery.deliveries)
        return None

    def _put_aside(self, message: ReceivedMessage, error: str) -> None:
        if self.give_up is not None:
            try:
                self.give_up(json.loads(message.body), error)
            except Exception as trouble:
                if is_outage(trouble):
                    raise
                logger().exception("nobody was told of a message put aside", error=type(trouble).__name__)
        self.quarantine().park(message, error)
        logger().error("a message was put aside", queue=self.queue, error=error)

    def _postpone(self, records: list[Any], waits: dict[str, int]) -> None:
        """Sets the visibility timeouts. If this fails, the queue's default applies."""
        entries = [
            {
                "Id": str(position),
                "ReceiptHandle": record["receiptHandle"],
                "VisibilityTimeout": waits[record["messageId"]],
            }
            for position, record in enumerate(records)
        ]
        try:
            answer = self.sqs().change_message_visibility_batch(QueueUrl=self.queue_url(), Entries=entries)
        except Exception as error:  # noqa: BLE001  # the messages stay in the queue
            logger().warning("a wait was not set", error=type(error).__name__)
            return
        if answer.get("Failed"):
            logger().warning("a wait was not set", messages=len(answer["Failed"]))


def _wait(error: Exception, usual: int) -> int:
    """The back-off: exactly the `retry_after` of our own rate limit, else the longer of `retry_after` and `usual`."""
    asked = error.retry_after if isinstance(error, DomainError) else None
    if asked is None:
        return usual
    return max(1, min(asked if isinstance(error, LimitExceeded) else max(asked, usual), MAX_RETRY_AFTER_S))


def _trace_of(record: dict[str, Any]) -> object:
    """The trace id in the message's body, else the one in its SQS attributes."""
    try:
        known = json.loads(record["body"])[TRACE_ID]
    except (ValueError, KeyError, TypeError, RecursionError):
        known = None
    return known or root_of(record.get("attributes", {}).get("AWSTraceHeader"))


def _delivery(record: dict[str, Any], left: Callable[[], float]) -> Delivery:
    attributes = record.get("attributes", {})
    return Delivery(
        message_id=record["messageId"],
        group_id=attributes.get("MessageGroupId", ""),
        deliveries=int(attributes.get("ApproximateReceiveCount", 1)),
        seconds_left=left,
    )


def _seconds_left(context: Any) -> Callable[[], float]:
    """Unlimited without a Lambda context (local programs)."""
    if not hasattr(context, "get_remaining_time_in_millis"):
        return lambda: float("inf")
    return lambda: float(context.get_remaining_time_in_millis()) / 1000
