"""No agent's tool reads or changes another company's rows, whatever its arguments and its caller's ids are."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import Engine, insert
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from falachefe.app.schema import metadata
from falachefe.crews.tools.registry import TOOLS, run_tool
from falachefe.crews.tools.spec import ToolSpec
from falachefe.db.engine import Database
from falachefe.http.principal import EVERYTHING
from falachefe.kernel.ids import new_id
from tests.integration.crews.tools.contexts import tool_context
from tests.security.example_rows import fill
from tests.security.row_references import TABLES_READ_BY_TOOL
from tests.security.two_companies import state_of

NOW = datetime(2026, 11, 1, 15, 0, tzinfo=UTC)  # the day of the dates that rows have
each_tool = pytest.mark.parametrize("spec", TOOLS.values(), ids=lambda spec: spec.name)


class _TakenBack(Exception):
    """Rolls back what a tool did."""


@pytest.fixture
def ours(database: Database) -> UUID:
    """A company without rows."""
    company_id = new_id()
    with database.tenant(company_id) as session:
        session.execute(insert(metadata.tables["companies"]).values(id=company_id, name="Empresa"))
    return company_id


def arguments(spec: ToolSpec) -> dict[str, Any]:
    """Arguments that match the row that `fill` inserts into every table."""
    schema = spec.arguments.model_json_schema()
    return {name: _fitting(name, field) for name, field in schema.get("properties", {}).items()}


def _fitting(name: str, field: dict[str, Any]) -> Any:
    field = field | next((one for one in field.get("anyOf", ()) if one.get("type") != "null"), {})
    if "enum" in field:
        return "outros" if "outros" in field["enum"] else field["enum"][0]
    if field.get("type") in ("integer", "boolean"):
        return 1 if field["type"] == "integer" else False
    if field.get("format") == "date-time":
        return "2026-12-05T09:00"
    by_name = {"amount": "10.00", "salary": "10.00", "month": "2026-11", "reference": "pix:1"}
    by_format = {"date": "2026-11-01", "date-time": "2026-11-02T09:00"}
    return by_format.get(field.get("format", ""), by_name.get(name, "texto de exemplo"))


def used(database: Database, spec: ToolSpec, company_id: UUID, **of_whom: Any) -> Any:
    """The tool's result, or the database's error; all changes are rolled back."""
    answers: list[Any] = []

    def act(session: Session) -> None:
        context = tool_context(session, company_id, frozenset({EVERYTHING}), now=NOW, sender_name="Ana")
        context = replace(context, **of_whom)
        answers.append(_lasting(run_tool(spec.name, arguments(spec), context).as_json()))
        session.flush()
        raise _TakenBack

    with pytest.raises((_TakenBack, DBAPIError)) as ended, database.tenant(company_id) as session:
        act(session)
    refused = ended.value.orig if isinstance(ended.value, DBAPIError) else None
    return answers if refused is None else refused.args[0]["C"]


def _lasting(answer: dict[str, Any]) -> dict[str, Any]:
    """The result without the ids of new rows."""
    return answer | {"data": {k: v for k, v in answer.get("data", {}).items() if k not in ("id", "ticket_id")}}


def test_the_tables_that_each_tool_reads_are_listed() -> None:
    assert set(TABLES_READ_BY_TOOL) == set(TOOLS)


@each_tool
def test_a_tools_result_is_unaffected_by_other_companies_rows(
    database: Database, superuser: Engine, ours: UUID, spec: ToolSpec
) -> None:
    alone = used(database, spec, ours)
    theirs = new_id()
    with database.tenant(theirs) as session:
        fill(session, theirs)
    before = state_of(superuser, theirs)

    assert used(database, spec, ours) == alone
    assert state_of(superuser, theirs) == before
    assert (used(database, spec, theirs) != alone) == bool(TABLES_READ_BY_TOOL[spec.name])


@each_tool
@pytest.mark.parametrize("name", ["user_id", "contact_id", "conversation_id", "task_id"])
def test_a_tool_refuses_to_act_for_users_of_another_company(
    database: Database, superuser: Engine, ours: UUID, spec: ToolSpec, name: str
) -> None:
    theirs = new_id()
    with database.tenant(theirs) as session:
        rows = fill(session, theirs)
    table = {"user_id": "users", "contact_id": "contacts", "conversation_id": "conversations", "task_id": "crew_tasks"}
    before = state_of(superuser, theirs)

    assert used(database, spec, ours, **{name: rows[table[name]]}) == used(database, spec, ours, **{name: new_id()})
    assert state_of(superuser, theirs) == before
