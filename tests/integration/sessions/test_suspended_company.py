"""Users of a suspended company can neither sign in nor refresh, and get the reason."""

from uuid import UUID

import pytest
from sqlalchemy import text

from falachefe.db.engine import Database
from falachefe.kernel.errors import Forbidden
from functions.auth import login
from tests.integration.identity.http import call
from tests.integration.identity.people import PASSWORD
from tests.integration.sessions.test_sessions import renew, sign_in


def set_status(database: Database, company_id: UUID, status: str) -> None:
    with database.tenant(company_id) as session:
        session.execute(text("update companies set status = :status"), {"status": status})


@pytest.mark.parametrize("status", ["suspended", "closed"])
def test_sign_in_to_a_suspended_company_is_refused(
    email: str, database: Database, company_id: UUID, status: str
) -> None:
    set_status(database, company_id, status)
    refused, body, _ = call(login.handler, "login", {"email": email, "password": PASSWORD})

    assert (refused, body["code"]) == (403, "company_suspended")


def test_wrong_password_does_not_reveal_the_suspension(email: str, database: Database, company_id: UUID) -> None:
    set_status(database, company_id, "suspended")
    refused, body, _ = call(login.handler, "login", {"email": email, "password": "uma-outra-senha-comprida"})

    assert (refused, body["code"]) == (401, "login_failed")


def test_refresh_works_again_once_the_company_is_active(email: str, database: Database, company_id: UUID) -> None:
    token = sign_in(email)["tokens"]["refresh_token"]
    set_status(database, company_id, "suspended")
    assert (renew(token)[0], renew(token)[1]["code"]) == (403, "company_suspended")

    set_status(database, company_id, "active")
    assert renew(token)[0] == 200


def test_whatsapp_code_opens_no_session_in_a_suspended_company(
    email: str, database: Database, company_id: UUID
) -> None:
    from falachefe.app import auth_wiring, runtime
    from falachefe.kernel.actors import Actor
    from falachefe.sessions import sign_in as service
    from falachefe.sessions.store import Device

    user_id = UUID(sign_in(email)["user"]["id"])
    set_status(database, company_id, "suspended")
    now = runtime.clock().now()
    with pytest.raises(Forbidden):
        service.sign_in_member(
            database, runtime.sessions(), auth_wiring.signing_key(), company_id=company_id, user_id=user_id,
            device=Device(None, None, None), method="whatsapp", by=Actor("user", user_id), now=now,
        )  # fmt: skip
    assert len(runtime.sessions().of_user(company_id, user_id, now)) == 1
