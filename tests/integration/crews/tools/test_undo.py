"""`undo` takes the last act of a conversation back, once, and leaves alone what changed meanwhile."""

from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import Engine, select, text

from falachefe.access.permissions import PERMISSIONS_OF
from falachefe.audit.models import AuditLog
from falachefe.crews.tools.registry import TOOLS, run_tool
from falachefe.crews.tools.spec import ToolResult
from falachefe.db.engine import Database
from falachefe.finance.models import Budget, Transaction
from falachefe.hr import service
from falachefe.hr.models import Employee
from tests.integration.crews.harness import TurnHarness
from tests.integration.crews.tools.chat import Chat
from tests.integration.races import Racing

WITHOUT_INVERSE = {"undo", "talk_to_human"}
"""An act is undone once; and after `talk_to_human` the crew is silent until a person gives the conversation back."""


@pytest.fixture
def chat(crew: TurnHarness) -> Chat:
    return Chat(crew)


def spent(amount: str, description: str = "gasolina") -> dict[str, Any]:
    return {"amount": amount, "description": description, "category": "combustivel", "date": "2026-11-10"}


def left(chat: Chat) -> list[str]:
    """The amounts of the entries that are there."""
    rows = chat.crew.rows(select(Transaction.amount).where(Transaction.deleted_at.is_(None)).order_by(Transaction.id))
    return [str(row.amount) for row in rows]


def test_every_tool_that_writes_can_be_undone() -> None:
    assert {name for name, spec in TOOLS.items() if spec.writes and spec.undo is None} == WITHOUT_INVERSE


def test_the_last_entry_is_taken_back_and_named(chat: Chat) -> None:
    chat.do("add_expense", **spent("30"))
    chat.do("add_expense", **spent("80"))

    done = chat.do("undo")

    assert done.ok
    assert done.message.startswith("Desfeito: tirei a despesa de R$ 80,00 em combustível (gasolina), ")
    assert left(chat) == ["30.00"]


def test_an_act_is_undone_once_and_the_one_before_it_stays(chat: Chat) -> None:
    chat.do("add_expense", **spent("30"))
    chat.do("add_expense", **spent("80"))
    chat.do("undo")

    again = chat.do("undo")

    assert (again.ok, again.code, again.message) == (False, "already_undone", "Isso já foi desfeito.")
    assert left(chat) == ["30.00"]


def test_of_several_acts_of_one_message_the_last_goes_and_the_rest_is_offered(chat: Chat) -> None:
    chat.say(*[("add_expense", spent(amount)) for amount in ("10", "20", "30")])

    one = chat.do("undo")
    rest = chat.do("undo", whole_message=True)
    none = chat.do("undo", whole_message=True)

    assert one.message.endswith(
        "Da mesma mensagem ficaram 2 outros registros. Para tirar também, escreva *desfaz tudo*."
    )
    assert rest.data == {"undone": 2}
    assert rest.message.count("Desfeito: ") == 2
    assert (none.ok, none.code) == (False, "already_undone")
    assert left(chat) == []


def test_reading_in_between_does_not_change_what_the_last_act_is(chat: Chat) -> None:
    chat.do("add_expense", **spent("80"))
    chat.do("cash_flow_report", start="2026-11-01", end="2026-11-30")
    chat.do("add_expense", **(spent("1") | {"amount": "mil"}))  # refused

    assert chat.do("undo").ok
    assert left(chat) == []


def test_after_a_day_nothing_is_undone(chat: Chat) -> None:
    chat.do("add_expense", **spent("80"))
    assert chat.context is not None
    tomorrow = replace(chat.context, now=chat.context.now + timedelta(hours=24, seconds=1))

    chat.context = tomorrow
    late = undo_in(chat.crew.real, chat)

    assert (late.ok, late.code) == (False, "nothing_to_undo")
    assert left(chat) == ["80.00"]


def test_what_was_changed_by_somebody_else_meanwhile_stays(chat: Chat) -> None:
    added = chat.do("add_expense", **spent("80"))
    with chat.crew.real.tenant(chat.crew.company_id) as session:
        entry = session.execute(select(Transaction).where(Transaction.id == UUID(added.data["id"]))).scalar_one()
        entry.description = "gasolina da van"

    refused = chat.do("undo")

    assert (refused.ok, refused.code) == (False, "changed_meanwhile")
    assert left(chat) == ["80.00"]


def test_acts_of_another_conversation_are_not_seen(database: Database, company_id: UUID) -> None:
    crew = TurnHarness(database, company_id, people=2)
    Chat(crew).do("add_expense", **spent("80"))

    other = Chat(crew, contact=1).do("undo")

    assert (other.ok, other.code) == (False, "nothing_to_undo")
    assert left(Chat(crew)) == ["80.00"]


def test_the_permission_of_the_act_is_needed(chat: Chat) -> None:
    chat.do("add_expense", **spent("80"))
    without = PERMISSIONS_OF["admin"] - {"finance.write"}
    limited = Chat(
        chat.crew, run=lambda name, args, context: run_tool(name, args, replace(context, permissions=without))
    )

    refused = limited.do("undo")

    assert (refused.ok, refused.code) == (False, "forbidden")
    assert "registrar despesas" in refused.message
    assert left(chat) == ["80.00"]


def test_a_budget_gets_its_old_amount_back_and_a_first_one_goes(chat: Chat) -> None:
    chat.do("create_budget", category="combustivel", amount="200", month="2026-11")
    chat.do("create_budget", category="combustivel", amount="500", month="2026-11")

    back = chat.do("undo")
    amounts = chat.crew.rows(select(Budget.amount).where(Budget.deleted_at.is_(None)))
    chat.do("create_budget", category="aluguel", amount="900", month="2026-11")
    gone = chat.do("undo")

    assert back.message == "Desfeito: o orçamento de combustível em novembro de 2026 voltou a R$ 200,00."
    assert [str(row.amount) for row in amounts] == ["200.00"]
    assert gone.message == "Desfeito: tirei o orçamento de aluguel em novembro de 2026."
    assert chat.crew.rows(select(Budget.category).where(Budget.deleted_at.is_(None))) == [("combustivel",)]


ACTS: dict[str, tuple[dict[str, Any], str]] = {
    "add_employee": ({"name": "João Silva", "position": "padeiro"}, "employees"),
    "request_time_off": ({"employee": "Ana Souza"}, "time_off_requests"),
    "register_absence": ({"employee": "Ana Souza"}, "time_off_requests"),
    "create_campaign": ({"name": "Natal", "message": "Panetone", "segment": "all"}, "campaigns"),
    "open_ticket": ({"subject": "Forno", "description": "Não liga"}, "tickets"),
    "add_income": ({**spent("80", "venda"), "category": "vendas"}, "transactions"),
}


@pytest.mark.parametrize("tool", ACTS)
def test_each_act_can_be_taken_back(tool: str, chat: Chat) -> None:
    args, table = ACTS[tool]
    today = chat.today.isoformat()
    chat.do("add_employee", name="Ana Souza", position="caixa")
    there = text(f"select id from {table} where deleted_at is null")
    before = set(chat.crew.rows(there))
    days = {"register_absence": {"date": today}, "request_time_off": {"start": today, "end": today}}
    done = chat.do(tool, **args, **days.get(tool, {}))
    added = set(chat.crew.rows(there)) - before

    undone = chat.do("undo")

    assert done.ok, done.message
    assert undone.ok, undone.message
    assert undone.message.startswith("Desfeito: ")
    assert len(added) == 1
    assert set(chat.crew.rows(there)) == before


def test_an_employee_with_time_off_since_stays(chat: Chat) -> None:
    chat.do("add_employee", name="Ana Souza", position="caixa")
    now = chat.crew.clock.now()
    with chat.crew.real.tenant(chat.crew.company_id) as session:
        service.register_absence(
            session,
            chat.crew.company_id,
            employee_name="Ana Souza",
            registered_by=None,
            day=chat.today,
            today=chat.today,
            now=now,
        )

    refused = chat.do("undo")

    assert (refused.ok, refused.code) == (False, "changed_meanwhile")
    assert chat.crew.rows(select(Employee.name).where(Employee.deleted_at.is_(None))) == [("Ana Souza",)]


def test_the_audit_log_names_the_row_that_was_taken_back(chat: Chat) -> None:
    added = chat.do("add_expense", **spent("80"))
    chat.do("undo")

    [entry] = chat.crew.rows(
        select(AuditLog.resource, AuditLog.resource_id, AuditLog.on_behalf_of).where(AuditLog.action == "undo")
    )
    assert (entry.resource, str(entry.resource_id)) == ("transactions", added.data["id"])
    assert entry.on_behalf_of == chat.crew.user_id


def undo_in(database: Database, chat: Chat) -> ToolResult:
    """`undo` in a transaction of its own; a refused one is rolled back, as in a turn."""
    assert chat.context is not None
    with database.tenant(chat.crew.company_id) as session:
        result = run_tool("undo", {}, replace(chat.context, session=session))
        if not result.ok:
            session.rollback()
        return result


def test_two_concurrent_undos_take_back_one_act(chat: Chat, database: Database, superuser: Engine) -> None:
    chat.do("add_expense", **spent("30"))
    chat.do("add_expense", **spent("80"))
    racing = Racing(database, superuser, lambda: undo_in(database, chat))

    first, second = undo_in(racing, chat), racing.other()

    assert racing.waited
    assert (first.ok, second.ok, second.code) == (True, False, "already_undone")
    assert left(chat) == ["30.00"]


def test_an_undo_concurrent_with_a_change_by_somebody_else_changes_nothing(
    chat: Chat, database: Database, superuser: Engine
) -> None:
    added = chat.do("add_expense", **spent("80"))
    racing = Racing(database, superuser, lambda: undo_in(database, chat))

    with racing.tenant(chat.crew.company_id) as session:
        entry = session.execute(select(Transaction).where(Transaction.id == UUID(added.data["id"]))).scalar_one()
        entry.amount = entry.amount + 1
        session.flush()
    undone = racing.other()

    assert racing.waited
    assert (undone.ok, undone.code) == (False, "changed_meanwhile")
    assert left(chat) == ["81.00"]
