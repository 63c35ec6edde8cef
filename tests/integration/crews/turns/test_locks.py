"""The locks of a turn, with threads on Postgres: the second transaction starts while the first one holds the lock."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, select, text, update

from falachefe.app.agent_worker import run_agent
from falachefe.crews.tools.registry import run_tool
from falachefe.crews.turns.run import TaskDependencies, run_task
from falachefe.crews.turns.sweep import Swept, sweep_company
from falachefe.db.driver import OneTripConnection
from falachefe.db.engine import Database
from falachefe.messaging.conversations import overdue
from falachefe.messaging.models import Conversation
from falachefe.messaging.notices import NOT_ACTED_ON
from tests.integration.crews.harness import TurnHarness
from tests.integration.messaging.conftest import OWNER_PHONE, WhatsAppHarness, signed_in, tables, whatsapp
from tests.integration.messaging.test_message_time import receive, run_agents, sent_texts, take_over
from tests.integration.races import Racing

__all__ = ["signed_in", "tables", "whatsapp"]

SPENT = "gastei 150 de gasolina hoje"


def active_turns(whatsapp: WhatsAppHarness) -> list[Any]:
    return whatsapp.rows("select id from crew_tasks where status in ('pending', 'in_progress')")


def test_two_concurrent_messages_open_one_turn(
    signed_in: WhatsAppHarness, database: Database, superuser: Engine
) -> None:
    receive(signed_in, "oi")
    signed_in.finish_turns()
    racing = Racing(database, superuser, lambda: receive(signed_in, "e 30 de pão"))
    first = replace(signed_in, database=racing)
    assert (receive(first, SPENT), racing.other()) == ("open", "join")
    assert racing.waited
    assert len(active_turns(signed_in)) == 1
    assert len(signed_in.messages(status="received", crew_task_id=None)) == 2


def test_the_first_two_concurrent_messages_of_a_contact_create_one_conversation(
    signed_in: WhatsAppHarness, database: Database, superuser: Engine
) -> None:
    racing = Racing(database, superuser, lambda: receive(signed_in, "e 30 de pão"))
    assert (receive(replace(signed_in, database=racing), SPENT), racing.other()) == ("open", "join")
    assert len(signed_in.rows("select id from conversations")) == 1


def test_a_message_delivered_twice_concurrently_is_stored_once(
    signed_in: WhatsAppHarness, database: Database, superuser: Engine
) -> None:
    def again() -> str:
        return signed_in.receive(OWNER_PHONE, SPENT, message_id="3EB0SAME")

    racing = Racing(database, superuser, again)
    first = replace(signed_in, database=racing).receive(OWNER_PHONE, SPENT, message_id="3EB0SAME")
    assert (first, racing.other()) == ("open", "repeated")
    assert len(signed_in.messages()) == 1


def test_a_message_concurrent_with_a_takeover_is_left_to_the_person(
    signed_in: WhatsAppHarness, database: Database, superuser: Engine
) -> None:
    receive(signed_in, "oi")
    signed_in.finish_turns()
    at = signed_in.clock.now() + timedelta(minutes=1)
    racing = Racing(database, superuser, lambda: receive(signed_in, SPENT, at))
    assert (take_over(replace(signed_in, database=racing)), racing.other()) == ("human", "human")
    assert racing.waited
    assert active_turns(signed_in) == []


def test_a_takeover_concurrent_with_a_message_leaves_it_to_the_person(
    signed_in: WhatsAppHarness, database: Database, superuser: Engine
) -> None:
    receive(signed_in, "oi")
    signed_in.finish_turns()
    racing = Racing(database, superuser, lambda: take_over(signed_in))
    assert (receive(replace(signed_in, database=racing), SPENT), racing.other()) == ("open", "human")
    assert signed_in.messages(status="received", crew_task_id=None) == []
    run_agents(signed_in)
    assert (sent_texts(signed_in), active_turns(signed_in)) == ([], [])


def test_a_held_message_that_expires_as_its_sender_signs_in_stays_expired(
    whatsapp: WhatsAppHarness, database: Database, superuser: Engine
) -> None:
    whatsapp.receive(OWNER_PHONE, SPENT)
    whatsapp.advance(hours=25)

    def verified() -> str:
        return whatsapp.inbound()(whatsapp.queue_message("verified", OWNER_PHONE, {}))

    racing = Racing(database, superuser, verified)
    with racing.tenant(whatsapp.company_id) as session:
        assert overdue.expire_held(session, whatsapp.company_id, whatsapp.clock.now()) == 1
    assert racing.other() == "nothing_waits"
    assert racing.waited
    assert NOT_ACTED_ON not in sent_texts(whatsapp)
    assert [row.status for row in whatsapp.messages(direction="in")] == ["read"]


# ---- tasks


def test_two_workers_with_the_same_task_run_it_once(crew: TurnHarness, database: Database, superuser: Engine) -> None:
    crew.receive("gastei 10 com pão", "m1")
    queue_message = crew.queues.agent_queue_messages[0]
    racing = Racing(database, superuser, lambda: crew.run(queue_message))
    first = crew.run(queue_message, replace(crew.dependencies, database=racing))
    assert {first.kind, racing.other().kind} == {"replied", "skipped"}
    assert racing.waited
    assert crew.entry_counts() == {"gastei 10 com pão": 1}
    assert (len(crew.replies()), crew.tasks()[0].attempts) == (1, 1)


def test_a_message_that_arrives_as_the_turn_ends_gets_the_next_turn(
    crew: TurnHarness, database: Database, superuser: Engine
) -> None:
    crew.receive("conversa", "m1")
    queue_message = crew.queues.agent_queue_messages.pop()
    racing = Racing(database, superuser, lambda: crew.receive("gastei 20 com leite", "m2"), at=2)
    assert crew.run(queue_message, replace(crew.dependencies, database=racing)).kind == "replied"
    assert str(racing.other().opening) == "open"
    assert racing.waited
    crew.drain()
    assert crew.entry_counts() == {"gastei 20 com leite": 1}
    assert len(crew.replies()) == 2


def test_a_message_that_arrives_during_a_handoff_is_answered_by_the_next_agent(
    crew: TurnHarness, database: Database, superuser: Engine
) -> None:
    crew.receive("passa:hr gastei 10 reais com gasolina", "m1")
    queue_message = crew.queues.agent_queue_messages.pop()
    racing = Racing(database, superuser, lambda: crew.receive("gastei 20 com leite", "m2"), at=2)
    assert crew.run(queue_message, replace(crew.dependencies, database=racing)).kind == "handed_off"
    assert str(racing.other().opening) == "join"
    assert racing.waited
    crew.drain()
    assert crew.entry_counts() == {"passa:hr gastei 10 reais com gasolina": 1, "gastei 20 com leite": 1}
    assert len(crew.replies()) == 1


def test_a_sweep_leaves_the_task_to_a_worker_that_just_renewed_its_lease(
    crew: TurnHarness, database: Database, superuser: Engine
) -> None:
    """The worker saves its journal without the conversation's lock; the sweep must wait for it and read again."""
    crew.receive("gastei 10 com pão", "m1")
    queue_message = crew.queues.agent_queue_messages.pop()
    found = Swept()
    late = crew.clock.now() + timedelta(seconds=46)
    racing = Racing(
        database,
        superuser,
        lambda: sweep_company(database, crew.queues, crew.company_id, now=late, swept=found),
        at=2,
    )
    crew.agent.before_tools = lambda _: crew.wait(29)
    outcome = crew.run(queue_message, replace(crew.dependencies, database=racing))
    racing.other()
    assert racing.waited
    assert (outcome.kind, found.announced, found.errors) == ("replied", 0, [])
    assert crew.tasks()[0].attempts == 1


def test_a_worker_and_a_sweep_that_gives_up_end_a_task_once(
    crew: TurnHarness, database: Database, superuser: Engine
) -> None:
    crew.receive("gastei 10 com pão", "m1")
    queue_message = crew.queues.agent_queue_messages.pop()
    crew.rows(text("update crew_tasks set attempts = 3 returning id"))
    crew.wait(31)
    racing = Racing(database, superuser, lambda: crew.run(queue_message))
    sweep_company(racing, crew.queues, crew.company_id, now=crew.clock.now(), swept=Swept())
    if racing.started is None:
        pytest.fail("the sweep had nothing to do")
    racing.other()
    assert len(crew.replies()) == 1
    assert crew.event_names().count("crews.task_failed") == 1


# ---- the order of locks


@pytest.fixture
def locks(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """The locks that each transaction took on the two rows, in order; one list for each transaction."""
    transactions: list[list[str]] = []
    current: dict[int, list[str]] = {}

    def note(connection: OneTripConnection, statement: str) -> None:
        plain = " ".join(statement.lower().split())
        if plain.startswith("begin"):
            current[id(connection)] = []
            transactions.append(current[id(connection)])
        kind = _locked(plain)
        if kind and id(connection) in current:
            current[id(connection)].append(kind)

    queue, unnamed = OneTripConnection.queue, OneTripConnection.execute_unnamed
    begin = OneTripConnection.begin

    def queued(self: OneTripConnection, statement: str, values: Any) -> Any:
        note(self, statement)
        return queue(self, statement, values)

    def executed(self: OneTripConnection, statement: str, *args: Any, **options: Any) -> Any:
        note(self, statement)
        return unnamed(self, statement, *args, **options)

    def begun(self: OneTripConnection, *then: str, **options: bool) -> None:
        note(self, "begin")
        begin(self, *then, **options)

    monkeypatch.setattr(OneTripConnection, "queue", queued)
    monkeypatch.setattr(OneTripConnection, "execute_unnamed", executed)
    monkeypatch.setattr(OneTripConnection, "begin", begun)
    return transactions


def _locked(statement: str) -> str | None:
    """The row that a statement locks: by `for update` or an update; inserting a task locks its conversation too."""
    if "update conversations" in statement or ("for update of conversations" in statement):
        return "conversation"
    if "update crew_tasks" in statement or ("from crew_tasks" in statement and "for update" in statement):
        return "task"
    return "task" if "insert into tool_calls" in statement else None


def _in_order(transactions: list[list[str]]) -> bool:
    both = [one for one in transactions if {"conversation", "task"} <= set(one)]
    assert both, "nothing was recorded"
    return all(one[0] == "conversation" for one in both)


def test_a_conversation_is_always_locked_before_its_task(signed_in: WhatsAppHarness, locks: list[list[str]]) -> None:
    done: set[Any] = set()
    for said in ("quero falar com uma pessoa", SPENT, "gastei 20 de pão e a Maria faltou hoje", "me ajuda", "oi"):
        receive(signed_in, said)
        run_agents(signed_in, done)
        signed_in.rows("update conversations set human_until = null returning id")
    take_over(signed_in)
    signed_in.advance(minutes=61)
    receive(signed_in, SPENT)
    signed_in.advance(minutes=2)
    sweep_company(signed_in.database, signed_in.queues, signed_in.company_id, now=signed_in.clock.now(), swept=Swept())
    run_agents(signed_in, done)
    assert _in_order(locks)


def test_a_request_for_a_person_and_a_sweep_do_not_deadlock(
    signed_in: WhatsAppHarness, database: Database, superuser: Engine
) -> None:
    """With the other lock order Postgres would end one of the two transactions because of a deadlock."""
    receive(signed_in, "quero falar com uma pessoa")
    (queue_message,) = signed_in.queues.of("agent-")
    late = signed_in.clock.now() + timedelta(seconds=46)
    found = Swept()
    racing = Racing(
        database,
        superuser,
        lambda: sweep_company(database, signed_in.queues, signed_in.company_id, now=late, swept=found),
        at=2,
    )

    def slowly(turn: Any, journal: Any, toolbox: Any, config: Any) -> Any:
        signed_in.advance(seconds=20)
        return run_agent(turn, journal, toolbox, config)

    outcome = run_task(
        queue_message.payload, TaskDependencies(racing, signed_in.queues, signed_in.clock, slowly, run_tool)
    )
    racing.other()
    assert (outcome.kind, found.errors) == ("replied", [])
    assert len(sent_texts(signed_in)) == 1


def test_a_message_waits_for_a_held_lock(signed_in: WhatsAppHarness, database: Database, superuser: Engine) -> None:
    receive(signed_in, "oi")
    racing = Racing(database, superuser, lambda: receive(signed_in, SPENT))
    with racing.tenant(signed_in.company_id) as session:
        session.execute(select(Conversation.id).with_for_update())
        session.execute(update(Conversation).values(human_until=signed_in.clock.now() + timedelta(hours=1)))
    assert racing.waited
    assert racing.other() == "human"
