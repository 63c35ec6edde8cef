"""Every tool through the registry, on a real Postgres: its effect and its reply."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import func, insert, select, text, update
from sqlalchemy.orm import Session

from falachefe.access.permissions import PERMISSIONS_OF
from falachefe.accounts.models import User
from falachefe.companies.models import Company
from falachefe.crews.tools.registry import TOOLS, run_tool
from falachefe.crews.tools.spec import ToolContext, ToolResult
from falachefe.db.engine import Database
from falachefe.finance.models import Transaction
from falachefe.hr.models import Employee
from falachefe.kernel.ids import new_id
from falachefe.support import service as support
from tests.integration.crews.tools.contexts import tool_context

# 10 November, 23:30 in São Paulo: the 11th by UTC.
NOW = datetime(2026, 11, 11, 2, 30, tzinfo=UTC)
ADMIN = PERMISSIONS_OF["admin"]
USER = PERMISSIONS_OF["user"]
EXPENSE: dict[str, Any] = {
    "amount": "150",
    "description": "gasolina",
    "category": "combustivel",
    "date": "2026-11-10",
}

type Run = Callable[..., ToolResult]


@pytest.fixture
def session(database: Database, company_id: UUID) -> Iterator[Session]:
    with database.tenant(company_id) as opened:
        yield opened


@pytest.fixture
def context(session: Session, company_id: UUID) -> ToolContext:
    names = {"sender_name": "Ana Souza", "company_name": "Padaria do Chefe"}
    return tool_context(session, company_id, ADMIN, now=NOW, **names)


@pytest.fixture
def run(context: ToolContext) -> Run:
    def call(tool: str, permissions: frozenset[str] = ADMIN, **args: Any) -> ToolResult:
        return run_tool(tool, args, replace(context, permissions=permissions))

    return call


def events(context: ToolContext) -> list[str]:
    return [
        str(queue_message.payload["name"])
        for queue_message in context.outbox.queue_messages
        if queue_message.destination == "events"
    ]


def test_an_expense_is_recorded_and_confirmed(run: Run, context: ToolContext, session: Session) -> None:
    result = run("add_expense", **EXPENSE)

    assert result.message == "Anotado: despesa de R$ 150,00 em combustível (gasolina), hoje."
    assert result.data["amount"] == "150.00"
    row = session.execute(select(Transaction.amount, Transaction.occurred_on, Transaction.source)).one()
    assert (str(row.amount), row.occurred_on.isoformat(), row.source) == ("150.00", "2026-11-10", "agent")
    assert events(context) == ["finance.transaction_recorded"]


def test_an_income_of_another_day_names_the_day(run: Run) -> None:
    result = run("add_income", amount="1234.5", description="Vendas", category="vendas", date="2026-11-09")

    assert result.message == "Anotado: receita de R$ 1.234,50 em vendas, ontem."


def test_an_entry_reports_the_remaining_budget_or_that_it_is_exceeded(run: Run) -> None:
    run("add_expense", **EXPENSE)

    made = run("create_budget", category="combustivel", amount="200", month="2026-11")
    within = run("add_expense", **{**EXPENSE, "amount": "20"})
    over = run("add_expense", **{**EXPENSE, "amount": "80"})

    assert made.message == (
        "Orçamento de combustível em novembro de 2026: R$ 200,00.\n"
        "Já foram gastos R$ 150,00. Restam R$ 50,00 do orçamento de combustível em novembro de 2026."
    )
    assert within.message.endswith("\nRestam R$ 30,00 do orçamento de combustível em novembro de 2026.")
    assert over.message.endswith("\n⚠️ O orçamento de combustível em novembro de 2026 passou em R$ 50,00.")


def test_the_cash_flow_report_lists_totals_and_top_categories(run: Run) -> None:
    run("add_expense", **EXPENSE)
    run("add_expense", amount="1000", description="loja", category="aluguel", date="2026-11-05")
    run("add_income", amount="3000", description="balcão", category="vendas", date="2026-11-06")

    result = run("cash_flow_report", start="2026-11-01", end="2026-11-30")

    assert result.message.splitlines() == [
        "*Fluxo de caixa: novembro de 2026*",
        "Entradas: R$ 3.000,00",
        "Saídas: R$ 1.150,00",
        "*Saldo: R$ 1.850,00*",
        "(3 lançamentos)",
        "",
        "*Onde mais saiu:*",
        "• Aluguel: R$ 1.000,00",
        "• Combustível: R$ 150,00",
    ]
    assert result.data == {"income": "3000.00", "expense": "1150.00", "balance": "1850.00", "count": 3}


def test_reports_without_entries_say_so(run: Run) -> None:
    flow = run("cash_flow_report", start="2026-10-01", end="2026-10-31")
    trends = run("analyze_trends", months=3)

    assert flow.message == "*Fluxo de caixa: outubro de 2026*\nNenhum lançamento nesse período."
    assert trends.message == "*Tendência: 3 meses*\nAinda não há lançamentos para comparar."


def test_trends_compare_months(run: Run) -> None:
    run("add_expense", **{**EXPENSE, "date": "2026-10-10", "amount": "100"})
    run("add_expense", **EXPENSE)

    lines = run("analyze_trends", months=2).message.splitlines()

    assert lines[0] == "*Tendência: 2 meses*"
    assert lines[1] == "*Outubro de 2026*"
    assert "*Novembro de 2026*" in lines
    assert "Saídas R$ 150,00 (+50%)" in lines


def test_a_campaign_is_drafted_listed_and_has_no_results_yet(run: Run) -> None:
    made = run("create_campaign", name="Natal", message="Panetone com 10% de desconto", segment="all")
    listed = run("list_campaigns")
    results = run("campaign_results", name="natal")
    twice = run("create_campaign", name="Natal", message="De novo", segment="all")

    assert made.message == (
        "Campanha *Natal* criada como rascunho para todos os contatos (0 pessoas). Nada foi enviado ainda; "
        "para enviar, escreva *envia a campanha Natal*."
    )
    assert listed.message == "*Campanhas*\n• Natal: rascunho, todos os contatos (0 pessoas)"
    assert results.message == "*Campanha Natal* (rascunho)\nAinda não foi enviada, então não há resultados."
    assert (twice.ok, twice.code) == (False, "campaign_exists")


def test_no_campaigns_and_a_post(run: Run) -> None:
    assert run("list_campaigns").message == "Ainda não há campanhas. Quer criar a primeira?"
    post = run("suggest_post", topic="pão de queijo")
    assert post.message.startswith("*Sugestão de post*\n")
    assert "pão de queijo" in post.message.lower()


def test_employees_are_added_listed_and_marked_absent(run: Run) -> None:
    assert run("list_employees").message == "Ainda não há funcionários cadastrados."
    added = run("add_employee", name="João Silva", position="padeiro", salary="2500")
    listed = run("list_employees")
    off = run("request_time_off", employee="joão", start="2026-11-20", end="2026-11-21")
    absent = run("register_absence", employee="joao", date="2026-11-10", reason="consulta médica")
    again = run("register_absence", employee="joao", date="2026-11-10")

    assert added.message == "Pronto: João Silva entrou na equipe como padeiro, salário de R$ 2.500,00."
    assert listed.message == "*Equipe: 1 pessoa*\n• João Silva: padeiro"
    assert off.message == (
        "Pedido de folga de João Silva registrado: 20/11 a 21/11 (2 dias). Agora é só esperar a aprovação."
    )
    assert absent.message == "Falta registrada: João Silva, hoje. Motivo: consulta médica."
    assert again.message == "A falta de João Silva (hoje) já estava registrada."


def test_without_permission_only_own_days_can_be_requested(run: Run, context: ToolContext, session: Session) -> None:
    run("add_employee", name="João Silva", position="padeiro")
    run("add_employee", name="Ana Souza", position="caixa")
    ana = new_id()
    session.execute(insert(User).values(company_id=context.company_id, id=ana, name="Ana Souza"))
    session.execute(update(Employee).where(Employee.name == "Ana Souza").values(user_id=ana))
    asking = replace(context, permissions=USER, user_id=ana)
    day = {"start": "2026-11-20", "end": "2026-11-20"}

    own = run_tool("request_time_off", day, asking)
    other = run_tool("request_time_off", {"employee": "João", **day}, asking)

    assert own.message == "Pedido de folga de Ana Souza registrado: 20/11. Agora é só esperar a aprovação."
    assert (other.ok, other.code) == (False, "time_off_of_another")


def test_a_question_is_answered_only_from_published_articles(run: Run, session: Session, company_id: UUID) -> None:
    support.publish_article(
        session, company_id, question="Qual é o horário de atendimento?", answer="De 7h às 19h.", now=NOW
    )

    known = run("answer_question", frozenset(), question="que horas vocês atendem? qual o horário de atendimento")
    unknown = run("answer_question", frozenset(), question="vocês vendem pneus?")

    assert known.message == "De 7h às 19h."
    assert unknown.data == {"found": False}
    assert "chamado" in unknown.message
    assert "pessoa" in unknown.message


def test_a_ticket_has_a_number_to_quote(run: Run, context: ToolContext) -> None:
    result = run("open_ticket", frozenset(), subject="Máquina parada", description="Não liga desde ontem.")

    assert result.message == "Chamado *nº 1* aberto: Máquina parada. A equipe vai responder por aqui."
    assert events(context) == ["support.ticket_opened"]


def test_the_reason_for_calling_a_human_stays_in_the_conversation(run: Run, context: ToolContext) -> None:
    result = run("talk_to_human", frozenset(), reason="quero falar com o dono")

    assert result.ok
    (queue_message,) = context.outbox.queue_messages
    assert queue_message.payload["name"] == "crews.human_requested"
    assert "dono" not in str(queue_message.payload)


def test_outside_business_hours_a_human_is_announced_for_the_next_opening(run: Run, session: Session) -> None:
    hours = [{"days": ["mon", "tue", "wed"], "opens": "08:00", "closes": "18:00"}]
    session.execute(update(Company).values(settings={"business_hours": hours}))
    late = run("talk_to_human", frozenset(), reason="quero falar com o dono")

    assert late.message == (
        "Certo, já avisei a equipe. Agora estamos fora do horário de atendimento: uma pessoa responde por aqui amanhã "
        "às 8h."
    )


def test_within_business_hours_a_human_continues_at_once(session: Session, context: ToolContext) -> None:
    hours = [{"days": ["tue"], "opens": "08:00", "closes": "23:59"}]
    session.execute(update(Company).values(settings={"business_hours": hours}))
    result = run_tool("talk_to_human", {"reason": "quero falar com o dono"}, context)

    assert result.message == "Certo, já avisei a equipe. Uma pessoa vai continuar a conversa por aqui."


@pytest.mark.parametrize(
    ("hour_utc", "greeting"),
    [(2, "Boa noite, Ana!"), (10, "Bom dia, Ana!"), (16, "Boa tarde, Ana!"), (22, "Boa noite, Ana!")],
)
def test_a_greeting_follows_the_companys_local_time(context: ToolContext, hour_utc: int, greeting: str) -> None:
    at = NOW.replace(hour=hour_utc) + timedelta(days=1)

    result = run_tool("greet", {}, replace(context, now=at))

    assert result.message.startswith(f"{greeting} Sou a equipe virtual da Padaria do Chefe.")


def test_the_help_lists_what_this_sender_may_do(run: Run) -> None:
    outsider = run("help", frozenset())
    user = run("help", USER)
    admin = run("help", ADMIN)

    assert outsider.data["tools"] == ["answer_question", "open_ticket", "talk_to_human", "undo"]
    assert "add_expense" in user.data["tools"]
    assert "cash_flow_report" not in user.data["tools"]
    own = {name for name, spec in TOOLS.items() if spec.members_only}
    assert set(admin.data["tools"]) == set(TOOLS) - {"greet", "help"} - own


def test_the_help_lists_what_is_ones_own_for_members_only(context: ToolContext) -> None:
    listed = run_tool("help", {}, replace(context, user_id=new_id())).data["tools"]

    assert {"remind", "list_reminders", "cancel_reminder"} <= set(listed)


@pytest.mark.parametrize("tool", [name for name, spec in TOOLS.items() if spec.permission])
def test_without_its_permission_a_tool_does_nothing(
    tool: str, run: Run, context: ToolContext, session: Session
) -> None:
    result = run(tool, frozenset(), **EXPENSE)

    assert (result.ok, result.code) == (False, "forbidden")
    assert result.message.startswith("Você não tem permissão para ")
    assert result.message.endswith(". Peça a um administrador da empresa.")
    assert context.outbox.queue_messages == ()
    assert session.scalar(select(func.count()).select_from(Transaction)) == 0


def test_refusals_are_returned_as_results(run: Run) -> None:
    late = run("add_expense", **{**EXPENSE, "date": "1999-01-01"})
    wrong = run("add_expense", **{**EXPENSE, "amount": "mil"})
    unknown = run("drop_tables")

    assert (late.ok, late.code) == (False, "date_out_of_range")
    assert (wrong.ok, wrong.code) == (False, "invalid_arguments")
    assert wrong.message == "Não consegui registrar despesas. Valor: use um número."
    assert (unknown.ok, unknown.code) == (False, "unknown_tool")


def test_text_with_a_null_byte_reaches_the_ledger_clean(run: Run, session: Session) -> None:
    result = run("add_expense", **{**EXPENSE, "description": "gaso\x00lina *aditivada*"})

    assert result.ok
    assert session.scalar(text("select description from transactions")) == "gaso lina *aditivada*"
    assert "(gaso lina aditivada)" in result.message
