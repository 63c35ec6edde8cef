"""Feature flags over REST: for all companies, for a percentage, and overrides."""

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
    """A new flag that is off; deleted after the test."""
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


def test_feature_is_off_until_enabled(as_role: AsRole, root: Caller, clock: FixedClock, flag: str) -> None:
    assert not has(as_role, clock, flag)
    assert change(root, flag, 1, enabled=True).json["version"] == 2
    assert has(as_role, clock, flag)


def test_percentage_enables_a_feature_for_a_share_of_companies(
    as_role: AsRole, root: Caller, clock: FixedClock, flag: str
) -> None:
    change(root, flag, 1, percentage=100)
    assert has(as_role, clock, flag)
    change(root, flag, 2, percentage=0)
    assert not has(as_role, clock, flag)


def test_override_takes_precedence_over_the_flag(
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


def test_override_does_not_affect_other_companies(
    root: Caller, database: Database, company_id: UUID, flag: str
) -> None:
    other = UUID(root.of(companies.handler)("POST", "/companies", {"name": "Outra"}).json["id"])
    decide(root, company_id, flag, enabled=True)

    for company, on in ((company_id, True), (other, False)):
        with database.tenant(company) as session:
            assert is_on_now(session, flag, company) is on


def test_changed_flag_takes_effect_within_half_a_minute(
    root: Caller, database: Database, company_id: UUID, clock: FixedClock, flag: str
) -> None:
    known = Flags(database)
    assert not known.is_on(flag, company_id, clock.at)
    change(root, flag, 1, enabled=True)
    assert not known.is_on(flag, company_id, clock.at + timedelta(seconds=29))
    assert known.is_on(flag, company_id, clock.at + timedelta(seconds=30))


def test_missing_feature_has_the_caller_s_default(database: Database, company_id: UUID, clock: FixedClock) -> None:
    known = Flags(database)

    assert known.is_on("nobody_made_this", company_id, clock.at, default=True)
    assert not known.is_on("nobody_made_this", company_id, clock.at)


def test_deleted_feature_is_off_and_its_name_stays_taken(
    as_role: AsRole, root: Caller, clock: FixedClock, flag: str
) -> None:
    change(root, flag, 1, enabled=True)
    assert root("DELETE", f"/feature-flags/{flag}").status == 204

    assert not has(as_role, clock, flag)
    assert root("GET", f"/feature-flags/{flag}").json["code"] == "flag_not_found"
    assert root("POST", "/feature-flags", {"name": flag, "description": "De novo"}).json["code"] == "flag_exists"


def test_changes_are_audited_in_the_company_concerned(
    root: Caller, database: Database, company_id: UUID, flag: str
) -> None:
    """Those of a flag in the superadmin's own company, those of an override in its company."""
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
def test_invalid_feature_name_is_rejected(root: Caller, name: str) -> None:
    assert root("POST", "/feature-flags", {"name": name, "description": "X"}).status == 422


def test_missing_flag_company_or_override_is_not_found(root: Caller, company_id: UUID, flag: str) -> None:
    nowhere = new_id()

    assert decide(root, nowhere, flag, enabled=True).json["code"] == "company_not_found"
    assert decide(root, company_id, "nobody_made_this", enabled=True).json["code"] == "flag_not_found"
    gone = root.of(company_features.handler)("DELETE", f"/companies/{company_id}/feature-flags/{flag}")
    assert gone.json["code"] == "override_not_found"
    assert change(root, flag, 9, enabled=True).status == 412
    assert root("PATCH", f"/feature-flags/{flag}", {"enabled": True}).status == 428


def test_clinic_roles_need_the_clinic_feature(as_role: AsRole, root: Caller, company_id: UUID) -> None:
    admin = as_role(clinic_roles.handler, "admin")
    refused = admin("POST", "/roles/clinic")
    assert (refused.status, refused.json["code"]) == (403, "feature_off")

    decide(root, company_id, "clinic", enabled=True)
    assert admin("POST", "/roles/clinic").status == 200
