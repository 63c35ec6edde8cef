"""Self-registration of a company, in one transaction."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text

from falachefe.app import runtime
from falachefe.aws.clients import client
from falachefe.db.engine import Database
from falachefe.kernel.actors import Actor
from falachefe.kernel.errors import Conflict
from falachefe.onboarding import registration
from functions.auth import (
    me,
)
from tests.integration.aws_fixtures import NOW
from tests.integration.identity.http import call
from tests.integration.identity.people import (
    ANOTHER,
    new_address,
    register_company,
    sign_in,
)

pytestmark = pytest.mark.usefixtures("aws")


def test_registration_creates_company_admin_and_crew(database: Database) -> None:
    address = new_address()

    status, body = register_company(address)

    company_id = UUID(body["user"]["company_id"])
    assert (status, body["user"]["email"], body["user"]["role"]) == (201, address, "admin")
    with database.tenant(company_id) as session:
        counts = session.execute(
            text("select (select count(*) from users), (select count(*) from crew_agents), name from companies")
        ).one()
    assert tuple(counts) == (1, 5, "Quitanda")
    assert call(me.handler, "me_get", token=body["tokens"]["access_token"])[0] == 200
    assert sign_in(address, ANOTHER)[0] == 200


@pytest.mark.parametrize("written", [str, str.upper])
def test_e_mail_with_an_account_cannot_register_again(email: str, written: Any) -> None:
    status, body = register_company(written(email))

    assert (status, body["code"]) == (409, "email_taken")


def test_concurrent_registrations_of_an_e_mail_create_one_account(database: Database) -> None:
    address = new_address()

    def try_it(_: int) -> str:
        try:
            registration.register(
                database,
                runtime.publisher(),
                name="Ana Lima",
                email=address,
                password=ANOTHER,
                company_name="Quitanda",
                by=Actor("user", None),
                now=NOW,
            )
        except Conflict as refused:
            return refused.code
        return "made"

    runtime.publisher(), client("sqs"), client("events")  # made once, before the threads
    with ThreadPoolExecutor(4) as pool:
        assert Counter(pool.map(try_it, range(8))) == {"made": 1, "email_taken": 7}


def test_failed_registration_writes_nothing(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: Any) -> UUID:
        raise RuntimeError("the crew could not be made")

    monkeypatch.setattr(registration, "default_crew", broken)
    address = new_address()
    assert register_company(address)[0] == 500

    monkeypatch.undo()
    with database.no_tenant() as session:
        assert session.execute(text("select directory.logins_of(:e)"), {"e": address}).all() == []


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"password": "curta"}, "password"),
        ({"password": "senhasenhasenha"}, "password"),
        ({"password": "AnaLima-da-quitanda"}, "password"),
        ({"name": "\x00\x01\x02"}, "name"),
        ({"company": {"name": "  \t "}}, "name"),
        ({"company": {"name": "Quitanda", "plan": "enterprise"}}, "company.plan"),
        ({"role": "superadmin"}, "role"),
        ({"email": "not an address"}, "email"),
    ],
)
def test_invalid_registration_names_the_field(change: dict[str, Any], field: str) -> None:
    status, body = register_company(new_address(), **change)

    assert status == 422
    assert [error["field"] for error in body["errors"]] == [field]


def test_ip_address_may_register_three_companies_an_hour(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("REGISTRATIONS_PER_ADDRESS")

    assert [register_company(new_address())[0] for _ in range(4)] == [201, 201, 201, 429]
