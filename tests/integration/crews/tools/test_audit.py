"""Tool calls are audited with agent and user, in the tool's transaction and without a round trip of their own."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, cast
from uuid import UUID

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from falachefe.access.permissions import PERMISSIONS_OF
from falachefe.audit.models import AuditLog
from falachefe.crews.tools.registry import TOOLS, run_tool
from falachefe.crews.tools.spec import ToolContext, ToolSpec
from falachefe.db.driver import OneTripConnection
from falachefe.db.engine import Database
from falachefe.kernel.ids import new_id
from tests.integration.crews.tools.contexts import tool_context

NOW = datetime(2026, 11, 11, 15, 0, tzinfo=UTC)
USES: dict[str, dict[str, Any]] = {
    "add_expense": {"amount": "150", "description": "pago a 11 98765-4321", "category": "outros", "date": "2026-11-10"},
    "add_income": {"amount": "150", "description": "balcão", "category": "vendas", "date": "2026-11-10"},
    "correct_entry": {"entry": "o último", "description": "pago a maria@example.com"},
    "add_bill": {
        "direction": "receivable",
        "amount": "80",
        "description": "Fiado",
        "due": "2026-11-30",
        "counterparty": "João Silva",
    },
    "settle_bill": {"bill": "a luz"},
    "cancel_bill": {"bill": "a luz"},
    "create_budget": {"category": "combustivel", "amount": "200", "month": "2026-11"},
    "create_campaign": {"name": "Natal", "message": "Fale com maria@example.com", "segment": "all"},
    "add_employee": {"name": "João Silva", "position": "padeiro", "salary": "2500"},
    "request_time_off": {"employee": "Ana Souza", "start": "2026-11-20", "end": "2026-11-20"},
    "register_absence": {"employee": "Ana Souza", "date": "2026-11-10", "reason": "consulta médica"},
    "open_ticket": {"subject": "Meu CPF", "description": "É 529.982.247-25"},
    "talk_to_human": {"reason": "falar com o dono"},
}
"""One call of each tool that writes."""
ELSEWHERE = {"undo", "delete_entry", "send_campaign", "cancel_campaign", "remind", "cancel_reminder"}
"""They need a conversation, contacts or a user: `test_undo.py`, `test_corrections.py`, `marketing/test_sending.py`,
`test_reminder_tools.py`."""


@pytest.fixture
def session(database: Database, company_id: UUID) -> Iterator[Session]:
    with database.tenant(company_id) as opened:
        yield opened


@pytest.fixture
def context(session: Session, company_id: UUID) -> ToolContext:
    who = {"sender_name": "Ana Souza", "agent_id": new_id()}
    made = tool_context(session, company_id, PERMISSIONS_OF["admin"], now=NOW, **who)
    assert run_tool("add_employee", {"name": "Ana Souza", "position": "caixa"}, made).ok
    light = {"direction": "payable", "amount": "80", "description": "Luz", "due": "2026-11-30"}
    assert run_tool("add_bill", light, made).ok
    assert run_tool("add_expense", {**USES["add_expense"], "amount": "1"}, made).ok
    return made


def test_every_tool_with_a_write_permission_declares_the_resource_it_writes() -> None:
    changing = {name for name, tool in TOOLS.items() if (tool.permission or "").endswith((".write", ".request"))}

    assert changing <= {name for name, tool in TOOLS.items() if tool.writes}
    assert set(USES) == {name for name, tool in TOOLS.items() if tool.writes} - ELSEWHERE


@pytest.mark.parametrize("tool", USES)
def test_a_tool_call_is_audited_with_agent_user_and_row(tool: str, context: ToolContext, session: Session) -> None:
    person = new_id()
    answer = run_tool(tool, USES[tool], context)
    entry = session.execute(select(AuditLog).order_by(AuditLog.id.desc()).limit(1)).scalar_one()

    assert answer.ok
    assert (entry.actor_kind, entry.actor_id, entry.on_behalf_of) == (
        "agent",
        context.agent_id,
        None,
    )
    assert (entry.action, entry.resource, entry.request_id) == (
        tool,
        TOOLS[tool].writes,
        str(context.task_id),
    )
    assert str(entry.resource_id) == answer.data.get("id", str(context.conversation_id))
    text = str(entry.changes)
    private = ("98765", "maria@", "529.982", "João", "Ana Souza", "consulta", "dono")
    assert [part for part in private if part in text] == []

    if tool == "open_ticket":  # its arguments name no person
        run_tool(tool, USES[tool], replace(context, user_id=person))
        last = session.execute(select(AuditLog.on_behalf_of).order_by(AuditLog.id.desc()).limit(1)).scalar_one()
        assert last == person


def test_refused_and_read_only_calls_are_not_audited(context: ToolContext, session: Session) -> None:
    before = len(session.execute(select(AuditLog.id)).all())
    run_tool("add_expense", {**USES["add_expense"], "amount": "mil"}, context)
    run_tool("add_expense", USES["add_expense"], replace(context, permissions=frozenset()))
    run_tool("cash_flow_report", {"start": "2026-11-01", "end": "2026-11-30"}, context)

    assert len(session.execute(select(AuditLog.id)).all()) == before


def test_the_audit_row_is_sent_with_the_next_statement(
    context: ToolContext, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As many round trips with the audit row as without it; the row is queued until the commit."""
    driver = cast(OneTripConnection, session.connection().connection.dbapi_connection)

    def trips() -> int:
        before = driver.trips
        assert run_tool("talk_to_human", USES["talk_to_human"], context).ok
        return driver.trips - before

    before, waiting = trips(), len(driver._queued)
    driver.flush()
    monkeypatch.setitem(
        cast("dict[str, ToolSpec]", TOOLS), "talk_to_human", replace(TOOLS["talk_to_human"], writes=None)
    )

    assert (trips(), waiting - len(driver._queued)) == (before, 1)
