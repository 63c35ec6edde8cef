"""Registering with someone else's e-mail, and failed sign-ins to someone else's account, do not harm its owner."""

from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import text

from falachefe.api_keys.models import ApiKey
from falachefe.db.engine import Database
from falachefe.kernel.clock import FixedClock
from functions.auth import login, me, refresh, verify_email
from tests.integration.identity.http import call
from tests.integration.identity.mails import delivered
from tests.integration.identity.people import (
    ANOTHER,
    PASSWORD,
    confirm_email,
    new_address,
    register_company,
    request_reset,
    reset_password,
    sign_in,
    token_of,
)

pytestmark = pytest.mark.usefixtures("aws")


def test_confirmation_by_the_owner_revokes_the_registrant_s_access(clock: FixedClock) -> None:
    """FAULTS 16: the person who had registered kept password and sessions after the owner's confirmation."""
    address = new_address()
    registrant = register_company(address, PASSWORD)[1]["tokens"]
    (mail,) = delivered()
    clock.at += timedelta(seconds=1)

    status, body, _ = call(verify_email.handler, "verify_email", {"token": mail.token})

    assert (status, body["status"]) == (200, "verified")
    assert sign_in(address, PASSWORD)[0] == 401
    assert call(me.handler, "me_get", token=registrant["access_token"])[0] == 401
    assert call(refresh.handler, "refresh", {"refresh_token": registrant["refresh_token"]})[0] == 401
    (link,) = delivered()
    assert (link.to, reset_password(link.token)[0], sign_in(address, ANOTHER)[0]) == (address, 200, 200)


def test_confirmation_from_another_account_s_session_revokes_access(email: str, clock: FixedClock) -> None:
    address = new_address()
    registrant = register_company(address, PASSWORD)[1]["tokens"]
    (mail,) = delivered()
    elsewhere = token_of(email)
    clock.at += timedelta(seconds=1)

    assert confirm_email(mail.token, elsewhere) == 200
    assert call(me.handler, "me_get", token=registrant["access_token"])[0] == 401
    assert sign_in(address, PASSWORD)[0] == 401


def test_confirmation_by_the_owner_revokes_api_keys_and_phone(clock: FixedClock, database: Database) -> None:
    address = new_address()
    made = register_company(address, PASSWORD)[1]["user"]
    (mail,) = delivered()
    company_id = UUID(made["company_id"])
    with database.tenant(company_id) as session:
        session.execute(text("update users set phone = '+5511987650000', whatsapp_verified_at = now()"))
        session.add(
            ApiKey(
                company_id=company_id,
                name="x",
                created_by=UUID(made["id"]),
                scopes=[],
                prefix="fck_dev_x",
                last_four="0000",
                key_hash="0" * 64,
            )
        )
    clock.at += timedelta(seconds=1)
    assert confirm_email(mail.token) == 200

    with database.tenant(company_id) as session:
        assert session.execute(text("select phone, whatsapp_verified_at from users")).one() == (None, None)
        assert session.execute(text("select revoked_at is not null from api_keys")).scalar_one() is True


def test_reset_of_an_unconfirmed_e_mail_revokes_the_registrant_s_access(clock: FixedClock) -> None:
    address = new_address()
    registrant = register_company(address, PASSWORD)[1]["tokens"]
    delivered()
    clock.at += timedelta(seconds=1)

    assert reset_password(request_reset(address).token)[0] == 200
    assert call(me.handler, "me_get", token=registrant["access_token"])[0] == 401


def test_failures_from_another_network_do_not_lock_the_owner_out(email: str) -> None:
    """REVIEW S3, through the handler."""
    for _ in range(6):
        call(login.handler, "login", {"email": email, "password": "errada"}, address="192.0.2.66")
    assert call(login.handler, "login", {"email": email, "password": PASSWORD}, address="192.0.2.66")[0] == 429

    assert call(login.handler, "login", {"email": email, "password": PASSWORD}, address="198.51.100.3")[0] == 200


def test_known_device_is_not_locked_by_failures_in_its_network(email: str) -> None:
    proof = {"email": email, "password": PASSWORD}
    device = call(login.handler, "login", proof, address="192.0.2.66")[1]["device_token"]
    for _ in range(6):
        call(login.handler, "login", {"email": email, "password": "errada"}, address="192.0.2.66")

    assert call(login.handler, "login", proof, address="192.0.2.66")[0] == 429
    status, body, _ = call(login.handler, "login", proof | {"device_token": device}, address="192.0.2.66")
    assert (status, body["device_token"]) == (200, device)
