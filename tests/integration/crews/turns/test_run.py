"""Running a task: the model outside of transactions, its tools within the agent's rights and time."""

from sqlalchemy import update

from falachefe.crews.models import CrewAgent
from tests.integration.crews.rig import World


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
