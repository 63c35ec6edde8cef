"""A faulty message is tried by itself and quarantined alone, and an operator can release it."""

import json
from datetime import timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError
from sqlalchemy import text

from falachefe.aws.queue_policies import QUEUES
from falachefe.aws.tables import Table
from falachefe.kernel.errors import InvalidInput
from functions.crews import sweep
from functions.whatsapp import process_inbound
from tests.integration.queues.harness import PipelineHarness, StandIns, add_staff, group_of
from tests.integration.queues.sqs_standin import Context

ANA = "+5511987654321"
MINUTE = timedelta(minutes=1)
BAD = {"kind": "nobody knows this kind", "company_id": "019a0000-0000-7000-8000-000000000000", "phone": ANA}


@pytest.fixture
def ana(pipeline: PipelineHarness, tables: tuple[Any, dict[str, Table]]) -> PipelineHarness:
    add_staff(pipeline, tables[1], ANA)
    clear()
    return pipeline


def clear() -> None:
    parked = sweep.handler({"parked": {"action": "list"}}, None)["messages"]
    if parked:
        sweep.handler({"parked": {"action": "discard", "ids": [one["id"] for one in parked]}}, None)


def bad(pipeline: PipelineHarness, body: str | None = None, group: str | None = None) -> None:
    """A message in the queue that no handler can parse."""
    pipeline.queues.send_message(
        QueueUrl="inbound",
        MessageBody=body or json.dumps(BAD | {"channel_id": str(pipeline.channel_id)}),
        MessageGroupId=group or group_of(ANA),
        MessageDeduplicationId=f"bad-{body}",
    )


def parked(**order: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = sweep.handler({"parked": {"action": "list", **order}}, None)["messages"]
    return found


def amounts_of(pipeline: PipelineHarness) -> list[int]:
    return [int(row.amount) for row in pipeline.rows("select amount from transactions order by amount")]


@pytest.mark.parametrize("body", [None, "no JSON {", "[]", '{"kind": "message"}', '"\ud83d"', "[" * 5000])
def test_of_ten_messages_only_the_faulty_one_is_quarantined(ana: PipelineHarness, body: str | None) -> None:
    bad(ana, body)
    for number in range(9):
        assert ana.send_message(ANA, f"gastei {100 + number} com gasolina") == 200
    ana.run(20 * MINUTE)
    assert amounts_of(ana) == [100 + number for number in range(9)]
    read = "\n".join(ana.sent_to(ANA))
    places = [read.find(f"{100 + number},00") for number in range(9)]
    assert -1 not in places
    assert places == sorted(places)
    assert ana.queues.dead == {}
    assert ana.queues.waiting == {}
    (aside,) = parked()
    assert (aside["queue"], aside["attempts"]) == ("inbound", QUEUES["inbound"].tries)


def test_other_groups_do_not_wait_for_a_faulty_message(ana: PipelineHarness) -> None:
    bad(ana, group="another phone")
    assert ana.send_message(ANA, "gastei 150 com gasolina") == 200
    ana.work()
    ana.run(timedelta(seconds=2))
    assert amounts_of(ana) == [150]


def test_a_message_returned_without_an_attempt_counts_none(ana: PipelineHarness) -> None:
    """Both are faulty: the second gets all its attempts, however often it was received behind the first."""
    bad(ana, "first {")
    bad(ana, "second {")
    ana.run(8 * MINUTE)
    assert [one["attempts"] for one in parked()] == [6]
    ana.run(8 * MINUTE)
    assert [one["attempts"] for one in parked()] == [6, 6]


def test_an_attempt_during_an_outage_does_not_count(ana: PipelineHarness, stand_ins: StandIns) -> None:
    stand_ins.dynamodb.refusing = True
    ana.queues.send_message(
        QueueUrl="inbound",
        MessageBody=json.dumps(
            {
                "kind": "message",
                "company_id": str(ana.company_id),
                "channel_id": str(ana.channel_id),
                "phone": ANA,
                "message": {
                    "provider_message_id": "M1",
                    "kind": "text",
                    "text": "gastei 150 com gasolina",
                    "provider_at": ana.clock.now().isoformat(),
                },
            }
        ),
        MessageGroupId=group_of(ANA),
        MessageDeduplicationId="M1",
    )
    ana.run(timedelta(hours=1))
    assert parked() == []
    stand_ins.dynamodb.refusing = False
    ana.run(6 * MINUTE)
    assert amounts_of(ana) == [150]


def test_a_message_that_crashes_its_worker_each_time_is_quarantined(
    ana: PipelineHarness, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Ended(BaseException):
        """Lambda ends the function: nothing after this runs."""

    def ending(*_: Any) -> None:
        raise Ended

    bad(ana)
    assert ana.send_message(ANA, "gastei 150 com gasolina") == 200
    real = process_inbound.inbound()
    monkeypatch.setattr(
        process_inbound,
        "inbound",
        lambda: (
            lambda queue_message, deliveries: (
                ending() if queue_message["kind"] == BAD["kind"] else real(queue_message, deliveries)
            )
        ),
    )

    def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
        try:
            return process_inbound.handler(event, context)
        except Ended:
            return {"batchItemFailures": [{"itemIdentifier": one["messageId"]} for one in event["Records"]]}

    ana.handlers["inbound"] = handler
    ana.run(timedelta(minutes=45))
    (aside,) = parked()
    assert aside["error"] == "WorkerLost"
    assert amounts_of(ana) == [150]


def test_an_operator_can_show_correct_and_release_a_message(ana: PipelineHarness) -> None:
    bad(ana)
    ana.run(8 * MINUTE)
    (aside,) = parked(queue="inbound")
    assert "body" not in aside
    (shown,) = sweep.handler({"parked": {"action": "show", "ids": [aside["id"]]}}, None)["messages"]
    assert json.loads(shown["body"])["kind"] == BAD["kind"]
    mended = json.dumps(
        {
            "kind": "message",
            "company_id": str(ana.company_id),
            "channel_id": str(ana.channel_id),
            "phone": ANA,
            "message": {
                "provider_message_id": "MENDED",
                "kind": "text",
                "text": "gastei 150 com gasolina",
                "provider_at": ana.clock.now().isoformat(),
            },
        }
    )
    sweep.handler({"parked": {"action": "release", "ids": [aside["id"]], "body": mended}}, None)
    assert parked() == []
    ana.run(2 * MINUTE)
    assert amounts_of(ana) == [150]
    assert ana.queues.waiting == {}


def test_a_staff_note_is_quarantined_and_released_to_a_standard_queue(ana: PipelineHarness) -> None:
    ana.queues.send_message(QueueUrl="staff-notes", MessageBody="no JSON {")
    ana.run(8 * MINUTE)
    (aside,) = parked(queue="staff-notes")
    mended = json.dumps({"detail": {"name": "crews.unheard_of", "id": aside["id"], "company_id": str(ana.company_id)}})
    sweep.handler({"parked": {"action": "release", "ids": [aside["id"]], "body": mended}}, None)
    ana.run(2 * MINUTE)
    assert (parked(), ana.queues.waiting) == ([], {})
    with ana.database.no_tenant() as session:
        assert session.execute(text("select id from quarantined_messages")).all() == []


def test_a_failed_release_does_not_stop_the_others(
    ana: PipelineHarness, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The metrics are emitted nevertheless, and the invocation fails so that the alarm is raised."""
    good = process_inbound.inbound()
    monkeypatch.setattr(process_inbound, "inbound", lambda: None)
    bad(ana, "first {", group="another phone")
    ana.run(timedelta(seconds=1))
    assert ana.send_message(ANA, "gastei 150 com gasolina") == 200
    ana.run(30 * MINUTE)
    monkeypatch.setattr(process_inbound, "inbound", lambda: good)
    [unsendable] = [one["id"] for one in parked() if one["error"] == "JSONDecodeError"]
    sweep.handler({"parked": {"action": "release", "ids": [unsendable], "body": ""}}, None)
    sweep.handler({"parked": {"action": "release", "queue": "inbound"}}, None)
    real = ana.queues.send_message

    def send(**request: Any) -> Any:
        if not request["MessageBody"]:
            raise ClientError({"Error": {"Code": "InvalidParameterValue"}}, "SendMessage")
        return real(**request)

    monkeypatch.setattr(ana.queues, "send_message", send)
    capsys.readouterr()
    with pytest.raises(sweep.SweepIncomplete):
        sweep.handler({}, None)
    assert "messages_put_aside" in capsys.readouterr().out
    ana.run(MINUTE)
    assert amounts_of(ana) == [150]
    assert [one["id"] for one in parked()] == [unsendable]


def test_all_messages_of_a_queue_can_be_released_after_a_fix(
    ana: PipelineHarness, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: Any) -> None:
        raise TypeError("a bad deploy")

    good = process_inbound.inbound()
    monkeypatch.setattr(process_inbound, "inbound", lambda: broken)
    for number in range(3):
        assert ana.send_message(ANA, f"gastei {100 + number} com gasolina") == 200
    ana.run(30 * MINUTE)
    assert len(parked()) == 3
    monkeypatch.setattr(process_inbound, "inbound", lambda: good)
    sweep.handler({"parked": {"action": "release", "queue": "inbound"}}, None)
    ana.run(5 * MINUTE)
    assert amounts_of(ana) == [100, 101, 102]
    assert parked() == []


def test_a_bad_deployment_rolled_back_within_minutes_quarantines_nothing(
    ana: PipelineHarness, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: Any) -> None:
        raise TypeError("a bad deploy")

    good = process_inbound.inbound()
    monkeypatch.setattr(process_inbound, "inbound", lambda: broken)
    assert ana.send_message(ANA, "gastei 150 com gasolina") == 200
    ana.run(5 * MINUTE)
    monkeypatch.setattr(process_inbound, "inbound", lambda: good)
    ana.run(5 * MINUTE)
    assert amounts_of(ana) == [150]
    assert parked() == []


@pytest.mark.parametrize("order", [{"action": "delete"}, {"action": "release"}, {"action": "discard"}])
def test_an_ambiguous_operator_command_changes_nothing(ana: PipelineHarness, order: dict[str, Any]) -> None:
    bad(ana)
    ana.run(8 * MINUTE)
    with pytest.raises(InvalidInput):
        sweep.handler({"parked": order}, None)
    assert len(parked()) == 1
    clear()
    assert parked() == []


def test_a_worker_without_time_left_starts_no_further_message(ana: PipelineHarness) -> None:
    for number in range(3):
        assert ana.send_message(ANA, f"gastei {100 + number} com gasolina") == 200
    ana.queues.deliver("inbound", process_inbound.handler, Context(QUEUES["inbound"].min_remaining_s - 1))
    assert len(ana.rows("select id from messages where direction = 'in'")) == 1
    ana.run(2 * MINUTE)
    assert amounts_of(ana) == [100, 101, 102]
