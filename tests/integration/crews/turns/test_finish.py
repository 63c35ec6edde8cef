"""The end of a task: its reply and figures, its handoff, or the apology after the last attempt."""

from decimal import Decimal

from sqlalchemy import update

from falachefe.crews.models import CrewAgent, CrewMetric
from falachefe.crews.turns.finish import APOLOGY, APOLOGY_FOR_THE_REST
from falachefe.crews.turns.types import TurnInput
from tests.integration.crews.harness import TurnHarness

HANDED_OVER = "passa:hr gastei 10 reais com gasolina"
"""Routed to finance by its text; the scripted agent hands it off to HR."""


def test_a_finished_task_keeps_what_it_used_and_cost(crew: TurnHarness) -> None:
    crew.receive("gastei 10 com pão", "m1")
    crew.drain()
    [task] = crew.tasks()
    assert (task.status, task.attempts, task.lease_until) == ("completed", 1, None)
    assert task.token_usage == {"input": 10, "output": 5, "total": 15, "requests": 1}
    assert task.cost_usd == Decimal("0.000100")
    assert task.execution_time_ms is not None
    metrics = crew.rows(CrewMetric.__table__.select())
    assert {(m.metric_type, m.metric_name) for m in metrics} == {
        ("performance", "execution_time"),
        ("usage", "tokens"),
        ("cost", "model_cost"),
    }
    assert crew.event_names() == ["crews.task_completed"]


def test_a_handoff_is_one_line_before_the_one_reply(crew: TurnHarness) -> None:
    crew.receive(HANDED_OVER, "m1")
    assert [outcome.kind for outcome in crew.drain()] == ["handed_off", "replied"]
    assert crew.replies() == [f"Passei para o RH.\nAnotado: {HANDED_OVER}"]
    parent, child = crew.tasks()
    assert child.parent_task_id == parent.id
    assert child.metadata["handoff"] == {
        "reason": "assunto de outro",
        "summary": "resumo",
        "open_args": {"amount": "10"},
    }
    assert crew.agent.last_turn.open_args == {"amount": "10"}
    assert crew.agent.last_turn.handoff_reason == "assunto de outro\nresumo"
    [entry] = crew.conversation().handoff_history
    assert (entry["to"], entry["task_id"]) == ("hr", str(parent.id))
    assert "crews.handed_off" in crew.event_names()


def test_repeated_handoffs_end_at_support(crew: TurnHarness) -> None:
    crew.receive("passa:hr,financial sempre: gastei 10 reais com gasolina", "m1")
    crew.drain()
    path = [task.role for task in crew.tasks()]
    assert path == ["financial", "hr", "support"]
    [reply] = crew.replies()
    assert reply.startswith("Passei para o RH.\nPassei para o suporte.\n")


def test_an_inactive_target_is_named_and_another_answers(crew: TurnHarness) -> None:
    with crew.real.tenant(crew.company_id) as session:
        session.execute(update(CrewAgent).where(CrewAgent.role == "hr").values(status="inactive"))
    crew.receive(HANDED_OVER, "m1")
    crew.drain()
    assert crew.replies()[0].splitlines()[0] == "O RH não está disponível agora, então passei para o suporte."
    assert crew.conversation().handoff_history[0]["reason"] == "inactive_agent"


def test_a_task_that_fails_three_times_ends_with_one_apology(crew: TurnHarness) -> None:
    crew.receive("quebra tudo", "m1")
    assert [outcome.kind for outcome in crew.drain()] == ["retried", "retried", "failed"]
    assert crew.replies() == [APOLOGY]
    assert crew.entry_counts() == {}
    [task] = crew.tasks()
    assert (task.status, task.error_message) == ("failed", "RuntimeError")
    assert crew.event_names() == ["crews.task_failed"]
    assert crew.conversation().active_task_id is None


def test_an_apology_lists_what_was_done(crew: TurnHarness) -> None:
    """Otherwise the person would ask for everything again, and it would be done twice."""
    crew.receive("gastei 10 com pão", "m1")
    crew.receive("quebra tudo", "m2")
    assert crew.drain()[-1].kind == "failed"
    assert crew.entry_counts() == {"gastei 10 com pão": 1}
    assert crew.replies() == [f"Anotado: gastei 10 com pão\n{APOLOGY_FOR_THE_REST}"]


def test_a_message_that_arrives_during_a_failing_turn_is_answered(crew: TurnHarness) -> None:
    def meanwhile(turn: TurnInput) -> None:
        crew.receive("conversa depois", "m2")

    crew.agent.before_tools = meanwhile
    crew.receive("quebra tudo", "m1")
    crew.drain()
    crew.settle()
    assert [m.crew_task_id is not None for m in crew.messages("in")] == [True, True]
    assert crew.replies()[0] == APOLOGY
