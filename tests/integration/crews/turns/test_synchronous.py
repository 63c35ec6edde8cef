"""A message by the API is the same turn, answered within the call."""

from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import update

from falachefe.accounts.models import User
from falachefe.app.agent_worker import run_agent
from falachefe.crews.models import Crew, CrewAgent
from falachefe.crews.service import default_crew, status
from falachefe.crews.turns.synchronous import process
from falachefe.db.engine import Database
from falachefe.kernel.errors import Conflict, Forbidden, InvalidInput, Unavailable
from falachefe.messaging.models import Conversation, Message
from tests.integration.crews.rig import Killed, World


def test_the_reply_comes_back_in_the_call(world: World) -> None:
    answer = process(world.shop, world.company_id, world.user_id, "gastei 10 reais com gasolina")
    assert answer.reply == "Anotado: gastei 10 reais com gasolina"
    assert answer.agent == "financial"
    assert answer.tools == [{"tool": "note", "args": {"what": "gastei 10 reais com gasolina"}, "ok": True}]
    assert answer.handoffs == []
    assert world.queue_messages_left() == []


def test_nothing_is_sent_to_a_provider_or_to_an_agent_queue(world: World) -> None:
    process(world.shop, world.company_id, world.user_id, "gastei 10 reais com gasolina")
    assert world.queues.sent == []
    assert world.queues.agent_queue_messages == []


def test_a_handoff_runs_in_the_same_call(world: World) -> None:
    answer = process(world.shop, world.company_id, world.user_id, "passa:hr gastei 10 reais com gasolina")
    assert answer.agent == "hr"
    assert answer.handoffs == [{"from": "financial", "to": "hr"}]
    assert answer.reply.startswith("Passei para o RH.\n")


def test_the_same_key_answers_what_it_answered_before(world: World) -> None:
    first, second = (
        process(world.shop, world.company_id, world.user_id, "gastei 10 reais com gasolina", key="k1") for _ in "ab"
    )
    assert first == second
    assert world.noted() == {"gastei 10 reais com gasolina": 1}


@pytest.mark.parametrize("other", ["gastei 20 reais com gasolina", "gastei 10 reais com gasolina "])
def test_the_same_key_with_another_message_is_refused(world: World, other: str) -> None:
    process(world.shop, world.company_id, world.user_id, "gastei 10 reais com gasolina", key="k1")

    with pytest.raises(InvalidInput) as refused:
        process(world.shop, world.company_id, world.user_id, other, key="k1")

    assert (refused.value.status, refused.value.code) == (422, "idempotency_key_reused")
    assert world.noted() == {"gastei 10 reais com gasolina": 1}
    assert len(world.tasks()) == 1


def test_a_key_of_another_message_is_refused_while_the_first_one_runs(world: World) -> None:
    def meanwhile(_: Any) -> None:
        for text, error in (("outra", InvalidInput), ("gastei 10 reais com gasolina", Conflict)):
            with pytest.raises(error):
                process(world.shop, world.company_id, world.user_id, text, key="k1")

    world.agent.before_tools = meanwhile
    process(world.shop, world.company_id, world.user_id, "gastei 10 reais com gasolina", key="k1")
    assert world.noted() == {"gastei 10 reais com gasolina": 1}


def test_a_second_call_during_the_turn_is_told_to_wait_and_stores_nothing(world: World) -> None:
    refused: list[str] = []

    def meanwhile(_: object) -> None:
        if not refused:
            with pytest.raises(Conflict) as caught:
                process(world.shop, world.company_id, world.user_id, "e 20 com leite")
            refused.append(caught.value.code)

    world.agent.before_tools = meanwhile
    process(world.shop, world.company_id, world.user_id, "gastei 10 reais com gasolina")
    assert refused == ["turn_running"]
    assert world.noted() == {"gastei 10 reais com gasolina": 1}


def test_a_failing_model_is_tried_again_within_the_call(world: World) -> None:
    world.agent.failing = 2
    answer = process(world.shop, world.company_id, world.user_id, "gastei 10 reais com gasolina")
    assert answer.reply == "Anotado: gastei 10 reais com gasolina"


@pytest.mark.parametrize("boundary", range(1, 16))
def test_a_call_that_dies_is_finished_by_the_sweep(world: World, boundary: int) -> None:
    """The client repeats with its key and reads the one answer."""
    world.boundaries.kill_at = boundary
    try:
        process(world.shop, world.company_id, world.user_id, "gastei 10 reais com gasolina", key="k1")
    except Killed:
        world.wait(60)
        for _ in range(3):
            world.sweep()
            world.drain()
            world.wait(60)
    world.boundaries.kill_at = None
    answer = process(world.shop, world.company_id, world.user_id, "gastei 10 reais com gasolina", key="k1")
    assert answer.reply == "Anotado: gastei 10 reais com gasolina"
    assert world.noted() == {"gastei 10 reais com gasolina": 1}
    assert len(world.rows(Message.__table__.select().where(Message.direction == "out"))) == 1


def test_each_person_has_one_api_conversation(world: World) -> None:
    other = UUID(int=world.user_id.int + 1)
    with world.real.tenant(world.company_id) as session:
        session.add(User(company_id=world.company_id, id=other, name="Bia", role="user"))
    talks = {
        process(world.shop, world.company_id, who, "conversa").conversation_id for who in [world.user_id, other] * 2
    }
    assert len(talks) == 2
    assert len(world.rows(Conversation.__table__.select())) == 3  # the phone's too


def test_a_paused_crew_refuses_and_stores_nothing(world: World) -> None:
    with world.real.tenant(world.company_id) as session:
        session.execute(update(Crew).values(status="paused"))
    with pytest.raises(Unavailable):
        process(world.shop, world.company_id, world.user_id, "gastei 10 reais com gasolina")
    assert world.rows(Message.__table__.select()) == []


def test_someone_deactivated_gets_nothing_done(world: World) -> None:
    with world.real.tenant(world.company_id) as session:
        session.execute(update(User).values(status="inactive"))
    with pytest.raises(Forbidden):
        process(world.shop, world.company_id, world.user_id, "gastei 10 reais com gasolina")
    assert world.noted() == {}


def test_status_shows_agents_work_and_the_last_day(world: World) -> None:
    world.receive("gastei 10 reais com gasolina", "m1")
    world.drain()
    world.receive("gastei 20 reais com gasolina", "m2")
    with world.real.tenant(world.company_id) as session:
        session.execute(update(CrewAgent).where(CrewAgent.role == "hr").values(status="inactive"))
        shown = status(session, world.company_id, now=world.clock.now())
    [crew] = shown["crews"]
    assert {agent["role"]: agent["status"] for agent in crew["agents"]} == {
        "orchestrator": "active",
        "financial": "active",
        "marketing": "active",
        "hr": "inactive",
        "support": "active",
    }
    assert shown["active_tasks"] == {"financial": 1}
    assert shown["pending_messages"] == 1
    assert shown["last_24h"]["tasks"] == {"completed": 1, "pending": 1}
    assert shown["last_24h"]["cost_usd"] == "0.000100"


def test_a_company_gets_its_default_crew_once(database: Database, world: World) -> None:
    with database.tenant(world.company_id) as session:
        assert default_crew(session, world.company_id, world.clock.now()) == world.crew_id
        assert len(session.execute(CrewAgent.__table__.select()).all()) == 5


def test_the_offline_agent_keeps_the_ledger(world: World) -> None:
    """The real agent and the real tools, as in production."""
    from dataclasses import replace

    from falachefe.crews.tools.registry import run_tool

    shop = replace(world.shop, run_agent=run_agent, run_tool=run_tool)
    answer = process(shop, world.company_id, world.user_id, "gastei 150 reais de gasolina hoje")
    assert answer.agent == "financial"
    assert [call["tool"] for call in answer.tools] == ["add_expense"]
    assert "150,00" in answer.reply
