"""One's own account: changing it, and which sessions and links a new password or e-mail ends."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from botocore.exceptions import EndpointConnectionError

from falachefe.accounts.mail.tokens import MailTokens
from falachefe.accounts.passwords import hashing
from falachefe.aws.tables import Table
from falachefe.kernel.clock import FixedClock
from falachefe.sessions.store import Sessions
from functions.auth import (
    me,
    password,
    refresh,
    sessions,
)
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


def test_user_reads_their_own_account(email: str, company_id: UUID) -> None:
    status, body, _ = call(me.handler, "me_get", token=token_of(email))

    assert status == 200
    assert (body["email"], body["company_id"], body["company_name"]) == (email, str(company_id), "Padaria do Chefe")
    assert not {"password_hash", "version"} & set(body)


def test_changing_the_name_changes_nothing_else(email: str) -> None:
    token = token_of(email)

    status, body, _ = call(me.handler, "me_patch", {"name": " Carlos  A. "}, token=token)

    assert (status, body["name"], body["email"]) == (200, "Carlos A.", email)
    assert delivered() == []


@pytest.mark.parametrize("field", ["role", "company_id", "password_hash", "email_verified", "phone"])
def test_own_account_rejects_fields_that_only_admins_change(email: str, field: str) -> None:
    assert call(me.handler, "me_patch", {field: "superadmin"}, token=token_of(email))[0] == 422


def test_new_e_mail_needs_the_password_and_confirmation(email: str) -> None:
    token, other = token_of(email), new_address()
    refused = call(me.handler, "me_patch", {"email": other}, token=token)
    assert (refused[0], refused[1]["code"]) == (422, "password_wrong")

    status, body, _ = call(me.handler, "me_patch", {"email": other, "current_password": PASSWORD}, token=token)

    assert (status, body["email"], body["email_verified"]) == (200, other, False)
    (mail,) = delivered()
    assert (mail.to, confirm_email(mail.token, token)) == (other, 200)
    assert (sign_in(email)[0], sign_in(other)[0]) == (401, 200)


def test_link_confirms_only_the_e_mail_it_was_sent_to(email: str) -> None:
    first, second = new_address(), new_address()
    token = token_of(email)
    change = {"current_password": PASSWORD}
    call(me.handler, "me_patch", {"email": first} | change, token=token)
    (mail,) = delivered()
    call(me.handler, "me_patch", {"email": second} | change, token=token)

    assert confirm_email(mail.token) == 422


def test_e_mail_of_another_account_is_rejected(email: str) -> None:
    taken = new_address()
    register_company(taken)

    answer = call(me.handler, "me_patch", {"email": taken, "current_password": PASSWORD}, token=token_of(email))

    assert (answer[0], answer[1]["code"]) == (409, "email_taken")


def test_changing_the_password_ends_other_sessions_and_is_mailed(email: str) -> None:
    other = sign_in(email)[1]["tokens"]
    token = token_of(email)

    changed = {"current_password": PASSWORD, "new_password": ANOTHER}
    status, body, _ = call(password.handler, "password", changed, token=token)

    assert (status, body) == (200, {"sessions_ended": 1})
    assert call(refresh.handler, "refresh", {"refresh_token": other["refresh_token"]})[0] == 401
    assert call(sessions.handler, "sessions_list", token=token)[0] == 200
    assert (sign_in(email)[0], sign_in(email, ANOTHER)[0]) == (401, 200)
    assert [mail.subject for mail in delivered()] == ["Sua senha foi alterada · Falachefe"]


def test_password_change_ends_sessions_whose_items_cannot_be_deleted(
    email: str, monkeypatch: pytest.MonkeyPatch, clock: FixedClock
) -> None:
    """One commit changes the password and ends the sessions, without a request to DynamoDB in between."""
    token = token_of(email)
    others = [sign_in(email)[1]["tokens"] for _ in range(2)]
    clock.at += timedelta(seconds=1)

    def failing(**_: Any) -> None:
        raise EndpointConnectionError(endpoint_url="dynamodb")

    changed = {"current_password": PASSWORD, "new_password": ANOTHER}
    delete = Table.delete

    def only_attempts(self: Table, pk: str, sk: str, **options: Any) -> Any:
        return delete(self, pk, sk, **options) if "session#" not in sk else failing()

    with monkeypatch.context() as patched:
        patched.setattr(Table, "delete", only_attempts)
        status, body, _ = call(password.handler, "password", changed, token=token)
    assert (status, body) == (200, {"sessions_ended": 0})
    for held in others:
        assert call(refresh.handler, "refresh", {"refresh_token": held["refresh_token"]})[0] == 401
        assert call(sessions.handler, "sessions_list", token=held["access_token"])[0] == 401
    assert len(call(sessions.handler, "sessions_list", token=token)[1]["data"]) == 1


def test_sign_in_concurrent_with_a_password_change_leaves_no_session(
    email: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The old password is verified before the change, and the session is opened after it."""
    mail = request_reset(email)
    open_session = Sessions.open

    def slow(self: Sessions, *args: Any) -> Any:
        opened = open_session(self, *args)
        patched.undo()
        assert reset_password(mail.token)[0] == 200
        return opened

    with monkeypatch.context() as patched:
        patched.setattr(Sessions, "open", slow)
        status, body = sign_in(email)

    assert (status, body["code"]) == (401, "login_failed")
    signed_in = sign_in(email, ANOTHER)[1]
    token = signed_in["tokens"]["access_token"]
    assert len(call(sessions.handler, "sessions_list", token=token)[1]["data"]) == 1


def test_attempts_at_the_current_password_are_limited(email: str) -> None:
    token = token_of(email)

    def guess(current: str) -> int:
        document = {"current_password": current, "new_password": ANOTHER}
        return call(password.handler, "password", document, token=token)[0]

    assert [guess("errada") for _ in range(5)] == [422] * 5
    assert guess(PASSWORD) == 429
    assert sign_in(email)[0] == 200


def test_concurrent_password_changes_do_not_overwrite_each_other(email: str, monkeypatch: pytest.MonkeyPatch) -> None:
    token = token_of(email)
    hash_password = hashing.hash_password

    def slow(chosen: str) -> str:
        if chosen == ANOTHER:  # while this one is hashed, another change is made
            patched.undo()
            assert reset_password(mail.token, "outra senha bem longa")[0] == 200
        return hash_password(chosen)

    mail = request_reset(email)
    with monkeypatch.context() as patched:
        patched.setattr(hashing, "hash_password", slow)
        document = {"current_password": PASSWORD, "new_password": ANOTHER}
        status, body, _ = call(password.handler, "password", document, token=token)

    assert (status, body["code"]) == (409, "account_changed")
    assert sign_in(email, "outra senha bem longa")[0] == 200


def test_link_to_the_previous_e_mail_does_not_confirm_a_concurrent_change(
    email: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Otherwise anyone could confirm someone else's e-mail by changing to it while their own link is checked."""
    token, own, theirs = token_of(email), new_address(), new_address()
    change = {"current_password": PASSWORD}
    call(me.handler, "me_patch", {"email": own} | change, token=token)
    (mail,) = delivered()
    spend = MailTokens.spend

    def slow(self: MailTokens, *args: Any) -> bool:
        assert call(me.handler, "me_patch", {"email": theirs} | change, token=token)[0] == 200
        return spend(self, *args)

    with monkeypatch.context() as patched:
        patched.setattr(MailTokens, "spend", slow)
        assert confirm_email(mail.token) == 409

    assert call(me.handler, "me_get", token=token)[1]["email_verified"] is False


def test_e_mail_change_with_an_outdated_password_fails(email: str, monkeypatch: pytest.MonkeyPatch) -> None:
    token, mail, verify = token_of(email), request_reset(email), hashing.verify_password

    def slow(*args: Any) -> bool:
        patched.undo()
        found = verify(*args)
        assert reset_password(mail.token)[0] == 200
        return found

    with monkeypatch.context() as patched:
        patched.setattr(hashing, "verify_password", slow)
        change = {"email": new_address(), "current_password": PASSWORD}
        status, body, _ = call(me.handler, "me_patch", change, token=token)

    assert (status, body["code"]) == (409, "account_changed")
    assert sign_in(email, ANOTHER)[0] == 200
