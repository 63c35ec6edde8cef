"""Two companies that share a deployment: ours, whose staff act, and theirs, of which nothing may be seen or changed."""

from dataclasses import dataclass, field
from uuid import UUID

from sqlalchemy import Engine, text

from falachefe.app import runtime
from falachefe.db.engine import Database
from falachefe.kernel.clock import FixedClock
from falachefe.kernel.ids import new_id
from falachefe.sessions.store import Device
from tests.integration.api.gateway import Answer, Request, send
from tests.integration.api.people import People
from tests.security.reach import PEOPLES_SIGN_INS, SIGN_INS
from tests.security.rows import TENANT_TABLES, fill

type State = dict[tuple[str, UUID], tuple[str, str]]


@dataclass
class Neighbour:
    """A company with a row in every table, somebody signed in, and its people."""

    people: People
    rows: dict[str, UUID] = field(default_factory=dict)

    @property
    def company_id(self) -> UUID:
        return self.people.company_id

    def ask(self, method: str, target: str, *, by: str = "admin", body: bytes = b"") -> Answer:
        """Answers a request in somebody's name. The clock stands still unless `people.wait` moves it."""
        headers = [("Content-Type", "application/json"), ("If-Match", "*"), *self.people.headers(by).items()]
        return send(Request(method, target, headers, body))


def neighbour(database: Database, clock: FixedClock) -> Neighbour:
    found = Neighbour(People(database, new_id(), clock))
    with database.tenant(found.company_id) as session:
        found.rows = {**fill(session, found.company_id), "companies": found.company_id}
        session.execute(text("update subscriptions set plan_code = 'enterprise'"))  # all of them are to have a place
    # Of the one who asks in these tests: of others' sessions not even a colleague knows.
    opened, _ = runtime.sessions().open(
        found.company_id, found.people.user("admin").id, "admin", Device(None, None, None), clock.now()
    )
    found.rows[SIGN_INS] = opened.key.session_id
    another, _ = runtime.sessions().open(
        found.company_id, found.rows["users"], "user", Device(None, None, None), clock.now()
    )
    found.rows[PEOPLES_SIGN_INS] = another.key.session_id
    return found


def state_of(superuser: Engine, company_id: UUID) -> State:
    """Every row of a company with the transaction that wrote it last: any write whatsoever shows."""
    with superuser.connect() as connection:
        return {
            (table.name, row.id): (row.written_by, row.place)
            for table in TENANT_TABLES
            for row in connection.execute(
                text(
                    f"select id, xmin::text as written_by, ctid::text as place from {table.name} where company_id = :c"
                ),
                {"c": company_id},
            )
        }
