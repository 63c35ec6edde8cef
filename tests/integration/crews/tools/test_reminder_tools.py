"""Reminders by chat, on a real Postgres: their reply, which one is meant, and taking them back."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from falachefe.accounts.models import User
from falachefe.audit.models import AuditLog
from falachefe.crews.tools.registry import TOOLS, run_tool
from falachefe.crews.tools.spec import ToolContext, ToolResult
from falachefe.db.engine import Database
from falachefe.kernel.errors import Conflict, InvalidInput
from falachefe.kernel.ids import new_id
from falachefe.reminders import service
from falachefe.reminders.models import Reminder
from tests.integration.crews.harness import TurnHarness
from tests.integration.crews.tools.chat import Chat
from tests.integration.crews.tools.contexts import tool_context

# Wednesday 25 November, 12:00 in São Paulo.
NOW = datetime(2026, 11, 25, 15, 0, tzinfo=UTC)
TOMORROW = {"text": "ligar pro fornecedor", "at": "2026-11-26T09:00:00-03:00"}
MONDAYS = {"text": "fechar o caixa", "at": "2026-11-30T08:00", "repeats": "weekly"}

type Run = Callable[..., ToolResult]


@pytest.fixture
def session(database: Database, company_id: UUID) -> Iterator[Session]:
    with database.tenant(company_id) as opened:
        yield opened


def member(session: Session, company_id: UUID, name: str) -> UUID:
    user = User(company_id=company_id, id=new_id(), name=name, role="user")
    session.add(user)
    session.flush()
    return user.id


@pytest.fixture
def context(session: Session, company_id: UUID) -> ToolContext:
    made = tool_context(session, company_id, frozenset(), now=NOW, sender_name="Ana", agent_id=new_id())
    return replace(made, user_id=member(session, company_id, "Ana"))


@pytest.fixture
def run(context: ToolContext) -> Run:
    return lambda tool, **args: run_tool(tool, args, context)


def undo(context: ToolContext, tool: str, result: ToolResult) -> ToolResult:
    spec = TOOLS[tool]
    assert spec.undo is not None
    assert result.inverse is not None
    return spec.undo(context, result.inverse)


def pending(context: ToolContext) -> list[str]:
    assert context.user_id is not None
    found = service.list_reminders(context.session, context.company_id, context.user_id)
    return [one.text for one in found]


@pytest.mark.parametrize(
    ("args", "reply"),
    [
        (TOMORROW, "Combinado! Lembro você amanhã às 9h: ligar pro fornecedor."),
        (
            {"text": "Pagar o DAS!", "at": "2026-12-20T09:30"},
            "Combinado! Lembro você dia 20/12 às 9h30: Pagar o DAS!",
        ),
        (
            MONDAYS,
            "Combinado! Lembro você toda segunda às 8h: fechar o caixa. A primeira vez é segunda, 30/11, às 8h.",
        ),
    ],
    ids=["once", "far", "weekly"],
)
def test_the_reply_says_when_and_of_what(run: Run, context: ToolContext, args: dict[str, Any], reply: str) -> None:
    result = run("remind", **args)

    assert (result.ok, result.message) == (True, reply)
    assert pending(context) == [args["text"]]


def test_a_time_without_offset_is_by_the_companys_clock(run: Run) -> None:
    assert run("remind", **MONDAYS).data["at"] == "2026-11-30T11:00:00+00:00"


def test_a_time_that_has_passed_is_asked_for_again(run: Run, context: ToolContext) -> None:
    result = run("remind", text="ligar", at="2026-11-25T11:00")

    assert (result.ok, result.code, result.message[-1]) == (False, "reminder_past", "?")
    assert pending(context) == []


@pytest.mark.parametrize(
    ("tool", "args"),
    [("remind", TOMORROW), ("list_reminders", {}), ("cancel_reminder", {"reminder": "o último"})],
    ids=["remind", "list", "cancel"],
)
def test_who_has_no_account_has_no_reminders(context: ToolContext, tool: str, args: dict[str, Any]) -> None:
    result = run_tool(tool, args, replace(context, user_id=None))

    assert (result.ok, result.code) == (False, "members_only")


def test_the_list_has_those_to_come_the_next_one_first(run: Run) -> None:
    later, sooner = run("remind", **MONDAYS), run("remind", **TOMORROW)
    listed = run("list_reminders")

    assert listed.message == (
        "*Seus lembretes*\n1. ligar pro fornecedor: amanhã às 9h\n2. fechar o caixa: toda segunda às 8h"
    )
    assert listed.rows == (*sooner.rows, *later.rows)


def test_an_empty_list_says_so(run: Run) -> None:
    assert run("list_reminders").message == "Você não tem nenhum lembrete por enviar."


def test_a_long_list_is_cut_and_says_how_many_are_left(run: Run) -> None:
    for number in range(22):
        run("remind", text=f"tarefa {number}", at="2026-12-01T09:00")
    listed = run("list_reminders")

    assert listed.message.endswith("… e mais 2 lembretes.")
    assert len(listed.rows) == 20


@pytest.mark.parametrize(
    "said",
    ["o último", "o lembrete do fornecedor", "ligar pro fornecedor", "o de sexta", "lembrete do fornecedor na sexta"],
)
def test_one_is_cancelled_as_it_is_called(run: Run, context: ToolContext, said: str) -> None:
    run("remind", **MONDAYS)
    run("remind", **TOMORROW | {"at": "2026-11-27T09:00"})
    result = run("cancel_reminder", reminder=said)

    assert result.message == "Pronto, cancelei o lembrete “ligar pro fornecedor” (sexta, 27/11, às 9h)."
    assert pending(context) == ["fechar o caixa"]


def test_an_amount_in_its_text_tells_which_one_is_meant(run: Run, context: ToolContext) -> None:
    run("remind", text="cobrar R$ 150 da Rita", at="2026-12-01T09:00")
    run("remind", text="cobrar R$ 90 da Rita", at="2026-12-01T10:00")
    run("cancel_reminder", reminder="o de 150 reais")

    assert pending(context) == ["cobrar R$ 90 da Rita"]


def test_of_several_it_asks_which_and_cancels_none(run: Run, context: ToolContext) -> None:
    run("remind", **TOMORROW)
    run("remind", **TOMORROW | {"text": "pagar o fornecedor"})
    result = run("cancel_reminder", reminder="do fornecedor")

    assert (result.ok, result.code, result.message[-1]) == (False, "which_one", "?")
    assert len(pending(context)) == 2


def test_neither_anothers_nor_a_sent_one_is_found(run: Run, context: ToolContext) -> None:
    other = replace(context, user_id=member(context.session, context.company_id, "Rui"))
    assert run_tool("remind", TOMORROW, other).ok
    sent = run("remind", **TOMORROW)
    context.session.execute(update(Reminder).where(Reminder.id == UUID(sent.data["id"])).values(status="sent"))
    result = run("cancel_reminder", reminder="fornecedor")

    assert (result.ok, result.code) == (False, "row_not_found")
    assert pending(other) == ["ligar pro fornecedor"]


def test_asking_for_one_is_taken_back(run: Run, context: ToolContext) -> None:
    result = undo(context, "remind", run("remind", **TOMORROW))

    assert result.message == "Desfeito: tirei o lembrete “ligar pro fornecedor” (amanhã às 9h)."
    assert pending(context) == []


def test_cancelling_is_taken_back(run: Run, context: ToolContext) -> None:
    run("remind", **TOMORROW)
    result = undo(context, "cancel_reminder", run("cancel_reminder", reminder="fornecedor"))

    assert result.message == "Desfeito: o lembrete “ligar pro fornecedor” (amanhã às 9h) voltou."
    assert pending(context) == ["ligar pro fornecedor"]


def test_one_that_changed_meanwhile_is_left_as_it_is(run: Run, context: ToolContext) -> None:
    made = run("remind", **TOMORROW)
    context.session.execute(update(Reminder).values(version=Reminder.version + 1))

    with pytest.raises(Conflict):
        undo(context, "remind", made)
    assert pending(context) == ["ligar pro fornecedor"]


def test_a_cancelled_one_does_not_come_back_once_its_time_has_passed(run: Run, context: ToolContext) -> None:
    run("remind", **TOMORROW)
    cancelled = run("cancel_reminder", reminder="fornecedor")

    with pytest.raises(InvalidInput):
        undo(replace(context, now=NOW + timedelta(days=2)), "cancel_reminder", cancelled)
    assert pending(context) == []


def test_a_use_is_audited_without_what_the_person_wrote(run: Run, context: ToolContext, session: Session) -> None:
    made = run("remind", **TOMORROW)
    run("cancel_reminder", reminder="fornecedor")
    uses = session.scalars(select(AuditLog).order_by(AuditLog.id)).all()

    assert [(use.action, use.resource, str(use.resource_id)) for use in uses] == [
        ("remind", "reminders", made.data["id"]),
        ("cancel_reminder", "reminders", made.data["id"]),
    ]
    assert {use.on_behalf_of for use in uses} == {context.user_id}
    assert "fornecedor" not in str([use.changes for use in uses])


def test_a_number_means_the_list_that_was_shown_and_undo_brings_it_back(crew: TurnHarness) -> None:
    chat = Chat(crew)
    at = crew.clock.now() + timedelta(days=2)
    chat.do("remind", text="regar as plantas", at=at.isoformat(timespec="seconds"))
    chat.do("remind", text="ligar pro banco", at=(at + timedelta(hours=1)).isoformat(timespec="seconds"))
    chat.do("list_reminders")
    cancelled = chat.do("cancel_reminder", reminder="o lembrete 2")
    left = chat.do("list_reminders")
    undone = chat.do("undo")

    assert "“ligar pro banco”" in cancelled.message
    assert left.data == {"count": 1}
    assert undone.message.startswith("Desfeito: o lembrete “ligar pro banco” (")
    assert chat.do("list_reminders").data == {"count": 2}
