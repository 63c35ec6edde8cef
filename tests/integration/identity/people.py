"""What people do with their accounts, through the handlers."""

from typing import Any

from falachefe.kernel.ids import new_id
from functions.auth import forgot, login, register, reset, verify_email
from tests.integration.identity.http import call
from tests.integration.identity.mails import Sent, delivered
from tests.integration.sessions.test_sign_in import PASSWORD

ANOTHER = "tangerinas ao meio-dia"


def sign_in(address: str, secret: str = PASSWORD) -> tuple[int, dict[str, Any]]:
    status, body, _ = call(login.handler, "login", {"email": address, "password": secret})
    return status, body


def token_of(address: str, secret: str = PASSWORD) -> str:
    return str(sign_in(address, secret)[1]["tokens"]["access_token"])


def found_company(address: str, secret: str = ANOTHER, **changes: Any) -> tuple[int, dict[str, Any]]:
    document = {"name": "Ana Lima", "email": address, "password": secret, "company": {"name": "Quitanda"}} | changes
    status, body, _ = call(register.handler, "register", document)
    return status, body


def fresh_address() -> str:
    return f"ana-{new_id()}@example.org"


def lost(address: str) -> Sent:
    """The mail that someone gets who lost the password."""
    assert call(forgot.handler, "forgot", {"email": address})[0] == 202
    (mail,) = delivered()
    return mail


def give(token: str, secret: str = ANOTHER) -> tuple[int, dict[str, Any]]:
    status, body, _ = call(reset.handler, "reset", {"token": token, "password": secret})
    return status, body


def confirm(token: str, session: str | None = None) -> int:
    """Follows a link of a mail; `session` is the access token of an app that is signed in."""
    return call(verify_email.handler, "verify_email", {"token": token}, token=session)[0]
