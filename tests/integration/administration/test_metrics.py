"""A company's figures of a period, in the days of its own time zone, read by the keys of the rows."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import Engine, event, text
from sqlalchemy.orm import Session

from falachefe.administration.metrics import MAX_DAYS
from falachefe.crews.api import reports as crew_reports
from falachefe.crews.models import CrewTask
from falachefe.crews.service import default_crew
from falachefe.db.engine import Database
from falachefe.db.id_ranges import DayRange
from falachefe.exports.models import Export
from falachefe.kernel.clock import FixedClock
from falachefe.kernel.ids import first_id_at, new_id
from falachefe.messaging.api import reports as message_reports
from falachefe.messaging.conversations import api_channel
from falachefe.messaging.models import Message
from functions.admin import metrics
from tests.integration.callers import Caller

type AsRole = Callable[[Any, str], Caller]
MIDNIGHT = datetime(2026, 11, 18, 3, 0, tzinfo=UTC)
"""Of the 18th in São Paulo."""


@pytest.fixture
def admin(as_role: AsRole) -> Caller:
    return as_role(metrics.handler, "admin")


@pytest.fixture
def talk(admin: Caller, database: Database, company_id: UUID) -> tuple[UUID, UUID]:
    """A conversation of the company, and its channel."""
    with database.tenant(company_id) as session:
        crew_id = default_crew(session, company_id, MIDNIGHT)
        user_id = session.execute(text("select id from users")).scalar_one()
        conversation = api_channel.conversation_of(session, company_id, user_id, crew_id)
        return conversation, session.execute(text("select channel_id from conversations")).scalar_one()


def key_at(moment: datetime) -> UUID:
    """As a key that was made then."""
    return UUID(int=first_id_at(moment).int | (0x7 << 76) | (0b10 << 62) | (new_id().int & 0x3FFF_FFFF_FFFF_FFFF))


def message(session: Session, company_id: UUID, talk: tuple[UUID, UUID], direction: str, at: datetime) -> None:
    values = {"direction": direction, "text": "oi", "status": "read", "created_at": at}
    session.add(Message(company_id=company_id, id=key_at(at), conversation_id=talk[0], channel_id=talk[1], **values))


def task(session: Session, company_id: UUID, talk: tuple[UUID, UUID], at: datetime, **columns: Any) -> UUID:
    crew_id, agent_id = session.execute(text("select crew_id, id from crew_agents where role = 'financial'")).one()
    values = {"role": "financial", "description": "x", "status": "completed", "created_at": at, **columns}
    row = CrewTask(
        company_id=company_id, id=key_at(at), crew_id=crew_id, agent_id=agent_id, conversation_id=talk[0], **values
    )
    session.add(row)
    session.flush()
    return row.id


def test_messages_are_counted_on_the_company_s_days(
    admin: Caller, database: Database, company_id: UUID, talk: tuple[UUID, UUID]
) -> None:
    before = MIDNIGHT - timedelta(milliseconds=1)
    with database.tenant(company_id) as session:
        for direction, at in [
            ("in", before),
            ("in", MIDNIGHT),
            ("out", MIDNIGHT),
            ("in", MIDNIGHT + timedelta(hours=9)),
        ]:
            message(session, company_id, talk, direction, at)
    found = admin("GET", "/metrics", start="2026-11-17", end="2026-11-18").json

    days = [(one["day"], one["messages_received"], one["messages_sent"], one["conversations"]) for one in found["days"]]
    assert days == [("2026-11-17", 1, 0, 1), ("2026-11-18", 2, 1, 1)]
    assert (found["totals"]["messages_received"], found["totals"]["messages_sent"]) == (3, 1)
    assert found["time_zone"] == "America/Sao_Paulo"


def test_tasks_are_counted_by_agent_and_outcome_with_their_cost_and_time(
    admin: Caller, database: Database, company_id: UUID, talk: tuple[UUID, UUID]
) -> None:
    with database.tenant(company_id) as session:
        spent = {"cost_usd": Decimal("0.012300"), "token_usage": {"input": 900, "output": 100, "total": 1000}}
        first = task(session, company_id, talk, MIDNIGHT, execution_time_ms=100, **spent)
        child = {"parent_task_id": first, "role": "hr", "execution_time_ms": 300}
        task(session, company_id, talk, MIDNIGHT + timedelta(seconds=1), **child)
        task(session, company_id, talk, MIDNIGHT + timedelta(seconds=2), status="failed", execution_time_ms=9_000)
        task(session, company_id, talk, MIDNIGHT - timedelta(days=40), execution_time_ms=9_000)
    found = admin("GET", "/metrics").json

    totals = found["totals"]
    assert (totals["turns"], totals["tokens"], totals["cost_usd"]) == (2, 1000, "0.012300")
    assert totals["tasks"] == {"pending": 0, "in_progress": 0, "completed": 2, "failed": 1, "cancelled": 0}
    assert totals["processing_time"] == {"average_ms": 200, "median_ms": 200, "p95_ms": 290}
    assert [(one["role"], one["tasks"]["completed"], one["cost_usd"]) for one in found["agents"]] == [
        ("financial", 1, "0.012300"),
        ("hr", 1, "0.000000"),
    ]
    assert sum(one["tasks"] for one in found["days"]) == 3


def test_people_and_stored_exports_are_those_of_now(
    admin: Caller, database: Database, company_id: UUID, clock: FixedClock
) -> None:
    with database.tenant(company_id) as session:
        user_id = session.execute(text("select id from users")).scalar_one()
        session.execute(text("update users set last_login_at = :at"), {"at": clock.at})
        for days_ago, size in ((0, 700), (6, 300), (7, 5_000)):  # rows do not record that their file has expired
            values = {"resource": "suppliers", "format": "csv", "query": "", "status": "done", "byte_count": size}
            finished = clock.at - timedelta(days=days_ago)
            session.add(Export(company_id=company_id, requested_by=user_id, finished_at=finished, **values))
    totals = admin("GET", "/metrics").json["totals"]

    assert (totals["users"], totals["users_signed_in"], totals["export_bytes"]) == (1, 1, 1_000)


def test_a_company_in_which_nothing_happened_has_every_day(admin: Caller) -> None:
    found = admin("GET", "/metrics", start="2026-08-21", end="2026-11-20").json

    assert len(found["days"]) == MAX_DAYS
    assert found["totals"]["processing_time"] == {"average_ms": None, "median_ms": None, "p95_ms": None}
    assert found["totals"]["turns"] == 0


def test_the_last_thirty_days_are_meant_when_nobody_says_which(admin: Caller) -> None:
    found = admin("GET", "/metrics").json

    assert (found["start"], found["end"]) == ("2026-10-22", "2026-11-20")


@pytest.mark.parametrize(
    ("start", "end"),
    [
        ("2026-08-20", "2026-11-20"),
        ("2026-11-21", "2026-11-20"),
        ("0001-01-01", "0001-01-02"),
        ("9999-12-31", "9999-12-31"),
    ],
)
def test_a_period_that_makes_no_sense_is_refused(admin: Caller, start: str, end: str) -> None:
    answer = admin("GET", "/metrics", start=start, end=end)

    assert (answer.status, answer.json["code"]) == (422, "period_invalid")


def test_a_day_alone_at_either_end_of_time_is_refused(admin: Caller) -> None:
    assert admin("GET", "/metrics", end="0001-01-01").status == 422
    assert admin("GET", "/metrics", start="9999-12-31").status == 422
    assert admin("GET", "/metrics", start="20-11-2026").status == 422


def test_figures_are_the_admin_s_and_the_company_s_own(
    as_role: AsRole, database: Database, company_id: UUID, talk: tuple[UUID, UUID]
) -> None:
    with database.tenant(company_id) as session:
        message(session, company_id, talk, "in", MIDNIGHT)
    assert as_role(metrics.handler, "user")("GET", "/metrics").status == 403


def plan_of(database: Database, company_id: UUID, read: Callable[[Session], Any]) -> str:
    """How Postgres would find the rows that `read` asks for."""
    sent: list[tuple[str, Any]] = []
    with database.tenant(company_id) as session:
        connection = session.connection()
        event.listen(connection, "before_cursor_execute", lambda *call: sent.append((call[2], call[3])))
        read(session)
        [(statement, parameters)] = sent
        return "\n".join(connection.exec_driver_sql(f"explain {statement}", parameters).scalars())


@pytest.mark.parametrize(
    ("read", "key"),
    [
        (message_reports.messages_by_day, "pk_messages"),
        (crew_reports.tasks_by_day, "pk_crew_tasks"),
        (crew_reports.execution_times, "pk_crew_tasks"),
    ],
)
def test_a_period_is_found_by_the_primary_key(
    database: Database, superuser: Engine, company_id: UUID, talk: tuple[UUID, UUID], read: Any, key: str
) -> None:
    """Two years of rows, of which a week is asked for."""
    with database.tenant(company_id) as session:
        for number in range(1_500):
            at = MIDNIGHT - timedelta(hours=12 * number)
            message(session, company_id, talk, "in", at)
        crew_id, agent_id = session.execute(text("select crew_id, id from crew_agents where role = 'hr'")).one()
        for number in range(1_500):
            at = MIDNIGHT - timedelta(hours=12 * number)
            of_crew = {"crew_id": crew_id, "agent_id": agent_id, "role": "hr", "status": "completed"}
            session.add(
                CrewTask(
                    company_id=company_id,
                    id=key_at(at),
                    conversation_id=talk[0],
                    description="x",
                    created_at=at,
                    **of_crew,
                )
            )
    with superuser.connect() as connection:
        connection.execute(text("analyze messages, crew_tasks"))
        connection.commit()
    span = DayRange(date(2026, 11, 10), date(2026, 11, 16), "America/Sao_Paulo")

    plan = plan_of(database, company_id, lambda session: read(session, company_id, span))

    assert key in plan
    assert "Seq Scan" not in plan
    [condition] = [line for line in plan.splitlines() if "Index Cond" in line]
    assert "id >=" in condition
    assert "id <" in condition
