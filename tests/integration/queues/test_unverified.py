"""While the channel directory is unavailable to a new webhook, messages are queued unverified and verified later."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest

from falachefe.aws.tables import Table
from falachefe.messaging.channels.directory import channel_item
from functions.whatsapp import webhook_uaz
from tests.integration.queues.harness import CHANNEL_SECRET, KEY, TOKEN, PipelineHarness, StandIns, add_staff, group_of

ANA = "+5511987654321"
MINUTE = timedelta(minutes=1)
INVALID_TOKEN = "a-token-that-a-stranger-made-up"
SIGNING_SECRET = "signing-secret-only-for-tests"


@pytest.fixture
def ana(pipeline: PipelineHarness, tables: tuple[Any, dict[str, Table]]) -> PipelineHarness:
    """A world without earlier messages: no runtime has the channel in its cache."""
    add_staff(pipeline, tables[1], ANA)
    return pipeline


@pytest.fixture
def signed(ana: PipelineHarness, stand_ins: StandIns, tables: tuple[Any, dict[str, Table]]) -> PipelineHarness:
    stand_ins.secrets.secret_values[CHANNEL_SECRET]["signing_secret"] = SIGNING_SECRET
    item = channel_item(
        KEY,
        company_id=ana.company_id,
        channel_id=ana.channel_id,
        provider="uaz",
        token=TOKEN,
        secret_name=CHANNEL_SECRET,
        signed=True,
    )
    tables[1]["channels"].put(item)
    return ana


@contextmanager
def dynamodb_away(stand_ins: StandIns, how: str = "refusing") -> Iterator[None]:
    setattr(stand_ins.dynamodb, how, True)
    yield
    setattr(stand_ins.dynamodb, how, False)


def amounts_of(pipeline: PipelineHarness) -> list[int]:
    return [int(row.amount) for row in pipeline.rows("select amount from transactions order by id")]


def all_bodies(pipeline: PipelineHarness) -> str:
    return "\n".join(one.body for queue in pipeline.queues.queues.values() for one in [*queue.messages, *queue.dead])


@pytest.mark.parametrize("how", ["refusing", "silent"])
def test_after_ten_minutes_everything_is_answered_once_and_in_order(
    ana: PipelineHarness, stand_ins: StandIns, how: str
) -> None:
    with dynamodb_away(stand_ins, how):
        for minute in range(10):
            assert ana.send_message(ANA, f"gastei {1000 + minute} com gasolina") == 200
            ana.run(MINUTE)
        assert amounts_of(ana) == []
    # What comes now is verified at once, and is behind what waits.
    assert ana.send_message(ANA, "gastei 1010 com gasolina") == 200
    ana.run(20 * MINUTE)
    assert amounts_of(ana) == [1000 + number for number in range(11)]
    read = "\n".join(ana.sent_to(ANA))
    places = [read.find(f"1.{number:03d},00") for number in range(11)]
    assert -1 not in places
    assert places == sorted(places)
    assert [read.count(f"1.{number:03d},00") for number in range(11)] == [1] * 11
    assert ana.queues.dead == {}
    assert ana.queues.waiting == {}


def test_an_unverified_message_holds_no_token_and_keeps_its_group(ana: PipelineHarness, stand_ins: StandIns) -> None:
    with dynamodb_away(stand_ins):
        assert ana.send_message(ANA, "gastei 1000 com gasolina") == 200
        (stored,) = ana.queues.queues["inbound"].messages
        assert stored.group == group_of(ANA)
        assert json.loads(stored.body)["kind"] == "unverified"
        assert TOKEN not in all_bodies(ana)
    assert ana.send_message(ANA, "gastei 1001 com gasolina") == 200
    assert {one.group for one in ana.queues.queues["inbound"].messages} == {group_of(ANA)}


def test_forged_messages_are_dropped_and_counted_later(
    ana: PipelineHarness, stand_ins: StandIns, capsys: pytest.CaptureFixture[str]
) -> None:
    with dynamodb_away(stand_ins):
        assert ana.send_message(ANA, "gastei 6666 com gasolina", token=INVALID_TOKEN) == 200
        assert ana.send_message(ANA, "gastei 7777 com gasolina", key="a-key-that-nobody-has") == 200
        assert ana.send_message(ANA, "gastei 1000 com gasolina") == 200
        ana.run(MINUTE)
    ana.run(10 * MINUTE)
    assert amounts_of(ana) == [1000]
    assert len(ana.rows("select id from messages where direction = 'in'")) == 1
    assert ana.queues.waiting == {}
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines() if "webhook_verified_later" in line]
    assert sorted(line["result"] for line in lines) == ["unknown_channel", "verified", "webhook_token"]


def test_an_invalid_key_or_body_is_refused_as_usual(ana: PipelineHarness, stand_ins: StandIns) -> None:
    with dynamodb_away(stand_ins):
        assert ana.send_message(ANA, "oi", key="short") == 404
        event = {"pathParameters": {"channel_key": KEY}, "body": "no json", "headers": {}}
        assert webhook_uaz.handler(event, None)["statusCode"] == 400
        event["body"] = json.dumps({"token": TOKEN, "a": "x" * 300_000})
        assert webhook_uaz.handler(event, None)["statusCode"] == 413
    assert ana.queues.waiting == {}


@pytest.mark.parametrize(("signed_with", "booked"), [(SIGNING_SECRET, [1000]), ("another secret", []), ("", [])])
def test_a_channel_that_requires_signatures_requires_them_later_too(
    signed: PipelineHarness, stand_ins: StandIns, signed_with: str, booked: list[int]
) -> None:
    with dynamodb_away(stand_ins):
        assert signed.send_message(ANA, "gastei 1000 com gasolina", signed_with=signed_with) == 200
        assert TOKEN not in all_bodies(signed)
        signed.run(MINUTE)
    signed.run(10 * MINUTE)
    assert amounts_of(signed) == booked
    assert signed.queues.waiting == {}


def test_the_signature_secret_may_be_unavailable_too(signed: PipelineHarness, stand_ins: StandIns) -> None:
    stand_ins.revoke(CHANNEL_SECRET)
    assert signed.send_message(ANA, "gastei 1000 com gasolina", signed_with=SIGNING_SECRET) == 200
    assert signed.send_message(ANA, "gastei 6666 com gasolina", signed_with="another secret") == 200
    signed.run(5 * MINUTE)
    stand_ins.restore(CHANNEL_SECRET)
    signed.run(10 * MINUTE)
    assert amounts_of(signed) == [1000]


def test_one_phone_cannot_fill_the_queue_and_is_notified_once(ana: PipelineHarness, stand_ins: StandIns) -> None:
    assert ana.send_message(ANA, "gastei 1 com gasolina") == 200
    ana.run(MINUTE)
    forget_webhook()
    sent_before = len(ana.sent_to(ANA))
    with dynamodb_away(stand_ins):
        answers = [ana.send_message(ANA, f"gastei {1000 + number} com gasolina") for number in range(12)]
        assert answers == [200] * 10 + [429] * 2
        assert len(ana.queues.queues["inbound"].messages) == 11
    ana.run(10 * MINUTE)
    assert amounts_of(ana) == [1, *(1000 + number for number in range(10))]
    assert sum("não" in one.lower() for one in ana.sent_to(ANA)[sent_before:]) == 1


def test_an_unavailable_directory_is_called_only_occasionally(ana: PipelineHarness, stand_ins: StandIns) -> None:
    """Each call without a response costs time before the provider's timeout, even with a cached channel."""
    assert ana.send_message(ANA, "gastei 1 com gasolina") == 200
    ana.run(2 * MINUTE)
    with dynamodb_away(stand_ins, "silent"):
        before = stand_ins.dynamodb.calls
        assert [ana.send_message(ANA, f"gastei {1000 + number} com gasolina") for number in range(3)] == [200] * 3
        assert stand_ins.dynamodb.calls - before == 1


def forget_webhook() -> None:
    webhook_uaz.webhook.cache_clear()
