"""What the company knows is read with the crew, and reaches the agent as far as the sender may see it."""

from datetime import date
from decimal import Decimal

from sqlalchemy import text

from falachefe.finance.bills import service as bills
from falachefe.finance.models import Supplier
from falachefe.hr import service as hr
from falachefe.kernel.ids import new_id
from falachefe.language.types import Facts, OpenBill
from falachefe.marketing import service as marketing
from tests.integration.crews.harness import TurnHarness
from tests.integration.crews.tools.chat import Chat


def fill(crew: TurnHarness) -> date:
    """One row of each kind, and of each kind one that is over; the day the bill is due."""
    now = crew.clock.now()
    with crew.real.tenant(crew.company_id) as session:
        for name in ("Marco Reis", "Ex Funcionário"):
            hr.add_employee(session, crew.company_id, name=name, position="caixa", hired_on=now.date(), now=now)
        for name in ("Natal", "Antiga"):
            marketing.draft_campaign(
                session, crew.company_id, name=name, message="Oi", segment="all", created_by=None, now=now
            )
        session.add(Supplier(company_id=crew.company_id, id=new_id(), name="Atacado São Jorge"))
        session.flush()
        session.execute(text("update employees set status = 'dismissed' where name like 'Ex %'"))
        session.execute(text("update campaigns set status = 'sent' where name = 'Antiga'"))
        bills.add_bill(
            session,
            crew.company_id,
            direction="payable",
            amount=Decimal("80.5"),
            description="conta de luz",
            due=now.date(),
            counterparty="Enel",
            category="energia",
            created_by=None,
            source="api",
            today=now.date(),
            now=now,
        )
    return now.date()


def test_names_and_open_bills_reach_the_agent(crew: TurnHarness) -> None:
    due = fill(crew)
    chat = Chat(crew)

    chat.say(text="quem faltou?")

    [turn] = chat.turns
    assert turn.facts == Facts(
        people=("Marco Reis",),
        suppliers=("Atacado São Jorge",),
        contacts=(),
        campaigns=("Natal",),
        bills=(OpenBill("conta de luz", "Enel", Decimal("80.50"), due.isoformat(), "payable"),),
    )
