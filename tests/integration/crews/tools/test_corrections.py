"""Finding, correcting and deleting entries from a conversation."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import Engine, select

from falachefe.access.permissions import PERMISSIONS_OF
from falachefe.accounts.models import User
from falachefe.audit.models import AuditLog
from falachefe.crews.tools.registry import run_tool
from falachefe.crews.tools.spec import ToolContext, ToolResult
from falachefe.db.engine import Database
from falachefe.finance import service
from falachefe.finance.models import Transaction
from falachefe.kernel.ids import new_id
from tests.integration.crews.harness import TurnHarness
from tests.integration.crews.tools.chat import Chat
from tests.integration.races import Racing


@pytest.fixture
def chat(crew: TurnHarness) -> Chat:
    return Chat(crew)


def days_ago(chat: Chat, days: int) -> str:
    return (chat.today - timedelta(days=days)).isoformat()


def spend(chat: Chat, amount: str, description: str, category: str = "outros", days: int = 0) -> str:
    """Records an expense from the chat; its id."""
    args = {"amount": amount, "description": description, "category": category, "date": days_ago(chat, days)}
    return str(chat.do("add_expense", **args).data["id"])


def elsewhere(
    chat: Chat, amount: str, description: str, category: str = "outros", *, days: int = 0, own: bool = False
) -> UUID:
    """Records an expense by the API, as somebody else or as the sender."""
    now = chat.crew.clock.now() - timedelta(days=days)
    with chat.crew.real.tenant(chat.crew.company_id) as session:
        if not own:
            other = new_id()
            session.add(User(company_id=chat.crew.company_id, id=other, name="Bia", role="user", phone=None))
            session.flush()
        return service.record_transaction(
            session,
            chat.crew.company_id,
            kind="expense",
            amount=Decimal(amount),
            description=description,
            category=category,
            occurred_on=chat.today - timedelta(days=days),
            created_by=chat.crew.user_id if own else other,
            source="api",
            now=now,
        ).id


def ledger(chat: Chat) -> dict[str, str]:
    rows = chat.crew.rows(select(Transaction.description, Transaction.amount).where(Transaction.deleted_at.is_(None)))
    return {row.description: str(row.amount) for row in rows}


def as_user(chat: Chat, *more: str) -> Chat:
    """The same conversation of somebody with the permissions of a user, and `more`."""
    held = PERMISSIONS_OF["user"] | frozenset(more)

    def run(name: str, args: Mapping[str, Any], context: ToolContext) -> ToolResult:
        return run_tool(name, args, replace(context, permissions=held))

    return Chat(chat.crew, run=run)


# -- pointing


def test_what_the_last_reply_was_about_is_corrected(chat: Chat) -> None:
    spend(chat, "30", "pão")
    spend(chat, "500", "gasolina", "combustivel")

    done = chat.do("correct_entry", entry="isso", amount="50")

    assert done.message == (
        "Corrigido: o valor foi de R$ 500,00 para R$ 50,00.\n"
        "Ficou assim: despesa de R$ 50,00 em combustível (gasolina), hoje."
    )
    assert ledger(chat) == {"pão": "30.00", "gasolina": "50.00"}


def test_of_several_entries_of_one_reply_the_person_is_asked_which(chat: Chat) -> None:
    day = days_ago(chat, 0)
    both = [
        {"amount": a, "description": d, "category": "outros", "date": day} for a, d in (("10", "pão"), ("20", "sal"))
    ]
    chat.say(*[("add_expense", one) for one in both])

    asked = chat.do("correct_entry", entry="isso", amount="5")
    done = chat.do("correct_entry", entry="o 2", amount="5")

    assert (asked.ok, asked.code) == (False, "which_one")
    assert asked.message.splitlines()[:3] == [
        "Achei mais de um:",
        "1. despesa de R$ 10,00 em outros (pão), hoje",
        "2. despesa de R$ 20,00 em outros (sal), hoje",
    ]
    assert done.ok
    assert ledger(chat) == {"pão": "10.00", "sal": "5.00"}


@pytest.mark.parametrize(
    "said",
    ["a gasolina de ontem", "gasolina de ontem", "a de 60", "o posto", "a de sessenta de ontem", "combustível de 60"],
)
def test_an_entry_is_found_by_what_was_said_of_it(chat: Chat, said: str) -> None:
    spend(chat, "60", "gasolina no posto", "combustivel", days=1)
    spend(chat, "75", "gasolina", "combustivel", days=3)
    spend(chat, "90", "mercado", "alimentacao")

    done = chat.do("delete_entry", entry=said)

    assert done.ok, done.message
    assert ledger(chat) == {"gasolina": "75.00", "mercado": "90.00"}


def test_the_conversation_comes_before_the_company(chat: Chat) -> None:
    elsewhere(chat, "60", "gasolina", own=True)
    spend(chat, "75", "gasolina da van")

    assert chat.do("correct_entry", entry="a gasolina", amount="70").ok
    assert ledger(chat) == {"gasolina": "60.00", "gasolina da van": "70.00"}


def test_what_the_conversation_was_not_about_is_found_in_the_company(chat: Chat) -> None:
    elsewhere(chat, "1500", "loja", "aluguel", days=20)

    done = chat.do("correct_entry", entry="o aluguel", amount="1600")

    assert done.ok, done.message
    assert ledger(chat) == {"loja": "1600.00"}


def test_several_that_fit_are_numbered_and_at_most_five(chat: Chat) -> None:
    for number in range(7):
        elsewhere(chat, str(10 + number), f"pão {number}", own=True)

    asked = chat.do("delete_entry", entry="o pão")

    assert (asked.ok, asked.code, len(asked.rows)) == (False, "which_one", 5)
    assert "… e mais 2." in asked.message
    assert len(ledger(chat)) == 7


def test_what_fits_in_part_is_asked_about_and_never_taken(chat: Chat) -> None:
    spend(chat, "60", "gasolina", days=2)

    asked = chat.do("delete_entry", entry="a gasolina de 90")
    done = chat.do("delete_entry", entry="o 1")

    assert (asked.ok, asked.code) == (False, "which_one")
    assert asked.message.startswith("Não achei exatamente isso, só o que é parecido:\n1. despesa de R$ 60,00")
    assert asked.message.endswith("Seria o 1?")
    assert done.ok
    assert ledger(chat) == {}


def test_what_is_not_there_is_said(chat: Chat) -> None:
    spend(chat, "60", "gasolina")

    missing = chat.do("delete_entry", entry="o frete da Bahia")

    assert (missing.ok, missing.code) == (False, "row_not_found")
    assert missing.message == "Não encontrei o lançamento “o frete da Bahia”."


def test_a_number_means_the_last_list_also_after_one_of_it_was_deleted(chat: Chat) -> None:
    for amount, what in (("10", "pão"), ("20", "sal"), ("30", "gás")):
        spend(chat, amount, what)
    listed = chat.do("list_entries")
    chat.do("delete_entry", entry="o 1")
    gone = chat.do("delete_entry", entry="o 1")
    chat.do("delete_entry", entry="o terceiro")

    assert [line.split("(")[-1] for line in listed.message.splitlines()[1:]] == [
        "gás), hoje",
        "sal), hoje",
        "pão), hoje",
    ]
    assert (gone.ok, gone.message) == (False, "O 1 da lista não existe mais.")
    assert ledger(chat) == {"sal": "20.00"}


def test_without_a_list_a_number_is_an_amount(chat: Chat) -> None:
    spend(chat, "8", "pão")
    spend(chat, "20", "sal")

    assert chat.do("delete_entry", entry="a 8").ok
    assert ledger(chat) == {"sal": "20.00"}


def test_the_last_one_is_what_the_sender_recorded_last(chat: Chat) -> None:
    spend(chat, "20", "sal")
    spend(chat, "10", "pão", days=3)
    elsewhere(chat, "99", "de outra pessoa")

    assert chat.do("delete_entry", entry="o último").ok
    assert ledger(chat) == {"sal": "20.00", "de outra pessoa": "99.00"}


# -- correcting


def test_all_that_changed_is_named(chat: Chat) -> None:
    spend(chat, "80", "almoço", "alimentacao")

    done = chat.do("correct_entry", entry="o último", amount="85.5", date=days_ago(chat, 1), description="janta")

    assert done.message.splitlines()[0] == (
        "Corrigido: o valor foi de R$ 80,00 para R$ 85,50 e a descrição foi de “almoço” para “janta” "
        "e a data foi de hoje para ontem."
    )


def test_a_new_kind_takes_a_category_that_it_has(chat: Chat) -> None:
    spend(chat, "80", "frete", "transporte")

    done = chat.do("correct_entry", entry="isso", kind="income")

    assert done.message.splitlines()[-1] == "Ficou assim: receita de R$ 80,00 em outros (frete), hoje."


def test_a_category_of_the_other_kind_is_refused(chat: Chat) -> None:
    spend(chat, "80", "frete", "transporte")

    refused = chat.do("correct_entry", entry="isso", category="vendas")

    assert (refused.ok, refused.code) == (False, "category_unknown")


def test_nothing_is_written_when_it_is_so_already_or_nothing_is_said(chat: Chat) -> None:
    spend(chat, "80", "frete")

    same = chat.do("correct_entry", entry="isso", amount="80")
    nothing = chat.do("correct_entry", entry="isso")

    assert (same.ok, same.inverse) == (True, None)
    assert same.message.startswith("Já estava assim: ")
    assert (nothing.ok, nothing.code) == (False, "nothing_to_change")


def test_a_correction_and_a_deletion_can_be_undone(chat: Chat) -> None:
    spend(chat, "80", "frete", "transporte", days=1)
    chat.do("correct_entry", entry="isso", amount="8", kind="income")

    corrected = chat.do("undo")
    chat.do("delete_entry", entry="isso")
    deleted = chat.do("undo")

    assert corrected.message == "Desfeito: voltou a ser despesa de R$ 80,00 em transporte (frete), ontem."
    audited = chat.crew.rows(select(AuditLog.action).where(AuditLog.resource == "transactions").order_by(AuditLog.id))
    assert [row.action for row in audited] == ["add_expense", "correct_entry", "undo", "delete_entry", "undo"]
    assert deleted.message == "Desfeito: a despesa de R$ 80,00 em transporte (frete), ontem, está de volta."
    assert ledger(chat) == {"frete": "80.00"}


# -- who may, and asking first


def test_an_old_entry_of_ones_own_needs_the_permission_to_correct(chat: Chat) -> None:
    elsewhere(chat, "60", "gasolina", days=2, own=True)
    person = as_user(chat)

    refused = person.do("correct_entry", entry="a gasolina", amount="50")
    allowed = as_user(chat, "finance.correct").do("correct_entry", entry="a gasolina", amount="50")

    assert (refused.ok, refused.code) == (False, "entry_of_another")
    assert allowed.ok


def test_entries_of_others_are_not_even_shown_without_the_permission_to_read(chat: Chat) -> None:
    elsewhere(chat, "60", "gasolina")
    person = as_user(chat)

    assert person.do("delete_entry", entry="a gasolina").code == "row_not_found"
    assert person.do("list_entries").message.endswith("Nenhum lançamento.")
    assert chat.do("list_entries").message.splitlines()[1] == "1. despesa de R$ 60,00 em outros (gasolina), hoje"


def test_an_entry_of_somebody_else_is_deleted_after_a_yes_only(chat: Chat) -> None:
    elsewhere(chat, "60", "gasolina")

    asked = chat.do("delete_entry", entry="a gasolina")
    done = chat.do("delete_entry", entry="a gasolina", confirmed=True)

    assert (asked.ok, asked.code) == (False, "confirmation_needed")
    assert asked.message == "Apago a despesa de R$ 60,00 em outros (gasolina), hoje?"
    assert done.ok
    assert ledger(chat) == {}


def test_a_model_cannot_confirm_by_itself(chat: Chat) -> None:
    elsewhere(chat, "60", "gasolina")
    call = ("delete_entry", {"entry": "a gasolina"})
    sure = ("delete_entry", {"entry": "a gasolina", "confirmed": True})

    at_once = chat.say(sure, call, sure)

    assert [one.code for one in at_once] == ["confirmation_needed"] * 3
    assert ledger(chat) == {"gasolina": "60.00"}


def test_a_yes_to_another_question_is_none_to_this_one(chat: Chat) -> None:
    elsewhere(chat, "60", "gasolina")
    elsewhere(chat, "70", "frete")
    chat.do("delete_entry", entry="a gasolina")

    other = chat.do("delete_entry", entry="o frete", confirmed=True)

    assert (other.ok, other.code) == (False, "confirmation_needed")


def test_two_concurrent_corrections_of_one_entry_have_one_outcome(
    chat: Chat, database: Database, superuser: Engine
) -> None:
    spend(chat, "80", "frete")
    context = chat.context
    assert context is not None

    def correct(at: Database, amount: str) -> ToolResult:
        with at.tenant(chat.crew.company_id) as session:
            result = run_tool(
                "correct_entry", {"entry": "o frete", "amount": amount}, replace(context, session=session)
            )
            if not result.ok:
                session.rollback()
            return result

    racing = Racing(database, superuser, lambda: correct(database, "70"))
    first, second = correct(racing, "60"), racing.other()

    assert racing.waited
    assert (first.ok, second.ok, second.code) == (True, False, "changed_meanwhile")
    assert ledger(chat) == {"frete": "60.00"}
