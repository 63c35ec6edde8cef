"""Campaigns are sent to each contact once. Real Postgres, the provider in memory."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from threading import Barrier
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import insert, text, update

from falachefe.crews.service import default_crew
from falachefe.kernel.errors import Conflict, DomainError, Forbidden, InvalidInput
from falachefe.kernel.ids import new_id
from falachefe.marketing import rules, sending, service
from falachefe.marketing.service import CampaignResults
from falachefe.marketing.worker import BATCH, Run, SendCampaigns
from falachefe.messaging.conversations.broadcasts import Broadcasts
from falachefe.messaging.models import Channel, Contact, Message
from tests.integration.messaging.conftest import NOW, FakeProvider, WhatsAppHarness

TEXT = f"Panetone com 20% de desconto!\n\n{rules.OPT_OUT_LINE}"


class WindowedProvider(FakeProvider):
    """Allows free text for 24 hours after the person wrote, as Meta does."""

    def window_open(self, last_inbound_at: datetime | None, now: datetime) -> bool:
        return last_inbound_at is not None and now - last_inbound_at < timedelta(hours=24)


@dataclass
class Shop:
    """A company with a draft, whose contacts the tests make."""

    whatsapp: WhatsAppHarness
    campaign_id: UUID

    def work[T](self, use_case: Callable[[Any, UUID], T]) -> T:
        with self.whatsapp.database.tenant(self.whatsapp.company_id) as session:
            return use_case(session, self.whatsapp.company_id)

    def contacts(self, number: int, **columns: Any) -> list[str]:
        """Phones of new verified contacts who wrote an hour ago."""
        phones = [f"+5511{900000000 + new_id().int % 99999999}" for _ in range(number)]
        known = {"verified_at": NOW - timedelta(days=5), "last_message_at": NOW - timedelta(hours=1)} | columns
        rows = [{"company_id": self.whatsapp.company_id, "id": new_id(), "phone": phone, **known} for phone in phones]
        self.work(lambda session, _: session.execute(insert(Contact), rows))
        return phones

    def order(self, *, at: datetime | None = None, most: int | None = rules.MOST_PEOPLE) -> sending.SendingView:
        now = self.whatsapp.clock.now()
        return self.work(
            lambda session, company_id: sending.order_sending(
                session, company_id, self.campaign_id, at=at, most_people=most, now=now
            )
        )

    def cancel(self) -> sending.Cancelled:
        now = self.whatsapp.clock.now()
        return self.work(
            lambda session, company_id: sending.cancel_campaign(session, company_id, self.campaign_id, now=now)
        )

    def run(self, deadline: datetime | None = None) -> Run:
        one = self.whatsapp
        messages = Broadcasts(default_crew, lambda _: one.provider)
        return SendCampaigns(one.database, one.queues, one.clock, messages)(deadline)

    def status(self) -> str:
        (row,) = self.whatsapp.rows("select status from campaigns")
        return str(row.status)

    def results(self) -> CampaignResults:
        return self.work(lambda session, company_id: service.campaign_results(session, company_id, "natal"))

    def set_messages(self, **values: Any) -> None:
        self.work(lambda session, _: session.execute(update(Message).values(**values)))


@pytest.fixture
def shop(signed_in: WhatsAppHarness) -> Iterator[Shop]:
    with signed_in.database.tenant(signed_in.company_id) as session:
        drafted = service.draft_campaign(
            session,
            signed_in.company_id,
            name="Natal",
            message="Panetone com 20% de desconto!",
            segment="all",
            created_by=None,
            now=NOW,
        )
    made = Shop(signed_in, drafted.id)
    yield made
    # Other tests run the worker on the same database.
    made.work(lambda session, _: session.execute(text("update campaigns set status = 'cancelled'")))


def test_every_contact_of_the_segment_gets_it_once_with_the_way_out(shop: Shop) -> None:
    phones = shop.contacts(3)
    shop.contacts(1, opted_out_at=NOW)
    shop.contacts(1, verified_at=None)
    assert shop.order().audience == 3
    assert shop.run().written == 3
    shop.run()

    assert shop.whatsapp.send_queued() == [TEXT] * 3
    assert sorted(one.phone for one in shop.whatsapp.provider.sent) == sorted(phones)
    assert shop.status() == "sent"
    assert shop.run() == Run()


def test_workers_and_orders_at_the_same_time_send_it_once(shop: Shop) -> None:
    shop.contacts(20)
    together = Barrier(4)

    def order(_: int) -> str:
        together.wait()
        try:
            shop.order()
            shop.run()
        except DomainError as error:
            return error.code
        return "ordered"

    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(order, range(4)))
    shop.run()

    assert set(answers) <= {"ordered", "campaign_not_draft"}
    assert "ordered" in answers
    assert len(shop.whatsapp.messages(direction="out")) == 20
    assert len({row.conversation_id for row in shop.whatsapp.messages(direction="out")}) == 20


def test_a_large_campaign_goes_out_in_batches(shop: Shop) -> None:
    shop.contacts(BATCH + 7)
    shop.order(most=None)
    assert (shop.run().written, shop.status()) == (BATCH, "sending")
    assert (shop.run().written, shop.status()) == (7, "sent")
    assert len(shop.whatsapp.messages(direction="out")) == BATCH + 7


def test_a_crash_within_a_batch_writes_none_of_it_and_the_next_run_all_of_it(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop.contacts(5)
    shop.order()
    real, seen = Broadcasts.write, []

    def breaks(self: Broadcasts, work: Any, contact_id: UUID, message: str, *, subject: dict[str, str]) -> Any:
        seen.append(contact_id)
        if len(seen) == 4:
            raise RuntimeError("killed")
        return real(self, work, contact_id, message, subject=subject)

    with monkeypatch.context() as broken:
        broken.setattr(Broadcasts, "write", breaks)
        assert shop.run().errors == ["RuntimeError"]
    assert shop.whatsapp.messages(direction="out") == []
    assert shop.run().written == 5
    assert len(shop.whatsapp.messages(direction="out")) == 5


def test_a_run_begins_no_campaign_after_its_deadline(shop: Shop) -> None:
    shop.contacts(1)
    shop.order()
    assert shop.run(shop.whatsapp.clock.now() - timedelta(seconds=1)).campaigns == 0
    assert shop.run().campaigns == 1


def test_a_scheduled_one_waits_for_its_time(shop: Shop) -> None:
    shop.contacts(1)
    assert shop.order(at=NOW + timedelta(hours=2)).status == "scheduled"
    assert shop.run() == Run()
    shop.order(at=NOW + timedelta(hours=1))  # a new time replaces the old one
    shop.whatsapp.advance(hours=1)
    assert shop.run().written == 1


def test_a_time_that_has_passed_is_refused(shop: Shop) -> None:
    shop.contacts(1)
    with pytest.raises(InvalidInput):
        shop.order(at=NOW - timedelta(minutes=1))


def test_more_than_fifty_people_need_the_permission(shop: Shop) -> None:
    shop.contacts(rules.MOST_PEOPLE + 1)
    with pytest.raises(Forbidden, match="São 51 pessoas, e você pode enviar para até 50"):
        shop.order()
    assert shop.order(most=None).audience == 51


def test_an_audience_that_grows_beyond_what_was_allowed_makes_it_a_draft_again(shop: Shop) -> None:
    shop.contacts(rules.MOST_PEOPLE)
    shop.order(at=NOW + timedelta(hours=1))
    shop.contacts(1)
    shop.whatsapp.advance(hours=1)
    assert shop.run().held == 1
    assert (shop.status(), shop.whatsapp.messages(direction="out")) == ("draft", [])
    assert "marketing.campaign_held" in [one.payload["name"] for one in shop.whatsapp.queues.of("events")]


def test_without_recipients_or_a_number_nothing_is_ordered(shop: Shop) -> None:
    with pytest.raises(Conflict, match="Não há ninguém para receber"):
        shop.order()
    shop.contacts(1)
    shop.work(lambda session, _: session.execute(update(Channel).values(status="disabled")))
    with pytest.raises(Conflict) as refused:
        shop.order()
    assert refused.value.code == "no_channel"
    assert shop.status() == "draft"


def test_those_outside_of_the_providers_window_are_left_out_and_counted(shop: Shop) -> None:
    shop.whatsapp.provider = WindowedProvider()
    inside = shop.contacts(2)
    shop.contacts(3, last_message_at=NOW - timedelta(days=2))
    shop.order()
    shop.run()
    shop.whatsapp.send_queued()

    assert sorted(one.phone for one in shop.whatsapp.provider.sent) == sorted(inside)
    assert shop.results().results.skipped == {"window_closed": 3}


def test_who_opts_out_before_their_turn_gets_nothing(shop: Shop) -> None:
    shop.contacts(BATCH)
    (late,) = shop.contacts(1)
    shop.order(most=None)
    shop.run()
    shop.work(lambda session, _: session.execute(update(Contact).where(Contact.phone == late).values(opted_out_at=NOW)))
    assert shop.run().skipped == 1
    assert shop.results().results.skipped == {"opted_out": 1}


def test_a_cancelled_sending_stops_what_has_not_gone_out(shop: Shop) -> None:
    shop.contacts(BATCH + 10)
    shop.order(most=None)
    shop.run()
    for queue_message in shop.whatsapp.queues.of("outbound")[:5]:
        shop.whatsapp.sender()(queue_message.payload)
    cancelled = shop.cancel()

    assert (cancelled.before, cancelled.reached, cancelled.spared) == ("sending", 5, BATCH + 5)
    shop.run()
    shop.whatsapp.send_queued()
    assert len(shop.whatsapp.provider.sent) == 5
    found = shop.results()
    assert (found.results.outcomes.sent, found.results.outcomes.failed) == (5, 0)
    assert found.results.skipped == {"cancelled": BATCH + 5}


@pytest.mark.parametrize("ended", ["sent", "cancelled"])
def test_what_has_ended_is_neither_sent_nor_cancelled(shop: Shop, ended: str) -> None:
    shop.contacts(1)
    shop.work(lambda session, _: session.execute(text("update campaigns set status = :ended"), {"ended": ended}))
    for act in (shop.order, shop.cancel):
        with pytest.raises(Conflict):
            act()


def test_results_are_counted_from_what_the_provider_reported(shop: Shop) -> None:
    phones = shop.contacts(4)
    before = shop.results()
    shop.order()
    shop.run()
    shop.whatsapp.send_queued()
    shop.set_messages(status="delivered")
    first = shop.whatsapp.messages(direction="out")[0]
    shop.work(lambda session, _: session.execute(update(Message).where(Message.id == first.id).values(status="read")))
    shop.whatsapp.receive(phones[0], "quero dois!")
    found = shop.results()
    of = found.results.outcomes

    assert (before.delivered_rate, before.read_rate, before.replied_rate) == (None, None, None)
    assert (of.sent, of.delivered, of.read, of.replied) == (4, 4, 1, 1)
    assert (found.delivered_rate, found.read_rate) == (Decimal(100), Decimal(25))


def test_an_order_is_taken_back_until_it_begins(shop: Shop) -> None:
    shop.contacts(1)
    ordered = shop.order(at=NOW + timedelta(hours=1))

    def take_back(session: Any, company_id: UUID) -> sending.SendingView:
        return sending.take_order_back(
            session, company_id, shop.campaign_id, version=ordered.version, before=None, now=NOW
        )

    assert shop.work(take_back).status == "draft"
    with pytest.raises(Conflict):
        shop.work(take_back)
    shop.order()
    shop.run()
    with pytest.raises(Conflict):
        shop.work(take_back)


def test_a_suspended_company_sends_nothing_until_it_is_active_again(shop: Shop) -> None:
    shop.contacts(1)
    shop.order()
    shop.work(lambda session, _: session.execute(text("update companies set status = 'suspended'")))
    assert shop.run() == Run()
    shop.work(lambda session, _: session.execute(text("update companies set status = 'active'")))
    assert shop.run().written == 1
