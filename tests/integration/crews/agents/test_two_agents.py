"""A message with requests for two agents, with the real turns, agents and tools: each is done and answered once."""

from uuid import UUID

import pytest
from sqlalchemy import select

from falachefe.app.agent_models import answer
from falachefe.crews.tools.registry import run_tool
from falachefe.crews.turns.run import TaskDependencies
from falachefe.db.engine import Database
from falachefe.finance.models import Transaction
from tests.integration.crews.harness import TurnHarness


@pytest.fixture
def crew(database: Database, company_id: UUID) -> TurnHarness:
    made = TurnHarness(database, company_id)
    made.dependencies = TaskDependencies(made.database, made.queues, made.clock, answer, run_tool)
    return made


def test_both_agents_run_and_one_reply_has_both_results(crew: TurnHarness) -> None:
    crew.receive("gastei 50 de gasolina e contratei a Paula como caixa", "m1")

    assert [(outcome.kind, outcome.role) for outcome in crew.drain()] == [
        ("handed_off", "financial"),
        ("replied", "hr"),
    ]

    [reply] = crew.replies()
    assert "R$ 50,00" in reply
    assert "Paula" in reply
    assert [call.tool for call in crew.tool_calls()] == ["add_expense", "add_employee"]
    assert [str(row.amount) for row in crew.rows(select(Transaction.amount))] == ["50.00"]


def test_the_answer_to_an_open_question_runs_only_its_call(crew: TurnHarness) -> None:
    crew.receive("gastei 50 de gasolina e contratei a Paula", "m1")
    crew.drain()
    assert [call.tool for call in crew.tool_calls()] == ["add_expense"]
    assert "cargo" in crew.replies()[0]

    crew.receive("caixa", "m2")
    crew.drain()

    assert [call.tool for call in crew.tool_calls()] == ["add_expense", "add_employee"]
