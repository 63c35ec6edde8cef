"""The audit log has the gateway's request id, so that no client can pass its actions off as another request's."""

from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from falachefe.app import runtime
from falachefe.companies.service import create_company
from falachefe.db.engine import Database
from falachefe.http.headers import client_request_id
from falachefe.kernel.ids import new_id
from falachefe.onboarding.staff import register_staff
from falachefe.sessions.sign_in import open_session
from falachefe.sessions.store import Device
from functions.admin import roles, sessions
from functions.auth import login
from tests.integration.aws_fixtures import NOW
from tests.integration.identity.people import PASSWORD, staff_of
from tests.integration.senders import Sender, run
from tests.keys import SIGNING

pytestmark = pytest.mark.usefixtures("aws")

FORGED = "id-de-outro-pedido"
GATEWAY = "req-1"  # as `Sender` sends it


def rows(database: Database, company_id: UUID) -> list[Any]:
    columns = "action, resource, request_id, client_request_id"
    return run(database, company_id, f"select {columns} from audit_logs order by id")


def ids(database: Database, company_id: UUID) -> set[tuple[str, str | None]]:
    return {(row.request_id, row.client_request_id) for row in rows(database, company_id)}


def member(database: Database, company_id: UUID, role: str) -> Sender:
    phone = "+5511987654321" if role == "admin" else "+5511965432109"
    with database.tenant(company_id) as session:
        user = register_staff(session, company_id, name="Ana", phone=phone, role=role, now=NOW)
    device = Device(None, None, None)
    return Sender(open_session(runtime.sessions(), SIGNING, user, device, NOW).tokens.access)


@pytest.mark.parametrize(("secret", "status"), [(PASSWORD, 200), ("errada", 401)])
def test_sign_ins_are_audited_with_the_gateway_s_request_id(
    database: Database, company_id: UUID, secret: str, status: int
) -> None:
    document = {"email": staff_of(database, company_id), "password": secret}
    answer = Sender("")(login.handler, "POST", "/login", document, X_Request_Id=FORGED)

    assert (answer.status, answer.headers["X-Request-Id"]) == (status, FORGED)
    assert ids(database, company_id) == {(GATEWAY, FORGED)}


def test_admin_actions_are_audited_with_the_gateway_s_request_id(database: Database, company_id: UUID) -> None:
    admin = member(database, company_id, "admin")
    made = admin(roles.handler, "POST", "/roles", {"name": "Caixa", "permissions": []}, X_Request_Id=FORGED)
    gone = admin(sessions.handler, "DELETE", f"/sessions/{member_id(database, company_id)}", X_Request_Id=FORGED)

    assert (made.status, gone.status) == (201, 200), made.text
    assert ids(database, company_id) == {(GATEWAY, FORGED)}


def member_id(database: Database, company_id: UUID) -> str:
    return str(run(database, company_id, "select id from users")[0].id)


def test_superadmin_access_is_audited_with_the_gateway_s_request_id(database: Database, company_id: UUID) -> None:
    theirs = new_id()
    with database.tenant(theirs) as session:
        create_company(session, theirs, name="Padaria do Lado")
    visitor = member(database, company_id, "superadmin")
    answer = visitor(roles.handler, "GET", "/roles", X_Company_Id=str(theirs), X_Request_Id=FORGED)

    assert answer.status == 200, answer.text
    assert [(row.action, row.request_id, row.client_request_id) for row in rows(database, theirs)] == [
        ("enter", GATEWAY, FORGED)
    ]


@pytest.mark.parametrize("nonsense", [None, "", "a b", "x" * 129, "pedido\nfalso", "é", "-1"])
def test_invalid_client_request_id_is_not_stored(database: Database, company_id: UUID, nonsense: str | None) -> None:
    admin = member(database, company_id, "admin")
    sent: dict[str, Any] = {} if nonsense is None else {"X_Request_Id": nonsense}
    made = admin(roles.handler, "POST", "/roles", {"name": "Caixa", "permissions": []}, **sent)

    assert (made.status, made.headers["X-Request-Id"]) == (201, GATEWAY), made.text
    assert ids(database, company_id) == {(GATEWAY, None)}


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text())
def test_stored_client_request_id_is_short_and_plain(said: str) -> None:
    kept = client_request_id({"headers": {"X-Request-Id": said}})

    assert kept is None or (kept == said and len(kept) <= 128 and kept.isascii() and kept.isprintable())
