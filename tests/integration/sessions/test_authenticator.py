"""Authentication: current permissions within half a minute, access to another company, and rate limits by caller."""

import json
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text

from falachefe.access.permission_cache import PermissionCache
from falachefe.access.permissions import PERMISSIONS, permissions_of
from falachefe.app import runtime
from falachefe.aws.clients import client
from falachefe.aws.rate_limit import SlidingLimit, Verdict
from falachefe.companies.service import create_company
from falachefe.db.engine import Database
from falachefe.hr.service import add_employee
from falachefe.http.principal import KeyFacts, Principal
from falachefe.http.rate_limits.callers import PER_MINUTE, Limit, check
from falachefe.kernel.clock import FixedClock
from falachefe.kernel.errors import Forbidden, LimitExceeded, Unauthenticated
from falachefe.kernel.ids import new_id
from falachefe.onboarding.staff import register_staff
from falachefe.sessions.sign_in import open_session
from falachefe.sessions.store import Device
from functions.auth import me
from functions.business import budgets, time_off, transactions
from tests.integration.aws.atomic import AtomicTable
from tests.integration.aws_fixtures import NOW
from tests.integration.identity.http import call
from tests.keys import SIGNING

HALF_A_MINUTE = timedelta(seconds=30)


def staff(database: Database, company_id: UUID, role: str = "user", phone: str = "+5511976543210") -> UUID:
    with database.tenant(company_id) as session:
        return register_staff(session, company_id, name="Bia Souza", phone=phone, role=role, now=NOW).id


def token_of(database: Database, company_id: UUID, role: str) -> str:
    with database.tenant(company_id) as session:
        user = register_staff(session, company_id, name="Bia Souza", phone="+5511976543210", role=role, now=NOW)
    return open_session(runtime.sessions(), SIGNING, user, Device(None, None, None), NOW).tokens.access


def another_company(database: Database, name: str = "Padaria do Lado") -> UUID:
    company_id = new_id()
    with database.tenant(company_id) as session:
        create_company(session, company_id, name=name)
    return company_id


def change(database: Database, company_id: UUID, statement: str, **values: Any) -> None:
    with database.tenant(company_id) as session:
        session.execute(text(statement), values)


def role(database: Database, company_id: UUID, *permissions: str, parent: UUID | None = None) -> UUID:
    key = new_id()
    change(
        database,
        company_id,
        "insert into roles (company_id, id, name, parent_id, permissions)"
        " values (:company, :id, :name, :parent, cast(:permissions as jsonb))",
        company=company_id,
        id=key,
        name=str(key),
        parent=parent,
        permissions=json.dumps(permissions),
    )
    return key


def give(database: Database, company_id: UUID, user_id: UUID, role_id: UUID) -> None:
    statement = "insert into role_assignments (company_id, id, user_id, role_id) values (:company, :id, :user, :role)"
    change(database, company_id, statement, company=company_id, id=new_id(), user=user_id, role=role_id)


def request(
    handler: Any, token: str, method: str = "GET", path: str = "/transactions", body: Any = None, **headers: str
) -> tuple[int, Any, Mapping[str, str]]:
    sent = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"} | {
        name.replace("_", "-"): value for name, value in headers.items()
    }
    event = {
        "resource": path,
        "path": path,
        "httpMethod": method,
        "headers": sent,
        "multiValueHeaders": {name: [value] for name, value in sent.items()},
        "queryStringParameters": None,
        "multiValueQueryStringParameters": None,
        "requestContext": {"requestId": "req-1", "identity": {"sourceIp": "203.0.113.77"}},
        "body": json.dumps(body) if body else None,
        "isBase64Encoded": False,
    }
    answer = handler(event, None)
    headers_out = {name: values[0] for name, values in answer["multiValueHeaders"].items()}
    return answer["statusCode"], json.loads(answer["body"]) if answer["body"] else None, headers_out


# ---- permissions


def test_company_role_gives_its_own_and_inherited_permissions(database: Database, company_id: UUID) -> None:
    user = staff(database, company_id)
    top = role(database, company_id, "budgets.read")
    middle = role(database, company_id, "tickets.read", parent=top)
    give(database, company_id, user, role(database, company_id, "suppliers.read", parent=middle))

    member = PermissionCache(database).of(company_id, user, NOW)

    assert member.permissions == permissions_of("user") | {"budgets.read", "tickets.read", "suppliers.read"}


@pytest.mark.parametrize("permission", ["*", "companies.read", "plans.manage", "no.such", ""])
def test_company_role_cannot_give_platform_permissions(database: Database, company_id: UUID, permission: str) -> None:
    user = staff(database, company_id)
    give(database, company_id, user, role(database, company_id, permission))

    assert PermissionCache(database).of(company_id, user, NOW).permissions == permissions_of("user")
    assert permission not in PERMISSIONS


def test_deleted_role_gives_and_passes_on_no_permissions(database: Database, company_id: UUID) -> None:
    user = staff(database, company_id)
    top = role(database, company_id, "budgets.read")
    middle = role(database, company_id, "tickets.read", parent=top)
    give(database, company_id, user, role(database, company_id, "suppliers.read", parent=middle))
    change(database, company_id, "update roles set deleted_at = now() where id = :id", id=middle)

    assert PermissionCache(database).of(company_id, user, NOW).permissions == permissions_of("user") | {
        "suppliers.read"
    }


def test_reading_permissions_ends_on_a_cycle_of_roles(database: Database, company_id: UUID) -> None:
    user = staff(database, company_id)
    one = role(database, company_id, "budgets.read")
    other = role(database, company_id, "tickets.read", parent=one)
    change(database, company_id, "update roles set parent_id = :other where id = :one", other=other, one=one)
    give(database, company_id, user, other)

    assert {"budgets.read", "tickets.read"} <= PermissionCache(database).of(company_id, user, NOW).permissions


CHANGES = {
    "base role": "update users set role = 'user' where id = :user",
    "role taken": "delete from role_assignments where user_id = :user",
    "role's permissions": "update roles set permissions = '[]'",
    "role deleted": "update roles set deleted_at = now()",
}


@pytest.mark.parametrize("statement", CHANGES.values(), ids=CHANGES)
def test_changed_permissions_take_effect_in_other_runtimes_within_thirty_seconds(
    database: Database, company_id: UUID, statement: str
) -> None:
    user = staff(database, company_id, role="admin" if "users" in statement else "user")
    give(database, company_id, user, role(database, company_id, "audit_logs.read"))
    far = PermissionCache(database)
    assert "audit_logs.read" in far.of(company_id, user, NOW).permissions
    if "users" in statement:
        change(database, company_id, "delete from role_assignments where user_id = :user", user=user)
    change(database, company_id, statement, **({"user": user} if ":user" in statement else {}))

    assert "audit_logs.read" in far.of(company_id, user, NOW + HALF_A_MINUTE - timedelta(seconds=1)).permissions
    assert "audit_logs.read" not in far.of(company_id, user, NOW + HALF_A_MINUTE).permissions


@pytest.mark.parametrize(
    ("statement", "refusal"),
    [
        ("update users set status = 'inactive'", Unauthenticated),
        ("update users set deleted_at = now()", Unauthenticated),
        ("update companies set status = 'suspended'", Forbidden),
        ("update companies set status = 'closed'", Forbidden),
    ],
)
def test_deactivated_or_suspended_user_is_refused_within_thirty_seconds(
    database: Database, company_id: UUID, statement: str, refusal: type[Exception]
) -> None:
    user = staff(database, company_id)
    far = PermissionCache(database)
    far.of(company_id, user, NOW)
    change(database, company_id, statement)

    far.of(company_id, user, NOW + timedelta(seconds=29))
    with pytest.raises(refusal):
        far.of(company_id, user, NOW + HALF_A_MINUTE)


def test_role_gives_nothing_to_a_member_of_another_company(database: Database, company_id: UUID) -> None:
    user, theirs = staff(database, company_id), another_company(database)
    foreign = role(database, theirs, "budgets.read")

    with pytest.raises(Exception, match="fk_role_assignments_role_id_roles"):
        give(database, company_id, user, foreign)


# ---- access to another company


@pytest.fixture
def visitor(aws: None, database: Database) -> str:
    return token_of(database, another_company(database, "Falachefe"), "superadmin")


def entries(database: Database, company_id: UUID) -> list[Any]:
    with database.tenant(company_id) as session:
        return list(session.execute(text("select actor_id, address from audit_logs where action = 'enter'")))


def test_superadmin_access_by_header_is_audited_in_the_company(
    visitor: str, database: Database, company_id: UUID, clock: FixedClock
) -> None:
    body = {"kind": "expense", "amount": "10.00", "description": "Gás", "category": "outros", "date": "2026-11-20"}
    status, made, _ = request(transactions.handler, visitor, "POST", body=body, X_Company_Id=str(company_id))
    listed = request(transactions.handler, visitor, X_Company_Id=str(company_id))[1]["data"]

    assert (status, made["created_by"], [row["id"] for row in listed]) == (201, None, [made["id"]])
    assert request(transactions.handler, visitor)[1]["data"] == []  # at home there is none
    assert [row.address for row in entries(database, company_id)] == ["203.0.113.0"]
    clock.at += HALF_A_MINUTE
    request(transactions.handler, visitor, X_Company_Id=str(company_id))
    assert len(entries(database, company_id)) == 2


def test_superadmin_requests_time_off_for_an_employee_of_the_company(
    visitor: str, database: Database, company_id: UUID
) -> None:
    with database.tenant(company_id) as session:
        hired = add_employee(session, company_id, name="Ana", position="Caixa", hired_on=NOW.date(), now=NOW)
    body = {"employee_id": str(hired.id), "start": "2026-12-10", "end": "2026-12-11"}

    status, asked, _ = request(time_off.handler, visitor, "POST", "/time-off", body, X_Company_Id=str(company_id))

    assert (status, asked["employee_name"], asked["requested_by"]) == (201, "Ana", None)


def test_only_a_superadmin_may_access_another_company(aws: None, database: Database, company_id: UUID) -> None:
    token, theirs = token_of(database, company_id, "admin"), another_company(database)

    status, problem, _ = request(transactions.handler, token, X_Company_Id=str(theirs))

    assert (status, problem["code"]) == (403, "company_forbidden")
    assert entries(database, theirs) == []
    assert request(transactions.handler, token, X_Company_Id=str(company_id))[0] == 200  # one's own


@pytest.mark.parametrize(("wanted", "status"), [("not-a-uuid", 422), (str(UUID(int=7)), 404)])
def test_access_to_an_unknown_company_is_refused(visitor: str, wanted: str, status: int) -> None:
    assert request(transactions.handler, visitor, X_Company_Id=wanted)[0] == status


def test_own_account_routes_ignore_the_company_header(visitor: str, company_id: UUID) -> None:
    status, body, _ = call(me.handler, "me_get", token=visitor)

    assert status == 200
    entered = request(me.handler, visitor, path="/me", X_Company_Id=str(company_id))
    assert (entered[0], entered[1]["company_id"]) == (200, body["company_id"])


# ---- rate limits


def test_a_user_s_101st_request_in_a_minute_is_refused(
    aws: None, database: Database, company_id: UUID, clock: FixedClock
) -> None:
    token = token_of(database, company_id, "user")
    answers = [request(transactions.handler, token) for _ in range(101)]  # forbidden ones count as well

    assert {status for status, _, _ in answers[:100]} == {403}
    assert answers[0][2]["RateLimit-Policy"] == '"user";q=100;w=60'
    assert [answers[i][2]["RateLimit"] for i in (0, 99)] == ['"user";r=99', '"user";r=0']
    status, problem, headers = answers[100]
    assert (status, problem["code"]) == (429, "rate_limited")
    wait = int(headers["Retry-After"])
    assert headers["RateLimit"] == f'"user";r=0;t={wait}'
    assert 0 < wait <= 66
    clock.at += timedelta(seconds=wait)
    assert request(transactions.handler, token)[0] == 403


@pytest.mark.parametrize(
    ("method", "status", "outcome"), [("GET", 200, "open"), ("POST", 503, "closed")], ids=["reads", "writes"]
)
def test_without_the_limits_table_reads_are_allowed_and_writes_refused(
    aws: None,
    database: Database,
    company_id: UUID,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    method: str,
    status: int,
    outcome: str,
) -> None:
    token = token_of(database, company_id, "admin")
    assert request(budgets.handler, token, path="/budgets")[0] == 200  # the session is known from here on
    monkeypatch.setenv("LIMITS_TABLE", "a-table-that-does-not-answer")
    runtime.table.cache_clear()
    runtime.limits.cache_clear()
    capsys.readouterr()

    found, _, headers = request(budgets.handler, token, method, "/budgets", {"category": "outros"})

    counted = [
        json.loads(line) for line in capsys.readouterr().out.splitlines() if "rate_limit_unchecked_total" in line
    ]
    assert (found, [record["outcome"] for record in counted]) == (status, [outcome])
    assert "RateLimit" not in headers


@pytest.mark.parametrize("name", [*PER_MINUTE, "api-key", "admin-users"])
def test_concurrent_requests_do_not_exceed_the_limit(aws: None, name: str) -> None:
    stricter = Limit("admin-users", 20) if name == "admin-users" else None
    key = KeyFacts(new_id(), 37) if name == "api-key" else None
    who = Principal(new_id(), new_id(), name, frozenset(), "", key)
    quantity = 20 if stricter else 37 if key else PER_MINUTE[name]
    # DynamoDB does one write on an item at a time; moto's threads do not, so a lock stands in for that.
    limits, outcomes = SlidingLimit(AtomicTable(client("dynamodb"), "limits")), []
    for n in range(quantity - 10):
        limits.hit(f"{name}#{who.subject}", limit=quantity, window_s=60, now=NOW + timedelta(milliseconds=n))

    def ask(_: int) -> bool:
        try:
            check(limits, who, "POST", stricter, NOW, announce=lambda *_: None, count=lambda *_: None)
        except LimitExceeded:
            return False
        return True

    with ThreadPoolExecutor(50) as pool:
        outcomes = list(pool.map(ask, range(50)))

    assert sum(outcomes) == 10


def test_route_limit_does_not_widen_a_narrower_caller_limit() -> None:
    said: dict[str, str] = {}
    narrow = Principal(new_id(), new_id(), "key", frozenset(), "", KeyFacts(new_id(), 5))

    check(Unlimited(), narrow, "GET", Limit("crews-process", 50), NOW, announce=said.__setitem__, count=print)

    assert said["RateLimit-Policy"] == '"api-key";q=5;w=60'


class Unlimited(SlidingLimit):
    """Counts nothing."""

    def __init__(self) -> None:
        pass

    def hit(
        self, key: str, *, limit: int, window_s: int, now: datetime, distinct: str | None = None, weight: int = 1
    ) -> Verdict:
        return Verdict(True, limit - 1, 0)
