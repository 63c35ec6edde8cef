"""The cost of sign-in, refresh and authentication: time spent waiting, and own processor time."""

import os
import statistics
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from typing import Any, cast

from falachefe.access.permission_cache import PermissionCache
from falachefe.accounts.passwords import hashing as passwords
from falachefe.accounts.passwords.lockout import SignInAttempts
from falachefe.app import runtime
from falachefe.aws.clients import client
from falachefe.aws.tables import Table
from falachefe.companies.service import create_company
from falachefe.db.driver import OneTripConnection
from falachefe.db.engine import Database, make_engine
from falachefe.db.migrate import APPLICATION_ROLE, migrate
from falachefe.http.principal import Caller
from falachefe.kernel.actors import Actor
from falachefe.kernel.clock import SystemClock
from falachefe.kernel.ids import new_id
from falachefe.onboarding.staff import register_staff
from falachefe.sessions import refresh_tokens
from falachefe.sessions import sign_in as service
from falachefe.sessions.authenticator import authenticate
from falachefe.sessions.sign_in import SignedIn
from falachefe.sessions.signing_keys import SigningKey, VerifyingKeys
from falachefe.sessions.store import Device, Sessions
from infra.local.stack.postgres import SUPERUSER, PostgresAddress, temporary_postgres
from tests.performance.account_pairs import configure, pairs
from tests.performance.bench_database import address
from tests.performance.peer_accounts import Peer
from tests.performance.report import Row, microseconds, milliseconds, show, timed
from tests.tables import create_table

ROUNDS = 15
CALLS = 200
PASSWORD = "pão de queijo às sete"
EMAIL = "dono@exemplo.com.br"
SEED = "k" * 64
SIGNING = SigningKey.from_seed(SEED)
KEYS = VerifyingKeys([SIGNING.public_jwk])
PEPPER = "p" * 64
DEVICE = Device(None, None, None)


class Waits:
    """Counts how often an action waits for Postgres and for DynamoDB."""

    def __init__(self, database: Database) -> None:
        self.table = Table(client("dynamodb"), "auth")
        self._database = database
        self._calls: Counter[str] = Counter()
        self.table._client.meta.events.register("before-call.dynamodb", self._count)

    def _count(self, model: Any, **_: Any) -> None:
        self._calls[model.name] += 1

    def of(self, action: Callable[[], object]) -> tuple[int, int]:
        trips, calls = self._trips(), self._calls.total()
        action()
        return self._trips() - trips, self._calls.total() - calls

    def _trips(self) -> int:
        """Read outside any transaction, since the pool has one connection."""
        raw = self._database.engine.raw_connection()
        driver = cast(OneTripConnection, raw.dbapi_connection)
        trips: int = driver.trips
        raw.close()
        return trips


def median(action: Callable[[], object], calls: int) -> float:
    return statistics.median(timed(lambda: [action() for _ in range(calls)]) / calls for _ in range(ROUNDS))


def measured(database: Database) -> list[Row]:
    waits = Waits(database)
    sessions = Sessions(waits.table, lambda: PEPPER)
    attempts = SignInAttempts(waits.table, PEPPER)
    now = SystemClock().now()

    def sign_in() -> SignedIn:
        return service.login(
            database,
            attempts,
            sessions,
            SIGNING,
            email=EMAIL,
            password=PASSWORD,
            device=DEVICE,
            by=Actor("user", None),
            now=now,
        )

    signed_in = sign_in()
    spent = signed_in.tokens.refresh
    caller = Caller.of({"Authorization": f"Bearer {signed_in.tokens.access}"})
    powers = PermissionCache(database)
    of_login = waits.of(sign_in)
    of_refresh = waits.of(
        lambda: service.refresh(database, sessions, SIGNING, token=spent, by=Actor("user", None), now=now)
    )
    of_request = waits.of(lambda: authenticate(caller, now, KEYS, sessions, powers))
    of_next = waits.of(lambda: authenticate(caller, now + timedelta(seconds=29), KEYS, sessions, powers))
    stored = passwords.hash_password(PASSWORD)
    key, salt = signed_in.session.key, b"s" * 16
    token = refresh_tokens.read(refresh_tokens.write(PEPPER, salt, key, 1))
    if token is None or of_next != (0, 0):
        raise RuntimeError("what was to be measured did not happen")
    hashing = median(lambda: passwords.verify_password(stored, PASSWORD), 1)
    checking = median(lambda: refresh_tokens.is_authentic(PEPPER, salt, token), CALLS)
    knowing = median(lambda: authenticate(caller, now, KEYS, sessions, powers), CALLS)
    named = (("sign-in", of_login), ("refresh", of_refresh), ("request, session unknown", of_request))
    rows = [Row(f"{name}: trips to Postgres + DynamoDB", f"{a} + {b}", "", "", "") for name, (a, b) in named]
    return [
        *rows,
        Row("request, session known: trips", "0 + 0", "", "", "0 + 0"),
        Row("sign-in: the password's hash", milliseconds(hashing), "", "", ""),
        Row("refresh: the token's proof", microseconds(checking), "", "", ""),
        Row("request: who sends it, session known", microseconds(knowing), "", "", "<= 100 µs"),
    ]


def peer_address(server: PostgresAddress) -> str:
    return server.url("postgres").replace("postgresql://", "postgresql+pg8000://", 1)


def main() -> None:
    from moto import mock_aws

    with temporary_postgres() as server, mock_aws():
        os.environ.setdefault("AWS_DEFAULT_REGION", "sa-east-1")
        owner = make_engine(address(server, SUPERUSER, server.password))
        application = address(server, APPLICATION_ROLE, "bench")
        migrate(owner, application)
        owner.dispose()
        database = Database(lambda: make_engine(application))
        company_id = new_id()
        with database.tenant(company_id) as session:
            create_company(session, company_id, name="Padaria")
            register_staff(
                session,
                company_id,
                name="Carlos",
                phone="+5511987654321",
                role="admin",
                email=EMAIL,
                password=PASSWORD,
                now=SystemClock().now(),
            )
        for name in ("auth", "limits"):
            create_table(client("dynamodb"), name)
        rows = measured(database)
        configure(application, PEPPER, SEED)
        peer = Peer(peer_address(server), EMAIL, PASSWORD)
        of_postgres = Waits(runtime.database())
        rows += pairs(peer, EMAIL, PASSWORD, lambda action: of_postgres.of(action)[0])
        peer.engine.dispose()
        database.dispose()
        client.cache_clear()
    show("Accounts: signing in, staying signed in, being recognised (peer: FastAPI + Mangum + SQLAlchemy)", rows)


if __name__ == "__main__":
    main()
