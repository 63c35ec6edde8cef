"""List, read, create and update, from event to response, compared with FastAPI and SQLAlchemy's ORM on one Postgres.

Ours is the whole function: token, session, limit, permission, rules, audit log and domain event. DynamoDB is moto in
this process: the time inside its client is subtracted, and its calls are reported.
"""

import importlib
import json
import os
import statistics
from collections.abc import Callable, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, cast
from unittest.mock import patch
from uuid import UUID

from sqlalchemy import create_engine

from falachefe.app import runtime
from falachefe.aws.clients import client
from falachefe.companies.service import create_company
from falachefe.db.address import DatabaseAddress
from falachefe.db.driver import OneTripConnection
from falachefe.db.engine import Database, make_engine
from falachefe.db.migrate import APPLICATION_ROLE, migrate
from falachefe.db.outbox import Outbox, QueueMessage
from falachefe.finance.service import record_transaction
from falachefe.kernel.clock import FixedClock, SystemClock
from falachefe.kernel.ids import new_id
from falachefe.onboarding.staff import register_staff
from falachefe.sessions.sign_in import open_session
from falachefe.sessions.signing_keys import SigningKey
from falachefe.sessions.store import Device
from infra.local.stack.postgres import SUPERUSER, temporary_postgres
from tests.performance.account_pairs import DynamoTime, configure
from tests.performance.bench_database import address
from tests.performance.bench_imports import imports
from tests.performance.peer_crud import peer_handler
from tests.performance.report import Row, milliseconds, show
from tests.tables import create_table

PAIRS = 40
ENTRIES = 200
KEY = "k" * 64
ENTRY = {"kind": "expense", "amount": "150.00", "description": "gasolina", "category": "combustivel"}
BETWEEN = timedelta(milliseconds=200)
"""The clock advances by this with each request, so that the admin's limit of 500 a minute is not reached."""

type Handle = Callable[[dict[str, Any], Any], dict[str, Any]]


class AcceptingBus:
    """A bus that accepts every message immediately."""

    def publish(self, queue_messages: Sequence[QueueMessage]) -> Sequence[UUID]:
        return [queue_message.id for queue_message in queue_messages]


def event(method: str, path: str, token: str, body: Any = None, query: dict[str, str] | None = None) -> dict[str, Any]:
    headers = {
        "Content-Type": "application/json",
        "Host": "localhost",
        "Authorization": f"Bearer {token}",
        "If-Match": "*",
    }
    return {
        "httpMethod": method,
        "path": path,
        "resource": path,
        "headers": headers,
        "multiValueHeaders": {name: [value] for name, value in headers.items()},
        "queryStringParameters": query,
        "multiValueQueryStringParameters": {name: [value] for name, value in query.items()} if query else None,
        "pathParameters": None,
        "body": None if body is None else json.dumps(body),
        "isBase64Encoded": False,
        "requestContext": {"requestId": "bench", "stage": "v1", "identity": {"sourceIp": "127.0.0.1"}},
    }


class Bench:
    """Our function and the peer's on one company's ledger."""

    def __init__(self, database: Database, peer: Handle, peer_driver: Any, clock: FixedClock) -> None:
        self.dynamo = DynamoTime()
        self._ours: Handle = importlib.import_module("functions.business.transactions").handler
        self._peer, self._peer_driver = peer, peer_driver
        self._database, self._clock = database, clock

    def ours(self, request: dict[str, Any]) -> float:
        self._clock.at += BETWEEN
        return self.dynamo.without(lambda: answered(self._ours, request))

    def peer(self, request: dict[str, Any]) -> float:
        return self.dynamo.without(lambda: answered(self._peer, request))

    def trips(self, request: dict[str, Any]) -> tuple[int, int, int]:
        """Our round trips to Postgres and to DynamoDB, and the peer's to Postgres."""
        before, calls = self._our_trips(), self.dynamo.calls
        self.ours(request)
        ours, calls = self._our_trips() - before, self.dynamo.calls - calls
        waits = 0
        original = self._peer_driver.handle_messages

        def counting(context: Any) -> None:
            nonlocal waits
            waits += 1
            original(context)

        self._peer_driver.handle_messages = counting
        self.peer(request)
        del self._peer_driver.handle_messages
        return ours, calls, waits

    def _our_trips(self) -> int:
        raw = self._database.engine.raw_connection()
        trips = cast(OneTripConnection, raw.dbapi_connection).trips
        raw.close()
        return trips


def answered(handle: Handle, request: dict[str, Any]) -> None:
    answer = handle(request, None)
    if answer["statusCode"] >= 300:
        raise RuntimeError(f"a benchmark of refusals says nothing: {answer}")


def compared(bench: Bench, token: str, item: UUID) -> list[Row]:
    numbers = iter(range(1_000_000))
    requests: dict[str, Callable[[], dict[str, Any]]] = {
        "list of 50": lambda: event("GET", "/transactions", token, query={"limit": "50"}),
        "read": lambda: event("GET", f"/transactions/{item}", token),
        "create": lambda: event("POST", "/transactions", token, ENTRY | {"date": "2026-11-01"}),
        # A different text each time, because a patch that changes nothing writes nothing.
        "change": lambda: event("PATCH", f"/transactions/{item}", token, {"description": f"diesel {next(numbers)}"}),
    }
    rows = []
    for name, request in requests.items():
        for _ in range(5):
            bench.ours(request()), bench.peer(request())
        pairs = [(bench.ours(request()), bench.peer(request())) for _ in range(PAIRS)]
        mine, other = (statistics.median(column) for column in zip(*pairs, strict=True))
        ratio = statistics.median(a / b for a, b in pairs)
        ours, calls, theirs = bench.trips(request())
        rows.append(Row(name, milliseconds(mine), milliseconds(other), f"{ratio:.2f}", "<= 1.0 x"))
        rows.append(Row("  trips to Postgres + DynamoDB", f"{ours} + {calls}", f"{theirs} + 0", "", ""))
    return rows


def measured(application: DatabaseAddress, clock: FixedClock) -> list[Row]:
    company_id, database = new_id(), runtime.database()
    with database.tenant(company_id) as session:
        create_company(session, company_id, name="Padaria")
        user = register_staff(session, company_id, name="Carlos", phone="+5511987654321", role="admin", now=clock.now())
    keys = SigningKey.from_seed(KEY)
    token = open_session(runtime.sessions(), keys, user, Device(None, None, None), clock.now()).tokens.access
    with database.tenant(company_id) as session:
        items = [
            record_transaction(
                session,
                company_id,
                kind="expense",
                amount=Decimal(number),
                description="gasolina",
                category="combustivel",
                occurred_on=date(2026, 11, 1),
                created_by=user.id,
                source="api",
                now=clock.now(),
                outbox=Outbox(company_id),
            )
            for number in range(1, ENTRIES)
        ]
    engine = create_engine(
        f"postgresql+pg8000://{APPLICATION_ROLE}:bench@{application.host}:{application.port}/{application.dbname}",
        pool_size=1,
    )
    connection = engine.raw_connection()
    driver = connection.dbapi_connection
    connection.close()
    rows = compared(Bench(database, peer_handler(engine, keys.public_jwk), driver, clock), token, items[0].id)
    engine.dispose()
    return rows


def main() -> None:
    from moto import mock_aws

    with temporary_postgres() as server, mock_aws():
        owner = make_engine(address(server, SUPERUSER, server.password))
        application = address(server, APPLICATION_ROLE, "bench")
        migrate(owner, application)
        owner.dispose()
        os.environ.setdefault("AWS_DEFAULT_REGION", "sa-east-1")
        runtime.forget()
        configure(application, "p" * 64, KEY)
        for table in ("auth", "limits"):
            create_table(client("dynamodb"), table)
        clock, bus = FixedClock(SystemClock().now()), AcceptingBus()
        # Restored afterwards, because other benchmarks run in the same process.
        with patch.object(runtime, "clock", lambda: clock), patch.object(runtime, "publisher", lambda: bus):
            rows = measured(application, clock)
        runtime.database().dispose()
        runtime.forget()
    show("A resource, from event to answer (peer: FastAPI + Mangum + SQLAlchemy ORM + pg8000)", rows)
    show("Its import over a bare interpreter", imports(only="CRUD"))


if __name__ == "__main__":
    main()
