"""The tools of bills through the registry, on a real Postgres: their effect, their reply, and taking them back."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from falachefe.access.permissions import PERMISSIONS_OF
from falachefe.crews.tools.registry import TOOLS, run_tool
from falachefe.crews.tools.spec import ToolContext, ToolResult
from falachefe.db.engine import Database
from falachefe.finance.bills.models import Bill
from falachefe.finance.models import Transaction
from falachefe.kernel.errors import Conflict
from tests.integration.crews.tools.contexts import tool_context

# 25 November, 12:00 in São Paulo.
NOW = datetime(2026, 11, 25, 15, 0, tzinfo=UTC)
ADMIN = PERMISSIONS_OF["admin"]
LIGHT = {"direction": "payable", "amount": "320", "description": "Conta de luz", "due": "2026-12-05"}
TAB = {"direction": "receivable", "amount": "80", "description": "Fiado", "due": "2026-11-30", "counterparty": "Seu Zé"}

type Run = Callable[..., ToolResult]


@pytest.fixture
def session(database: Database, company_id: UUID) -> Iterator[Session]:
    with database.tenant(company_id) as opened:
        yield opened


@pytest.fixture
def context(session: Session, company_id: UUID) -> ToolContext:
    return tool_context(session, company_id, ADMIN, now=NOW, sender_name="Ana", company_name="Padaria do Chefe")


@pytest.fixture
def run(context: ToolContext) -> Run:
    def call(tool: str, permissions: frozenset[str] = ADMIN, **args: Any) -> ToolResult:
        return run_tool(tool, args, replace(context, permissions=permissions))

    return call


def undo(context: ToolContext, tool: str, result: ToolResult) -> ToolResult:
    spec = TOOLS[tool]
    assert spec.undo is not None
    assert result.inverse is not None
    context.session.flush()
    return spec.undo(context, result.inverse)


def entries(session: Session) -> list[tuple[str, str, str, str]]:
    rows = session.execute(
        select(Transaction).where(Transaction.deleted_at.is_(None)).order_by(Transaction.id)
    ).scalars()
    return [(row.kind, str(row.amount), row.category, row.description) for row in rows]


def statuses(session: Session) -> list[tuple[str, str]]:
    rows = session.execute(select(Bill).where(Bill.deleted_at.is_(None)).order_by(Bill.due, Bill.id)).scalars()
    return [(row.status, str(row.paid)) for row in rows]


def test_a_bill_is_noted_with_its_category(run: Run, session: Session) -> None:
    result = run("add_bill", **LIGHT, counterparty="Enel", repeats="monthly")

    assert result.message == (
        "Anotado: conta a pagar de R$ 320,00 (Conta de luz), para Enel, vence 05/12. Repete todo mês."
    )
    assert session.execute(select(Bill.category)).scalar_one() == "energia"
    assert entries(session) == []


def test_instalments_are_summed_in_the_reply(run: Run, session: Session) -> None:
    result = run("add_bill", **LIGHT | {"description": "Geladeira", "amount": "200"}, instalments=3)

    assert result.message == (
        "Anotado: 3 parcelas a pagar de R$ 200,00 (Geladeira), de 05/12 a 05/02/2027, total R$ 600,00."
    )
    assert len(result.rows) == 3


def test_a_bill_is_settled_by_what_people_call_it(run: Run, session: Session) -> None:
    run("add_bill", **LIGHT)

    result = run("settle_bill", bill="a luz")

    assert result.message == "Pago: R$ 320,00 de Conta de luz, hoje. Conta de 05/12 quitada."
    assert entries(session) == [("expense", "320.00", "energia", "Conta de luz")]


def test_a_part_is_received_and_the_rest_named(run: Run, session: Session) -> None:
    run("add_bill", **TAB)

    result = run("settle_bill", bill="seu Zé", amount="50")
    over = run("settle_bill", bill="seu Zé", amount="31")

    assert result.message == "Recebido: R$ 50,00 de Fiado (Seu Zé), hoje. Ainda faltam R$ 30,00 de R$ 80,00."
    assert (over.ok, over.code) == (False, "bill_overpaid")
    assert "R$ 30,00" in over.message
    assert entries(session) == [("income", "50.00", "vendas", "Fiado")]


def test_a_tab_is_paid_oldest_first(run: Run, session: Session, context: ToolContext) -> None:
    run("add_bill", **TAB | {"amount": "30", "due": "2026-11-10"})
    run("add_bill", **TAB | {"amount": "40", "due": "2026-11-20", "counterparty": "seu ze"})

    result = run("settle_bill", bill="seu Zé", amount="50")

    assert result.message.splitlines() == [
        "Recebido: R$ 30,00 de Fiado (Seu Zé), hoje. Conta de 10/11 quitada.",
        "Recebido: R$ 20,00 de Fiado (seu ze), hoje. Ainda faltam R$ 20,00 de R$ 40,00.",
    ]
    over = run("settle_bill", bill="seu Zé", amount="20.01")
    assert over.code == "bill_overpaid"
    undo(context, "settle_bill", result)
    assert statuses(session) == [("open", "0.00"), ("open", "0.00")]
    assert entries(session) == []


def test_a_customer_who_settles_everything(run: Run, session: Session) -> None:
    for amount in ("30", "40"):
        run("add_bill", **TAB | {"amount": amount})

    over = run("settle_bill", bill="o Zé", amount="71")
    result = run("settle_bill", bill="o Zé")

    assert "R$ 70,00" in over.message
    assert result.data["amount"] == "70.00"
    assert statuses(session) == [("settled", "30.00"), ("settled", "40.00")]


def test_several_that_fit_are_asked_about(run: Run, session: Session) -> None:
    run("add_bill", **LIGHT | {"description": "Luz da loja"})
    run("add_bill", **LIGHT | {"description": "Luz do depósito", "amount": "90"})

    result = run("settle_bill", bill="a luz")

    assert (result.ok, result.code, len(result.rows)) == (False, "bill_ambiguous", 2)
    assert result.message.splitlines() == [
        "Há mais de uma conta que combina:",
        "1. Luz da loja: R$ 320,00, vence 05/12",
        "2. Luz do depósito: R$ 90,00, vence 05/12",
        "Qual delas foi paga?",
    ]
    assert run("settle_bill", bill="a luz", amount="90").ok
    assert entries(session)[0][3] == "Luz do depósito"


def test_a_bill_that_is_not_there_is_said_and_nothing_is_written(run: Run, session: Session) -> None:
    nothing = run("settle_bill", bill="a internet")
    run("add_bill", **LIGHT)
    other = run("settle_bill", bill="a internet")

    assert nothing.message == "Não achei conta em aberto que combine com “a internet”. Não há nenhuma conta em aberto."
    assert other.message.splitlines()[1:] == ["1. Conta de luz: R$ 320,00, vence 05/12"]
    assert (other.ok, other.code) == (False, "bill_not_found")
    assert entries(session) == []


def test_of_a_repeating_bill_the_earliest_is_settled_and_the_next_one_named(run: Run) -> None:
    run("add_bill", **LIGHT, repeats="monthly")

    first = run("settle_bill", bill="luz")
    second = run("settle_bill", bill="luz", date="2026-11-24")

    assert first.message.splitlines()[1] == "A próxima vence 05/01/2027."
    assert second.message.splitlines()[0] == "Pago: R$ 320,00 de Conta de luz, ontem. Conta de 05/01/2027 quitada."


def test_settling_is_taken_back_with_its_entry_and_the_next_bill(
    run: Run, session: Session, context: ToolContext
) -> None:
    run("add_bill", **LIGHT, repeats="monthly")
    result = run("settle_bill", bill="luz")

    said = undo(context, "settle_bill", result)

    assert said.message == "Desfeito: tirei o pagamento de Conta de luz. Falta pagar R$ 320,00."
    assert entries(session) == []
    assert statuses(session) == [("open", "0.00")]


def test_settling_is_not_taken_back_after_somebody_else_paid_more(
    run: Run, session: Session, context: ToolContext
) -> None:
    run("add_bill", **TAB)
    first = run("settle_bill", bill="seu Zé", amount="10")
    run("settle_bill", bill="seu Zé", amount="20")

    with pytest.raises(Conflict) as refused:
        undo(context, "settle_bill", first)

    assert refused.value.code == "bill_changed"
    assert statuses(session) == [("partly_paid", "30.00")]


def test_an_added_bill_is_taken_back_with_all_its_instalments(run: Run, session: Session, context: ToolContext) -> None:
    result = run("add_bill", **LIGHT, instalments=3)

    said = undo(context, "add_bill", result)

    assert said.message == "Desfeito: tirei as 3 contas (Conta de luz (1/3))."
    assert statuses(session) == []


def test_a_bill_that_was_paid_is_not_taken_back(run: Run, context: ToolContext) -> None:
    result = run("add_bill", **LIGHT)
    run("settle_bill", bill="luz", amount="1")

    with pytest.raises(Conflict) as refused:
        undo(context, "add_bill", result)

    assert refused.value.code == "bill_changed"


def test_cancelling_ends_the_series_until_it_is_taken_back(run: Run, session: Session, context: ToolContext) -> None:
    run("add_bill", **LIGHT, repeats="monthly")

    result = run("cancel_bill", bill="a conta da luz")
    gone = run("settle_bill", bill="luz")
    said = undo(context, "cancel_bill", result)
    paid = run("settle_bill", bill="luz")

    assert result.message == "Cancelada: Conta de luz, R$ 320,00, que vencia 05/12. Ela não se repete mais."
    assert gone.code == "bill_not_found"
    assert said.message == "Desfeito: a conta Conta de luz voltou, com R$ 320,00 em aberto."
    assert "A próxima vence 05/01/2027." in paid.message


def test_who_owes_the_company_is_listed_by_person(run: Run) -> None:
    run("add_bill", **TAB)
    run("add_bill", **TAB | {"amount": "20", "due": "2026-11-01"})
    run("add_bill", **TAB | {"amount": "15.5", "counterparty": "Dona Cida", "due": "2026-11-26"})
    run("add_bill", **LIGHT)

    result = run("list_bills", direction="receivable")

    assert result.message.splitlines() == [
        "*Contas a receber*",
        "1. Seu Zé: R$ 100,00 em 2 contas ⚠️ em atraso",
        "2. Dona Cida: R$ 15,50, vence amanhã",
        "*Total: R$ 115,50*",
    ]
    assert result.data["total"] == "115.50"


def test_bills_are_listed_by_direction_with_what_is_left(run: Run) -> None:
    run("add_bill", **TAB)
    run("settle_bill", bill="seu Zé", amount="50")
    run("add_bill", **LIGHT | {"due": "2026-11-20"})

    result = run("list_bills")

    assert result.message.splitlines() == [
        "*Contas*",
        "",
        "*A pagar*",
        "1. Conta de luz: R$ 320,00, ⚠️ venceu 20/11",
        "*Total: R$ 320,00*",
        "",
        "*A receber*",
        "2. Fiado (Seu Zé): R$ 30,00 (de R$ 80,00), vence 30/11",
        "*Total: R$ 30,00*",
    ]
    assert len(result.rows) == 2


@pytest.mark.parametrize(
    ("args", "said"),
    [
        ({}, "Nenhuma conta em aberto."),
        ({"direction": "payable", "until": "2026-11-30"}, "Nenhuma conta a pagar em aberto."),
        ({"overdue": True}, "Nenhuma conta em atraso. 🎉"),
        ({"direction": "receivable", "counterparty": "Neide"}, "Nenhuma conta a receber de Neide em aberto."),
    ],
)
def test_without_bills_the_list_says_so(run: Run, args: dict[str, Any], said: str) -> None:
    assert run("list_bills", **args).message == said


def test_staff_note_and_settle_but_do_not_list(run: Run) -> None:
    staff = PERMISSIONS_OF["user"]

    assert run("add_bill", staff, **LIGHT).ok
    assert run("settle_bill", staff, bill="luz").ok
    assert run("list_bills", staff).code == "forbidden"
    run("add_bill", **TAB)
    assert run("settle_bill", staff, bill="a água").message == "Não achei conta em aberto que combine com “a água”."
