"""Waiting work is announced again until it is done or too old; what is too old is reported."""

import json
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text

from falachefe.app import runtime
from falachefe.aws.tables import Table
from falachefe.companies.models import Company
from falachefe.crews.turns.sweep import overdue_companies
from falachefe.db.engine import Database, make_engine
from falachefe.db.outbox import Outbox
from falachefe.kernel.clock import FixedClock
from falachefe.kernel.ids import new_id
from falachefe.messaging.conversations import service as conversations
from falachefe.messaging.conversations import waiting
from falachefe.messaging.providers.base import Refused, Unknown
from functions.whatsapp import notify_staff, send_outbound
from infra.local.stack.postgres import PostgresAddress
from tests.integration.conftest import superuser_address
from tests.integration.queues.conftest import DATABASE
from tests.integration.queues.harness import PipelineHarness, StandIns, add_staff
from tests.integration.queues.sqs_standin import Context

ANA, BIA, UNKNOWN_NUMBER = "+5511987654321", "+5511987654322", "+5511987654399"
MINUTE, DAY = timedelta(minutes=1), timedelta(hours=24)
LONG = " ".join(f"palavra{number}" for number in range(1500))


@pytest.fixture
def ana(pipeline: PipelineHarness, tables: tuple[Any, dict[str, Table]]) -> PipelineHarness:
    add_staff(pipeline, tables[1], ANA)
    assert pipeline.send_message(ANA, "gastei 1 real com gasolina") == 200
    pipeline.run(MINUTE)
    pipeline.provider.got.clear()
    return pipeline


def reply(pipeline: PipelineHarness, said: str, phone: str = ANA) -> None:
    """A message of ours whose queue message is on its way."""
    outbox = Outbox(pipeline.company_id)
    with pipeline.database.tenant(pipeline.company_id) as session:
        state = conversations.lock_by_phone(session, pipeline.company_id, pipeline.channel_id, phone)
        assert state is not None
        conversations.queue_message(session, outbox, state, said, now=pipeline.clock.now())
        outbox.save(session)
    outbox.publish(runtime.database(), runtime.publisher())


def status_of(pipeline: PipelineHarness, said: str) -> str:
    (row,) = pipeline.rows("select status from messages where text = :said", said=said)
    return str(row.status)


def test_a_send_lost_by_its_queue_is_sent_by_the_sweep(ana: PipelineHarness) -> None:
    reply(ana, "Anotado!")
    ana.queues.queues["outbound"].messages.clear()
    ana.run(15 * MINUTE)
    assert ana.sent_to(ANA) == ["Anotado!"]
    assert status_of(ana, "Anotado!") == "sent"


def test_lost_sends_are_sent_in_order_and_before_newer_ones(ana: PipelineHarness) -> None:
    for number in range(4):
        reply(ana, f"resposta {number}")
    ana.queues.queues["outbound"].messages.clear()
    reply(ana, "resposta 4")
    ana.run(MINUTE)
    assert ana.sent_to(ANA) == [f"resposta {number}" for number in range(5)]


def test_a_send_that_is_still_queued_is_not_announced_repeatedly(ana: PipelineHarness) -> None:
    ana.provider.answers = lambda _: Refused("unreachable", again=True)
    for number in range(3):
        reply(ana, f"resposta {number}")
    ana.run(timedelta(minutes=45))
    assert len(ana.queues.queues["outbound"].messages) == 3
    ana.provider.answers = lambda _: None
    ana.run(6 * MINUTE)
    assert ana.sent_to(ANA) == [f"resposta {number}" for number in range(3)]


def test_a_day_old_send_is_reported_to_staff_once_and_not_sent(ana: PipelineHarness, stand_ins: StandIns) -> None:
    ana.provider.answers = lambda _: Refused("unreachable", again=True)
    for number in range(3):
        reply(ana, f"resposta {number}")
    ana.run(5 * MINUTE)
    ana.sleep(DAY)
    ana.run(6 * MINUTE)
    ana.provider.answers = lambda _: None
    assert {status_of(ana, f"resposta {number}") for number in range(3)} == {"failed"}
    notices = [one for one in stand_ins.bus.events if one["name"] == "whatsapp.replies_too_old"]
    assert len(notices) == 3
    assert len({one["id"] for one in notices}) == 1
    ana.run(5 * MINUTE)
    (note,) = ana.sent_to(ANA)
    assert note.startswith("Algumas respostas não foram enviadas")
    assert ana.queues.dead == {}


def test_a_note_redelivered_much_later_is_sent_once(ana: PipelineHarness) -> None:
    """SQS and EventBridge deduplicate for minutes only; the note's own record does so for longer."""
    event = {
        "id": "019a0000-0000-7000-8000-000000000001",
        "name": "crews.human_requested",
        "company_id": str(ana.company_id),
        "data": {},
    }
    for _ in range(3):
        notify_staff.handler({"detail-type": event["name"], "detail": event}, None)
        ana.run(10 * MINUTE)
    assert len(ana.sent_to(ANA)) == 1


def test_parts_that_exceed_the_remaining_time_are_sent_with_the_next_delivery(ana: PipelineHarness) -> None:
    reply(ana, LONG)
    context = Context(40)

    def slow(_: dict[str, Any]) -> None:
        context.seconds -= 11  # what one part takes at the most

    ana.provider.answers = slow
    ana.queues.deliver("outbound", send_outbound.handler, context)
    sent = len(ana.provider.got)
    assert 0 < sent < len(LONG) // 4000 + 1 or sent < 4
    assert context.seconds > 0
    assert status_of(ana, LONG) == "queued"
    ana.provider.answers = lambda _: None
    ana.run(MINUTE)
    assert " ".join(ana.sent_to(ANA)).split() == LONG.split()
    assert status_of(ana, LONG) == "sent"
    assert len({one.track_id for one in ana.provider.got}) == len(ana.provider.got)


def test_a_message_held_without_sign_in_expires_after_a_day(ana: PipelineHarness) -> None:
    assert ana.send_message(UNKNOWN_NUMBER, "quanto custa o pão?") == 200
    ana.run(MINUTE)
    assert ana.rows("select id from messages where status = 'held'") != []
    ana.sleep(DAY)
    ana.run(2 * MINUTE)
    assert ana.rows("select id from messages where status = 'held'") == []
    (row,) = ana.rows("select status, crew_task_id from messages where text = 'quanto custa o pão?'")
    assert (row.status, row.crew_task_id) == ("read", None)


def test_the_sweep_emits_the_age_of_waiting_rows(ana: PipelineHarness, capsys: pytest.CaptureFixture[str]) -> None:
    ana.provider.answers = lambda _: Refused("unreachable", again=True)
    reply(ana, "resposta")
    capsys.readouterr()
    ana.run(30 * MINUTE)
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines() if '"queued_oldest_seconds":' in line]
    ages = [line["queued_oldest_seconds"] for line in lines]
    assert ages == sorted(ages)
    assert ages[-1] > 25 * 60


def settle_uncertain(postgres: PostgresAddress) -> None:
    """What a person does by the runbook, to the messages of all companies."""
    superuser = Database(lambda: make_engine(superuser_address(postgres, DATABASE)))
    with superuser.no_tenant() as session:
        session.execute(text("update messages set status = 'sent' where status = 'uncertain'"))
    superuser.dispose()


def test_the_sweep_emits_how_long_a_send_has_been_uncertain_until_it_is_settled(
    ana: PipelineHarness, postgres: PostgresAddress, capsys: pytest.CaptureFixture[str]
) -> None:
    def ages() -> list[float]:
        lines = [one for one in capsys.readouterr().out.splitlines() if '"uncertain_oldest_seconds":' in one]
        return [json.loads(line)["uncertain_oldest_seconds"] for line in lines]

    settle_uncertain(postgres)
    ages()
    ana.provider.answers = lambda _: Unknown("no_answer_in_time")
    reply(ana, "resposta")
    ana.run(90 * MINUTE)
    grown = ages()
    assert grown == sorted(grown)
    assert 85 * 60 < grown[-1] <= 90 * 60
    assert status_of(ana, "resposta") == "uncertain"
    settle_uncertain(postgres)
    ana.run(MINUTE)
    assert ages()[-1] == 0


def test_a_metric_of_a_rolled_back_transaction_is_not_emitted(
    ana: PipelineHarness, stand_ins: StandIns, capsys: pytest.CaptureFixture[str]
) -> None:
    """The commit fails: Postgres becomes unavailable after the last statement."""
    capsys.readouterr()
    real = Outbox.save

    def save(outbox: Any, session: Any) -> None:
        real(outbox, session)
        stand_ins.proxy.shut()

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Outbox, "save", save)
        assert ana.send_message(ANA, "gastei 150 com gasolina") == 200
        ana.work()
    stand_ins.proxy.open()
    assert "whatsapp_auth_attempts_total" not in capsys.readouterr().out
    ana.run(2 * MINUTE)
    assert capsys.readouterr().out.count('"whatsapp_auth_attempts_total":1') == 1


def test_unanswerable_conversations_do_not_crowd_out_others(
    pipeline: PipelineHarness, tables: tuple[Any, dict[str, Table]]
) -> None:
    provider = [ANA, BIA, UNKNOWN_NUMBER]
    for phone in provider:
        add_staff(pipeline, tables[1], phone)
    with pipeline.database.tenant(pipeline.company_id) as session:
        session.execute(text("update crews set status = 'paused'"))
    for phone in provider:
        assert pipeline.send_message(phone, "gastei 150 com gasolina") == 200
    pipeline.work()
    now, chosen = pipeline.clock.now() + MINUTE, []
    with pipeline.database.tenant(pipeline.company_id) as session:
        for minute in range(40):
            at = now + minute * MINUTE
            chosen += waiting.unattended(session, pipeline.company_id, before=now, now=at, limit=1)
    assert len(chosen) == 40
    assert len(set(chosen)) == len(provider)


def test_companies_are_swept_in_another_order_each_minute(own_database: Database, clock: FixedClock) -> None:
    companies = [new_id() for _ in range(5)]
    for company_id in companies:
        outbox = Outbox(company_id)
        outbox.send("outbound", {}, group_id="g")
        with own_database.tenant(company_id) as session:
            session.add(Company(id=company_id, name="Padaria"))
            session.flush()
            outbox.save(session)
    orders = [overdue_companies(own_database, clock.now() + minute * MINUTE) for minute in range(1, 400)]
    assert {order[0] for order in orders} >= set(companies)
    for company_id in companies:
        with own_database.tenant(company_id) as session:
            session.execute(text("delete from outbox"))
