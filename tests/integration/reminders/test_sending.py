"""The worker: once, on time, late once, and to where the person sees it. Real Postgres, the provider in memory."""

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Barrier
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text, update

from falachefe.accounts.models import User
from falachefe.app import runtime
from falachefe.crews.service import default_crew
from falachefe.kernel.ids import new_id
from falachefe.messaging.conversations.staff_messages import StaffMessages
from falachefe.messaging.models import Contact
from falachefe.reminders import rules, service
from falachefe.reminders.sending import SendReminders, Sent
from falachefe.reminders.service import ReminderView
from functions.business import send_due
from tests.integration.messaging.conftest import NOW, OWNER_PHONE, FakeProvider, WhatsAppHarness


class WindowedProvider(FakeProvider):
    """Allows free text for 24 hours after the person wrote, as Meta does."""

    def window_open(self, last_inbound_at: datetime | None, now: datetime) -> bool:
        return last_inbound_at is not None and now - last_inbound_at < timedelta(hours=24)


@dataclass
class Office:
    """A company whose owner has reminders."""

    whatsapp: WhatsAppHarness

    def worker(self) -> SendReminders:
        one = self.whatsapp
        return SendReminders(one.database, one.queues, one.clock, StaffMessages(default_crew, lambda _: one.provider))

    def run(self) -> Sent:
        return self.worker()()

    def remind(
        self,
        at: datetime,
        *,
        what: str = "pagar o aluguel",
        repeats: rules.Repeats | None = None,
        by: UUID | None = None,
    ) -> ReminderView:
        with self.whatsapp.database.tenant(self.whatsapp.company_id) as session:
            return service.remind(
                session,
                self.whatsapp.company_id,
                user_id=by or self.whatsapp.owner_id,
                text=what,
                at=at,
                repeats=repeats,
                now=self.whatsapp.clock.now(),
            )

    def row(self, reminder: ReminderView) -> Any:
        (row,) = self.whatsapp.rows(f"select status, at, sent_at, version from reminders where id = '{reminder.id}'")
        return row

    def sent_texts(self) -> list[str]:
        return [row.text for row in self.whatsapp.messages(direction="out")]


@pytest.fixture
def office(signed_in: WhatsAppHarness) -> Iterator[Office]:
    yield Office(signed_in)
    with signed_in.database.tenant(signed_in.company_id) as session:  # other tests run the worker on the same database
        session.execute(text("update reminders set status = 'cancelled'"))


def test_it_goes_to_the_phone_at_its_minute_and_not_before(office: Office) -> None:
    reminder = office.remind(NOW + timedelta(minutes=10))
    office.whatsapp.advance(minutes=9, seconds=29)
    office.run()
    assert office.whatsapp.send_queued() == []
    office.whatsapp.advance(seconds=60)  # a run each minute, at any second of it
    office.run()

    assert office.whatsapp.send_queued() == ["Lembrete: pagar o aluguel"]
    assert office.whatsapp.provider.sent[0].phone == OWNER_PHONE
    assert office.row(reminder).status == "sent"
    office.run()
    assert office.whatsapp.send_queued() == []
    names = [one.payload["name"] for one in office.whatsapp.queues.of("events")]
    assert names.count("reminders.reminder_sent") == 1


def test_workers_at_the_same_time_send_it_once(office: Office) -> None:
    for number in range(8):
        office.remind(NOW + timedelta(minutes=1), what=f"tarefa {number}")
    office.whatsapp.advance(minutes=1)
    together = Barrier(4)

    def run(_: int) -> Sent:
        together.wait()
        return office.run()

    with ThreadPoolExecutor(4) as pool:
        runs = list(pool.map(run, range(4)))

    assert [error for one in runs for error in one.errors] == []
    assert sorted(office.sent_texts()) == sorted(f"Lembrete: tarefa {number}" for number in range(8))


def test_a_crash_before_the_commit_sends_nothing_and_the_next_run_sends_it_once(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    reminder = office.remind(NOW + timedelta(minutes=1))
    office.whatsapp.advance(minutes=1)
    with monkeypatch.context() as broken:
        broken.setattr("falachefe.reminders.sending._write", lambda *_: 1 / 0)
        assert office.run().errors == ["ZeroDivisionError"]
    assert (office.sent_texts(), office.row(reminder).status) == ([], "pending")
    office.run()
    assert office.sent_texts() == ["Lembrete: pagar o aluguel"]


def test_a_queue_that_is_down_loses_nothing(office: Office) -> None:
    office.remind(NOW + timedelta(minutes=1))
    office.whatsapp.advance(minutes=1)
    office.whatsapp.queues.down = True
    office.run()
    assert [row.status for row in office.whatsapp.messages(direction="out")] == ["queued"]
    assert office.whatsapp.rows("select count(*) as waiting from outbox where destination = 'outbound'")[0].waiting == 1


def test_what_was_missed_is_sent_late_once_and_says_for_when_it_was(office: Office) -> None:
    once = office.remind(NOW + timedelta(hours=1))
    daily = office.remind(NOW + timedelta(hours=2), what="abrir o caixa", repeats="daily")
    office.whatsapp.advance(days=3)
    office.run()
    office.run()

    assert office.sent_texts() == [
        "Lembrete atrasado, era para 20/11 às 12h: pagar o aluguel",
        "Lembrete atrasado, era para ontem às 13h: abrir o caixa",
    ]
    assert office.row(once).status == "sent"
    assert (office.row(daily).status, office.row(daily).at) == ("pending", NOW + timedelta(days=3, hours=2))


def test_a_repetition_goes_on_across_the_end_of_a_month(office: Office) -> None:
    first = datetime(2027, 1, 31, 12, 0, tzinfo=UTC)
    reminder = office.remind(first, repeats="monthly")
    dues = []
    for due in (first, datetime(2027, 2, 28, 12, 0, tzinfo=UTC), datetime(2027, 3, 31, 12, 0, tzinfo=UTC)):
        office.whatsapp.clock.at = due
        office.run()
        dues.append(office.row(reminder).at)

    assert dues == [
        datetime(2027, 2, 28, 12, 0, tzinfo=UTC),
        datetime(2027, 3, 31, 12, 0, tzinfo=UTC),
        datetime(2027, 4, 30, 12, 0, tzinfo=UTC),
    ]
    assert office.sent_texts() == ["Lembrete: pagar o aluguel"] * 3


def test_somebody_without_a_phone_finds_it_in_their_conversation_over_the_api(office: Office) -> None:
    office.whatsapp.set_owner(phone=None)
    reminder = office.remind(NOW + timedelta(minutes=1))
    office.whatsapp.advance(minutes=1)
    assert office.run().api == 1

    (message,) = office.whatsapp.messages(direction="out")
    assert (message.status, message.text) == ("sent", "Lembrete: pagar o aluguel")
    (found,) = office.whatsapp.rows(
        "select c.phone from conversations v join contacts c on c.id = v.contact_id"
        f" where v.id = '{message.conversation_id}'"
    )
    assert found.phone == f"api:{office.whatsapp.owner_id}"
    assert office.whatsapp.queues.of("outbound") == []
    assert office.row(reminder).status == "sent"


def test_with_the_window_closed_it_waits_until_the_person_writes(office: Office) -> None:
    office.whatsapp.provider = WindowedProvider()
    reminder = office.remind(NOW + timedelta(minutes=1))
    office.whatsapp.advance(minutes=1)
    assert office.run().waits == 1
    assert (office.sent_texts(), office.row(reminder).status) == ([], "pending")

    office.whatsapp.advance(hours=5)
    office.whatsapp.receive(OWNER_PHONE, "bom dia")
    office.whatsapp.sent_queue_messages = len(office.whatsapp.queues.of("outbound"))
    assert office.run().waits == 0
    assert office.whatsapp.send_queued() == ["Lembrete atrasado, era para hoje às 11h01: pagar o aluguel"]


def test_a_suspended_company_gets_it_once_it_is_active_again(office: Office) -> None:
    office.remind(NOW + timedelta(minutes=1))
    office.whatsapp.advance(hours=1)
    with office.whatsapp.database.tenant(office.whatsapp.company_id) as session:
        session.execute(text("update companies set status = 'suspended'"))
    office.run()
    assert office.sent_texts() == []
    with office.whatsapp.database.tenant(office.whatsapp.company_id) as session:
        session.execute(text("update companies set status = 'active'"))
    office.run()
    assert office.sent_texts() == ["Lembrete atrasado, era para hoje às 11h01: pagar o aluguel"]


def test_those_of_somebody_who_left_are_cancelled(office: Office) -> None:
    gone = new_id()
    with office.whatsapp.database.tenant(office.whatsapp.company_id) as session:
        session.add(User(company_id=office.whatsapp.company_id, id=gone, name="Beto", email=f"{gone}@example.org"))
    soon, later = (office.remind(NOW + timedelta(minutes=minutes), by=gone) for minutes in (1, 600))
    with office.whatsapp.database.tenant(office.whatsapp.company_id) as session:
        session.execute(update(User).where(User.id == gone).values(status="inactive"))
    office.whatsapp.advance(minutes=1)
    assert office.run().cancelled == 2
    assert [office.row(one).status for one in (soon, later)] == ["cancelled", "cancelled"]
    assert office.sent_texts() == []


def test_a_cancelled_one_is_not_sent(office: Office) -> None:
    reminder = office.remind(NOW + timedelta(minutes=1))
    with office.whatsapp.database.tenant(office.whatsapp.company_id) as session:
        company_id, owner = office.whatsapp.company_id, office.whatsapp.owner_id
        service.cancel_reminder(session, company_id, owner, reminder.id, version=1, now=NOW)
    office.whatsapp.advance(minutes=1)
    office.run()
    assert office.sent_texts() == []


def test_the_function_runs_on_its_schedule(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    office.remind(NOW + timedelta(minutes=1))
    office.whatsapp.advance(minutes=1)
    monkeypatch.setattr(runtime, "database", lambda: office.whatsapp.database)
    monkeypatch.setattr(runtime, "publisher", lambda: office.whatsapp.queues)
    monkeypatch.setattr(runtime, "clock", lambda: office.whatsapp.clock)
    answer = send_due.handler(json.loads(Path("events/business/send_due.json").read_text()), None)

    assert answer["reminders"]["whatsapp"] == 1
    assert office.whatsapp.send_queued() == ["Lembrete: pagar o aluguel"]


def test_a_contact_who_never_wrote_is_made_for_the_person(office: Office) -> None:
    office.remind(NOW + timedelta(minutes=1))
    office.whatsapp.advance(minutes=1)
    office.run()
    with office.whatsapp.database.tenant(office.whatsapp.company_id) as session:
        contact = session.query(Contact).filter_by(phone=OWNER_PHONE).one()
    assert (contact.user_id, contact.last_message_at) == (office.whatsapp.owner_id, None)
