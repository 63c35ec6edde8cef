"""Each lock of a turn, by threads on Postgres: the second transaction starts while the first one holds it."""

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
from tests.integration.crews.rig import World
from tests.integration.messaging.conftest import OWNER_PHONE, Shop, open_shop, shop, tables
from tests.integration.messaging.test_message_time import agents_run, hears, takes_over, told
from tests.integration.races import Racing

__all__ = ["open_shop", "shop", "tables"]

SPENT = "gastei 150 de gasolina hoje"


def active_turns(shop: Shop) -> list[Any]:
    return shop.rows("select id from crew_tasks where status in ('pending', 'in_progress')")


def test_two_messages_at_once_open_one_turn(open_shop: Shop, database: Database, superuser: Engine) -> None:
    hears(open_shop, "oi")
    open_shop.finish_turns()
    racing = Racing(database, superuser, lambda: hears(open_shop, "e 30 de pão"))
    first = replace(open_shop, database=racing)
    assert (hears(first, SPENT), racing.other()) == ("open", "join")
    assert racing.waited
    assert len(active_turns(open_shop)) == 1
    assert len(open_shop.messages(status="received", crew_task_id=None)) == 2


def test_the_first_two_messages_of_a_person_at_once_make_one_conversation(
    open_shop: Shop, database: Database, superuser: Engine
) -> None:
    racing = Racing(database, superuser, lambda: hears(open_shop, "e 30 de pão"))
    assert (hears(replace(open_shop, database=racing), SPENT), racing.other()) == ("open", "join")
    assert len(open_shop.rows("select id from conversations")) == 1


def test_one_message_delivered_twice_at_once_is_stored_once(
    open_shop: Shop, database: Database, superuser: Engine
) -> None:
    def again() -> str:
        return open_shop.hears(OWNER_PHONE, SPENT, message_id="3EB0SAME")

    racing = Racing(database, superuser, again)
    first = replace(open_shop, database=racing).hears(OWNER_PHONE, SPENT, message_id="3EB0SAME")
    assert (first, racing.other()) == ("open", "repeated")
    assert len(open_shop.messages()) == 1


def test_a_message_that_comes_as_a_person_takes_over_is_theirs(
    open_shop: Shop, database: Database, superuser: Engine
) -> None:
    hears(open_shop, "oi")
    open_shop.finish_turns()
    at = open_shop.clock.now() + timedelta(minutes=1)
    racing = Racing(database, superuser, lambda: hears(open_shop, SPENT, at))
    assert (takes_over(replace(open_shop, database=racing)), racing.other()) == ("human", "human")
    assert racing.waited
    assert active_turns(open_shop) == []


def test_a_take_over_that_comes_with_a_message_leaves_it_to_the_person(
    open_shop: Shop, database: Database, superuser: Engine
) -> None:
    hears(open_shop, "oi")
    open_shop.finish_turns()
    racing = Racing(database, superuser, lambda: takes_over(open_shop))
    assert (hears(replace(open_shop, database=racing), SPENT), racing.other()) == ("open", "human")
    assert open_shop.messages(status="received", crew_task_id=None) == []
    agents_run(open_shop)
    assert (told(open_shop), active_turns(open_shop)) == ([], [])


def test_a_message_that_is_let_go_as_its_sender_signs_in_stays_let_go(
    shop: Shop, database: Database, superuser: Engine
) -> None:
    shop.hears(OWNER_PHONE, SPENT)
    shop.later(hours=25)

    def verified() -> str:
        return shop.inbound()(shop.queue_message("verified", OWNER_PHONE, {}))

    racing = Racing(database, superuser, verified)
    with racing.tenant(shop.company_id) as session:
        assert overdue.expire_held(session, shop.company_id, shop.clock.now()) == 1
    assert racing.other() == "nothing_waits"
    assert racing.waited
    assert NOT_ACTED_ON not in told(shop)
    assert [row.status for row in shop.messages(direction="in")] == ["read"]


# ---- tasks


def test_two_workers_with_the_same_task_do_it_once(world: World, database: Database, superuser: Engine) -> None:
    world.receive("gastei 10 com pão", "m1")
    queue_message = world.queues.agent_queue_messages[0]
    racing = Racing(database, superuser, lambda: world.run(queue_message))
    first = world.run(queue_message, replace(world.shop, database=racing))
    assert {first.kind, racing.other().kind} == {"replied", "skipped"}
    assert racing.waited
    assert world.noted() == {"gastei 10 com pão": 1}
    assert (len(world.replies()), world.tasks()[0].attempts) == (1, 1)


def test_a_message_that_comes_as_the_turn_ends_gets_the_next_one(
    world: World, database: Database, superuser: Engine
) -> None:
    world.receive("conversa", "m1")
    queue_message = world.queues.agent_queue_messages.pop()
    racing = Racing(database, superuser, lambda: world.receive("gastei 20 com leite", "m2"), at=2)
    assert world.run(queue_message, replace(world.shop, database=racing)).kind == "replied"
    assert str(racing.other().opening) == "open"
    assert racing.waited
    world.drain()
    assert world.noted() == {"gastei 20 com leite": 1}
    assert len(world.replies()) == 2


def test_a_message_that_comes_as_the_turn_is_handed_over_is_answered_by_its_next_agent(
    world: World, database: Database, superuser: Engine
) -> None:
    world.receive("passa:hr gastei 10 reais com gasolina", "m1")
    queue_message = world.queues.agent_queue_messages.pop()
    racing = Racing(database, superuser, lambda: world.receive("gastei 20 com leite", "m2"), at=2)
    assert world.run(queue_message, replace(world.shop, database=racing)).kind == "handed_off"
    assert str(racing.other().opening) == "join"
    assert racing.waited
    world.drain()
    assert world.noted() == {"passa:hr gastei 10 reais com gasolina": 1, "gastei 20 com leite": 1}
    assert len(world.replies()) == 1


def test_a_sweep_leaves_the_task_to_a_worker_that_just_renewed_its_lease(
    world: World, database: Database, superuser: Engine
) -> None:
    """The worker writes its journal without the conversation's lock; the sweep must wait for it and look again."""
    world.receive("gastei 10 com pão", "m1")
    queue_message = world.queues.agent_queue_messages.pop()
    found = Swept()
    late = world.clock.now() + timedelta(seconds=46)
    racing = Racing(
        database,
        superuser,
        lambda: sweep_company(database, world.queues, world.company_id, now=late, swept=found),
        at=2,
    )
    world.agent.before_tools = lambda _: world.wait(29)
    outcome = world.run(queue_message, replace(world.shop, database=racing))
    racing.other()
    assert racing.waited
    assert (outcome.kind, found.announced, found.errors) == ("replied", 0, [])
    assert world.tasks()[0].attempts == 1


def test_a_worker_and_the_sweep_that_gives_up_end_a_task_once(
    world: World, database: Database, superuser: Engine
) -> None:
    world.receive("gastei 10 com pão", "m1")
    queue_message = world.queues.agent_queue_messages.pop()
    world.rows(text("update crew_tasks set attempts = 3 returning id"))
    world.wait(31)
    racing = Racing(database, superuser, lambda: world.run(queue_message))
    sweep_company(racing, world.queues, world.company_id, now=world.clock.now(), swept=Swept())
    if racing.started is None:
        pytest.fail("the sweep had nothing to do")
    racing.other()
    assert len(world.replies()) == 1
    assert world.event_names().count("crews.task_failed") == 1


# ---- the order of locks


@pytest.fixture
def locks(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """Which of the two rows each transaction locked, in order; one list a transaction."""
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
    """A row's lock: by `for update`, or by changing it (a new task refers to its conversation, and locks it too)."""
    if "update conversations" in statement or ("for update of conversations" in statement):
        return "conversation"
    if "update crew_tasks" in statement or ("from crew_tasks" in statement and "for update" in statement):
        return "task"
    return "task" if "insert into tool_calls" in statement else None


def _in_order(transactions: list[list[str]]) -> bool:
    both = [one for one in transactions if {"conversation", "task"} <= set(one)]
    assert both, "nothing was recorded"
    return all(one[0] == "conversation" for one in both)


def test_whoever_locks_a_conversation_and_its_task_takes_the_conversation_first(
    open_shop: Shop, locks: list[list[str]]
) -> None:
    done: set[Any] = set()
    for said in ("quero falar com uma pessoa", SPENT, "gastei 20 de pão e a Maria faltou hoje", "me ajuda", "oi"):
        hears(open_shop, said)
        agents_run(open_shop, done)
        open_shop.rows("update conversations set human_until = null returning id")
    takes_over(open_shop)
    open_shop.later(minutes=61)
    hears(open_shop, SPENT)
    open_shop.later(minutes=2)
    sweep_company(open_shop.database, open_shop.queues, open_shop.company_id, now=open_shop.clock.now(), swept=Swept())
    agents_run(open_shop, done)
    assert _in_order(locks)


def test_a_person_is_called_while_the_sweep_looks_at_the_task(
    open_shop: Shop, database: Database, superuser: Engine
) -> None:
    """In the other order Postgres ends one of the two with a deadlock."""
    hears(open_shop, "quero falar com uma pessoa")
    (queue_message,) = open_shop.queues.of("agent-")
    late = open_shop.clock.now() + timedelta(seconds=46)
    found = Swept()
    racing = Racing(
        database,
        superuser,
        lambda: sweep_company(database, open_shop.queues, open_shop.company_id, now=late, swept=found),
        at=2,
    )

    def slowly(turn: Any, journal: Any, toolbox: Any, config: Any) -> Any:
        open_shop.later(seconds=20)
        return run_agent(turn, journal, toolbox, config)

    outcome = run_task(
        queue_message.payload, TaskDependencies(racing, open_shop.queues, open_shop.clock, slowly, run_tool)
    )
    racing.other()
    assert (outcome.kind, found.errors) == ("replied", [])
    assert len(told(open_shop)) == 1


def test_a_lock_that_is_held_keeps_a_message_waiting(open_shop: Shop, database: Database, superuser: Engine) -> None:
    hears(open_shop, "oi")
    racing = Racing(database, superuser, lambda: hears(open_shop, SPENT))
    with racing.tenant(open_shop.company_id) as session:
        session.execute(select(Conversation.id).with_for_update())
        session.execute(update(Conversation).values(human_until=open_shop.clock.now() + timedelta(hours=1)))
    assert racing.waited
    assert racing.other() == "human"
