"""Whole turns with the offline model, from the inbound record to the outbound row, on a real Postgres without emulator.

Two processes run in parallel, like two functions' runtimes. Queues are lists, so that only the product and the database
are measured. The second table spreads the same traffic over more and more companies.
"""

import multiprocessing
import statistics
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import batched
from typing import Any, cast
from uuid import UUID

from sqlalchemy import Engine, insert, text

from falachefe.aws.tables import ConditionFailed, Delete, Item, Put, Table
from falachefe.db.address import DatabaseAddress
from falachefe.db.base import Base
from falachefe.db.driver import OneTripConnection
from falachefe.db.engine import Database, make_engine
from falachefe.db.migrate import APPLICATION_ROLE, migrate
from falachefe.db.outbox import QueueMessage
from falachefe.kernel.ids import new_id
from infra.local.stack.postgres import SUPERUSER, PostgresAddress, temporary_postgres
from tests.performance.report import Row, milliseconds, percentile, show

PROCESSES = 2
TURNS = 300
PAIRED_TURNS = 100
PAIRS = 2
WARM_UP = 20
TENANTS = (20, 200, 2_000)
TEXTS = ("gastei {n} de gasolina hoje", "recebi {n} de vendas", "paguei {n} de aluguel ontem", "comprei {n} de farinha")


@dataclass(frozen=True)
class Figures:
    """Measurements of some turns, on one worker or on all of them."""

    rate: float
    """Turns per second."""
    times: list[float]
    cpu: float
    """Processor seconds of the Python process, without Postgres, per turn."""
    trips: float
    """Round trips to the database per turn."""


@dataclass(frozen=True)
class CompanyUser:
    """A user of a company with a live session."""

    company_id: UUID
    channel_id: UUID
    user_id: UUID
    phone: str


class MemoryTable(Table):
    """A dictionary in place of DynamoDB, whose latency is not measured here."""

    def __init__(self) -> None:
        super().__init__(None, "memory")
        self._items: dict[tuple[str, str], Item] = {}

    def get(self, pk: str, sk: str, *, consistent: bool = True) -> Item | None:
        return self._items.get((pk, sk))

    def put(self, item: Mapping[str, Any], **_: Any) -> None:
        key = (item["pk"], item["sk"])
        if key in self._items and item.get("version", 0) <= self._items[key].get("version", 0):
            raise ConditionFailed(self._items[key])
        self._items[key] = dict(item)

    def together(self, *writes: Put | Delete) -> None:
        for write in writes:
            if isinstance(write, Put):
                self.put(write.item)
            else:
                self._items.pop((write.pk, write.sk), None)


class Queues:
    """Accepts every message, and stores those for agents and for the provider."""

    def __init__(self) -> None:
        self.agents: list[QueueMessage] = []
        self.outbound = 0

    def publish(self, queue_messages: Sequence[QueueMessage]) -> Sequence[UUID]:
        for queue_message in queue_messages:
            if queue_message.destination.startswith("agent-"):
                self.agents.append(queue_message)
            self.outbound += queue_message.destination == "outbound"
        return [queue_message.id for queue_message in queue_messages]


def open_companies(superuser: Engine, count: int) -> list[list[CompanyUser]]:
    """Creates companies with crews, channels and a user per process: users of a company write in parallel.

    Inserts rows directly: two thousand companies by use cases would take longer than the benchmark.
    """
    from falachefe.accounts.models import User
    from falachefe.companies.models import Company
    from falachefe.crews.models import Crew, CrewAgent
    from falachefe.messaging.models import Channel
    from falachefe.plans.models import Subscription

    ids = [(new_id(), new_id(), new_id(), [new_id() for _ in range(PROCESSES)]) for _ in range(count)]
    rows: dict[type[Base], list[dict[str, Any]]] = {
        Company: [{"id": company, "name": "Empresa"} for company, *_ in ids],
        Subscription: [
            {"company_id": company, "id": new_id(), "plan_code": "enterprise", "starts_at": datetime.now(UTC)}
            for company, *_ in ids
        ],
        Channel: [
            {"company_id": company, "id": channel, "name": "Loja", "provider": "uaz", "phone": "+5511912345678",
             "base_url": "http://127.0.0.1", "secret_name": "none"}
            for company, channel, *_ in ids
        ],
        Crew: [{"company_id": company, "id": crew, "name": "Equipe"} for company, _, crew, _ in ids],
        CrewAgent: [
            {"company_id": company, "id": new_id(), "crew_id": crew, "role": role, "name": role,
             "goal": "cuidar do seu assunto", "backstory": ""}
            for company, _, crew, _ in ids
            for role in ("orchestrator", "financial", "marketing", "hr", "support")
        ],
        User: [
            {"company_id": company, "id": user, "name": "Pessoa", "phone": _phone(number), "role": "admin"}
            for company, _, _, users in ids
            for number, user in enumerate(users)
        ],
    }  # fmt: skip
    with superuser.begin() as connection:
        for model, values in rows.items():
            for batch in batched(values, 1_000, strict=False):
                connection.execute(insert(model).values(list(batch)))
    return [
        [CompanyUser(company, channel, user, _phone(number)) for number, user in enumerate(users)]
        for company, channel, _, users in ids
    ]


def _phone(number: int) -> str:
    return f"+551197000000{number}"


def work(address: DatabaseAddress, users: list[CompanyUser], turns: int, results: Any, start: Any) -> None:
    """One worker: runs all steps of `turns` turns, and reports the time of each turn."""
    from falachefe.app import agent_models
    from falachefe.crews.tools.registry import run_tool
    from falachefe.crews.turns.messaging_adapter import CrewsForMessaging
    from falachefe.crews.turns.run import TaskDependencies, run_task
    from falachefe.kernel.clock import SystemClock
    from falachefe.messaging.inbound.process import Inbound
    from falachefe.phone_sign_in.codes import Codes
    from falachefe.phone_sign_in.service import SignIn, subject_of

    database = Database(lambda: make_engine(address))
    queues = Queues()
    sign_in = SignIn(MemoryTable(), lambda: Codes("x" * 32))
    inbound = Inbound(database, queues, sign_in, SystemClock(), lambda *_, **__: None, CrewsForMessaging())
    dependencies = TaskDependencies(database, queues, SystemClock(), agent_models.answer, run_tool)
    for user in users:
        sign_in.create_session(user.company_id, user.phone, subject=subject_of(user.user_id), now=datetime.now(UTC))

    def turn(number: int) -> float:
        user = users[number % len(users)]
        queue_message = inbound_payload(user, TEXTS[number % len(TEXTS)].format(n=number + 1))
        before, began = queues.outbound, time.perf_counter()
        inbound(queue_message)
        while queues.agents:
            run_task(queues.agents.pop(0).payload, dependencies)
        took = time.perf_counter() - began
        if queues.outbound != before + 1:
            raise RuntimeError("a turn ended without exactly one reply")
        return took

    for number in range(WARM_UP):
        turn(number)
    start.wait()
    began, busy, trips = time.perf_counter(), time.process_time(), _trips(database)
    times = [turn(WARM_UP + number) for number in range(turns)]
    took, busy, trips = time.perf_counter() - began, time.process_time() - busy, _trips(database) - trips
    results.put(Figures(turns / took, times, busy / turns, trips / turns))
    database.dispose()


def _trips(database: Database) -> int:
    """Round trips of the one connection that a worker has."""
    connection = database.engine.raw_connection()
    try:
        return cast(OneTripConnection, connection.dbapi_connection).trips
    finally:
        connection.close()


def inbound_payload(user: CompanyUser, text: str) -> dict[str, Any]:
    now = datetime.now(UTC).isoformat()
    return {
        "kind": "message",
        "company_id": str(user.company_id),
        "channel_id": str(user.channel_id),
        "phone": user.phone,
        "message": {
            "provider_message_id": str(new_id()),
            "kind": "text",
            "text": text,
            "reply_to": None,
            "button_id": None,
            "provider_at": now,
            "sender_name": "Ana",
        },
        "received_at": now,
    }


def measure(address: DatabaseAddress, companies: list[list[CompanyUser]], turns: int) -> Figures:
    """Runs all workers; returns the times of each turn, and means of processor time and round trips."""
    context = multiprocessing.get_context("spawn")
    results, start = context.Queue(), context.Barrier(PROCESSES)
    workers = [
        context.Process(target=work, args=(address, [users[n] for users in companies], turns, results, start))
        for n in range(PROCESSES)
    ]
    for worker in workers:
        worker.start()
    outcomes: list[Figures] = [results.get(timeout=60) for _ in workers]
    for worker in workers:
        worker.join()
    return Figures(
        sum(one.rate for one in outcomes),
        [took for one in outcomes for took in one.times],
        statistics.mean(one.cpu for one in outcomes),
        statistics.mean(one.trips for one in outcomes),
    )


def compared(address: DatabaseAddress, companies: list[list[CompanyUser]], count: int) -> Row:
    """Alternates runs with `count` companies and with one, so that noise of the machine affects both alike."""
    pairs = [
        (
            measure(address, companies[:count], PAIRED_TURNS).rate,
            measure(address, companies[:1], PAIRED_TURNS).rate,
        )
        for _ in range(PAIRS)
    ]
    ratio = statistics.median(many / one for many, one in pairs)
    many, one = (statistics.median(rates) for rates in zip(*pairs, strict=True))
    return Row(f"{count} companies", f"{many:.0f} turns/s", f"{one:.0f} turns/s", f"{ratio:.2f}", "0.80 to 1.20")


def prepared(server: PostgresAddress) -> tuple[Engine, DatabaseAddress]:
    superuser = make_engine(
        DatabaseAddress(SUPERUSER, server.password, server.host, server.port, "postgres", ssl=False)
    )
    application = DatabaseAddress(APPLICATION_ROLE, "bench", server.host, server.port, "postgres", ssl=False)
    migrate(superuser, application)
    return superuser, application


def main() -> None:
    with temporary_postgres() as server:
        superuser, address = prepared(server)
        companies = open_companies(superuser, max(TENANTS))
        with superuser.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("analyze"))
        measure(address, companies[:4], 50)  # the first run pays for cold caches of the database
        figures = measure(address, companies[:4], TURNS)
        flat = [compared(address, companies, count) for count in TENANTS]
        superuser.dispose()
    show(
        "A turn with the offline model, inbound record to outbound row, two processes",
        [
            Row("turns a second", f"{figures.rate:.0f}", "", "", ">= 150"),
            Row("p50", milliseconds(percentile(figures.times, 0.5)), "", "", ""),
            Row("p95", milliseconds(percentile(figures.times, 0.95)), "", "", "<= 25 ms"),
            Row("processor a turn", milliseconds(figures.cpu), "", "", "<= 9 ms"),
            Row("round trips a turn", f"{figures.trips:.1f}", "", "", "<= 25"),
        ],
    )
    show("The same traffic over more companies (peer: one company, run by run)", flat)


if __name__ == "__main__":
    main()
