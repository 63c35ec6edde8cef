"""After an outage of a dependency every message is answered once, in order, and none is dropped."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from itertools import count
from typing import Any

import pytest

from falachefe.aws.tables import Table
from falachefe.messaging.providers.base import Refused
from falachefe.messaging.providers.http_post import Answered
from tests.integration.queues.harness import CHANNEL_SECRET, PipelineHarness, StandIns, add_staff

ANA, BIA = "+5511987654321", "+5511987654322"
MINUTE = timedelta(minutes=1)


@pytest.fixture
def people(pipeline: PipelineHarness, tables: tuple[Any, dict[str, Table]]) -> PipelineHarness:
    """Two of the staff, who have been answered before."""
    for phone in (ANA, BIA):
        add_staff(pipeline, tables[1], phone)
        assert pipeline.send_message(phone, "gastei 1 real com gasolina") == 200
    pipeline.run(MINUTE)
    assert len(pipeline.provider.got) == 2
    return pipeline


@contextmanager
def provider_answers(pipeline: PipelineHarness, answer: Any) -> Iterator[None]:
    pipeline.provider.answers = lambda _: answer
    yield
    pipeline.provider.answers = lambda _: None


@contextmanager
def shut(stand_ins: StandIns) -> Iterator[None]:
    stand_ins.proxy.shut()
    yield
    stand_ins.proxy.open()


@contextmanager
def refusing(service: Any) -> Iterator[None]:
    service.refusing = True
    yield
    service.refusing = False


@contextmanager
def revoked(stand_ins: StandIns) -> Iterator[None]:
    stand_ins.revoke(CHANNEL_SECRET)
    yield
    stand_ins.restore(CHANNEL_SECRET)


@contextmanager
def outbox_refused(stand_ins: StandIns) -> Iterator[None]:
    stand_ins.queues.refuses = lambda *_: "ServiceUnavailable"
    yield
    stand_ins.queues.refuses = lambda *_: None


type Outage = Callable[[PipelineHarness, StandIns], Any]
OUTAGES: dict[str, tuple[int, Outage]] = {
    "the provider cannot be reached": (30, lambda w, _: provider_answers(w, Refused("unreachable", again=True))),
    "the provider throttles": (30, lambda w, _: provider_answers(w, Answered(429, {}, 30))),
    "the provider does not know our token": (30, lambda w, _: provider_answers(w, Answered(401, {}, None))),
    "Postgres is away": (10, lambda _, s: shut(s)),
    "DynamoDB refuses": (10, lambda _, s: refusing(s.dynamodb)),
    "the channel's secret is revoked": (30, lambda _, s: revoked(s)),
    "SQS takes nothing from the outbox": (10, lambda _, s: outbox_refused(s)),
}


@pytest.mark.parametrize("name", OUTAGES)
def test_after_an_outage_every_message_is_answered_once_and_in_order(
    people: PipelineHarness, stand_ins: StandIns, name: str
) -> None:
    minutes, outage = OUTAGES[name]
    amounts = {ANA: count(1000, 2), BIA: count(1001, 2)}
    said: dict[str, list[int]] = {ANA: [], BIA: []}
    with outage(people, stand_ins):
        for minute in range(minutes):
            phone = (ANA, BIA)[minute % 2]
            said[phone].append(next(amounts[phone]))
            assert people.send_message(phone, f"gastei {said[phone][-1]} com gasolina") == 200
            people.run(MINUTE)
    people.run(20 * MINUTE)
    assert people.queues.dead == {}
    assert people.queues.waiting == {}
    for phone, spent in said.items():
        read = "\n".join(people.sent_to(phone))
        places = [read.find(f"{amount // 1000}.{amount % 1000:03d},00") for amount in spent]
        assert places == sorted(places), read
        assert -1 not in places
        assert [read.count(f"{amount // 1000}.{amount % 1000:03d},00") for amount in spent] == [1] * len(spent)
    booked = people.rows("select amount from transactions where amount >= 1000 order by amount")
    assert [int(row.amount) for row in booked] == sorted(said[ANA] + said[BIA])
    assert people.rows("select id from messages where status = 'received' and crew_task_id is null") == []
    assert people.rows("select id from messages where status in ('queued', 'sending', 'failed', 'uncertain')") == []
    assert people.rows("select id from outbox") == []


def test_a_staff_note_survives_an_outage(people: PipelineHarness, stand_ins: StandIns) -> None:
    event = {
        "id": "019a0000-0000-7000-8000-000000000001",
        "name": "crews.human_requested",
        "company_id": str(people.company_id),
        "data": {},
    }
    people.provider.got.clear()
    with shut(stand_ins):
        stand_ins.bus.put_events(Entries=[{"DetailType": event["name"], "Detail": json.dumps(event)}])
        people.run(10 * MINUTE)
    people.run(10 * MINUTE)
    assert people.queues.dead == {}
    assert [len(people.sent_to(phone)) for phone in (ANA, BIA)] == [1, 1]
