"""Companies with rows in all tables, to test that users of one neither see nor change anything of the other."""

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
from tests.security.example_rows import TENANT_TABLES, fill
from tests.security.row_references import OWN_SESSIONS, USER_SESSIONS

type State = dict[tuple[str, UUID], tuple[str, str]]


@dataclass
class SignedInCompany:
    """A company with a row in every table and signed-in users."""

    people: People
    rows: dict[str, UUID] = field(default_factory=dict)

    @property
    def company_id(self) -> UUID:
        return self.people.company_id

    def ask(self, method: str, target: str, *, by: str = "admin", body: bytes = b"") -> Answer:
        """Sends a request as a user with the role `by`. The clock stands still unless `people.wait` moves it."""
        headers = [("Content-Type", "application/json"), ("If-Match", "*"), *self.people.headers(by).items()]
        return send(Request(method, target, headers, body))


def signed_in_company(database: Database, clock: FixedClock) -> SignedInCompany:
    found = SignedInCompany(People(database, new_id(), clock))
    with database.tenant(found.company_id) as session:
        found.rows = {**fill(session, found.company_id), "companies": found.company_id}
        session.execute(text("update subscriptions set plan_code = 'enterprise'"))  # without narrow limits
    caller = found.people.user("admin").id
    with database.tenant(found.company_id) as session:  # nobody else sees it
        session.execute(text("update reminders set user_id = :caller"), {"caller": caller})
    # A session of the user who sends the requests, because no other user may see it.
    opened, _ = runtime.sessions().open(found.company_id, caller, "admin", Device(None, None, None), clock.now())
    found.rows[OWN_SESSIONS] = opened.key.session_id
    another, _ = runtime.sessions().open(
        found.company_id, found.rows["users"], "user", Device(None, None, None), clock.now()
    )
    found.rows[USER_SESSIONS] = another.key.session_id
    return found


def state_of(superuser: Engine, company_id: UUID) -> State:
    """Every row of a company with the transaction that last wrote it, so that any write is detected."""
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
