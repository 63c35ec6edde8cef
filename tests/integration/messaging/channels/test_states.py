"""A disabled channel stops: at the webhook, for messages queued before, and for sends."""

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import update

from falachefe.app import runtime
from falachefe.aws.tables import Table
from falachefe.crews.service import default_crew
from falachefe.db.engine import Database
from falachefe.db.outbox import Outbox
from falachefe.kernel.errors import DomainError
from falachefe.kernel.ids import new_id
from falachefe.messaging.channels.directory import (
    FOUND_TTL,
    ChannelDirectory,
    channel_item,
    state_key,
)
from falachefe.messaging.channels.registration import check_channel_limit, count_channels
from falachefe.messaging.channels.states import ChannelStates
from falachefe.messaging.conversations import service as conversations
from falachefe.messaging.conversations.staff_notes import StaffNotes
from falachefe.messaging.models import Channel
from falachefe.plans.models import Subscription
from functions.whatsapp import channel_states
from tests.integration.messaging.conftest import NOW, OWNER_PHONE, WhatsAppHarness

KEY = "chave-do-canal-1"
EVENTS = Path(__file__).parents[4] / "events" / "whatsapp"


def set_status(whatsapp: WhatsAppHarness, status: str) -> dict[str, Any]:
    """Changes the row as PATCH does; returns the event."""
    with whatsapp.database.tenant(whatsapp.company_id) as session:
        version = session.execute(
            update(Channel)
            .where(Channel.id == whatsapp.channel_id)
            .values(status=status, version=Channel.version + 1)
            .returning(Channel.version)
        ).scalar_one()
    return {
        "name": "whatsapp.channel_updated",
        "company_id": str(whatsapp.company_id),
        "data": {"channel_id": str(whatsapp.channel_id), "version": version},
    }


@pytest.fixture
def channels(whatsapp: WhatsAppHarness, tables: dict[str, Table]) -> Table:
    item = channel_item(
        KEY, company_id=whatsapp.company_id, channel_id=whatsapp.channel_id, provider="uaz", token="t", secret_name="s"
    )
    tables["channels"].put(item)
    return tables["channels"]


def known(channels: Table) -> bool:
    """Whether a runtime with an empty cache finds the channel."""
    return ChannelDirectory(channels, lambda _: {}).find(KEY, "uaz", NOW) is not None


def test_the_webhook_finds_a_channel_while_it_is_enabled(whatsapp: WhatsAppHarness, channels: Table) -> None:
    states = ChannelStates(whatsapp.database, channels)
    assert known(channels)

    assert [states(set_status(whatsapp, "disabled")), known(channels)] == ["disabled", False]
    assert [states(set_status(whatsapp, "connected")), known(channels)] == ["active", True]


def test_a_disabled_channel_leaves_the_cache_within_a_minute(whatsapp: WhatsAppHarness, channels: Table) -> None:
    directory = ChannelDirectory(channels, lambda _: {})
    assert directory.find(KEY, "uaz", NOW) is not None
    ChannelStates(whatsapp.database, channels)(set_status(whatsapp, "disabled"))

    assert directory.find(KEY, "uaz", NOW + FOUND_TTL) is None


def test_repeated_and_late_events_change_nothing(whatsapp: WhatsAppHarness, channels: Table) -> None:
    states = ChannelStates(whatsapp.database, channels)
    off, on = set_status(whatsapp, "disabled"), set_status(whatsapp, "connected")

    assert [states(on), states(off), states(on)] == ["active", "known", "known"]
    stale = {"pk": state_key(str(whatsapp.channel_id)), "sk": "state", "status": "disabled", "version": 99}
    channels.put(stale)  # another worker was faster, with a later version
    assert [states(off), known(channels)] == ["known", False]


def test_a_message_queued_before_is_stored_and_not_answered(signed_in: WhatsAppHarness) -> None:
    set_status(signed_in, "disabled")

    assert signed_in.receive(OWNER_PHONE, "gastei 150 de gasolina hoje") == "channel_disabled"
    assert [row.status for row in signed_in.messages()] == ["read"]
    assert signed_in.queues.of("agent-") == []
    set_status(signed_in, "connected")
    assert signed_in.receive(OWNER_PHONE, "gastei 80 de luz hoje") == "open"


def test_queued_sends_fail_with_the_reason_and_staff_get_one_notice(signed_in: WhatsAppHarness) -> None:
    signed_in.receive(OWNER_PHONE, "gastei 150 de gasolina hoje")
    with signed_in.database.tenant(signed_in.company_id) as session:
        state = conversations.lock_by_phone(session, signed_in.company_id, signed_in.channel_id, OWNER_PHONE)
        assert state is not None
        for text in ("Anotado!", "Mais alguma coisa?"):
            conversations.queue_message(session, Outbox(signed_in.company_id), state, text, now=NOW)
    set_status(signed_in, "disabled")
    for row in signed_in.messages(direction="out"):
        queue_message = {"company_id": str(signed_in.company_id), "message_id": str(row.id)}
        assert signed_in.sender()(queue_message) == "failed"

    rows = signed_in.messages(direction="out")
    assert [(row.status, row.error_code) for row in rows] == [("failed", "channel_disabled")] * 2
    assert signed_in.provider.sent == []
    stopped = [
        one.payload for one in signed_in.queues.of("events") if one.payload["name"] == "whatsapp.channel_stopped"
    ]
    assert len({one["id"] for one in stopped}) == 1
    assert (
        StaffNotes(signed_in.database, signed_in.queues, signed_in.clock, default_crew)(stopped[0]) == 0
    )  # there is no other number


def test_of_two_channels_enabled_concurrently_the_plan_allows_one(
    database: Database, whatsapp: WhatsAppHarness
) -> None:
    """The free plan allows one number: disabling, adding and enabling does not lead to more."""
    with database.tenant(whatsapp.company_id) as session:
        session.execute(update(Subscription).values(plan_code="free"))
        session.execute(update(Channel).values(status="disabled"))
        session.add(_channel(whatsapp.company_id))
    meeting = Barrier(2)

    def enable(name: str) -> str:
        meeting.wait(30)
        try:
            with database.tenant(whatsapp.company_id) as session:
                check_channel_limit(session, whatsapp.company_id, NOW)
                session.execute(update(Channel).where(Channel.name == name).values(status="connected"))
        except DomainError as error:
            return error.code
        return "on"

    with ThreadPoolExecutor(2) as pool:
        outcomes = sorted(pool.map(enable, ("Principal", "Segundo")))
    with database.tenant(whatsapp.company_id) as session:
        assert (outcomes, count_channels(session, whatsapp.company_id)) == (["on", "plan_limit_reached"], 1)


def _channel(company_id: UUID) -> Channel:
    return Channel(
        company_id=company_id,
        id=new_id(),
        name="Segundo",
        provider="uaz",
        phone="+551140028923",
        base_url="http://127.0.0.1:9",
        secret_name="s",
        status="disabled",
    )


def test_a_sample_event_of_a_missing_company_is_processed(
    monkeypatch: pytest.MonkeyPatch, database: Database, tables: dict[str, Table]
) -> None:
    monkeypatch.setattr(runtime, "database", lambda: database)
    monkeypatch.setattr(runtime, "table", lambda _: tables["channels"])
    event = json.loads((EVENTS / "channel_updated.json").read_text())

    assert channel_states.handler(event, None) == {"state": "unknown"}
