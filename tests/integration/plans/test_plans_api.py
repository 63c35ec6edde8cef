"""Plans, subscriptions and usage over REST."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text

from falachefe.db.engine import Database
from falachefe.kernel.clock import FixedClock
from falachefe.kernel.ids import new_id
from falachefe.plans import limits as rules
from functions.admin import companies, plans, subscriptions
from tests.integration.callers import Answer, Caller

type AsRole = Callable[[Any, str], Caller]


@pytest.fixture
def root(as_role: AsRole) -> Caller:
    return as_role(subscriptions.handler, "superadmin")


@pytest.fixture
def company(root: Caller) -> str:
    """On the free plan."""
    return str(root.of(companies.handler)("POST", "/companies", {"name": "Barraca da Lu"}).json["id"])


@pytest.fixture
def pro_as_it_was(database: Database) -> Iterator[None]:
    yield
    with database.no_tenant() as session:
        session.execute(text("update plans set name = 'Pro', users_limit = 25, version = 1 where code = 'pro'"))


def start(root: Caller, company: str, **body: Any) -> Answer:
    return root("POST", f"/companies/{company}/subscriptions", {"plan_code": "pro", **body})


def change(root: Caller, company: str, version: int, **body: Any) -> Answer:
    path = f"/companies/{company}/subscriptions/current"
    return root("PATCH", path, body, {"If-Match": f'"{version}"'})


def read(root: Caller, company: str) -> Any:
    return root("GET", f"/companies/{company}/subscriptions").json


def test_plans_are_listed_from_the_smallest(as_role: AsRole) -> None:
    found = as_role(plans.handler, "user")("GET", "/plans").json["data"]

    assert [one["code"] for one in found] == ["free", "pro", "enterprise"]
    assert found[2]["users_limit"] is None


@pytest.mark.usefixtures("pro_as_it_was")
def test_changed_plan_applies_to_all_its_companies(
    as_role: AsRole, root: Caller, company: str, database: Database, company_id: UUID
) -> None:
    start(root, company)
    version = next(one for one in root.of(plans.handler)("GET", "/plans").json["data"] if one["code"] == "pro")[
        "version"
    ]
    changed = root.of(plans.handler)("PATCH", "/plans/pro", {"users_limit": 30}, {"If-Match": f'"{version}"'})

    assert (changed.status, changed.json["users_limit"]) == (200, 30)
    assert read(root, company)["plan"]["users_limit"] == 30
    with database.tenant(company_id) as session:  # the superadmin's own company
        [noted] = session.execute(text("select resource, changes from audit_logs where resource = 'plans'")).all()
    assert noted.changes == {"users_limit": {"old": 25, "new": 30}}


def test_plan_change_checks_version_and_bounds(root: Caller) -> None:
    call = root.of(plans.handler)

    assert call("PATCH", "/plans/pro", {"users_limit": 30}).status == 428
    assert call("PATCH", "/plans/pro", {"users_limit": 30}, {"If-Match": '"99"'}).status == 412
    assert call("PATCH", "/plans/pro", {"users_limit": 0}, {"If-Match": "*"}).status == 422
    assert call("PATCH", "/plans/pro", {"code": "gold"}, {"If-Match": "*"}).status == 422
    assert call("PATCH", "/plans/gold", {"users_limit": 30}, {"If-Match": "*"}).status == 422


def test_company_without_subscription_is_shown_on_the_free_plan(root: Caller, company: str) -> None:
    found = read(root, company)

    assert (found["plan"]["code"], found["current"], found["history"]) == ("free", None, [])
    assert change(root, company, 1, status="active").json["code"] == "subscription_not_found"


def test_new_subscription_ends_the_current_one_and_keeps_it_as_history(
    root: Caller, company: str, clock: FixedClock, database: Database
) -> None:
    first = start(root, company)
    assert first.status == 201
    clock.at += timedelta(minutes=20)
    second = start(root, company, plan_code="enterprise", limits={"messages_limit": 50_000})
    found = read(root, company)

    assert found["plan"] == {
        "code": "enterprise", "name": "Empresa", "users_limit": None, "channels_limit": None, "messages_limit": 50_000,
    }  # fmt: skip
    assert found["current"]["id"] == second.json["id"]
    [before] = found["history"]
    assert (before["id"], before["status"]) == (first.json["id"], "canceled")
    assert before["ends_at"] == clock.at.isoformat()
    with database.tenant(UUID(company)) as session:
        noted = session.execute(text("select action from audit_logs where resource = 'subscriptions'")).all()
    assert len(noted) == 2


def test_subscriptions_started_at_the_same_time_leave_one_current(root: Caller, company: str) -> None:
    start(root, company)
    start(root, company, plan_code="enterprise")

    assert read(root, company)["plan"]["code"] == "enterprise"


def test_ended_subscription_gives_nothing(root: Caller, company: str, clock: FixedClock) -> None:
    ends_at = clock.at + timedelta(days=1)
    start(root, company, ends_at=ends_at.isoformat())
    assert read(root, company)["plan"]["code"] == "pro"
    clock.at += timedelta(minutes=20)
    assert change(root, company, 1, ends_at=(clock.at + timedelta(minutes=5)).isoformat()).status == 200
    clock.at += timedelta(minutes=5)

    assert read(root, company)["plan"]["code"] == "free"


def test_agreed_limits_can_be_changed_and_removed(root: Caller, company: str) -> None:
    start(root, company, limits={"users_limit": 40, "channels_limit": None})
    assert read(root, company)["plan"]["users_limit"] == 40
    assert read(root, company)["plan"]["channels_limit"] is None
    changed = change(root, company, 1, limits={"messages_limit": 10})

    assert changed.json["limits"] == {"messages_limit": 10}
    assert read(root, company)["plan"]["users_limit"] == 25


def test_canceled_subscription_falls_back_to_the_free_plan(root: Caller, company: str) -> None:
    start(root, company)
    assert change(root, company, 1, status="canceled").status == 200

    found = read(root, company)
    assert (found["plan"]["code"], found["current"]) == ("free", None)


@pytest.mark.parametrize(
    "body",
    [
        {"plan_code": "gold"},
        {"status": "canceled"},
        {"limits": {"users_limit": 0}},
        {"limits": {"pets_limit": 1}},
        {"ends_at": "2020-01-01T00:00:00Z"},
        {"ends_at": "2030-01-01T00:00:00"},
    ],
)
def test_invalid_subscription_is_rejected(root: Caller, company: str, body: dict[str, Any]) -> None:
    assert start(root, company, **body).status == 422


def test_change_needs_the_version_and_an_end_after_the_start(root: Caller, company: str) -> None:
    start(root, company)

    path = f"/companies/{company}/subscriptions/current"
    assert root("PATCH", path, {"status": "past_due"}).status == 428
    assert change(root, company, 7, status="past_due").status == 412
    assert change(root, company, 1, ends_at="2020-01-01T00:00:00Z").json["code"] == "ends_at_invalid"


def test_unknown_company_has_no_subscriptions(root: Caller) -> None:
    nowhere = str(new_id())

    assert read(root, nowhere)["code"] == "company_not_found"
    assert start(root, nowhere).json["code"] == "company_not_found"


def test_admin_sees_usage_of_the_plan(as_role: AsRole, database: Database, company_id: UUID, clock: FixedClock) -> None:
    with database.tenant(company_id) as session:
        rules.count_messages(session, company_id, new_id(), clock.at.date().replace(day=1), 7)
        session.execute(text("update subscriptions set plan_code = 'pro'"))
    found = as_role(subscriptions.handler, "admin")("GET", "/subscriptions/usage").json

    assert found["plan"]["code"] == "pro"
    assert found["users"] == {"used": 1, "limit": 25}
    assert found["channels"] == {"used": 0, "limit": 3}
    assert found["messages"] == {"used": 7, "limit": 20_000}
    assert found["month"] == f"{clock.at:%Y-%m}"
