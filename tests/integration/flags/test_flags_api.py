"""Features that are being released: for everybody, for some, and for one company alone."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text

from falachefe.db.engine import Database
from falachefe.flags.reader import Flags, is_on_now
from falachefe.kernel.clock import FixedClock
from falachefe.kernel.ids import new_id
from functions.admin import clinic_roles, companies, company_features, feature_flags
from functions.platform import features
from tests.integration.callers import Caller

type AsRole = Callable[[Any, str], Caller]


@pytest.fixture
def root(as_role: AsRole) -> Caller:
    return as_role(feature_flags.handler, "superadmin")


@pytest.fixture
def flag(root: Caller, database: Database) -> Iterator[str]:
    """A feature that nobody has yet; gone for good after the test."""
    name = f"f{new_id().hex}"
    answer = root("POST", "/feature-flags", {"name": name, "description": "Novidade"})
    assert answer.status == 201, answer.body
    yield name
    with database.no_tenant() as session:
        session.execute(text("delete from feature_flags where name = :name"), {"name": name})


def change(root: Caller, flag: str, version: int, **body: Any) -> Any:
    return root("PATCH", f"/feature-flags/{flag}", body, {"If-Match": f'"{version}"'})


def decide(root: Caller, company_id: UUID, flag: str, *, enabled: bool) -> Any:
    path = f"/companies/{company_id}/feature-flags/{flag}"
    return root.of(company_features.handler)("POST", path, {"enabled": enabled})


def has(as_role: AsRole, clock: FixedClock, flag: str) -> bool:
    clock.at += timedelta(seconds=30)
    return flag in as_role(features.handler, "user")("GET", "/features").json["features"]


def test_a_feature_is_off_until_it_is_enabled_for_everybody(
    as_role: AsRole, root: Caller, clock: FixedClock, flag: str
) -> None:
    assert not has(as_role, clock, flag)
    assert change(root, flag, 1, enabled=True).json["version"] == 2
    assert has(as_role, clock, flag)


def test_a_feature_is_tried_out_by_a_share_of_companies(
    as_role: AsRole, root: Caller, clock: FixedClock, flag: str
) -> None:
    change(root, flag, 1, percentage=100)
    assert has(as_role, clock, flag)
    change(root, flag, 2, percentage=0)
    assert not has(as_role, clock, flag)


def test_what_was_decided_for_a_company_stands_against_the_rest(
    as_role: AsRole, root: Caller, clock: FixedClock, flag: str, company_id: UUID
) -> None:
    shown = decide(root, company_id, flag, enabled=True)
    assert shown.status == 200
    assert next(one for one in shown.json["data"] if one["name"] == flag) == {
        "name": flag, "description": "Novidade", "on": True, "override": True,
    }  # fmt: skip
    assert has(as_role, clock, flag)
    change(root, flag, 1, enabled=True)
    decide(root, company_id, flag, enabled=False)
    assert not has(as_role, clock, flag)

    forgotten = root.of(company_features.handler)("DELETE", f"/companies/{company_id}/feature-flags/{flag}")
    assert forgotten.status == 204
    assert has(as_role, clock, flag)


def test_one_company_s_decision_is_nothing_to_another(
    root: Caller, database: Database, company_id: UUID, flag: str
) -> None:
    other = UUID(root.of(companies.handler)("POST", "/companies", {"name": "Outra"}).json["id"])
    decide(root, company_id, flag, enabled=True)

    for company, on in ((company_id, True), (other, False)):
        with database.tenant(company) as session:
            assert is_on_now(session, flag, company) is on


def test_a_runtime_notices_within_half_a_minute(
    root: Caller, database: Database, company_id: UUID, clock: FixedClock, flag: str
) -> None:
    known = Flags(database)
    assert not known.is_on(flag, company_id, clock.at)
    change(root, flag, 1, enabled=True)
    assert not known.is_on(flag, company_id, clock.at + timedelta(seconds=29))
    assert known.is_on(flag, company_id, clock.at + timedelta(seconds=30))


def test_a_feature_that_nobody_made_is_what_the_caller_says(
    database: Database, company_id: UUID, clock: FixedClock
) -> None:
    known = Flags(database)

    assert known.is_on("nobody_made_this", company_id, clock.at, default=True)
    assert not known.is_on("nobody_made_this", company_id, clock.at)


def test_a_feature_that_was_taken_away_is_off_and_its_name_stays_taken(
    as_role: AsRole, root: Caller, clock: FixedClock, flag: str
) -> None:
    change(root, flag, 1, enabled=True)
    assert root("DELETE", f"/feature-flags/{flag}").status == 204

    assert not has(as_role, clock, flag)
    assert root("GET", f"/feature-flags/{flag}").json["code"] == "flag_not_found"
    assert root("POST", "/feature-flags", {"name": flag, "description": "De novo"}).json["code"] == "flag_exists"


def test_deeds_are_on_record_where_they_belong(root: Caller, database: Database, company_id: UUID, flag: str) -> None:
    """The flag's in the superadmin's own company, a decision in the company that it is about."""
    other = UUID(root.of(companies.handler)("POST", "/companies", {"name": "Outra"}).json["id"])
    change(root, flag, 1, enabled=True)
    decide(root, other, flag, enabled=False)
    statement = text("select action, changes from audit_logs where resource = 'feature_flags' order by id")
    with database.tenant(company_id) as session:
        own = [(row.action, sorted(row.changes)) for row in session.execute(statement)]
    with database.tenant(other) as session:
        theirs = [(row.action, row.changes) for row in session.execute(statement)]

    assert own == [("create", ["description", "enabled", "percentage"]), ("update", ["enabled"])]
    assert theirs == [("update", {flag: {"old": None, "new": False}})]


@pytest.mark.parametrize("name", ["Clinic", "1clinic", "c", "a" * 41, "com espaço"])
def test_a_feature_s_name_is_a_plain_word(root: Caller, name: str) -> None:
    assert root("POST", "/feature-flags", {"name": name, "description": "X"}).status == 422


def test_what_is_not_there_is_said_to_be_so(root: Caller, company_id: UUID, flag: str) -> None:
    nowhere = new_id()

    assert decide(root, nowhere, flag, enabled=True).json["code"] == "company_not_found"
    assert decide(root, company_id, "nobody_made_this", enabled=True).json["code"] == "flag_not_found"
    gone = root.of(company_features.handler)("DELETE", f"/companies/{company_id}/feature-flags/{flag}")
    assert gone.json["code"] == "override_not_found"
    assert change(root, flag, 9, enabled=True).status == 412
    assert root("PATCH", f"/feature-flags/{flag}", {"enabled": True}).status == 428


def test_the_clinic_s_roles_are_for_companies_that_have_the_clinic(
    as_role: AsRole, root: Caller, company_id: UUID
) -> None:
    admin = as_role(clinic_roles.handler, "admin")
    refused = admin("POST", "/roles/clinic")
    assert (refused.status, refused.json["code"]) == (403, "feature_off")

    decide(root, company_id, "clinic", enabled=True)
    assert admin("POST", "/roles/clinic").status == 200
