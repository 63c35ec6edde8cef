"""Round trips and time of one tenant read, compared with plain SQLAlchemy and pg8000."""

import statistics
from typing import Any, cast

from sqlalchemy import Engine, create_engine, select, text
from sqlalchemy.orm import Session

from falachefe.companies.models import Company
from falachefe.db.address import DatabaseAddress
from falachefe.db.driver import OneTripConnection
from falachefe.db.engine import Database, make_engine
from falachefe.db.migrate import APPLICATION_ROLE, migrate
from falachefe.kernel.ids import new_id
from infra.local.stack.postgres import SUPERUSER, PostgresAddress, temporary_postgres
from tests.performance.report import Row, microseconds, show, timed

ROUNDS = 30
READS = 50
COMPANY = new_id()


def address(server: PostgresAddress, user: str, password: str) -> DatabaseAddress:
    return DatabaseAddress(user, password, server.host, server.port, "postgres", ssl=False)


def our_read(database: Database) -> str | None:
    with database.tenant(COMPANY) as session:
        return session.scalar(select(Company.name).where(Company.id == COMPANY))


def plain_read(engine: Engine) -> str | None:
    with Session(engine) as session, session.begin():
        session.execute(text("select set_config('app.company_id', :company, true)"), {"company": str(COMPANY)})
        return session.scalar(select(Company.name).where(Company.id == COMPANY))


def trips_of_plain(engine: Engine) -> int:
    """Counts how often pg8000 waits for the server during one read."""
    connection = engine.raw_connection()
    driver: Any = connection.dbapi_connection
    connection.close()
    waits = 0
    original = driver.handle_messages

    def counting(context: Any) -> None:
        nonlocal waits
        waits += 1
        original(context)

    driver.handle_messages = counting
    plain_read(engine)
    del driver.handle_messages
    return waits


def trips_of_ours(database: Database) -> int:
    with database.tenant(COMPANY) as session:
        driver = cast(OneTripConnection, session.connection().connection.dbapi_connection)
    before = driver.trips
    our_read(database)
    return driver.trips - before


def main() -> None:
    with temporary_postgres() as server:
        owner = make_engine(address(server, SUPERUSER, server.password))
        application = address(server, APPLICATION_ROLE, "bench")
        migrate(owner, application)
        owner.dispose()
        database = Database(lambda: make_engine(application))
        with database.tenant(COMPANY) as session:
            session.add(Company(id=COMPANY, name="Padaria"))
        plain = create_engine(
            f"postgresql+pg8000://{APPLICATION_ROLE}:bench@{server.host}:{server.port}/postgres", pool_size=1
        )
        if (our_read(database), plain_read(plain)) != ("Padaria", "Padaria"):
            raise RuntimeError("the reads do not read the same")
        ours, theirs = trips_of_ours(database), trips_of_plain(plain)
        pairs = [
            (
                timed(lambda: [our_read(database) for _ in range(READS)]) / READS,
                timed(lambda: [plain_read(plain) for _ in range(READS)]) / READS,
            )
            for _ in range(ROUNDS)
        ]
        database.dispose()
        plain.dispose()
    mine, other = (statistics.median(column) for column in zip(*pairs, strict=True))
    ratio = statistics.median(a / b for a, b in pairs)
    show(
        "One tenant read: begin, tenant, select, commit (peer: plain SQLAlchemy + pg8000)",
        [
            Row("round trips", str(ours), str(theirs), f"{ours / theirs:.2f}", "<= 3"),
            Row("time on one machine", microseconds(mine), microseconds(other), f"{ratio:.2f}", ""),
        ],
    )


if __name__ == "__main__":
    main()
