"""A company's messages of the month: how they are counted, and what happens beyond the plan limit."""

import re

import pytest

from falachefe.db.driver import OneTripConnection
from falachefe.phone_sign_in.service import subject_of
from tests.integration.messaging.conftest import OWNER_PHONE, UNKNOWN_PHONE, WhatsAppHarness

SPENT = "plan_limit"


@pytest.fixture
def limited(signed_in: WhatsAppHarness) -> WhatsAppHarness:
    """The harness with the owner signed in and a plan of two messages a month."""
    signed_in.rows("update subscriptions set limits = '{\"messages_limit\": 2}' returning id")
    return signed_in


def counted(whatsapp: WhatsAppHarness) -> int:
    [row] = whatsapp.rows("select coalesce(sum(messages), 0) as messages from message_counts")
    return int(row.messages)


def sign_in(whatsapp: WhatsAppHarness) -> None:
    whatsapp.sign_in.create_session(
        whatsapp.company_id, OWNER_PHONE, subject=subject_of(whatsapp.owner_id), now=whatsapp.clock.now()
    )


def test_a_message_counts_once_with_repeated_deliveries(signed_in: WhatsAppHarness) -> None:
    for _ in range(3):
        signed_in.receive(OWNER_PHONE, "gastei 150 de gasolina hoje", message_id="3EB0A")
    signed_in.receive(OWNER_PHONE, "e 20 de leite", message_id="3EB0B")
    signed_in.receive(OWNER_PHONE, "e 30 de farinha", message_id="3EB0C")

    assert counted(signed_in) == 3


def test_a_message_beyond_the_limit_is_stored_and_opens_no_turn(limited: WhatsAppHarness) -> None:
    limited.receive(OWNER_PHONE, "gastei 150 de gasolina hoje")
    limited.finish_turns()
    limited.receive(OWNER_PHONE, "gastei 20 de leite hoje")
    limited.finish_turns()
    before = len(limited.queues.of("agent-"))

    assert limited.receive(OWNER_PHONE, "gastei 30 de farinha hoje") == SPENT
    assert len(limited.queues.of("agent-")) == before
    assert [one.status for one in limited.messages(text="gastei 30 de farinha hoje")] == ["read"]
    assert counted(limited) == 2


def test_a_sender_beyond_the_limit_gets_one_notice_a_day(limited: WhatsAppHarness) -> None:
    limited.rows("update subscriptions set limits = '{\"messages_limit\": 0}' returning id")
    for _ in range(3):
        assert limited.receive(OWNER_PHONE, "gastei 30 de farinha hoje") == SPENT
    assert len(limited.send_queued()) == 1
    limited.advance(hours=14)  # past midnight in São Paulo
    limited.receive(OWNER_PHONE, "gastei 30 de farinha hoje")

    [sent_texts] = limited.send_queued()
    assert "1º de dezembro" in sent_texts


def test_a_contacts_notice_does_not_mention_the_plan(limited: WhatsAppHarness) -> None:
    limited.receive(UNKNOWN_PHONE, "oi")
    limited.rows("update contacts set verified_at = now() returning id")
    limited.rows("update subscriptions set limits = '{\"messages_limit\": 0}' returning id")
    limited.send_queued()

    assert limited.receive(UNKNOWN_PHONE, "vocês abrem hoje?") == SPENT
    [sent_texts] = limited.send_queued()
    assert "plano" not in sent_texts


def test_counted_messages_are_answered_beyond_the_limit(limited: WhatsAppHarness) -> None:
    """Two messages arrived while a turn runs; the third one, beyond the limit, must not affect the second."""
    limited.receive(OWNER_PHONE, "gastei 150 de gasolina hoje")
    limited.receive(OWNER_PHONE, "e 20 de leite")

    assert limited.receive(OWNER_PHONE, "e 30 de farinha") == SPENT
    assert [one.status for one in limited.messages(text="e 20 de leite")] == ["received"]
    assert [one.status for one in limited.messages(text="e 30 de farinha")] == ["read"]


def test_the_limit_starts_again_with_the_month(limited: WhatsAppHarness) -> None:
    limited.rows("update subscriptions set limits = '{\"messages_limit\": 1}' returning id")
    limited.receive(OWNER_PHONE, "gastei 150 de gasolina hoje")
    limited.finish_turns()
    assert limited.receive(OWNER_PHONE, "gastei 20 de leite hoje") == SPENT
    limited.advance(days=12)
    sign_in(limited)

    assert limited.receive(OWNER_PHONE, "gastei 20 de leite hoje") == "open"


def test_messages_of_an_unknown_sender_count_after_the_sign_in(whatsapp: WhatsAppHarness) -> None:
    whatsapp.receive(UNKNOWN_PHONE, "oi")
    whatsapp.receive(UNKNOWN_PHONE, "vocês abrem hoje?")
    assert counted(whatsapp) == 0
    [code] = re.findall(r"\b\d{6}\b", " ".join(whatsapp.send_queued()))
    whatsapp.receive(UNKNOWN_PHONE, code)

    assert counted(whatsapp) == 2


def test_counting_needs_no_round_trip_of_its_own(signed_in: WhatsAppHarness, monkeypatch: pytest.MonkeyPatch) -> None:
    """Begin; company and staff; contact and conversation; message with the reads for the turn; commit with the rest."""
    signed_in.receive(OWNER_PHONE, "oi")
    signed_in.finish_turns()
    signed_in.queues.down = True  # otherwise a further transaction deletes what was published
    begun: list[tuple[OneTripConnection, int]] = []
    begin = OneTripConnection.begin

    def noted(connection: OneTripConnection, *then: str, **options: bool) -> None:
        begun.append((connection, connection.trips))
        begin(connection, *then, **options)

    monkeypatch.setattr(OneTripConnection, "begin", noted)
    signed_in.receive(OWNER_PHONE, "gastei 150 de gasolina hoje")

    [(connection, before)] = begun
    assert connection.trips - before == 5
