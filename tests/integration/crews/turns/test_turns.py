"""A turn from the stored message to the one reply, undisturbed."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from uuid import UUID

import pytest
from sqlalchemy import update

from falachefe.accounts.models import User
from falachefe.companies.models import Company
from falachefe.crews.models import Crew, CrewAgent, CrewMetric
from falachefe.crews.turns import rules
from falachefe.crews.turns.claim import WrongRole
from falachefe.crews.turns.finish import APOLOGY, APOLOGY_FOR_THE_REST
from falachefe.crews.turns.start import PAUSED_TEXT
from falachefe.crews.turns.types import TurnInput
from falachefe.kernel.clock import FixedClock
from falachefe.messaging.models import Conversation
from tests.integration.crews.rig import Killed, World

HANDED_OVER = "passa:hr gastei 10 reais com gasolina"
"""Routed to finance by what it says; the scripted agent hands it to HR."""


def test_a_message_gets_its_tool_and_one_reply(world: World) -> None:
    world.receive("gastei 10 com pão", "m1")
    [outcome] = world.drain()
    assert outcome.kind == "replied"
    assert world.replies() == ["Anotado: gastei 10 com pão"]
    assert world.noted() == {"gastei 10 com pão": 1}
    assert world.conversation().active_task_id is None
    assert world.queue_messages_left() == []


def test_a_finished_task_keeps_what_it_used_and_cost(world: World) -> None:
    world.receive("gastei 10 com pão", "m1")
    world.drain()
    [task] = world.tasks()
    assert (task.status, task.attempts, task.lease_until) == ("completed", 1, None)
    assert task.token_usage == {"input": 10, "output": 5, "total": 15, "requests": 1}
    assert task.cost_usd == Decimal("0.000100")
    assert task.execution_time_ms is not None
    metrics = world.rows(CrewMetric.__table__.select())
    assert {(m.metric_type, m.metric_name) for m in metrics} == {
        ("performance", "execution_time"),
        ("usage", "tokens"),
        ("cost", "model_cost"),
    }
    assert world.event_names() == ["crews.task_completed"]


def test_a_repeated_delivery_is_answered_once(world: World) -> None:
    for _ in range(3):
        world.receive("gastei 10 com pão", "m1")
    queue_message = world.queues.agent_queue_messages[0]
    world.drain()
    assert [world.run(queue_message).kind for _ in range(2)] == ["skipped", "skipped"]
    assert len(world.replies()) == 1
    assert world.noted() == {"gastei 10 com pão": 1}


def test_messages_before_the_agent_starts_share_one_turn(world: World) -> None:
    world.receive("gastei 10 com pão", "m1")
    world.receive("e 20 com leite", "m2")
    world.drain()
    assert world.replies() == ["Anotado: gastei 10 com pão; Anotado: e 20 com leite"]


def test_a_message_during_a_turn_gets_the_next_turn(world: World) -> None:
    def meanwhile(turn: TurnInput) -> None:
        if "gastei 10 com pão" in turn.texts:
            world.receive("e 20 com leite", "m2")

    world.agent.before_tools = meanwhile
    world.receive("gastei 10 com pão", "m1")
    world.drain()
    assert world.replies() == ["Anotado: gastei 10 com pão", "Anotado: e 20 com leite"]
    assert world.noted() == {"gastei 10 com pão": 1, "e 20 com leite": 1}


def test_a_handoff_is_one_line_before_the_one_reply(world: World) -> None:
    world.receive(HANDED_OVER, "m1")
    assert [outcome.kind for outcome in world.drain()] == ["handed_off", "replied"]
    assert world.replies() == [f"Passei para o RH.\nAnotado: {HANDED_OVER}"]
    parent, child = world.tasks()
    assert child.parent_task_id == parent.id
    assert child.metadata["handoff"] == {
        "reason": "assunto de outro",
        "summary": "resumo",
        "open_args": {"amount": "10"},
    }
    assert world.agent.last_turn.open_args == {"amount": "10"}
    assert world.agent.last_turn.handoff_reason == "assunto de outro\nresumo"
    [entry] = world.conversation().handoff_history
    assert (entry["to"], entry["task_id"]) == ("hr", str(parent.id))
    assert "crews.handed_off" in world.event_names()


def test_agents_that_play_ball_end_at_support(world: World) -> None:
    world.receive("passa:hr,financial sempre: gastei 10 reais com gasolina", "m1")
    world.drain()
    path = [task.role for task in world.tasks()]
    assert path == ["financial", "hr", "support"]
    [reply] = world.replies()
    assert reply.startswith("Passei para o RH.\nPassei para o suporte.\n")


def test_an_inactive_target_is_named_and_another_answers(world: World) -> None:
    with world.real.tenant(world.company_id) as session:
        session.execute(update(CrewAgent).where(CrewAgent.role == "hr").values(status="inactive"))
    world.receive(HANDED_OVER, "m1")
    world.drain()
    assert world.replies()[0].splitlines()[0] == "O RH não está disponível agora, então passei para o suporte."
    assert world.conversation().handoff_history[0]["reason"] == "inactive_agent"


def test_a_refused_tool_leaves_nothing_behind(world: World) -> None:
    world.receive("recusa isto", "m1")
    world.drain()
    assert world.noted() == {}
    assert world.replies() == ["Não pode."]
    [call] = world.tool_calls()
    assert (call.tool, call.ok, call.result["code"]) == ("refuse", False, "forbidden")


def test_a_model_that_fails_twice_is_asked_a_third_time(world: World) -> None:
    world.agent.failing = 2
    world.receive("gastei 10 com pão", "m1")
    assert [outcome.kind for outcome in world.drain()] == ["retried", "retried", "replied"]
    assert world.replies() == ["Anotado: gastei 10 com pão"]


def test_a_task_that_fails_three_times_ends_with_one_apology(world: World) -> None:
    world.receive("quebra tudo", "m1")
    assert [outcome.kind for outcome in world.drain()] == ["retried", "retried", "failed"]
    assert world.replies() == [APOLOGY]
    assert world.noted() == {}
    [task] = world.tasks()
    assert (task.status, task.error_message) == ("failed", "RuntimeError")
    assert world.event_names() == ["crews.task_failed"]
    assert world.conversation().active_task_id is None


def test_an_apology_says_what_was_done_all_the_same(world: World) -> None:
    """Else the person would ask for everything again, and have it twice."""
    world.receive("gastei 10 com pão", "m1")
    world.receive("quebra tudo", "m2")
    assert world.drain()[-1].kind == "failed"
    assert world.noted() == {"gastei 10 com pão": 1}
    assert world.replies() == [f"Anotado: gastei 10 com pão\n{APOLOGY_FOR_THE_REST}"]


def test_what_was_written_during_a_failing_turn_is_still_answered(world: World) -> None:
    def meanwhile(turn: TurnInput) -> None:
        world.receive("conversa depois", "m2")

    world.agent.before_tools = meanwhile
    world.receive("quebra tudo", "m1")
    world.drain()
    world.settle()
    assert [m.crew_task_id is not None for m in world.messages("in")] == [True, True]
    assert world.replies()[0] == APOLOGY


@pytest.mark.parametrize("gone", ["company", "user"])
def test_nobody_acts_for_who_was_deactivated_meanwhile(world: World, gone: str) -> None:
    world.receive("gastei 10 com pão", "m1")
    with world.real.tenant(world.company_id) as session:
        if gone == "company":
            session.execute(update(Company).values(status="suspended"))
        else:
            session.execute(update(User).values(status="inactive"))
    assert [outcome.kind for outcome in world.drain()] == ["cancelled"]
    assert world.replies() == []
    assert world.noted() == {}
    assert world.conversation().active_task_id is None


def test_an_agent_refuses_the_task_of_another_role(world: World) -> None:
    world.receive("gastei 10 com pão", "m1")
    queue_message = replace(world.queues.agent_queue_messages[0], destination="agent-marketing")
    with pytest.raises(WrongRole):
        world.run(queue_message)
    assert [outcome.kind for outcome in world.drain()] == ["replied"]


def test_a_paused_crew_says_so_once_and_answers_afterwards(world: World) -> None:
    _set_crew(world, "paused")
    assert [world.receive(text, key).opening for text, key in (("a", "m1"), ("b", "m2"))] == [  # type: ignore[union-attr]
        rules.Opening.PAUSED_NOTICE,
        rules.Opening.PAUSED_SILENT,
    ]
    assert world.replies() == [PAUSED_TEXT]
    _set_crew(world, "active")
    world.wait(60)
    world.sweep()
    world.drain()
    assert world.replies() == [PAUSED_TEXT, "Anotado: a; Anotado: b"]


def test_a_second_pause_is_told_of_again(world: World) -> None:
    for key in ("m1", "m2"):
        _set_crew(world, "paused")
        world.receive("oi", key)
        _set_crew(world, "active")
    assert world.replies() == [PAUSED_TEXT, PAUSED_TEXT]


def _set_crew(world: World, status: str) -> None:
    with world.real.tenant(world.company_id) as session:
        session.execute(update(Crew).values(status=status))


def test_the_crew_is_silent_while_a_person_talks(world: World) -> None:
    with world.real.tenant(world.company_id) as session:
        session.execute(update(Conversation).values(human_until=world.clock.now() + timedelta(hours=1)))
    decision = world.receive("oi", "m1")
    assert decision is not None
    assert decision.opening is rules.Opening.SILENT
    assert world.tasks() == []


def test_a_worker_that_lost_its_lease_changes_nothing(world: World) -> None:
    """The slow worker has a clock of its own, so that only the fence can stop it."""
    slow = replace(world.shop, clock=FixedClock(world.clock.now()))
    overtaken: list[str] = []

    def stall(turn: TurnInput) -> None:
        if not overtaken:
            overtaken.append("now")
            world.wait(120)
            world.sweep()
            overtaken.extend(outcome.kind for outcome in world.drain())

    world.agent.before_tools = stall
    world.receive("gastei 10 com pão", "m1")
    outcome = world.run(world.queues.agent_queue_messages.pop(), slow)
    assert overtaken == ["now", "replied"]
    assert outcome.kind == "skipped"
    assert world.noted() == {"gastei 10 com pão": 1}
    assert len(world.replies()) == 1


def test_a_slow_worker_does_nothing_beside_the_one_that_took_over(world: World) -> None:
    """The second worker dies after its first tool; only the attempt tells the first one that it is out."""
    slow = replace(world.shop, clock=FixedClock(world.clock.now()))
    runs: list[str] = []

    def stall(turn: TurnInput) -> None:
        runs.append("run")
        if len(runs) == 1:
            world.wait(120)
            world.sweep()
            with pytest.raises(Killed):
                world.deliver()
        elif len(runs) == 2:
            world.boundaries.kill_at = world.boundaries.passed + 3

    world.agent.before_tools = stall
    world.receive("gastei 10 com pão", "m1")
    world.receive("e 20 com leite", "m2")
    outcome = world.run(world.queues.agent_queue_messages.pop(), slow)
    assert outcome.kind == "skipped"
    assert world.noted() == {"gastei 10 com pão": 1}
    world.settle()
    assert world.noted() == {"gastei 10 com pão": 1, "e 20 com leite": 1}
    assert len(world.replies()) == 1


def test_an_agent_that_takes_too_long_is_stopped_before_its_tools(world: World) -> None:
    world.agent.before_tools = lambda turn: world.wait(31)
    world.receive("gastei 10 com pão", "m1")
    assert world.deliver().kind == "retried"
    assert world.tasks()[0].error_message == "TaskTimeout"
    assert world.noted() == {}


def test_no_transaction_is_open_while_the_model_thinks(world: World) -> None:
    checked_out: list[int] = []
    world.agent.before_tools = lambda turn: checked_out.append(world.real.engine.pool.checkedout())  # type: ignore[attr-defined]
    world.receive("gastei 10 com pão", "m1")
    world.drain()
    assert checked_out == [0]


def test_a_contact_is_answered_by_support(world: World, company_id: UUID) -> None:
    with world.real.tenant(company_id) as session:
        world.talks.append(world._person(session, 7))
    decision = world.receive("conversa", "m1", talk=1)
    assert decision is not None
    assert (decision.role, decision.reason) == ("support", "contact")
    world.drain()
    assert world.agent.last_turn.sender_kind == "contact"


def test_a_tool_that_was_taken_from_an_agent_is_refused_and_changes_nothing(world: World) -> None:
    kept = update(CrewAgent).where(CrewAgent.company_id == world.company_id).values(tools=["show_cash_flow"])
    with world.database.tenant(world.company_id) as session:
        session.execute(kept, execution_options={"synchronize_session": False})
    world.receive("gastei 10 com pão", "m1")
    world.drain()
    [call] = world.tool_calls()
    assert (call.ok, call.result["code"]) == (False, "tool_switched_off")
    assert world.noted() == {}
    assert len(world.replies()) == 1
