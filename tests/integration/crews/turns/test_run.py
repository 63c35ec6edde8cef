"""Running a task: the model outside of transactions, its tools within the agent's rights and time."""

from sqlalchemy import update

from falachefe.crews.models import CrewAgent
from tests.integration.crews.harness import TurnHarness


def test_a_refused_tool_changes_nothing(crew: TurnHarness) -> None:
    crew.receive("recusa isto", "m1")
    crew.drain()
    assert crew.entry_counts() == {}
    assert crew.replies() == ["Não pode."]
    [call] = crew.tool_calls()
    assert (call.tool, call.ok, call.result["code"]) == ("refuse", False, "forbidden")


def test_a_model_that_fails_twice_is_called_a_third_time(crew: TurnHarness) -> None:
    crew.agent.failing = 2
    crew.receive("gastei 10 com pão", "m1")
    assert [outcome.kind for outcome in crew.drain()] == ["retried", "retried", "replied"]
    assert crew.replies() == ["Anotado: gastei 10 com pão"]


def test_an_attempt_that_takes_too_long_fails_before_its_tools_run(crew: TurnHarness) -> None:
    crew.agent.before_tools = lambda turn: crew.wait(31)
    crew.receive("gastei 10 com pão", "m1")
    assert crew.deliver().kind == "retried"
    assert crew.tasks()[0].error_message == "TaskTimeout"
    assert crew.entry_counts() == {}


def test_no_transaction_is_open_during_a_model_call(crew: TurnHarness) -> None:
    checked_out: list[int] = []
    crew.agent.before_tools = lambda turn: checked_out.append(crew.real.engine.pool.checkedout())  # type: ignore[attr-defined]
    crew.receive("gastei 10 com pão", "m1")
    crew.drain()
    assert checked_out == [0]


def test_a_tool_disabled_for_an_agent_is_refused_and_changes_nothing(crew: TurnHarness) -> None:
    kept = update(CrewAgent).where(CrewAgent.company_id == crew.company_id).values(tools=["show_cash_flow"])
    with crew.database.tenant(crew.company_id) as session:
        session.execute(kept, execution_options={"synchronize_session": False})
    crew.receive("gastei 10 com pão", "m1")
    crew.drain()
    [call] = crew.tool_calls()
    assert (call.ok, call.result["code"]) == (False, "tool_switched_off")
    assert crew.entry_counts() == {}
    assert len(crew.replies()) == 1
