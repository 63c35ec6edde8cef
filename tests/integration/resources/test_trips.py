"""What a page costs: how often a list asks Postgres whatever its fields are made of, and what it has to read for it."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import event, text

from falachefe.crews.api.resources import TASKS
from falachefe.db.engine import Database
from falachefe.db.outbox import Outbox
from falachefe.http.principal import Principal
from falachefe.http.unit_of_work import RequestUnitOfWork
from falachefe.kernel.actors import Actor
from falachefe.kernel.ids import new_id
from falachefe.messaging.api.resources import CONVERSATIONS, MESSAGES
from falachefe.resources.declaration import Resource
from falachefe.resources.lists import query_string
from falachefe.resources.lists.paging import page_of
from functions.admin import api_keys, audit_logs, auth_logs, roles, users
from functions.business import budgets, campaigns, employees, suppliers, tickets, time_off, transactions
from functions.crews import agents, crews, memories, tasks
from functions.platform import exports, posts
from functions.whatsapp import channels, contacts, conversations
from tests.integration.callers import Caller, token_for
from tests.security.example_rows import fill

MOST_TRIPS = 4
"""Begin with the tenant, the page with its total, one question for what lies elsewhere, commit."""
LISTS = {
    "agents": agents,
    "api-keys": api_keys,
    "audit-logs": audit_logs,
    "auth-logs": auth_logs,
    "budgets": budgets,
    "campaigns": campaigns,
    "channels": channels,
    "contacts": contacts,
    "conversations": conversations,
    "crews": crews,
    "employees": employees,
    "exports": exports,
    "memories": memories,
    "posts": posts,
    "roles": roles,
    "suppliers": suppliers,
    "tasks": tasks,
    "tickets": tickets,
    "time-off": time_off,
    "transactions": transactions,
    "users": users,
}


@contextmanager
def counted(database: Database) -> Iterator[list[int]]:
    """The round trips of each transaction."""
    trips: list[int] = []
    before: dict[int, int] = {}

    def taken(connection: Any, *_: Any) -> None:
        before[id(connection)] = connection.trips

    def given_back(connection: Any, *_: Any) -> None:
        trips.append(connection.trips - before.pop(id(connection)))

    event.listen(database.engine, "checkout", taken)
    event.listen(database.engine, "checkin", given_back)
    try:
        yield trips
    finally:
        event.remove(database.engine, "checkout", taken)
        event.remove(database.engine, "checkin", given_back)


@pytest.fixture
def admin(aws: None, database: Database) -> Caller:
    """Of a company with a row in every table."""
    company_id = new_id()
    with database.tenant(company_id) as session:
        fill(session, company_id)
    return Caller(transactions.handler, token_for(database, company_id, "admin"))


@pytest.mark.parametrize("name", LISTS)
def test_a_page_takes_four_trips_at_most(admin: Caller, database: Database, name: str) -> None:
    call = admin.of(LISTS[name].handler)
    call("GET", f"/{name}")  # what the caller may do is asked for once in 30 s
    with counted(database) as trips:
        answer = call("GET", f"/{name}")

    assert answer.status == 200, answer.body
    assert answer.json["pagination"]["total"] >= 1
    assert sum(trips) <= MOST_TRIPS
    assert len(trips) == 1


@pytest.mark.usefixtures("pinning")
@pytest.mark.parametrize("resource", [TASKS, MESSAGES, CONVERSATIONS], ids=lambda resource: resource.name)
def test_what_grows_with_every_message_is_read_along_an_index(
    database: Database, resource: Resource[Any, Any, Any]
) -> None:
    """As many rows as there are need not be sorted for a page of them."""
    who = Principal(new_id(), new_id(), "admin", frozenset({"*"}), "s")
    asked: list[tuple[str, Any]] = []
    with database.tenant(who.company_id) as session:
        connection = session.connection()
        event.listen(connection, "before_cursor_execute", lambda *said: asked.append((said[2], said[3])))
        work = RequestUnitOfWork(session, Outbox(who.company_id), Actor("user", who.user_id), datetime.now(UTC), who)
        page_of(work, resource, query_string.parse(resource, {"total": ["false"]}, who))
        [(statement, values)] = asked
        session.execute(text("set local enable_seqscan = off"))  # as where the table is large
        session.execute(text("set local enable_bitmapscan = off"))
        session.execute(text("set local enable_sort = off"))  # of one estimated row, a sort costs next to nothing
        plan = "\n".join(connection.exec_driver_sql(f"explain {statement}", values).scalars())

    assert "Index Scan" in plan
    assert "Sort  (" not in plan.replace("Incremental Sort", "")
