"""One trace id from the webhook to the reply, in every queue message, log line and metric."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from falachefe.app import agent_models, agent_worker, runtime, workers
from falachefe.aws.emf import emit
from falachefe.aws.rate_limit import SlidingLimit
from falachefe.aws.tables import Table
from falachefe.crews.tools.registry import run_tool
from falachefe.crews.turns.run import TaskDependencies
from falachefe.crews.turns.sweep import Swept, sweep_company
from falachefe.messaging.channels.directory import ChannelDirectory, channel_item
from falachefe.messaging.providers.base import Refused
from falachefe.messaging.providers.uaz import Uaz
from falachefe.messaging.webhook.admission import Admission
from falachefe.messaging.webhook.queue_messages import InboundQueueMessage
from falachefe.messaging.webhook.receive import Webhook
from functions.whatsapp import notify_staff, process_inbound, send_outbound
from infra.local.front_door.payloads import webhook_payload
from tests.integration.messaging.conftest import OWNER_PHONE, WhatsAppHarness

KEY, TOKEN = "tracing-channel-key-1", "tracing-token"
ROOT = "1-66f2a1b3-0123456789abcdef01234567"
_ROLES = ("orchestrator", "financial", "marketing", "hr", "support")


class FakeSqs:
    def change_message_visibility_batch(self, **_: Any) -> dict[str, Any]:
        return {}


class MessagePath:
    """The handlers of a message from the webhook to the reply, with queues in memory."""

    def __init__(self, whatsapp: WhatsAppHarness, tables: dict[str, Table]) -> None:
        self.whatsapp = whatsapp
        self.enqueued: list[InboundQueueMessage] = []
        item = channel_item(
            KEY,
            company_id=whatsapp.company_id,
            channel_id=whatsapp.channel_id,
            provider="uaz",
            token=TOKEN,
            secret_name="none",
        )
        tables["channels"].put(item)
        self.webhook = Webhook(
            provider=Uaz(),
            channels=ChannelDirectory(tables["channels"], lambda _: {}),
            admission=Admission(SlidingLimit(tables["limits"]), emit),
            enqueue=self.enqueue,
            count=emit,
            clock=whatsapp.clock,
        )
        self.agents = {role: agent_worker.worker_of(role) for role in _ROLES}

    def enqueue(self, queue_message: InboundQueueMessage) -> None:
        self.enqueued.append(queue_message)

    def receive(self, text: str, headers: dict[str, str]) -> dict[str, Any]:
        payload = webhook_payload(
            "text", OWNER_PHONE, text, token=TOKEN, message_id=f"3EB0{len(self.enqueued)}", at=self.whatsapp.clock.now()
        )
        event = {"headers": headers, "pathParameters": {"channel_key": KEY}, "body": json.dumps(payload)}
        assert self.webhook(event)["statusCode"] == 200
        body: dict[str, Any] = json.loads(self.enqueued[-1].body)
        return body

    def run_agents(self) -> None:
        for queue_message in self.whatsapp.queues.of("agent-"):
            handler = self.agents[queue_message.destination.removeprefix("agent-")]
            assert handler(record(queue_message.payload), None) == {"batchItemFailures": []}

    def send(self) -> None:
        for queue_message in self.whatsapp.queues.of("outbound"):
            send_outbound.handler(record(queue_message.payload), None)


def record(body: Any, **attributes: str) -> dict[str, Any]:
    of_sqs = {"MessageGroupId": "g", "ApproximateReceiveCount": "1", **attributes}
    return {"Records": [{"messageId": "m", "receiptHandle": "r", "body": json.dumps(dict(body)), "attributes": of_sqs}]}


@pytest.fixture
def path(signed_in: WhatsAppHarness, tables: dict[str, Table], monkeypatch: pytest.MonkeyPatch) -> MessagePath:
    whatsapp = signed_in
    thinking = TaskDependencies(whatsapp.database, whatsapp.queues, whatsapp.clock, agent_models.answer, run_tool)
    monkeypatch.setattr(workers, "client", lambda _: FakeSqs())
    monkeypatch.setattr(process_inbound, "inbound", whatsapp.inbound)
    monkeypatch.setattr(send_outbound, "sender", whatsapp.sender)
    monkeypatch.setattr(agent_worker, "task_dependencies", lambda: thinking)
    monkeypatch.setattr(runtime, "queue_url", lambda destination: destination)
    monkeypatch.setattr(runtime, "database", lambda: whatsapp.database)
    monkeypatch.setattr(runtime, "publisher", lambda: whatsapp.queues)
    monkeypatch.setattr(runtime, "clock", lambda: whatsapp.clock)
    return MessagePath(whatsapp, tables)


def lines_of(printed: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in printed.splitlines() if line.startswith("{")]


def test_one_trace_leads_from_the_webhook_to_the_reply(path: MessagePath, printed: Callable[[], str]) -> None:
    body = path.receive("gastei 150 de gasolina hoje", {"X-Amzn-Trace-Id": f"Self=1-x;Root={ROOT};Sampled=1"})
    assert body["trace_id"] == ROOT
    process_inbound.handler(record(body), None)
    path.run_agents()
    path.whatsapp.provider.answers = [Refused("rate_limited", again=True)]
    path.send()
    assert len(path.whatsapp.queues.of("outbound")) == 1
    queue_messages = path.whatsapp.queues.queue_messages
    assert {queue_message.destination.partition("-")[0] for queue_message in queue_messages} >= {
        "agent",
        "outbound",
        "events",
    }
    assert {queue_message.payload["trace_id"] for queue_message in queue_messages} == {ROOT}
    lines = lines_of(printed())
    logged = {line["message"] for line in lines if "message" in line}
    assert {"a task ended", "a message failed"} <= logged
    counted = {name for line in lines for name in line if name.endswith("_total")}
    assert {"webhook_received_total", "crew_tasks_total"} <= counted
    assert {line.get("trace_id") for line in lines} == {ROOT}


def test_a_task_that_the_sweep_announces_again_keeps_the_trace_of_its_message(path: MessagePath) -> None:
    process_inbound.handler(record(path.receive("gastei 150 de gasolina", {"x-amzn-trace-id": f"Root={ROOT}"})), None)
    path.whatsapp.queues.queue_messages.clear()
    path.whatsapp.advance(minutes=30)
    now = path.whatsapp.clock.now()
    sweep_company(path.whatsapp.database, path.whatsapp.queues, path.whatsapp.company_id, now=now, swept=Swept())
    path.run_agents()
    outbound = path.whatsapp.queues.of("outbound")
    assert [queue_message.payload["trace_id"] for queue_message in outbound] == [ROOT]


def test_without_an_aws_trace_each_message_starts_one(path: MessagePath) -> None:
    first, second = path.receive("oi", {}), path.receive("oi de novo", {"X-Amzn-Trace-Id": "Root=nonsense\n"})
    assert first["trace_id"] != second["trace_id"]
    process_inbound.handler(record(first), None)
    assert {queue_message.payload["trace_id"] for queue_message in path.whatsapp.queues.queue_messages} == {
        first["trace_id"]
    }


def test_a_message_without_a_trace_id_takes_the_trace_in_its_sqs_attributes(path: MessagePath) -> None:
    body = path.receive("gastei 20 de pão", {})
    del body["trace_id"]
    process_inbound.handler(record(body, AWSTraceHeader=f"Root={ROOT};Parent=0123456789abcdef;Sampled=0"), None)
    assert {queue_message.payload["trace_id"] for queue_message in path.whatsapp.queues.queue_messages} == {ROOT}


def test_a_staff_note_has_the_trace_of_its_event(path: MessagePath, printed: Callable[[], str]) -> None:
    detail = {"id": "01990000-0000-7000-8000-000000000001", "name": "crews.other", "trace_id": ROOT}
    notify_staff.handler({"detail-type": "crews.other", "detail": detail}, None)
    assert [line["trace_id"] for line in lines_of(printed())] == [ROOT]
