"""A document is booked once: by the same person, by two at once, as an entry and as a bill."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from falachefe.access.permissions import PERMISSIONS_OF
from falachefe.companies.service import create_company
from falachefe.crews.tools.registry import run_tool
from falachefe.crews.tools.spec import ToolContext
from falachefe.db.engine import Database
from falachefe.finance import entries, service
from falachefe.finance.bills import service as bills
from falachefe.finance.bills.models import Bill
from falachefe.finance.models import Transaction
from falachefe.kernel.errors import Conflict, InvalidInput
from falachefe.kernel.ids import new_id
from tests.integration.crews.tools.contexts import tool_context
from tests.integration.races import Racing

NOW = datetime(2026, 11, 29, 13, tzinfo=UTC)
TODAY = date(2026, 11, 29)
RECEIPT = "recibo:E18236120202611121315s0A1b2C3d4E"
BOLETO = "boleto:34191165100000320001790010104351004791020150"
EXPENSE: dict[str, Any] = {
    "amount": "50",
    "description": "Pix para Maria",
    "category": "outros",
    "date": "2026-11-12",
    "reference": RECEIPT,
}


@pytest.fixture
def session(database: Database, company_id: UUID) -> Iterator[Session]:
    with database.tenant(company_id) as opened:
        yield opened


@pytest.fixture
def context(session: Session, company_id: UUID) -> ToolContext:
    return tool_context(session, company_id, PERMISSIONS_OF["admin"], now=NOW, sender_name="Ana")


def spend(session: Session, company_id: UUID, reference: str | None) -> UUID:
    written = service.record_transaction(
        session,
        company_id,
        kind="expense",
        amount=Decimal(320),
        description="Boleto Itaú",
        category="outros",
        occurred_on=TODAY,
        created_by=None,
        source="agent",
        now=NOW,
        reference=reference,
    )
    return written.id


def owe(session: Session, company_id: UUID, reference: str | None = BOLETO) -> UUID:
    made = bills.add_bill(
        session,
        company_id,
        direction="payable",
        amount=Decimal(320),
        description="Boleto Itaú",
        due=date(2026, 12, 5),
        today=TODAY,
        now=NOW,
        reference=reference,
    )
    return made[0].id


def test_the_same_receipt_is_refused_with_its_day(context: ToolContext) -> None:
    assert run_tool("add_expense", EXPENSE, context).ok

    again = run_tool("add_income", EXPENSE | {"amount": "70"}, context)

    assert (again.ok, again.code) == (False, "document_already_recorded")
    assert again.message == "Já anotei este comprovante em 12/11/2026: despesa de R$ 50,00, Pix para Maria."


def test_another_company_may_have_the_same_receipt(context: ToolContext, database: Database) -> None:
    assert run_tool("add_expense", EXPENSE, context).ok
    other = new_id()
    with database.tenant(other) as session:
        create_company(session, other, name="Oficina")
        assert run_tool("add_expense", EXPENSE, replace(context, session=session, company_id=other)).ok


def test_a_deleted_entry_frees_its_document(session: Session, company_id: UUID) -> None:
    entry = spend(session, company_id, RECEIPT)
    session.get_one(Transaction, (company_id, entry)).deleted_at = NOW
    session.flush()

    assert spend(session, company_id, RECEIPT) != entry


def test_an_entry_is_not_restored_when_its_document_was_booked_again(session: Session, company_id: UUID) -> None:
    first = spend(session, company_id, RECEIPT)
    moment: dict[str, Any] = {"today": TODAY, "now": NOW}
    version = entries.delete_entry(session, company_id, first, version=1, **moment).version
    spend(session, company_id, RECEIPT)

    with pytest.raises(Conflict, match="Já anotei este comprovante"):
        entries.restore_entry(session, company_id, first, version=version, **moment)


def test_the_same_boleto_is_refused_among_the_bills(session: Session, company_id: UUID) -> None:
    owe(session, company_id)

    with pytest.raises(Conflict, match=r"Já anotei este boleto nas contas: R\$ 320,00, Boleto Itaú, .* 05/12/2026"):
        owe(session, company_id)


def test_the_chat_adds_the_bill_of_a_boleto_once(context: ToolContext) -> None:
    bill = {"direction": "payable", "amount": "320.00", "description": "Boleto Itaú", "due": "2026-12-05"}

    assert run_tool("add_bill", bill | {"reference": BOLETO}, context).ok
    again = run_tool("add_bill", bill | {"reference": BOLETO}, context)

    assert (again.ok, again.code) == (False, "document_already_recorded")


def test_a_boleto_that_was_paid_is_no_new_bill(session: Session, company_id: UUID) -> None:
    spend(session, company_id, BOLETO)

    with pytest.raises(Conflict, match="Já anotei este boleto em 29/11/2026"):
        owe(session, company_id)


def test_paying_a_boleto_settles_the_bill_that_was_noted_from_it(context: ToolContext, session: Session) -> None:
    bill = owe(session, context.company_id)
    paid = {"amount": "320", "description": "Boleto Itaú", "category": "outros", "date": "2026-11-29"}

    done = run_tool("add_expense", paid | {"reference": BOLETO}, context)

    assert done.message == "Anotado: pagamento de R$ 320,00 da conta Boleto Itaú, hoje. Ela está quitada."
    assert session.get_one(Bill, (context.company_id, bill), populate_existing=True).status == "settled"
    again = run_tool("add_expense", paid | {"reference": BOLETO}, context)
    assert again.code == "document_already_recorded"


@pytest.mark.parametrize("reference", ["", "a" * 121, "boleto:açaí", "a\nb"], ids=["empty", "long", "accents", "lines"])
def test_a_strange_reference_is_refused(session: Session, company_id: UUID, reference: str) -> None:
    with pytest.raises(InvalidInput):
        spend(session, company_id, reference)


def test_two_who_book_one_receipt_at_once_make_one_entry(
    database: Database, superuser: Engine, company_id: UUID
) -> None:
    def other() -> UUID:
        with database.tenant(company_id) as session:
            return spend(session, company_id, RECEIPT)

    racing = Racing(database, superuser, other)
    with racing.tenant(company_id) as session:
        spend(session, company_id, RECEIPT)

    assert racing.waited
    assert racing.started is not None
    with pytest.raises(Conflict, match="Já anotei este comprovante"):
        racing.started.result(timeout=20)
    with database.tenant(company_id) as session:
        assert session.scalar(select(func.count()).select_from(Transaction)) == 1
