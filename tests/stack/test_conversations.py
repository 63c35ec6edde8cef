"""Conversations with the deployed stack: only the replies and the stored rows are checked."""

from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from typing import Any

import pytest

from tests.stack.clients import DemoCompany, Phone, http, until


def entries(demo_company: DemoCompany, phone: Phone) -> list[dict[str, Any]]:
    return demo_company.rows(
        """select t.kind, t.amount, t.category, t.occurred_on::text as day from transactions t
           join users u on u.company_id = t.company_id and u.id = t.created_by
           where t.company_id = :company and u.phone = :phone order by t.id""",
        phone=phone.number,
    )


def test_an_expense_delivered_three_times_becomes_one_entry_and_one_reply(demo_company: DemoCompany) -> None:
    bia = demo_company.staff("user")
    payload = bia.payload("gastei 150 de gasolina hoje")
    assert [bia.post(payload).status for _ in range(3)] == [200, 200, 200]
    (reply,) = bia.received()
    assert "150,00" in reply
    (entry,) = entries(demo_company, bia)
    assert (entry["kind"], entry["amount"], entry["category"]) == ("expense", Decimal("150.00"), "combustivel")


def test_two_messages_within_a_second_are_both_recorded_with_one_reply_per_turn(demo_company: DemoCompany) -> None:
    bia = demo_company.staff("user")
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(bia.write, ["paguei 30 de almoço", "recebi 500 de vendas"]))
    until(lambda: len(entries(demo_company, bia)) == 2, "both entries")
    until(lambda: any("500,00" in one["text"] for one in bia.sent()), "the income to be answered")
    assert sorted(entry["amount"] for entry in entries(demo_company, bia)) == [Decimal("30.00"), Decimal("500.00")]
    turns = demo_company.rows(
        """select t.id from crew_tasks t
           join conversations v on v.company_id = t.company_id and v.id = t.conversation_id
           join contacts c on c.company_id = v.company_id and c.id = v.contact_id
           where t.company_id = :company and c.phone = :phone and t.description not like 'oi%' and t.hops = 0""",
        phone=bia.number,
    )
    replies = [one["text"] for one in bia.sent()[bia.read_count :]]
    assert len(replies) <= len(turns)
    assert sum("30,00" in one for one in replies) == 1
    assert sum("500,00" in one for one in replies) == 1


def test_a_missing_amount_is_asked_for_and_the_answer_completes_the_entry(demo_company: DemoCompany) -> None:
    bia = demo_company.staff("user")
    assert "?" in bia.ask("paguei a conta de luz")
    assert entries(demo_company, bia) == []
    assert "230,50" in bia.ask("230,50")
    (entry,) = entries(demo_company, bia)
    assert (entry["amount"], entry["category"]) == (Decimal("230.50"), "energia")


def test_a_tool_that_the_sender_may_not_use_is_refused_and_nothing_is_written(demo_company: DemoCompany) -> None:
    bia = demo_company.staff("user")
    assert "permissão" in bia.ask("contratei a Zuleide como caixa").lower()
    assert demo_company.rows("select 1 from employees where company_id = :company and name ilike 'Zuleide%'") == []


def test_an_unknown_number_is_verified_by_code_and_gets_no_staff_permissions(demo_company: DemoCompany) -> None:
    someone = demo_company.outsider()
    someone.write("qual o horário de vocês?")
    assert "código" in someone.received()[0].lower()
    someone.write(someone.code())
    until(lambda: len(someone.sent()) >= 2, "the kept question to be answered")
    someone.received(len(someone.sent()) - someone.read_count)
    someone.ask("gastei 90 de gasolina")
    assert (
        demo_company.rows("select 1 from users where company_id = :company and phone = :phone", phone=someone.number)
        == []
    )
    assert demo_company.rows("select 1 from transactions where company_id = :company and amount = 90") == []
    logs = demo_company.rows("select masked_phone from whatsapp_auth_logs where company_id = :company")
    assert all("*" in log["masked_phone"] for log in logs)


def test_a_wrong_code_starts_no_session(demo_company: DemoCompany) -> None:
    someone = demo_company.outsider()
    someone.write("oi")
    someone.received()
    wrong = f"{(int(someone.code()) + 1) % 1_000_000:06}"
    reply = someone.ask(wrong)
    assert "incorreto" in reply.lower() or "tentativa" in reply.lower() or "errado" in reply.lower()
    verified = demo_company.rows(
        "select verified_at from contacts where company_id = :company and phone = :phone", phone=someone.number
    )
    assert [row["verified_at"] for row in verified] == [None]


def test_a_handoff_to_another_agent_gives_one_reply(demo_company: DemoCompany) -> None:
    chefe = demo_company.staff("admin", name="Dona Rita")
    chefe.ask("gastei 80 com material de limpeza")
    reply = chefe.ask("e quem são meus funcionários?")
    assert "Maria" in reply


@pytest.mark.parametrize("kind", ["drop_after_accept", "reject429", "fail500"])
def test_a_reply_arrives_once_whatever_fault_the_provider_has(demo_company: DemoCompany, kind: str) -> None:
    bia = demo_company.staff("user")
    order = {"kind": kind, "count": 1, "phone": bia.number}
    assert http("POST", demo_company.url("/provider/faults"), order).status == 201
    bia.write("gastei 12 de café")
    until(lambda: len(bia.sent()) > bia.read_count, "the reply", seconds=90)

    def status() -> str:
        (row,) = demo_company.rows(
            """select m.status from messages m
               join conversations v on v.company_id = m.company_id and v.id = m.conversation_id
               join contacts c on c.company_id = v.company_id and c.id = v.contact_id
               where m.company_id = :company and c.phone = :phone and m.direction = 'out' order by m.id desc limit 1""",
            phone=bia.number,
        )
        return str(row["status"])

    until(lambda: status() in ("sent", "delivered", "read"), "the send to be settled", seconds=90)
    assert len(bia.sent()) == bia.read_count + 1


def test_a_paused_crew_sends_one_notice_and_keeps_the_messages(demo_company: DemoCompany) -> None:
    bia = demo_company.staff("user")
    demo_company.write_row("update crews set status = 'paused' where company_id = :company")
    try:
        assert "paus" in bia.ask("gastei 44 de gás").lower()
        bia.write("gastei 45 de gás")
        kept = "select 1 from messages where company_id = :company and text = 'gastei 45 de gás'"
        until(lambda: bool(demo_company.rows(kept)), "the message to be stored")
        bia.received(0)
    finally:
        demo_company.write_row("update crews set status = 'active' where company_id = :company")
    assert [e for e in entries(demo_company, bia) if e["amount"] in (44, 45)] == []
