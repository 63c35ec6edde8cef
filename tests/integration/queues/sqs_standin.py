"""SQS FIFO queues in memory on a test clock: receive counts, visibility timeouts, groups, dead-letter queues.

It offers the methods of botocore's client that the product calls, and what Lambda's event source mapping does with a
handler. What a queue is like (visibility, delay, how many receives before the dead-letter queue, batch size) is read
from the templates, so that these tests and the deployed queues cannot disagree.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any, Final

from botocore.exceptions import ClientError

from falachefe.kernel.clock import FixedClock
from infra.local.paths import ROOT
from infra.local.sam.template import load

DEDUPLICATION: Final = timedelta(minutes=5)
type Handler = Callable[[dict[str, Any], Any], dict[str, Any]]


@dataclass(frozen=True, slots=True)
class QueueFacts:
    """What a template says of a queue and of the function that works on it."""

    name: str
    visibility_s: int
    delay_s: int
    retention_s: int
    max_receives: int
    batch_size: int
    timeout_s: int
    fifo: bool


def queues_of(path: Path) -> Iterator[QueueFacts]:
    """Every queue of a template that a function works on."""
    resources = load(path)["Resources"]
    roles = load(path)["Parameters"].get("AgentRole", {}).get("AllowedValues", [""])
    for function in resources.values():
        for event in function.get("Properties", {}).get("Events", {}).values():
            if event["Type"] != "SQS":
                continue
            queue = resources[event["Properties"]["Queue"]["Fn::GetAtt"][0]]["Properties"]
            for role in roles:
                called = queue["QueueName"]["Fn::Sub"].removeprefix("falachefe-${Stage}-")
                name = called.removesuffix(".fifo")
                yield QueueFacts(
                    name=name.replace("${AgentRole}", role),
                    visibility_s=queue["VisibilityTimeout"],
                    delay_s=queue.get("DelaySeconds", 0),
                    retention_s=queue["MessageRetentionPeriod"],
                    max_receives=queue["RedrivePolicy"]["maxReceiveCount"],
                    batch_size=event["Properties"]["BatchSize"],
                    timeout_s=function["Properties"]["Timeout"],
                    fifo=called.endswith(".fifo"),
                )


def deployed_queues() -> dict[str, QueueFacts]:
    templates = sorted((ROOT / "functions").glob("*/*.yaml"))
    return {facts.name: facts for path in templates for facts in queues_of(path)}


def staff_notes_events() -> list[str]:
    """The events whose rule leads to the queue of the notes to staff."""
    rule = load(ROOT / "functions" / "whatsapp" / "template.yaml")["Resources"]["StaffNotesRule"]["Properties"]
    names: list[str] = rule["EventPattern"]["detail-type"]
    return names


@dataclass(slots=True)
class Stored:
    """A message in a queue."""

    id: str
    body: str
    group: str
    sent_at: datetime
    visible_at: datetime
    receives: int = 0

    def in_flight(self, now: datetime) -> bool:
        return self.visible_at > now


@dataclass(slots=True)
class Queue:
    facts: QueueFacts
    messages: list[Stored] = field(default_factory=list)
    dead: list[Stored] = field(default_factory=list)
    seen: dict[tuple[str, str], datetime] = field(default_factory=dict)

    def receive(self, now: datetime) -> list[Stored]:
        """The next batch. A message in flight, or one that waits for its delay, holds its group back."""
        blocked: set[str] = set()
        batch: list[Stored] = []
        for message in list(self.messages):
            if now - message.sent_at > timedelta(seconds=self.facts.retention_s):
                self.messages.remove(message)  # lost: SQS keeps nothing for longer
                continue
            if message.in_flight(now):
                blocked.add(message.group)
            if message.group in blocked or len(batch) == self.facts.batch_size:
                continue
            if message.receives >= self.facts.max_receives:
                self.messages.remove(message)
                self.dead.append(message)
                continue
            batch.append(message)
        for message in batch:
            message.receives += 1
            message.visible_at = now + timedelta(seconds=self.facts.visibility_s)
        return batch

    def next_at(self, now: datetime) -> datetime | None:
        waiting = [message.visible_at for message in self.messages if message.in_flight(now)]
        return min(waiting, default=None)


class Context:
    """Lambda's context of an invocation that has its whole time left, unless a test says otherwise."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds

    def get_remaining_time_in_millis(self) -> int:
        return int(self.seconds * 1000)


class QueueStandIn:
    """All queues of the templates; a queue's URL is its logical name."""

    def __init__(self, clock: FixedClock) -> None:
        self._clock = clock
        self._numbers = count(1)
        self.queues = {name: Queue(facts) for name, facts in deployed_queues().items()}
        self.refuses: Callable[[str, dict[str, Any]], str | None] = lambda queue, entry: None
        """Names the error code with which an entry of a batch is refused, if it is."""

    # ---- what the product calls

    def send_message(self, **request: Any) -> dict[str, Any]:
        return self._store(request["QueueUrl"], request)

    def send_message_batch(self, **request: Any) -> dict[str, Any]:
        answer: dict[str, Any] = {"Successful": [], "Failed": []}
        for entry in request["Entries"]:
            code = self.refuses(request["QueueUrl"], entry)
            if code is None:
                answer["Successful"].append({"Id": entry["Id"], **self._store(request["QueueUrl"], entry)})
            else:
                fault = code in ("InvalidMessageContents", "InvalidParameterValue")
                answer["Failed"].append({"Id": entry["Id"], "Code": code, "SenderFault": fault})
        return answer

    def change_message_visibility_batch(self, **request: Any) -> dict[str, Any]:
        queue = self.queues[request["QueueUrl"]]
        for entry in request["Entries"]:
            for message in queue.messages:
                if _receipt(message) == entry["ReceiptHandle"]:
                    message.visible_at = self._clock.now() + timedelta(seconds=entry["VisibilityTimeout"])
        return {"Successful": [{"Id": entry["Id"]} for entry in request["Entries"]]}

    def _store(self, name: str, entry: dict[str, Any]) -> dict[str, Any]:
        queue, now = self.queues[name], self._clock.now()
        identifier = f"{name}-{next(self._numbers)}"
        # A standard queue has neither groups nor names: each message stands for itself.
        if not queue.facts.fifo and {"MessageGroupId", "MessageDeduplicationId"} & entry.keys():
            raise ClientError({"Error": {"Code": "InvalidParameterValue"}}, "SendMessage")
        key = (entry.get("MessageGroupId", identifier), entry.get("MessageDeduplicationId", identifier))
        taken = queue.seen.get(key)
        if taken is None or now - taken >= DEDUPLICATION:
            queue.seen[key] = now
            visible = now + timedelta(seconds=queue.facts.delay_s)
            queue.messages.append(Stored(identifier, entry["MessageBody"], key[0], now, visible))
        return {"MessageId": identifier}

    # ---- what Lambda does

    def deliver(self, name: str, handler: Handler, context: Any = None) -> int:
        """Hands one batch of a queue to its handler; returns how many messages it had."""
        queue = self.queues[name]
        batch = queue.receive(self._clock.now())
        if not batch:
            return 0
        event = {"Records": [_record(name, message) for message in batch]}
        answer = handler(event, context or Context(queue.facts.timeout_s))
        failed = {one["itemIdentifier"] for one in answer["batchItemFailures"]}
        queue.messages = [one for one in queue.messages if one not in batch or one.id in failed]
        return len(batch)

    def next_at(self) -> datetime | None:
        """When the next message that waits can be received."""
        now = self._clock.now()
        return min((at for queue in self.queues.values() if (at := queue.next_at(now)) is not None), default=None)

    @property
    def dead(self) -> dict[str, list[Stored]]:
        return {name: queue.dead for name, queue in self.queues.items() if queue.dead}

    @property
    def waiting(self) -> dict[str, int]:
        return {name: len(queue.messages) for name, queue in self.queues.items() if queue.messages}


def _receipt(message: Stored) -> str:
    return f"{message.id}#{message.receives}"


def _record(queue: str, message: Stored) -> dict[str, Any]:
    return {
        "messageId": message.id,
        "receiptHandle": _receipt(message),
        "body": message.body,
        "attributes": {
            **({} if message.group == message.id else {"MessageGroupId": message.group}),
            "ApproximateReceiveCount": str(message.receives),
            "SentTimestamp": str(int(message.sent_at.timestamp() * 1000)),
        },
        "eventSourceARN": f"arn:aws:sqs:sa-east-1:123456789012:falachefe-test-{queue}.fifo",
    }
