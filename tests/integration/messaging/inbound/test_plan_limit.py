"""A company's messages of the month: counted as they come in, and what happens beyond the last one."""

import re

import pytest

from falachefe.db.driver import OneTripConnection
from falachefe.phone_sign_in.service import subject_of
from tests.integration.messaging.conftest import OWNER_PHONE, STRANGER_PHONE, Shop

SPENT = "plan_limit"


@pytest.fixture
def limited(open_shop: Shop) -> Shop:
    """The owner is signed in, and the plan allows two messages a month."""
    open_shop.rows("update subscriptions set limits = '{\"messages_limit\": 2}' returning id")
    return open_shop


def counted(shop: Shop) -> int:
    [row] = shop.rows("select coalesce(sum(messages), 0) as messages from message_counts")
    return int(row.messages)


def sign_in(shop: Shop) -> None:
    shop.sign_in.create_session(shop.company_id, OWNER_PHONE, subject=subject_of(shop.owner_id), now=shop.clock.now())


def test_each_message_counts_once_however_often_it_is_delivered(open_shop: Shop) -> None:
    for _ in range(3):
        open_shop.hears(OWNER_PHONE, "gastei 150 de gasolina hoje", message_id="3EB0A")
    open_shop.hears(OWNER_PHONE, "e 20 de leite", message_id="3EB0B")
    open_shop.hears(OWNER_PHONE, "e 30 de farinha", message_id="3EB0C")

    assert counted(open_shop) == 3


def test_the_message_beyond_the_last_one_is_kept_and_wakes_no_agent(limited: Shop) -> None:
    limited.hears(OWNER_PHONE, "gastei 150 de gasolina hoje")
    limited.finish_turns()
    limited.hears(OWNER_PHONE, "gastei 20 de leite hoje")
    limited.finish_turns()
    before = len(limited.queues.of("agent-"))

    assert limited.hears(OWNER_PHONE, "gastei 30 de farinha hoje") == SPENT
    assert len(limited.queues.of("agent-")) == before
    assert [one.status for one in limited.messages(text="gastei 30 de farinha hoje")] == ["read"]
    assert counted(limited) == 2


def test_who_writes_beyond_the_plan_is_told_once_a_day(limited: Shop) -> None:
    limited.rows("update subscriptions set limits = '{\"messages_limit\": 0}' returning id")
    for _ in range(3):
        assert limited.hears(OWNER_PHONE, "gastei 30 de farinha hoje") == SPENT
    assert len(limited.deliver()) == 1
    limited.later(hours=14)  # past midnight in São Paulo
    limited.hears(OWNER_PHONE, "gastei 30 de farinha hoje")

    [told] = limited.deliver()
    assert "1º de dezembro" in told


def test_a_customer_is_not_told_what_the_company_pays_for(limited: Shop) -> None:
    limited.hears(STRANGER_PHONE, "oi")
    limited.rows("update contacts set verified_at = now() returning id")
    limited.rows("update subscriptions set limits = '{\"messages_limit\": 0}' returning id")
    limited.deliver()

    assert limited.hears(STRANGER_PHONE, "vocês abrem hoje?") == SPENT
    [told] = limited.deliver()
    assert "plano" not in told


def test_what_counted_already_is_still_answered_when_the_plan_is_used_up(limited: Shop) -> None:
    """Two messages were received while a turn runs; the third one must not take the second one along."""
    limited.hears(OWNER_PHONE, "gastei 150 de gasolina hoje")
    limited.hears(OWNER_PHONE, "e 20 de leite")

    assert limited.hears(OWNER_PHONE, "e 30 de farinha") == SPENT
    assert [one.status for one in limited.messages(text="e 20 de leite")] == ["received"]
    assert [one.status for one in limited.messages(text="e 30 de farinha")] == ["read"]


def test_the_month_s_end_gives_the_messages_back(limited: Shop) -> None:
    limited.rows("update subscriptions set limits = '{\"messages_limit\": 1}' returning id")
    limited.hears(OWNER_PHONE, "gastei 150 de gasolina hoje")
    limited.finish_turns()
    assert limited.hears(OWNER_PHONE, "gastei 20 de leite hoje") == SPENT
    limited.later(days=12)
    sign_in(limited)

    assert limited.hears(OWNER_PHONE, "gastei 20 de leite hoje") == "open"


def test_what_a_stranger_writes_counts_when_they_have_proved_who_they_are(shop: Shop) -> None:
    shop.hears(STRANGER_PHONE, "oi")
    shop.hears(STRANGER_PHONE, "vocês abrem hoje?")
    assert counted(shop) == 0
    [code] = re.findall(r"\b\d{6}\b", " ".join(shop.deliver()))
    shop.hears(STRANGER_PHONE, code)

    assert counted(shop) == 2


def test_counting_costs_a_message_no_round_trip(open_shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    """Begin, company and staff, contact and conversation, claim with all that is read ahead, commit with the rest."""
    open_shop.hears(OWNER_PHONE, "oi")
    open_shop.finish_turns()
    open_shop.queues.down = True  # what is published is forgotten in a transaction of its own
    begun: list[tuple[OneTripConnection, int]] = []
    begin = OneTripConnection.begin

    def noted(connection: OneTripConnection, *then: str, **options: bool) -> None:
        begun.append((connection, connection.trips))
        begin(connection, *then, **options)

    monkeypatch.setattr(OneTripConnection, "begin", noted)
    open_shop.hears(OWNER_PHONE, "gastei 150 de gasolina hoje")

    [(connection, before)] = begun
    assert connection.trips - before == 5
