"""The queue handlers as Lambda runs them: partial failures, back-off, and logs without personal data."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from falachefe.app import runtime, workers
from falachefe.kernel.ids import new_id
from falachefe.messaging.providers.base import Refused
from falachefe.phone_sign_in.codes import Codes
from functions.whatsapp import notify_staff, process_inbound, send_outbound
from tests.integration.messaging.conftest import OWNER_PHONE, PEPPER, UNKNOWN_PHONE, WhatsAppHarness

EVENTS = Path(__file__).parents[3] / "events" / "whatsapp"


class Sqs:
    """Records the visibility timeouts that are set."""

    def __init__(self) -> None:
        self.waits: dict[str, int] = {}

    def change_message_visibility_batch(self, **request: Any) -> dict[str, Any]:
        self.waits |= {one["ReceiptHandle"]: one["VisibilityTimeout"] for one in request["Entries"]}
        return {}


@pytest.fixture
def sqs(whatsapp: WhatsAppHarness, monkeypatch: pytest.MonkeyPatch) -> Sqs:
    queue = Sqs()
    monkeypatch.setenv("INBOUND_QUEUE_URL", "https://queue/inbound")
    monkeypatch.setenv("OUTBOUND_QUEUE_URL", "https://queue/outbound")
    monkeypatch.setattr(workers, "client", lambda _: queue)
    monkeypatch.setattr(process_inbound, "inbound", whatsapp.inbound)
    monkeypatch.setattr(send_outbound, "sender", whatsapp.sender)
    monkeypatch.setattr(runtime, "database", lambda: whatsapp.database)
    monkeypatch.setattr(runtime, "publisher", lambda: whatsapp.queues)
    monkeypatch.setattr(runtime, "clock", lambda: whatsapp.clock)
    return queue


def records(*bodies: Any, group: str = "g", deliveries: int = 1) -> dict[str, Any]:
    return {
        "Records": [
            {
                "messageId": f"m{number}",
                "receiptHandle": f"r{number}",
                "body": json.dumps(body),
                "attributes": {"MessageGroupId": group, "ApproximateReceiveCount": str(deliveries)},
                "eventSourceARN": "arn:aws:sqs:sa-east-1:1:inbound.fifo",
            }
            for number, body in enumerate(bodies)
        ]
    }


def message_from(
    whatsapp: WhatsAppHarness, text: str, message_id: str = "3EB0A", phone: str = OWNER_PHONE
) -> dict[str, Any]:
    message = {"provider_message_id": message_id, "kind": "text", "text": text, "sender_name": "Canária"}
    return whatsapp.queue_message("message", phone, message)


def test_a_failed_queue_message_is_returned_with_the_rest_of_its_group(sqs: Sqs, signed_in: WhatsAppHarness) -> None:
    broken = message_from(signed_in, "oi") | {"kind": "nonsense"}
    queue_messages = records(
        message_from(signed_in, "gastei 150", "A"), broken, message_from(signed_in, "oi", "B"), deliveries=2
    )
    answer = process_inbound.handler(queue_messages, None)
    assert [one["itemIdentifier"] for one in answer["batchItemFailures"]] == ["m1", "m2"]
    assert sqs.waits == {"r1": 1, "r2": 1}
    assert [one.provider_message_id for one in signed_in.messages(direction="in")] == ["A"]


def test_the_back_off_of_a_refused_send_grows(sqs: Sqs, signed_in: WhatsAppHarness) -> None:
    signed_in.receive(OWNER_PHONE, "", kind="audio")
    (queue_message,) = signed_in.queues.of("outbound")
    for deliveries, wait in ((1, 5), (2, 15), (3, 45), (4, 135), (5, 300), (90, 300)):
        signed_in.provider.answers = [Refused("rate_limited", again=True)]
        answer = send_outbound.handler(records(queue_message.payload, deliveries=deliveries), None)
        assert answer["batchItemFailures"] == [{"itemIdentifier": "m0"}]
        assert sqs.waits == {"r0": wait}
    assert send_outbound.handler(records(queue_message.payload), None) == {"batchItemFailures": []}
    assert len(signed_in.provider.sent) == 1


def test_no_worker_logs_anything_private(sqs: Sqs, whatsapp: WhatsAppHarness, printed: Callable[[], str]) -> None:
    process_inbound.handler(records(message_from(whatsapp, "canario um")), None)
    (out,) = whatsapp.messages(direction="out")
    code = Codes(PEPPER).shown(whatsapp.company_id, OWNER_PHONE, out.crew_metadata["nonce"])
    (queue_message,) = whatsapp.queues.of("outbound")
    whatsapp.provider.answers = [Refused("rate_limited", again=True), RuntimeError(f"canario {code}")]
    for _ in range(2):
        send_outbound.handler(records(queue_message.payload), None)
    process_inbound.handler(records(message_from(whatsapp, code, "3EB0B")), None)
    process_inbound.handler(
        records(message_from(whatsapp, "canario dois", "3EB0C", UNKNOWN_PHONE) | {"channel_id": str(new_id())}), None
    )
    process_inbound.handler(records({"kind": "message", "text": "canario", "phone": OWNER_PHONE}), None)
    event = {
        "id": str(new_id()),
        "name": "crews.task_failed",
        "company_id": str(whatsapp.company_id),
        "data": {"conversation_id": str(out.conversation_id)},
    }
    notify_staff.handler({"detail-type": event["name"], "detail": event}, None)
    shown = printed() + str(whatsapp.counted)
    assert '"level":"ERROR"' in shown
    for canary in ("canario", "Canária", code, "1987654321", "12345678", "instance-token", PEPPER):
        assert canary not in shown


@pytest.mark.parametrize("name", ["queue_message", "queue_status", "queue_unread"])
def test_a_sample_event_of_a_missing_company_is_processed(sqs: Sqs, name: str) -> None:
    event = json.loads((EVENTS / f"{name}.json").read_text())
    assert process_inbound.handler(event, None) == {"batchItemFailures": []}


def test_a_sample_send_of_a_missing_message_is_processed(sqs: Sqs, whatsapp: WhatsAppHarness) -> None:
    event = json.loads((EVENTS / "queue_outbound.json").read_text())
    assert send_outbound.handler(event, None) == {"batchItemFailures": []}
    assert whatsapp.provider.sent == []


def test_a_sample_request_for_a_person_of_a_missing_company_notifies_nobody(sqs: Sqs) -> None:
    event = json.loads((EVENTS / "human_requested.json").read_text())
    assert notify_staff.handler(event, None) == {"told": 0}
