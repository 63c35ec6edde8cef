"""Publishes queue messages to SQS by the queues' logical names, and events to EventBridge."""

import json
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from falachefe.aws.failures import is_outage
from falachefe.db.outbox import EVENT_BUS, QueueMessage, Taken
from falachefe.kernel.observability.logs import logger

_BATCH = 10  # SQS and EventBridge both take ten at a time
_MALFORMED = ("MalformedDetail", "InvalidArgument")


class AwsPublisher:
    """Sends queue messages in order. Messages that were not accepted are missing in the result; nothing is raised.

    After a message of a group was not accepted, the group's later messages are not sent, to keep the order.
    """

    def __init__(
        self, *, sqs: Callable[[], Any], events: Callable[[], Any], queue_url: Callable[[str], str], bus_name: str
    ) -> None:
        self._sqs = sqs
        self._events = events
        self._queue_url = queue_url
        self._bus_name = bus_name

    def publish(self, messages: Sequence[QueueMessage]) -> Taken:
        taken = Taken()
        for destination in dict.fromkeys(message.destination for message in messages):
            self._publish(
                destination,
                [message for message in messages if message.destination == destination],
                taken,
            )
        return taken

    def send_raw(self, queue: str, body: str, *, group_id: str, deduplication_id: str) -> None:
        """Sends a body unchanged. Without `group_id` the queue is a standard one, which refuses FIFO attributes.

        Raises SQS's errors.
        """
        named = {"MessageGroupId": group_id, "MessageDeduplicationId": deduplication_id} if group_id else {}
        self._sqs().send_message(QueueUrl=self._queue_url(queue), MessageBody=body, **named)

    def _publish(self, destination: str, messages: list[QueueMessage], taken: Taken) -> None:
        send = self._put_events if destination == EVENT_BUS else self._send_messages
        batches = _Batches(messages, ordered=destination != EVENT_BUS)
        for batch in batches:
            try:
                self._send_batch(send, destination, batch, taken)
            except Exception as error:  # noqa: BLE001  # whatever AWS or the network did: the sweep publishes later
                logger().warning(
                    "queue messages were not taken",
                    destination=destination,
                    messages=len(batch),
                    error=type(error).__name__,
                )
                return
            batches.stop([message.group_id for message in batch if message.id not in taken])

    def _send_batch(self, send: "_Send", destination: str, batch: list[QueueMessage], taken: Taken) -> None:
        """An invalid message makes AWS refuse the whole request: then each message is sent alone."""
        try:
            send(destination, batch, taken)
        except Exception as error:
            if is_outage(error):
                raise
            if len(batch) > 1:
                for message in batch:
                    self._send_batch(send, destination, [message], taken)
                return
            taken.refused.add(batch[0].id)
            logger().error("a queue message was refused", destination=destination, error=type(error).__name__)

    def _send_messages(self, destination: str, batch: list[QueueMessage], taken: Taken) -> None:
        answer = self._sqs().send_message_batch(
            QueueUrl=self._queue_url(destination),
            Entries=[
                {
                    "Id": str(position),
                    "MessageBody": json.dumps(message.payload, ensure_ascii=False, separators=(",", ":")),
                    "MessageGroupId": message.group_id,
                    "MessageDeduplicationId": message.deduplication_id,
                }
                for position, message in enumerate(batch)
            ],
        )
        taken += [batch[int(entry["Id"])].id for entry in answer.get("Successful", ())]
        taken.refused |= {batch[int(entry["Id"])].id for entry in answer.get("Failed", ()) if entry.get("SenderFault")}

    def _put_events(self, _: str, batch: list[QueueMessage], taken: Taken) -> None:
        answer = self._events().put_events(
            Entries=[
                {
                    "EventBusName": self._bus_name,
                    "Source": f"falachefe.{message.payload['name'].split('.')[0]}",
                    "DetailType": message.payload["name"],
                    "Detail": json.dumps(message.payload, ensure_ascii=False, separators=(",", ":")),
                }
                for message in batch
            ]
        )
        # Entries are in the order of the request; those that failed have an ErrorCode.
        for message, entry in zip(batch, answer["Entries"], strict=True):
            code = entry.get("ErrorCode")
            if not code:
                taken.append(message.id)
            elif code in _MALFORMED:
                taken.refused.add(message.id)


type _Send = Callable[[str, list[QueueMessage], Taken], None]


class _Batches:
    """Splits the queue messages of one destination into requests.

    SQS may accept the third entry of a request and not the second, so each request holds one message per group.
    """

    def __init__(self, messages: Sequence[QueueMessage], *, ordered: bool) -> None:
        self._left = list(messages)
        self._ordered = ordered
        self._stopped: set[str] = set()

    def __iter__(self) -> Iterator[list[QueueMessage]]:
        while self._left:
            batch: list[QueueMessage] = []
            later: list[QueueMessage] = []
            groups: set[str] = set()
            for message in self._left:
                if self._ordered and message.group_id in self._stopped:
                    continue
                if len(batch) == _BATCH or (self._ordered and message.group_id in groups):
                    later.append(message)
                else:
                    batch.append(message)
                groups.add(message.group_id)
            self._left = later
            if batch:
                yield batch

    def stop(self, groups: Sequence[str]) -> None:
        self._stopped.update(groups)
