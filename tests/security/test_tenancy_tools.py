"""No agent's tool reaches another company's rows, whatever it is asked for and whoever is said to be asking."""

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
    """Nothing that a tool did here is to stay."""


@pytest.fixture
def ours(database: Database) -> UUID:
    """A company that has nothing yet."""
    company_id = new_id()
    with database.tenant(company_id) as session:
        session.execute(insert(metadata.tables["companies"]).values(id=company_id, name="Empresa"))
    return company_id


def arguments(spec: ToolSpec) -> dict[str, Any]:
    """What finds the row that `rows.fill` puts into every table."""
    schema = spec.arguments.model_json_schema()
    return {name: _fitting(name, field) for name, field in schema.get("properties", {}).items()}


def _fitting(name: str, field: dict[str, Any]) -> Any:
    field = field | next((one for one in field.get("anyOf", ()) if one.get("type") != "null"), {})
    if "enum" in field:
        return "outros" if "outros" in field["enum"] else field["enum"][0]
    if field.get("type") == "integer":
        return 1
    by_name = {"amount": "10.00", "salary": "10.00", "month": "2026-11"}
    return "2026-11-01" if field.get("format") == "date" else by_name.get(name, "texto de exemplo")


def used(database: Database, spec: ToolSpec, company_id: UUID, **of_whom: Any) -> Any:
    """What the tool answers, or which error of the database it ran into; what it did is taken back."""
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
    """Without the ids of new rows."""
    return answer | {"data": {k: v for k, v in answer.get("data", {}).items() if k not in ("id", "ticket_id")}}


def test_it_is_told_of_every_tool_what_it_looks_at() -> None:
    assert set(TABLES_READ_BY_TOOL) == set(TOOLS)


@each_tool
def test_a_tool_answers_the_same_whether_or_not_others_have_what_is_asked_for(
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
def test_a_tool_does_nothing_in_the_name_of_another_company_s_people(
    database: Database, superuser: Engine, ours: UUID, spec: ToolSpec, name: str
) -> None:
    theirs = new_id()
    with database.tenant(theirs) as session:
        rows = fill(session, theirs)
    table = {"user_id": "users", "contact_id": "contacts", "conversation_id": "conversations", "task_id": "crew_tasks"}
    before = state_of(superuser, theirs)

    assert used(database, spec, ours, **{name: rows[table[name]]}) == used(database, spec, ours, **{name: new_id()})
    assert state_of(superuser, theirs) == before
