"""Creating the first superadmin of a stage by invoking a function."""

import pytest

from falachefe.db.engine import Database
from falachefe.kernel.errors import Conflict, NotFound
from functions.admin import make_superadmin
from tests.integration.identity.mails import delivered
from tests.integration.identity.people import ANOTHER, confirm_email, new_address, register_company, sign_in


@pytest.fixture(autouse=True)
def _surroundings(aws: None) -> None:
    """All of these run over moto and the real database."""


def role_of(address: str) -> str:
    return str(sign_in(address, ANOTHER)[1]["user"]["role"])


def test_confirmed_account_becomes_superadmin(database: Database) -> None:
    address = new_address()
    status, founded = register_company(address)
    (mail,) = delivered()
    assert (status, confirm_email(mail.token, founded["tokens"]["access_token"])) == (201, 200)

    result = make_superadmin.handler({"email": address}, None)
    assert make_superadmin.handler({"email": address.upper()}, None) == result
    assert role_of(address) == "superadmin"


def test_unconfirmed_account_is_not_promoted() -> None:
    """Who registered it need not be who reads its mails."""
    address = new_address()
    assert register_company(address)[0] == 201
    with pytest.raises(Conflict):
        make_superadmin.handler({"email": address}, None)
    assert role_of(address) == "admin"


@pytest.mark.parametrize("event", [{}, {"email": None}, {"email": ["a@b.example"]}])
def test_a_call_without_an_address_is_a_mistake(event: dict[str, object]) -> None:
    with pytest.raises(TypeError, match="email"):
        make_superadmin.handler(event, None)


def test_unknown_e_mail_is_not_found() -> None:
    with pytest.raises(NotFound):
        make_superadmin.handler({"email": new_address()}, None)
