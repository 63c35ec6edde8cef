"""Publishing: letters to SQS FIFO queues by their logical names, and events to the bus."""

import json
from collections.abc import Callable, Sequence
from itertools import batched
from typing import Any
from uuid import UUID

from falachefe.data.outbox import EVENT_BUS, Letter
from falachefe.observability import logger

_BATCH = 10  # SQS and EventBridge both take ten at a time


class AwsPublisher:
    """Sends letters in order. What a queue or the bus did not take is left out of the answer, never raised."""

    def __init__(
        self, *, sqs: Callable[[], Any], events: Callable[[], Any], queue_url: Callable[[str], str], bus_name: str
    ) -> None:
        self._sqs = sqs
        self._events = events
        self._queue_url = queue_url
        self._bus_name = bus_name

    def publish(self, letters: Sequence[Letter]) -> Sequence[UUID]:
        taken: list[UUID] = []
        for destination in dict.fromkeys(letter.destination for letter in letters):
            ours = [letter for letter in letters if letter.destination == destination]
            send = self._put_events if destination == EVENT_BUS else self._send_messages
            for batch in batched(ours, _BATCH, strict=False):
                try:
                    taken += send(destination, batch)
                except Exception as error:  # noqa: BLE001  # whatever AWS or the network did: the sweep publishes later
                    logger().warning(
                        "letters were not taken",
                        destination=destination,
                        letters=len(batch),
                        error=type(error).__name__,
                    )
                    break
        return taken

    def _send_messages(self, destination: str, batch: Sequence[Letter]) -> list[UUID]:
        answer = self._sqs().send_message_batch(
            QueueUrl=self._queue_url(destination),
            Entries=[
                {
                    "Id": str(position),
                    "MessageBody": json.dumps(letter.payload, ensure_ascii=False, separators=(",", ":")),
                    "MessageGroupId": letter.group_id,
                    "MessageDeduplicationId": letter.deduplication_id,
                }
                for position, letter in enumerate(batch)
            ],
        )
        return [batch[int(entry["Id"])].id for entry in answer.get("Successful", ())]

    def _put_events(self, _: str, batch: Sequence[Letter]) -> list[UUID]:
        answer = self._events().put_events(
            Entries=[
                {
                    "EventBusName": self._bus_name,
                    "Source": f"falachefe.{letter.payload['name'].split('.')[0]}",
                    "DetailType": letter.payload["name"],
                    "Detail": json.dumps(letter.payload, ensure_ascii=False, separators=(",", ":")),
                }
                for letter in batch
            ]
        )
        # FailedEntryCount says how many; the entries say which, in the order that was sent.
        return [letter.id for letter, entry in zip(batch, answer["Entries"], strict=True) if not entry.get("ErrorCode")]
