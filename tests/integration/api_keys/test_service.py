"""API keys through the handlers: creation, use, rotation and revocation."""

import json
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from threading import Event
from typing import Any
from uuid import UUID

import pytest

from falachefe.access.permissions import PERMISSIONS_OF
from falachefe.api_keys import service as api_key_service
from falachefe.api_keys.authenticator import ApiKeys, generate
from falachefe.api_keys.schemas import ApiKeyIn
from falachefe.app import runtime
from falachefe.aws.clients import client
from falachefe.aws.rate_limit import SlidingLimit
from falachefe.companies.service import create_company
from falachefe.db.engine import Database
from falachefe.db.outbox import Outbox
from falachefe.http.principal import KeyFacts, Principal
from falachefe.http.rate_limits import callers
from falachefe.http.unit_of_work import RequestUnitOfWork
from falachefe.kernel.actors import Actor
from falachefe.kernel.clock import FixedClock
from falachefe.kernel.errors import Conflict, LimitExceeded, Unauthenticated
from falachefe.kernel.ids import new_id
from falachefe.onboarding.staff import register_staff
from falachefe.sessions.sign_in import open_session
from falachefe.sessions.store import Device
from functions.admin import api_keys
from functions.business import budgets, suppliers
from tests.integration.aws.atomic import AtomicTable
from tests.integration.aws_fixtures import NOW
from tests.integration.senders import HOME_ADDRESS, Answer, Sender, run
from tests.keys import SIGNING

WANTED = {"name": "Integração contábil", "scopes": ["suppliers.read"]}
SECOND = timedelta(seconds=1)


@pytest.fixture(autouse=True)
def _surroundings(aws: None) -> None:
    return


def person(database: Database, company_id: UUID, role: str = "admin", phone: str = "+5511976543210") -> UUID:
    with database.tenant(company_id) as session:
        return register_staff(session, company_id, name="Bia Souza", phone=phone, role=role, now=NOW).id


@pytest.fixture
def maker(database: Database, company_id: UUID) -> UUID:
    return person(database, company_id)


def signed_in(database: Database, company_id: UUID, role: str, phone: str) -> Sender:
    with database.tenant(company_id) as session:
        user = register_staff(session, company_id, name="Ana", phone=phone, role=role, now=NOW)
    return Sender(open_session(runtime.sessions(), SIGNING, user, Device(None, None, None), NOW).tokens.access)


@pytest.fixture
def admin(database: Database, company_id: UUID) -> Sender:
    return signed_in(database, company_id, "admin", "+5511987654321")


def made(admin: Sender, **wanted: Any) -> Any:
    answer = admin(api_keys.handler, "POST", "/api-keys", {**WANTED, **wanted})
    assert answer.status == 201, answer.text
    return answer.json


def read(program: Sender) -> Answer:
    return program(suppliers.handler, "GET", "/suppliers")


# ---- creation


def test_key_is_shown_once_and_permits_its_scopes_only(admin: Sender, database: Database, company_id: UUID) -> None:
    answer = admin(api_keys.handler, "POST", "/api-keys", WANTED)
    key, document = answer.json["key"], answer.json

    assert (answer.status, answer.headers["Cache-Control"], answer.headers["ETag"]) == (201, "no-store", '"1"')
    assert answer.headers["Location"] == f"/v1/admin/api-keys/{document['id']}"
    assert (document["status"], document["scopes"], document["limit_per_minute"]) == ("active", ["suppliers.read"], 100)
    assert read(Sender(key)).status == 200
    assert read(Sender(key, header="X-Api-Key")).status == 200
    refused = Sender(key)(budgets.handler, "GET", "/budgets")
    assert (refused.status, refused.json["code"]) == (403, "permission_denied")
    assert Sender(key)(suppliers.handler, "POST", "/suppliers", {"name": "Moinho"}).status == 403
    for path in ("/api-keys", f"/api-keys/{document['id']}"):
        shown = admin(api_keys.handler, "GET", path)
        assert (shown.status, key in shown.text, "key_hash" in shown.text) == (200, False, False)
    stored = json.dumps([list(map(str, row)) for row in run(database, company_id, "select * from api_keys")])
    assert key not in stored
    assert key[8:-4] not in stored


def test_key_appears_in_no_log_audit_entry_event_or_stored_response(
    admin: Sender, database: Database, company_id: UUID, capsys: pytest.CaptureFixture[str]
) -> None:
    first = admin(api_keys.handler, "POST", "/api-keys", WANTED, Idempotency_Key="once")
    rotated = admin(api_keys.handler, "POST", f"/api-keys/{first.json['id']}/rotate", {}, Idempotency_Key="twice")
    keys = [first.json["key"], rotated.json["key"]]
    read(Sender(keys[0]))
    rows = run(database, company_id, "select changes::text from audit_logs")
    queue_messages = run(database, company_id, "select payload::text from outbox")
    items = client("dynamodb").scan(TableName=runtime.table("LIMITS_TABLE").name)["Items"]
    seen = capsys.readouterr()
    everything = f"{rows}{queue_messages}{items}{seen.out}{seen.err}"

    assert len(rows) == 2
    assert [key for key in keys if key in everything or key[12:-6] in everything] == []


def test_repeated_request_creates_no_second_key_and_does_not_show_the_first(admin: Sender) -> None:
    first = admin(api_keys.handler, "POST", "/api-keys", WANTED, Idempotency_Key="once")
    again = admin(api_keys.handler, "POST", "/api-keys", WANTED, Idempotency_Key="once")
    other = admin(api_keys.handler, "POST", "/api-keys", {**WANTED, "name": "Outra"}, Idempotency_Key="once")

    assert (again.status, again.headers["Idempotency-Replayed"]) == (201, "true")
    assert again.json == {**first.json, "key": None}
    assert first.json["key"] is not None
    assert (other.status, other.json["code"]) == (422, "idempotency_key_reused")
    assert len(admin(api_keys.handler, "GET", "/api-keys").json["data"]) == 1


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"scopes": []}, "invalid_input"),
        ({"scopes": ["*"]}, "permission_unknown"),
        ({"scopes": ["no.such"]}, "permission_unknown"),
        ({"scopes": ["account.manage"]}, "scope_not_for_keys"),
        ({"scopes": ["api_keys.create"]}, "scope_not_for_keys"),
        ({"cidrs": ["everywhere"]}, "invalid_input"),
        ({"expires_at": "2026-11-20T14:59:59Z"}, "expires_in_the_past"),
        ({"expires_at": "2027-01-01T00:00:00"}, "invalid_input"),
        ({"limit_per_minute": 0}, "invalid_input"),
        ({"limit_per_minute": 1001}, "invalid_input"),
        ({"name": " \x00"}, "invalid_input"),
        ({"created_by": str(UUID(int=1))}, "invalid_input"),
        ({"key_hash": "0" * 64}, "invalid_input"),
    ],
)
def test_invalid_key_input_is_rejected(admin: Sender, change: dict[str, Any], code: str) -> None:
    answer = admin(api_keys.handler, "POST", "/api-keys", {**WANTED, **change})

    assert (answer.status, answer.json["code"]) == (422, code)


def test_key_cannot_have_scopes_its_creator_lacks(database: Database, company_id: UUID, admin: Sender) -> None:
    beyond = admin(api_keys.handler, "POST", "/api-keys", {**WANTED, "scopes": ["companies.read"]})
    user = signed_in(database, company_id, "user", "+5511976543210")

    assert (beyond.status, beyond.json["code"]) == (403, "beyond_own_power")
    assert user(api_keys.handler, "POST", "/api-keys", WANTED).json["code"] == "permission_denied"
    key = made(admin)
    widened = {"scopes": ["suppliers.read", "companies.read"]}
    refused = admin(api_keys.handler, "PATCH", f"/api-keys/{key['id']}", widened, If_Match='"1"')
    assert (refused.status, refused.json["code"]) == (403, "beyond_own_power")


def test_key_cannot_create_keys(admin: Sender) -> None:
    program = Sender(made(admin, scopes=["api_keys.read", "suppliers.read"])["key"])

    assert program(api_keys.handler, "GET", "/api-keys").status == 200
    assert program(api_keys.handler, "POST", "/api-keys", WANTED).status == 403


def work_of(database: Database, company_id: UUID, maker: UUID, session: Any, now: datetime = NOW) -> RequestUnitOfWork:
    who = Principal(maker, company_id, "admin", PERMISSIONS_OF["admin"], "")
    return RequestUnitOfWork(session, Outbox(company_id), Actor("user", maker), now, who)


def test_concurrent_requests_cannot_exceed_fifty_keys(database: Database, company_id: UUID, maker: UUID) -> None:
    wanted = ApiKeyIn.model_validate(WANTED)
    with database.tenant(company_id) as session:
        first = [
            api_key_service.create(work_of(database, company_id, maker, session), wanted, stage="dev")
            for _ in range(48)
        ]

    def one_more(_: int) -> str:
        with database.tenant(company_id) as session:
            try:
                api_key_service.create(work_of(database, company_id, maker, session), wanted, stage="dev")
            except Conflict as refused:
                return refused.code
            return "made"

    with ThreadPoolExecutor(4) as pool:
        assert Counter(pool.map(one_more, range(8))) == {"made": 2, "too_many_keys": 6}
    with database.tenant(company_id) as session:
        api_key_service.revoke(work_of(database, company_id, maker, session), first[0].id, None)
    assert one_more(0) == "made"


# ---- use


class CountingDatabase(Database):
    def __init__(self, real: Database) -> None:
        self._real, self.asked = real, 0

    def run_in_one_trip(self, company_id: UUID | None, *queries: Any) -> None:
        self.asked += 1
        self._real.run_in_one_trip(company_id, *queries)


def test_key_with_a_typo_is_refused_without_a_query(admin: Sender, database: Database) -> None:
    key, counting = made(admin)["key"], CountingDatabase(database)
    keys = ApiKeys(counting, "dev")
    typo = key[:-8] + ("A" if key[-8] != "A" else "B") + key[-7:]

    for wrong in (typo, key[:-1], key + "x", key.replace("_dev_", "_prod_"), "fck_", "fck_dev_" + "é" * 38):
        with pytest.raises(Unauthenticated):
            keys.principal_of(wrong, HOME_ADDRESS, NOW)
    assert counting.asked == 0
    assert keys.principal_of(key, HOME_ADDRESS, NOW).permissions == {"suppliers.read"}
    assert counting.asked == 2


def test_all_invalid_keys_get_the_same_response(admin: Sender, database: Database, company_id: UUID) -> None:
    revoked, expired, elsewhere = made(admin), made(admin), made(admin, cidrs=["198.51.100.0/24"])
    admin(api_keys.handler, "DELETE", f"/api-keys/{revoked['id']}")
    run(database, company_id, "update api_keys set expires_at = :at where id = :id", at=NOW, id=UUID(expired["id"]))
    answers = [read(Sender(one["key"])) for one in (revoked, expired, elsewhere)]
    answers += [
        read(Sender(generate("dev").text)),
        read(Sender("fck_dev_nonsense")),
        read(Sender("fck_", header="X-Api-Key")),
    ]

    assert {(answer.status, answer.json["code"], answer.json["detail"]) for answer in answers} == {
        (401, "api_key_invalid", "Chave de API inválida.")
    }


@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("203.0.113.9", 200),
        ("::ffff:203.0.113.9", 200),
        ("203.0.114.9", 401),
        ("::ffff:203.0.114.9", 401),
        ("2001:db8::9", 200),
        ("2001:db9::9", 401),
    ],
)
def test_key_with_networks_works_from_them_only(admin: Sender, address: str, status: int) -> None:
    key = made(admin, cidrs=["203.0.113.77/24", "2001:db8::/32"])

    assert key["cidrs"] == ["2001:db8::/32", "203.0.113.0/24"]
    assert read(Sender(key["key"], address=address)).status == status


def test_key_expires_even_while_it_is_cached(admin: Sender, clock: FixedClock) -> None:
    program = Sender(made(admin, expires_at="2026-11-20T15:00:10Z")["key"])
    assert read(program).status == 200
    clock.at += 9 * SECOND
    assert read(program).status == 200
    clock.at += SECOND
    assert read(program).status == 401


def test_key_has_its_creator_s_current_permissions_and_ends_with_them(
    admin: Sender, database: Database, company_id: UUID, clock: FixedClock
) -> None:
    key = made(admin, scopes=["suppliers.read", "campaigns.read"])
    program, person = Sender(key["key"]), UUID(key["created_by"])
    assert read(program).status == 200

    run(database, company_id, "update users set role = 'user' where id = :id", id=person)
    clock.at += 30 * SECOND
    assert read(program).status == 403
    run(database, company_id, "update users set role = 'admin' where id = :id", id=person)
    clock.at += 30 * SECOND
    assert read(program).status == 200
    run(database, company_id, "update users set status = 'inactive' where id = :id", id=person)
    clock.at += 30 * SECOND
    assert (read(program).status, read(program).json["code"]) == (401, "api_key_invalid")
    other = signed_in(database, company_id, "admin", "+5511976543210")
    assert other(api_keys.handler, "GET", f"/api-keys/{key['id']}").json["status"] == "suspended"


def test_last_use_is_recorded_once_a_minute_without_blocking(
    admin: Sender, database: Database, company_id: UUID
) -> None:
    key = made(admin)
    wanted = "select last_used_at, version from api_keys"

    def used_at(after: timedelta) -> Any:
        ApiKeys(database, "dev").principal_of(key["key"], HOME_ADDRESS, NOW + after)
        return run(database, company_id, wanted)[0]

    assert used_at(0 * SECOND) == (NOW, 1)
    assert used_at(59 * SECOND) == (NOW, 1)
    assert used_at(61 * SECOND) == (NOW + 61 * SECOND, 1)


def test_rate_limit_of_a_key_is_exact_under_concurrency(company_id: UUID) -> None:
    key = KeyFacts(new_id(), 20)
    who = Principal(new_id(), company_id, "key", frozenset(), "", key)
    table = AtomicTable(client("dynamodb"), runtime.table("LIMITS_TABLE").name)

    def call(_: int) -> bool:
        runtimes = SlidingLimit(table)  # each caller meets another runtime
        try:
            callers.check(runtimes, who, "GET", None, NOW, announce=lambda *_: None, count=lambda *_, **__: None)
        except LimitExceeded:
            return False
        return True

    with ThreadPoolExecutor(50) as pool:
        assert sum(pool.map(call, range(60))) == 20


def test_rate_limit_of_a_key_is_its_own_and_in_the_headers(admin: Sender) -> None:
    program, other = Sender(made(admin, limit_per_minute=2)["key"]), Sender(made(admin, limit_per_minute=2)["key"])
    answers = [read(program) for _ in range(3)]

    assert [answer.status for answer in answers] == [200, 200, 429]
    assert answers[0].headers["RateLimit-Policy"] == '"api-key";q=2;w=60'
    assert "Retry-After" in answers[2].headers
    assert read(other).status == 200


def test_actions_of_a_key_are_audited_on_behalf_of_its_creator(
    admin: Sender, database: Database, company_id: UUID
) -> None:
    key = made(admin, scopes=["suppliers.create"])
    assert Sender(key["key"])(suppliers.handler, "POST", "/suppliers", {"name": "Moinho"}).status == 201

    statement = "select actor_kind, actor_id, on_behalf_of from audit_logs where resource = 'suppliers'"
    assert run(database, company_id, statement) == [("api_key", UUID(key["id"]), UUID(key["created_by"]))]


# ---- change, rotation and revocation


def test_key_is_changed_under_optimistic_locking(admin: Sender, clock: FixedClock) -> None:
    key = made(admin)
    path, change = f"/api-keys/{key['id']}", {"scopes": ["budgets.read"], "cidrs": ["203.0.113.1"], "name": "Nova"}
    program = Sender(key["key"])
    assert read(program).status == 200

    assert admin(api_keys.handler, "PATCH", path, change).status == 428
    answer = admin(api_keys.handler, "PATCH", path, change, If_Match='"1"')
    assert (answer.status, answer.json["scopes"], answer.json["cidrs"]) == (200, ["budgets.read"], ["203.0.113.1/32"])
    assert admin(api_keys.handler, "PATCH", path, change, If_Match='"1"').status == 412
    clock.at += 30 * SECOND
    assert read(program).status == 401  # from another network by now
    for field in ("key_hash", "revoked_at", "created_by", "prefix"):
        assert admin(api_keys.handler, "PATCH", path, {field: None}, If_Match="*").status == 422


def test_rotated_key_is_valid_for_its_overlap(admin: Sender, clock: FixedClock) -> None:
    old = made(admin, cidrs=["203.0.113.0/24"], expires_at="2026-12-20T15:00:00Z")
    clock.at += timedelta(minutes=20)
    answer = admin(api_keys.handler, "POST", f"/api-keys/{old['id']}/rotate", {"overlap_s": 60})
    new = answer.json

    assert answer.status == 201, answer.text
    assert (new["scopes"], new["cidrs"], new["id"] != old["id"]) == (old["scopes"], old["cidrs"], True)
    assert new["expires_at"] == "2026-12-20T15:20:00Z"
    state = admin(api_keys.handler, "GET", f"/api-keys/{old['id']}").json
    assert (state["status"], state["replaced_by"], state["version"]) == ("replaced", new["id"], 2)
    assert [read(Sender(one["key"])).status for one in (old, new)] == [200, 200]
    assert admin(api_keys.handler, "GET", f"/api-keys/{old['id']}").json["last_used_at"] is not None
    clock.at += 60 * SECOND
    assert [read(Sender(one["key"])).status for one in (old, new)] == [401, 200]
    again = admin(api_keys.handler, "POST", f"/api-keys/{old['id']}/rotate", {})
    assert (again.status, again.json["code"]) == (409, "api_key_ended")
    refused = admin(api_keys.handler, "PATCH", f"/api-keys/{old['id']}", {"name": "x"}, If_Match='"2"')
    assert refused.json["code"] == "api_key_ended"


@pytest.mark.parametrize("body", [{"overlap_s": 604_801}, {"overlap_s": -1}, {"scopes": ["users.read"]}])
def test_overlap_is_at_most_a_week(admin: Sender, body: dict[str, Any]) -> None:
    key = made(admin)

    assert admin(api_keys.handler, "POST", f"/api-keys/{key['id']}/rotate", body).status == 422


def test_concurrent_rotations_rotate_a_key_once(database: Database, company_id: UUID, maker: UUID) -> None:
    wanted = ApiKeyIn.model_validate(WANTED)
    with database.tenant(company_id) as session:
        key = api_key_service.create(work_of(database, company_id, maker, session), wanted, stage="dev")

    def rotate(_: int) -> str:
        with database.tenant(company_id) as session:
            try:
                work = work_of(database, company_id, maker, session)
                api_key_service.rotate(work, key.id, timedelta(days=1), stage="dev")
            except Conflict as refused:
                return refused.code
            return "rotated"

    with ThreadPoolExecutor(4) as pool:
        assert Counter(pool.map(rotate, range(6))) == {"rotated": 1, "api_key_ended": 5}


def test_revoked_key_is_refused_everywhere_within_thirty_seconds(
    admin: Sender, database: Database, company_id: UUID
) -> None:
    key = made(admin)
    far, fresh = ApiKeys(database, "dev"), ApiKeys(database, "dev")
    far.principal_of(key["key"], HOME_ADDRESS, NOW)
    assert admin(api_keys.handler, "DELETE", f"/api-keys/{key['id']}").status == 204
    assert admin(api_keys.handler, "DELETE", f"/api-keys/{key['id']}").status == 204

    with pytest.raises(Unauthenticated):
        fresh.principal_of(key["key"], HOME_ADDRESS, NOW)
    far.principal_of(key["key"], HOME_ADDRESS, NOW + 29 * SECOND)
    with pytest.raises(Unauthenticated):
        far.principal_of(key["key"], HOME_ADDRESS, NOW + 30 * SECOND)
    actions = run(database, company_id, "select action from audit_logs where resource = 'api-keys' order by id")
    assert actions == [("create",), ("revoke",)]


def test_no_runtime_caches_a_key_as_valid_after_its_revocation_is_committed(
    admin: Sender, database: Database, maker: UUID, company_id: UUID
) -> None:
    """Runtimes keep asking while the key is revoked: whichever read it in time forgets it half a minute later."""
    key, gone = made(admin), Event()
    runtimes = [ApiKeys(database, "dev") for _ in range(8)]

    def ask(one: ApiKeys) -> None:
        while not gone.is_set():
            try:
                one.principal_of(key["key"], HOME_ADDRESS, NOW)
            except Unauthenticated:
                return

    with ThreadPoolExecutor(len(runtimes)) as pool:
        asking = [pool.submit(ask, one) for one in runtimes]
        with database.tenant(company_id) as session:
            api_key_service.revoke(work_of(database, company_id, maker, session), UUID(key["id"]), None)
        gone.set()
        for asked in asking:
            asked.result()
    for one in [*runtimes, ApiKeys(database, "dev")]:
        with pytest.raises(Unauthenticated):
            one.principal_of(key["key"], HOME_ADDRESS, NOW + 30 * SECOND)


@pytest.fixture
def other_admin(database: Database) -> Sender:
    company_id = new_id()
    with database.tenant(company_id) as session:
        create_company(session, company_id, name="Padaria do Lado")
    return signed_in(database, company_id, "admin", "+5511965432109")


@pytest.mark.parametrize(
    ("method", "end", "body"),
    [("GET", "", None), ("PATCH", "", {"name": "x"}), ("DELETE", "", None), ("POST", "/rotate", {})],
)
def test_key_of_another_company_is_not_found(
    admin: Sender, other_admin: Sender, method: str, end: str, body: Any, database: Database
) -> None:
    key = made(admin)
    answer = other_admin(api_keys.handler, method, f"/api-keys/{key['id']}{end}", body, If_Match="*")

    assert answer.status == 404
    assert other_admin(api_keys.handler, "GET", "/api-keys").json["data"] == []
    assert ApiKeys(database, "dev").principal_of(key["key"], HOME_ADDRESS, NOW).key is not None


def test_key_accesses_its_own_company_only(admin: Sender, other_admin: Sender) -> None:
    made_there = other_admin(suppliers.handler, "POST", "/suppliers", {"name": "Moinho"}).json["id"]
    program = Sender(made(admin)["key"])

    assert program(suppliers.handler, "GET", f"/suppliers/{made_there}").status == 404
    assert read(program).json["data"] == []


def test_key_with_another_company_s_header_is_refused(admin: Sender, database: Database, company_id: UUID) -> None:
    """Nor does it do at home, unnoticed, what was meant for elsewhere."""
    program, elsewhere = Sender(made(admin)["key"]), new_id()

    refused = program(suppliers.handler, "GET", "/suppliers", X_Company_Id=str(elsewhere))

    assert (refused.status, refused.json["code"]) == (403, "company_forbidden")
    assert program(suppliers.handler, "GET", "/suppliers", X_Company_Id=str(company_id)).status == 200
    assert program(suppliers.handler, "GET", "/suppliers", X_Company_Id="nowhere").status == 422
