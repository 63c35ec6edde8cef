"""The demo notices what is missing, and its transcript can be read."""

import io
from collections.abc import Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, cast

import pytest

from infra.local.demo.client import Ledger, Outcome, Phone, Reply, Row
from infra.local.demo.scenes import Exchange, Run
from infra.local.demo.transcript import Transcript
from infra.local.front_door.conversation import Handoff, ToolRun, Turn

AT = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
EXPENSE = ToolRun("financial", "add_expense", {"amount": "150.00", "category": "combustivel"}, ok=True)
ENTRY = Row("transactions", {"kind": "expense", "amount": 150.0, "occurred_on": "2026-11-22"})


def reply(text: str = "Anotei R$ 150,00", role: str = "financial", tools: Sequence[ToolRun] = (EXPENSE,)) -> Reply:
    return Reply(text, AT, Turn(role, 20, tuple(tools), ()))


def exchange(replies: Sequence[Reply] = (), rows: Sequence[Row] = ()) -> Exchange:
    no_phone = cast("Phone", None)
    run = Run(no_phone, no_phone, no_phone, cast("Ledger", None), Transcript(io.StringIO(), 80), "Bianca Rocha")
    return Exchange(run, "gastei 150", Outcome([200], replies, rows))


def test_a_right_reply_and_its_row_pass_every_check() -> None:
    checked = exchange([reply()], [ENTRY]).answered(by="financial", saying="150")
    checked.ran("add_expense", amount=Decimal(150), category="combustivel")
    checked.wrote("transactions", "ok", amount=Decimal(150), occurred_on=date(2026, 11, 22))
    assert checked.run.failures == []
    assert checked.run.checks > 0


def test_a_missing_reply_is_a_failure() -> None:
    assert "nenhuma resposta" in exchange().answered(by="financial").run.failures[0]


def test_two_replies_where_one_is_due_are_a_failure() -> None:
    assert "2 respostas" in exchange([reply(), reply()]).answered(by="financial").run.failures[0]


def test_a_reply_of_another_agent_is_a_failure() -> None:
    assert "RH em vez de Financeiro" in exchange([reply(role="hr")]).answered(by="financial").run.failures[0]


def test_a_reply_that_no_agent_stands_behind_is_a_failure() -> None:
    unknown = Reply("oi", AT, None)
    assert "ninguém" in exchange([unknown]).answered(by="financial").run.failures[0]


def test_a_reply_about_something_else_is_a_failure() -> None:
    assert "não fala" in exchange([reply("Bom dia")]).answered(by="financial", saying="150").run.failures[0]


@pytest.mark.parametrize("rows", [[], [ENTRY, ENTRY]])
def test_a_missing_or_doubled_ledger_entry_is_a_failure(rows: list[Row]) -> None:
    assert "em vez de uma" in exchange([reply()], rows).wrote("transactions", "ok").run.failures[0]


def test_a_wrong_amount_in_the_ledger_is_a_failure() -> None:
    checked = exchange([reply()], [ENTRY]).wrote("transactions", "ok", amount=Decimal(15))
    assert "amount=150.0 em vez de 15" in checked.run.failures[0]


def test_an_entry_where_none_is_due_is_a_failure() -> None:
    assert exchange([reply()], [ENTRY]).wrote_nothing("transactions", "ok").run.failures


@pytest.mark.parametrize("tools", [(), (EXPENSE, EXPENSE), (ToolRun("financial", "add_expense", {}, ok=False),)])
def test_a_tool_that_did_not_run_exactly_once_is_a_failure(tools: tuple[ToolRun, ...]) -> None:
    assert "vezes em vez de uma" in exchange([reply(tools=tools)]).ran("add_expense").run.failures[0]


def test_a_tool_with_other_arguments_is_a_failure() -> None:
    checked = exchange([reply()]).ran("add_expense", amount=Decimal(150), category="alimentacao")
    assert checked.run.failures == ["“gastei 150”: add_expense recebeu category=combustivel em vez de alimentacao"]


def test_a_handoff_that_did_not_happen_is_a_failure() -> None:
    assert exchange([reply()]).handed_over("financial", "hr").run.failures
    passed = Reply("Registrei", AT, Turn("hr", 20, (), (Handoff("financial", "hr", "pessoal"),)))
    assert exchange([passed]).handed_over("financial", "hr").run.failures == []


def test_a_message_stored_twice_is_a_failure() -> None:
    stored = Row("messages", {"direction": "in"})
    assert exchange([], [stored, Row("messages", {"direction": "out"})]).stored_once().run.failures == []
    assert exchange([], [stored, stored]).stored_once().run.failures


def written(write: Any, width: int = 80) -> str:
    out = io.StringIO()
    write(Transcript(out, width))
    return out.getvalue()


def test_the_transcript_shows_who_answered_what_ran_and_how_long_it_took() -> None:
    turn = Turn("hr", 20, (EXPENSE,), (Handoff("financial", "hr", "assunto de pessoal"),))
    shown = written(lambda transcript: transcript.hears(Reply("Anotei", AT, turn), 1.25))
    assert "Financeiro passou para RH: assunto de pessoal" in shown
    assert "add_expense(amount=150.00, category=combustivel)" in shown
    assert "RH ◂  Anotei  1,2 s" in shown


def test_a_transcript_in_a_file_has_no_colours_and_keeps_its_width() -> None:
    long = "palavra " * 60
    shown = written(lambda transcript: transcript.says("Ana", long), 70)
    assert "\x1b" not in shown
    assert max(len(line) for line in shown.splitlines()) <= 70


def test_the_end_names_every_failure() -> None:
    assert "Tudo certo: 3" in written(lambda transcript: transcript.end(3, [], 12.4))
    assert "✗ faltou" in written(lambda transcript: transcript.end(3, ["faltou"], 12.4))
