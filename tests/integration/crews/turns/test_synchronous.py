"""A message over the API is answered by the same kind of turn, within the call."""

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
from tests.integration.crews.harness import Killed, TurnHarness


def test_the_reply_is_returned_in_the_call(crew: TurnHarness) -> None:
    answer = process(crew.dependencies, crew.company_id, crew.user_id, "gastei 10 reais com gasolina")
    assert answer.reply == "Anotado: gastei 10 reais com gasolina"
    assert answer.agent == "financial"
    assert answer.tools == [{"tool": "note", "args": {"what": "gastei 10 reais com gasolina"}, "ok": True}]
    assert answer.handoffs == []
    assert crew.queue_messages_left() == []


def test_nothing_is_sent_to_a_provider_or_to_an_agent_queue(crew: TurnHarness) -> None:
    process(crew.dependencies, crew.company_id, crew.user_id, "gastei 10 reais com gasolina")
    assert crew.queues.sent == []
    assert crew.queues.agent_queue_messages == []


def test_a_handoff_runs_in_the_same_call(crew: TurnHarness) -> None:
    answer = process(crew.dependencies, crew.company_id, crew.user_id, "passa:hr gastei 10 reais com gasolina")
    assert answer.agent == "hr"
    assert answer.handoffs == [{"from": "financial", "to": "hr"}]
    assert answer.reply.startswith("Passei para o RH.\n")


def test_the_same_key_returns_the_same_answer(crew: TurnHarness) -> None:
    first, second = (
        process(crew.dependencies, crew.company_id, crew.user_id, "gastei 10 reais com gasolina", key="k1")
        for _ in "ab"
    )
    assert first == second
    assert crew.entry_counts() == {"gastei 10 reais com gasolina": 1}


@pytest.mark.parametrize("other", ["gastei 20 reais com gasolina", "gastei 10 reais com gasolina "])
def test_the_same_key_with_another_message_is_refused(crew: TurnHarness, other: str) -> None:
    process(crew.dependencies, crew.company_id, crew.user_id, "gastei 10 reais com gasolina", key="k1")

    with pytest.raises(InvalidInput) as refused:
        process(crew.dependencies, crew.company_id, crew.user_id, other, key="k1")

    assert (refused.value.status, refused.value.code) == (422, "idempotency_key_reused")
    assert crew.entry_counts() == {"gastei 10 reais com gasolina": 1}
    assert len(crew.tasks()) == 1


def test_a_key_of_another_message_is_refused_while_the_first_one_runs(crew: TurnHarness) -> None:
    def meanwhile(_: Any) -> None:
        for text, error in (("outra", InvalidInput), ("gastei 10 reais com gasolina", Conflict)):
            with pytest.raises(error):
                process(crew.dependencies, crew.company_id, crew.user_id, text, key="k1")

    crew.agent.before_tools = meanwhile
    process(crew.dependencies, crew.company_id, crew.user_id, "gastei 10 reais com gasolina", key="k1")
    assert crew.entry_counts() == {"gastei 10 reais com gasolina": 1}


def test_a_second_call_during_the_turn_is_refused_and_stores_nothing(crew: TurnHarness) -> None:
    refused: list[str] = []

    def meanwhile(_: object) -> None:
        if not refused:
            with pytest.raises(Conflict) as caught:
                process(crew.dependencies, crew.company_id, crew.user_id, "e 20 com leite")
            refused.append(caught.value.code)

    crew.agent.before_tools = meanwhile
    process(crew.dependencies, crew.company_id, crew.user_id, "gastei 10 reais com gasolina")
    assert refused == ["turn_running"]
    assert crew.entry_counts() == {"gastei 10 reais com gasolina": 1}


def test_a_failing_model_is_retried_within_the_call(crew: TurnHarness) -> None:
    crew.agent.failing = 2
    answer = process(crew.dependencies, crew.company_id, crew.user_id, "gastei 10 reais com gasolina")
    assert answer.reply == "Anotado: gastei 10 reais com gasolina"


@pytest.mark.parametrize("boundary", range(1, 16))
def test_a_call_that_dies_is_finished_by_the_sweep(crew: TurnHarness, boundary: int) -> None:
    """The client repeats the request with its key and gets the answer."""
    crew.boundaries.kill_at = boundary
    try:
        process(crew.dependencies, crew.company_id, crew.user_id, "gastei 10 reais com gasolina", key="k1")
    except Killed:
        crew.wait(60)
        for _ in range(3):
            crew.sweep()
            crew.drain()
            crew.wait(60)
    crew.boundaries.kill_at = None
    answer = process(crew.dependencies, crew.company_id, crew.user_id, "gastei 10 reais com gasolina", key="k1")
    assert answer.reply == "Anotado: gastei 10 reais com gasolina"
    assert crew.entry_counts() == {"gastei 10 reais com gasolina": 1}
    assert len(crew.rows(Message.__table__.select().where(Message.direction == "out"))) == 1


def test_each_person_has_one_api_conversation(crew: TurnHarness) -> None:
    other = UUID(int=crew.user_id.int + 1)
    with crew.real.tenant(crew.company_id) as session:
        session.add(User(company_id=crew.company_id, id=other, name="Bia", role="user"))
    conversation_ids = {
        process(crew.dependencies, crew.company_id, who, "conversa").conversation_id
        for who in [crew.user_id, other] * 2
    }
    assert len(conversation_ids) == 2
    assert len(crew.rows(Conversation.__table__.select())) == 3  # the phone's too


def test_a_paused_crew_refuses_and_stores_nothing(crew: TurnHarness) -> None:
    with crew.real.tenant(crew.company_id) as session:
        session.execute(update(Crew).values(status="paused"))
    with pytest.raises(Unavailable):
        process(crew.dependencies, crew.company_id, crew.user_id, "gastei 10 reais com gasolina")
    assert crew.rows(Message.__table__.select()) == []


def test_a_deactivated_user_is_refused(crew: TurnHarness) -> None:
    with crew.real.tenant(crew.company_id) as session:
        session.execute(update(User).values(status="inactive"))
    with pytest.raises(Forbidden):
        process(crew.dependencies, crew.company_id, crew.user_id, "gastei 10 reais com gasolina")
    assert crew.entry_counts() == {}


def test_status_shows_agents_active_tasks_and_the_last_24_hours(crew: TurnHarness) -> None:
    crew.receive("gastei 10 reais com gasolina", "m1")
    crew.drain()
    crew.receive("gastei 20 reais com gasolina", "m2")
    with crew.real.tenant(crew.company_id) as session:
        session.execute(update(CrewAgent).where(CrewAgent.role == "hr").values(status="inactive"))
        shown = status(session, crew.company_id, now=crew.clock.now())
    [listed] = shown["crews"]
    assert {agent["role"]: agent["status"] for agent in listed["agents"]} == {
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


def test_a_company_gets_its_default_crew_once(database: Database, crew: TurnHarness) -> None:
    with database.tenant(crew.company_id) as session:
        assert default_crew(session, crew.company_id, crew.clock.now()) == crew.crew_id
        assert len(session.execute(CrewAgent.__table__.select()).all()) == 5


def test_the_offline_agent_keeps_the_ledger(crew: TurnHarness) -> None:
    """With the real agent and the real tools."""
    from dataclasses import replace

    from falachefe.crews.tools.registry import run_tool

    dependencies = replace(crew.dependencies, run_agent=run_agent, run_tool=run_tool)
    answer = process(dependencies, crew.company_id, crew.user_id, "gastei 150 reais de gasolina hoje")
    assert answer.agent == "financial"
    assert [call["tool"] for call in answer.tools] == ["add_expense"]
    assert "150,00" in answer.reply
