"""The end of a task: its reply and figures, its hand-off, or the apology after the last attempt."""

from decimal import Decimal

from sqlalchemy import update

from falachefe.crews.models import CrewAgent, CrewMetric
from falachefe.crews.turns.finish import APOLOGY, APOLOGY_FOR_THE_REST
from falachefe.crews.turns.types import TurnInput
from tests.integration.crews.rig import World

HANDED_OVER = "passa:hr gastei 10 reais com gasolina"
"""Routed to finance by what it says; the scripted agent hands it to HR."""


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
