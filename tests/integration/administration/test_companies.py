"""Administration of companies by superadmins only."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text

from falachefe.db.engine import Database
from falachefe.kernel.clock import FixedClock
from falachefe.kernel.ids import new_id
from functions.admin import companies, company_features, feature_flags, plans, settings, subscriptions
from tests.integration.callers import Answer, Caller

type AsRole = Callable[[Any, str], Caller]
SOMEWHERE = "019aaa4e-7c00-7000-8000-000000000001"


@pytest.fixture
def root(as_role: AsRole) -> Caller:
    return as_role(companies.handler, "superadmin")


def make(root: Caller, **body: Any) -> Answer:
    answer = root.of(companies.handler)("POST", "/companies", {"name": "Clínica Quatro Patas", **body})
    assert answer.status == 201, answer.body
    return answer


def change(root: Caller, company: str, version: int, **body: Any) -> Answer:
    return root.of(companies.handler)("PATCH", f"/companies/{company}", body, {"If-Match": f'"{version}"'})


def rows(database: Database, company: str, statement: str) -> list[Any]:
    with database.tenant(UUID(company)) as session:
        return list(session.execute(text(statement)).all())


# ---- permissions


@pytest.mark.parametrize("role", ["admin", "user"])
@pytest.mark.parametrize(
    ("handler", "method", "path", "body"),
    [
        (companies, "GET", "/companies", None),
        (companies, "GET", f"/companies/{SOMEWHERE}", None),
        (companies, "POST", "/companies", {"name": "Minha outra empresa"}),
        (companies, "PATCH", f"/companies/{SOMEWHERE}", {"status": "active"}),
        (plans, "PATCH", "/plans/free", {"users_limit": None}),
        (subscriptions, "GET", f"/companies/{SOMEWHERE}/subscriptions", None),
        (subscriptions, "POST", f"/companies/{SOMEWHERE}/subscriptions", {"plan_code": "enterprise"}),
        (subscriptions, "PATCH", f"/companies/{SOMEWHERE}/subscriptions/current", {"status": "active"}),
        (feature_flags, "GET", "/feature-flags", None),
        (feature_flags, "POST", "/feature-flags", {"name": "tudo", "description": "Tudo", "enabled": True}),
        (feature_flags, "PATCH", "/feature-flags/clinic", {"enabled": True}),
        (feature_flags, "DELETE", "/feature-flags/clinic", None),
        (company_features, "GET", f"/companies/{SOMEWHERE}/feature-flags", None),
        (company_features, "POST", f"/companies/{SOMEWHERE}/feature-flags/clinic", {"enabled": True}),
        (company_features, "DELETE", f"/companies/{SOMEWHERE}/feature-flags/clinic", None),
    ],
)  # fmt: skip
def test_platform_routes_are_refused_to_company_users(
    as_role: AsRole, company_id: UUID, role: str, handler: Any, method: str, path: str, body: Any
) -> None:
    own = path.replace(SOMEWHERE, str(company_id))
    for wanted in {path, own}:
        answer = as_role(handler.handler, role)(method, wanted, body, {"If-Match": "*"})
        assert (answer.status, answer.json["code"]) == (403, "permission_denied")


def test_an_admin_reads_plans_and_what_is_their_own(as_role: AsRole) -> None:
    assert as_role(plans.handler, "admin")("GET", "/plans").status == 200
    assert as_role(subscriptions.handler, "admin")("GET", "/subscriptions").status == 200
    assert as_role(subscriptions.handler, "admin")("GET", "/subscriptions/usage").status == 200
    assert as_role(subscriptions.handler, "user")("GET", "/subscriptions").status == 403


def test_admin_cannot_access_another_company(as_role: AsRole, root: Caller) -> None:
    other = make(root).json["id"]
    answer = as_role(settings.handler, "admin")("GET", "/settings", headers={"X-Company-Id": other})

    assert (answer.status, answer.json["code"]) == (403, "company_forbidden")


# ---- making and finding


def test_a_new_company_has_its_plan_its_crew_and_its_invited_admin(root: Caller, database: Database) -> None:
    email = f"marina-{new_id()}@example.com"
    made = make(root, plan_code="pro", admin={"name": "Marina Alves", "email": email})
    company = made.json["id"]

    assert made.json["plan_code"] == "pro"
    assert (made.json["users"], made.json["status"], made.headers["ETag"]) == (1, "active", '"1"')
    assert made.headers["Location"] == f"/v1/admin/companies/{company}"
    [admin] = rows(database, company, "select name, last_name, role, email, password_hash from users")
    assert tuple(admin) == ("Marina Alves", "Alves", "admin", email, None)
    assert len(rows(database, company, "select id from crew_agents")) == 5
    [noted] = rows(database, company, "select action, resource, resource_id::text as id, changes from audit_logs")
    assert (noted.action, noted.resource, noted.id) == ("create", "companies", company)
    assert noted.changes["name"]["new"] == "Clínica Quatro Patas"


def test_an_email_with_an_account_makes_no_company(root: Caller) -> None:
    admin = {"name": "Marina Alves", "email": f"marina-{new_id()}@example.com"}
    make(root, admin=admin)
    again = root("POST", "/companies", {"name": "Outra clínica", "admin": admin})

    assert (again.status, again.json["code"]) == (409, "email_taken")
    assert root("GET", "/companies", search="Outra clínica").json["data"] == []


def test_companies_come_in_pages_each_once(root: Caller) -> None:
    mark = f"Rede {new_id().hex}"
    made = [make(root, name=f"{mark} {number}").json["id"] for number in range(5)]
    seen: list[str] = []
    cursor: dict[str, str] = {}
    while True:
        page = root("GET", "/companies", search=mark, limit="2", **cursor).json
        seen += [one["id"] for one in page["data"]]
        if page["next_cursor"] is None:
            break
        cursor = {"cursor": page["next_cursor"]}

    assert seen == made


def test_search_escapes_wildcards(root: Caller) -> None:
    mark = new_id().hex
    percent, other = make(root, name=f"100% {mark}"), make(root, name=f"100 e {mark}")

    found = [one["id"] for one in root("GET", "/companies", search=f"100% {mark}").json["data"]]
    assert found == [percent.json["id"]] != [other.json["id"]]


def test_companies_are_found_by_their_state(root: Caller) -> None:
    mark = new_id().hex
    active, gone = make(root, name=f"Aberta {mark}").json["id"], make(root, name=f"Fechada {mark}").json["id"]
    change(root, gone, 1, status="closed")

    def found(status: str) -> list[str]:
        return [one["id"] for one in root("GET", "/companies", search=mark, status=status).json["data"]]

    assert (found("active"), found("closed"), found("suspended")) == ([active], [gone], [])


@pytest.mark.parametrize("query", [{"limit": "51"}, {"limit": "0"}, {"status": "gone"}, {"cursor": "x"}])
def test_a_list_that_makes_no_sense_is_refused(root: Caller, query: dict[str, str]) -> None:
    assert root("GET", "/companies", **query).status == 422


@pytest.mark.parametrize(
    "body",
    [
        {"name": "X"},
        {"name": "Clínica", "time_zone": "Marte/Cratera"},
        {"name": "Clínica", "plan_code": "gold"},
        {"name": "Clínica", "status": "active"},
        {"name": "Clínica", "admin": {"name": "Marina"}},
    ],
)
def test_a_company_that_makes_no_sense_is_refused(root: Caller, body: dict[str, Any]) -> None:
    assert root("POST", "/companies", body).status == 422


def test_unknown_company_is_not_found(root: Caller) -> None:
    assert root("GET", f"/companies/{SOMEWHERE}").json["code"] == "company_not_found"
    assert change(root, SOMEWHERE, 1, name="Nada").json["code"] == "company_not_found"


# ---- changing


def test_a_change_needs_the_version_that_was_read(root: Caller) -> None:
    company = make(root).json["id"]

    assert root("PATCH", f"/companies/{company}", {"name": "Outra"}).status == 428
    assert change(root, company, 1, name="Outra").headers["ETag"] == '"2"'
    assert change(root, company, 1, name="Ainda outra").status == 412


def test_change_is_audited_in_the_company_and_published(root: Caller, database: Database) -> None:
    company = make(root).json["id"]
    change(root, company, 1, name="Outra", time_zone="America/Manaus", status="active")

    [noted] = rows(database, company, "select changes, actor_kind from audit_logs where action = 'update'")
    assert noted.changes == {
        "name": {"old": "Clínica Quatro Patas", "new": "Outra"},
        "time_zone": {"old": "America/Sao_Paulo", "new": "America/Manaus"},
    }


def test_a_change_of_nothing_writes_nothing(root: Caller, database: Database) -> None:
    company = make(root).json["id"]

    assert change(root, company, 1, name="Clínica Quatro Patas").json["version"] == 1
    assert rows(database, company, "select id from audit_logs where action = 'update'") == []


def test_the_own_company_can_be_neither_suspended_nor_closed(root: Caller, company_id: UUID) -> None:
    for status in ("suspended", "closed"):
        assert change(root, str(company_id), 1, status=status).json["code"] == "own_company"


def test_suspended_company_is_refused_within_half_a_minute_and_can_be_reactivated(
    root: Caller, as_role: AsRole, company_id: UUID, clock: FixedClock, database: Database
) -> None:
    """Its admin reads before; a superadmin of another company suspends it."""
    admin = as_role(subscriptions.handler, "admin")
    assert admin("GET", "/subscriptions").status == 200
    outsider = new_id()
    with database.tenant(outsider) as session:
        session.execute(text("insert into companies (id, name) values (:id, 'Plataforma')"), {"id": outsider})
    platform = Caller(companies.handler, token_of_superadmin(database, outsider))

    assert change(platform, str(company_id), 1, status="suspended").status == 200
    clock.at += timedelta(seconds=30)
    refused = admin("GET", "/subscriptions")
    assert (refused.status, refused.json["code"]) == (403, "company_suspended")

    assert change(platform, str(company_id), 2, status="active").status == 200
    clock.at += timedelta(seconds=30)
    assert admin("GET", "/subscriptions").status == 200


def token_of_superadmin(database: Database, company: UUID) -> str:
    from tests.integration.callers import token_for

    return token_for(database, company, "superadmin")
