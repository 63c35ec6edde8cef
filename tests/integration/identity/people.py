"""Sign-in, registration, resets and confirmations, through the handlers."""

from typing import Any
from uuid import UUID

import pytest

from falachefe.db.engine import Database
from falachefe.kernel.ids import new_id
from falachefe.onboarding.staff import register_staff
from functions.auth import forgot, login, register, reset, verify_email
from tests.integration.aws_fixtures import NOW
from tests.integration.identity.http import call
from tests.integration.identity.mails import Sent, delivered

PASSWORD = "pão de queijo às sete"
ANOTHER = "tangerinas ao meio-dia"


@pytest.fixture
def email(aws: None, database: Database, company_id: UUID) -> str:
    """The e-mail of an admin with `PASSWORD`."""
    return staff_of(database, company_id)


def staff_of(database: Database, company_id: UUID, email: str | None = None, password: str = PASSWORD) -> str:
    address = email or f"dono-{new_id()}@padaria.com.br"
    with database.tenant(company_id) as session:
        register_staff(
            session,
            company_id,
            name="Carlos",
            phone="+5511987654321",
            role="admin",
            email=address,
            password=password,
            now=NOW,
        )
    return address


def sign_in(address: str, secret: str = PASSWORD) -> tuple[int, dict[str, Any]]:
    status, body, _ = call(login.handler, "login", {"email": address, "password": secret})
    return status, body


def token_of(address: str, secret: str = PASSWORD) -> str:
    return str(sign_in(address, secret)[1]["tokens"]["access_token"])


def register_company(address: str, secret: str = ANOTHER, **changes: Any) -> tuple[int, dict[str, Any]]:
    document = {"name": "Ana Lima", "email": address, "password": secret, "company": {"name": "Quitanda"}} | changes
    status, body, _ = call(register.handler, "register", document)
    return status, body


def new_address() -> str:
    return f"ana-{new_id()}@example.org"


def request_reset(address: str) -> Sent:
    """Requests a link to reset the password and returns the mail."""
    assert call(forgot.handler, "forgot", {"email": address})[0] == 202
    (mail,) = delivered()
    return mail


def reset_password(token: str, secret: str = ANOTHER) -> tuple[int, dict[str, Any]]:
    status, body, _ = call(reset.handler, "reset", {"token": token, "password": secret})
    return status, body


def confirm_email(token: str, session: str | None = None) -> int:
    """Follows a confirmation link; `session` is the access token of a signed-in client."""
    return call(verify_email.handler, "verify_email", {"token": token}, token=session)[0]
