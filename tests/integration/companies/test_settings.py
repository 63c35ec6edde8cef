"""A company's settings over REST."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text

from falachefe.db.engine import Database
from functions.admin import settings
from tests.integration.callers import Answer, Caller

type AsRole = Callable[[Any, str], Caller]
HOURS = [{"days": ["mon", "tue"], "opens": "08:00", "closes": "18:00"}]


@pytest.fixture
def admin(as_role: AsRole) -> Caller:
    return as_role(settings.handler, "admin")


def change(admin: Caller, version: int, **body: Any) -> Answer:
    return admin("PATCH", "/settings", body, {"If-Match": f'"{version}"'})


def audited(database: Database, company_id: UUID) -> list[Any]:
    with database.tenant(company_id) as session:
        statement = text("select changes from audit_logs where resource = 'settings' order by id")
        return list(session.execute(statement).scalars())


def test_company_without_settings_has_the_defaults(admin: Caller, company_id: UUID) -> None:
    found = admin("GET", "/settings")

    assert found.headers["ETag"] == '"1"'
    shown = ("company_id", "name", "takeover_minutes", "tone", "business_hours")
    assert [found.json[name] for name in shown] == [str(company_id), "Padaria do Chefe", 60, "warm", []]


def test_patch_changes_only_what_was_sent(admin: Caller, database: Database, company_id: UUID) -> None:
    assert change(admin, 1, business_hours=HOURS, name="Padaria da Chefe").status == 200
    changed = change(admin, 2, takeover_minutes=30, time_zone="America/Manaus").json

    assert (changed["name"], changed["time_zone"], changed["version"]) == ("Padaria da Chefe", "America/Manaus", 3)
    assert (changed["takeover_minutes"], changed["business_hours"]) == (30, HOURS)
    assert admin("GET", "/settings").json == changed
    assert audited(database, company_id) == [
        {
            "name": {"old": "Padaria do Chefe", "new": "Padaria da Chefe"},
            "business_hours": {"old": [], "new": HOURS},
        },
        {
            "time_zone": {"old": "America/Sao_Paulo", "new": "America/Manaus"},
            "takeover_minutes": {"old": 60, "new": 30},
        },
    ]


def test_settings_patch_without_changes_writes_nothing(admin: Caller, database: Database, company_id: UUID) -> None:
    assert change(admin, 1, tone="warm", name="Padaria do Chefe").json["version"] == 1
    assert audited(database, company_id) == []


def test_a_change_needs_the_version_that_was_read(admin: Caller) -> None:
    assert admin("PATCH", "/settings", {"tone": "formal"}).status == 428
    assert change(admin, 1, tone="formal").status == 200
    assert change(admin, 1, tone="warm").status == 412


@pytest.mark.parametrize(
    "body",
    [
        {"name": "X"},
        {"name": None},
        {"time_zone": "Marte/Cratera"},
        {"takeover_minutes": 1},
        {"tone": "rude"},
        {"status": "closed"},
        {"settings": {}},
        {"business_hours": [{"days": ["mon"], "opens": "18:00", "closes": "08:00"}]},
    ],
)
def test_invalid_or_unknown_settings_are_rejected(admin: Caller, body: dict[str, Any]) -> None:
    assert change(admin, 1, **body).status == 422


def test_settings_need_an_admin(as_role: AsRole) -> None:
    user = as_role(settings.handler, "user")

    assert user("GET", "/settings").status == 403
    assert change(user, 1, tone="formal").status == 403


def test_unknown_stored_settings_are_kept_and_not_shown(admin: Caller, database: Database, company_id: UUID) -> None:
    with database.tenant(company_id) as session:
        session.execute(text("update companies set settings = jsonb_build_object('approval_limit', 5000)"))
    assert "approval_limit" not in change(admin, 1, tone="formal").json
    with database.tenant(company_id) as session:
        assert session.execute(text("select settings from companies")).scalar_one() == {
            "approval_limit": 5000, "tone": "formal",
        }  # fmt: skip
