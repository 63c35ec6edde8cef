"""One's own account: what of it changes, and what a change of the password or the e-mail ends."""

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
    confirm,
    found_company,
    fresh_address,
    give,
    lost,
    sign_in,
    token_of,
)

pytestmark = pytest.mark.usefixtures("aws")


def test_one_sees_one_s_own_account(email: str, company_id: UUID) -> None:
    status, body, _ = call(me.handler, "me_get", token=token_of(email))

    assert status == 200
    assert (body["email"], body["company_id"], body["company_name"]) == (email, str(company_id), "Padaria do Chefe")
    assert not {"password_hash", "version"} & set(body)


def test_a_name_changes_and_nothing_else_does(email: str) -> None:
    token = token_of(email)

    status, body, _ = call(me.handler, "me_patch", {"name": " Carlos  A. "}, token=token)

    assert (status, body["name"], body["email"]) == (200, "Carlos A.", email)
    assert delivered() == []


@pytest.mark.parametrize("field", ["role", "company_id", "password_hash", "email_verified", "phone"])
def test_nobody_gives_themselves_what_is_not_theirs_to_give(email: str, field: str) -> None:
    assert call(me.handler, "me_patch", {field: "superadmin"}, token=token_of(email))[0] == 422


def test_another_e_mail_needs_the_password_and_to_be_confirmed(email: str) -> None:
    token, other = token_of(email), fresh_address()
    refused = call(me.handler, "me_patch", {"email": other}, token=token)
    assert (refused[0], refused[1]["code"]) == (422, "password_wrong")

    status, body, _ = call(me.handler, "me_patch", {"email": other, "current_password": PASSWORD}, token=token)

    assert (status, body["email"], body["email_verified"]) == (200, other, False)
    (mail,) = delivered()
    assert (mail.to, confirm(mail.token, token)) == (other, 200)
    assert (sign_in(email)[0], sign_in(other)[0]) == (401, 200)


def test_a_link_confirms_only_the_e_mail_that_it_went_to(email: str) -> None:
    first, second = fresh_address(), fresh_address()
    token = token_of(email)
    change = {"current_password": PASSWORD}
    call(me.handler, "me_patch", {"email": first} | change, token=token)
    (mail,) = delivered()
    call(me.handler, "me_patch", {"email": second} | change, token=token)

    assert confirm(mail.token) == 422


def test_another_person_s_e_mail_is_not_to_be_had(email: str) -> None:
    taken = fresh_address()
    found_company(taken)

    answer = call(me.handler, "me_patch", {"email": taken, "current_password": PASSWORD}, token=token_of(email))

    assert (answer[0], answer[1]["code"]) == (409, "email_taken")


def test_a_changed_password_ends_the_other_sessions_and_is_told(email: str) -> None:
    other = sign_in(email)[1]["tokens"]
    token = token_of(email)

    changed = {"current_password": PASSWORD, "new_password": ANOTHER}
    status, body, _ = call(password.handler, "password", changed, token=token)

    assert (status, body) == (200, {"sessions_ended": 1})
    assert call(refresh.handler, "refresh", {"refresh_token": other["refresh_token"]})[0] == 401
    assert call(sessions.handler, "sessions_list", token=token)[0] == 200
    assert (sign_in(email)[0], sign_in(email, ANOTHER)[0]) == (401, 200)
    assert [mail.subject for mail in delivered()] == ["Sua senha foi alterada · Falachefe"]


def test_a_password_changes_and_the_mark_ends_what_could_not_be_deleted(
    email: str, monkeypatch: pytest.MonkeyPatch, clock: FixedClock
) -> None:
    """No request to DynamoDB stands between the password and the end of the sessions: one commit is both."""
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


def test_who_signs_in_while_the_password_changes_does_not_stay(email: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The old password was right when it was looked at; by the time the session is there, it is not any more."""
    mail = lost(email)
    open_session = Sessions.open

    def slow(self: Sessions, *args: Any) -> Any:
        opened = open_session(self, *args)
        patched.undo()
        assert give(mail.token)[0] == 200
        return opened

    with monkeypatch.context() as patched:
        patched.setattr(Sessions, "open", slow)
        status, body = sign_in(email)

    assert (status, body["code"]) == (401, "login_failed")
    signed_in = sign_in(email, ANOTHER)[1]
    token = signed_in["tokens"]["access_token"]
    assert len(call(sessions.handler, "sessions_list", token=token)[1]["data"]) == 1


def test_a_stolen_token_does_not_guess_the_password(email: str) -> None:
    token = token_of(email)

    def guess(current: str) -> int:
        document = {"current_password": current, "new_password": ANOTHER}
        return call(password.handler, "password", document, token=token)[0]

    assert [guess("errada") for _ in range(5)] == [422] * 5
    assert guess(PASSWORD) == 429
    assert sign_in(email)[0] == 200


def test_two_changes_at_once_do_not_overwrite_each_other(email: str, monkeypatch: pytest.MonkeyPatch) -> None:
    token = token_of(email)
    hash_password = hashing.hash_password

    def slow(chosen: str) -> str:
        if chosen == ANOTHER:  # while this one is hashed, another change is made
            patched.undo()
            assert give(mail.token, "outra senha bem longa")[0] == 200
        return hash_password(chosen)

    mail = lost(email)
    with monkeypatch.context() as patched:
        patched.setattr(hashing, "hash_password", slow)
        document = {"current_password": PASSWORD, "new_password": ANOTHER}
        status, body, _ = call(password.handler, "password", document, token=token)

    assert (status, body["code"]) == (409, "account_changed")
    assert sign_in(email, "outra senha bem longa")[0] == 200


def test_an_e_mail_is_confirmed_by_no_link_that_went_to_the_one_before(
    email: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Or anybody could confirm another's: have a link to one's own looked at, and change the e-mail meanwhile."""
    token, own, theirs = token_of(email), fresh_address(), fresh_address()
    change = {"current_password": PASSWORD}
    call(me.handler, "me_patch", {"email": own} | change, token=token)
    (mail,) = delivered()
    spend = MailTokens.spend

    def slow(self: MailTokens, *args: Any) -> bool:
        assert call(me.handler, "me_patch", {"email": theirs} | change, token=token)[0] == 200
        return spend(self, *args)

    with monkeypatch.context() as patched:
        patched.setattr(MailTokens, "spend", slow)
        assert confirm(mail.token) == 409

    assert call(me.handler, "me_get", token=token)[1]["email_verified"] is False


def test_who_knew_the_password_before_it_changed_does_not_take_the_account_along(
    email: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    token, mail, verify = token_of(email), lost(email), hashing.verify_password

    def slow(*args: Any) -> bool:
        patched.undo()
        found = verify(*args)
        assert give(mail.token)[0] == 200
        return found

    with monkeypatch.context() as patched:
        patched.setattr(hashing, "verify_password", slow)
        change = {"email": fresh_address(), "current_password": PASSWORD}
        status, body, _ = call(me.handler, "me_patch", change, token=token)

    assert (status, body["code"]) == (409, "account_changed")
    assert sign_in(email, ANOTHER)[0] == 200
