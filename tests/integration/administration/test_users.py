"""A company's users: invitation, search, changes, deactivation and reactivation."""

import json
import time
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from falachefe.access.permission_cache import PermissionCache
from falachefe.accounts.passwords import hashing
from falachefe.administration.users import USERS
from falachefe.app import runtime
from falachefe.db.engine import Database
from falachefe.http.principal import Caller as Request
from falachefe.http.unit_of_work import RequestUnitOfWork
from falachefe.kernel.actors import Actor
from falachefe.kernel.errors import Conflict, DomainError, Unavailable
from falachefe.kernel.ids import new_id
from falachefe.resources import crud
from falachefe.sessions.authenticator import authenticate
from falachefe.sessions.sign_in import sign_in_member
from falachefe.sessions.store import Device
from functions.auth import me
from tests.integration.identity.http import call
from tests.integration.identity.mails import delivered
from tests.integration.identity.people import ANOTHER, new_address, register_company, reset_password, sign_in
from tests.integration.office import Office, Person
from tests.integration.resources.test_at_once import at_once
from tests.keys import PUBLISHED, SIGNING

MARINA = {"first_name": "Marina", "last_name": "Alves", "phone": "(11) 98765-1234"}


# ---- creation and invitation


def test_invited_user_sets_a_password_and_signs_in(admin: Person) -> None:
    address = new_address()
    made = admin.call("POST", "/users", MARINA | {"email": address, "username": "marina.alves"})

    assert made.status == 201, made.body
    expected = {
        "name": "Marina Alves",
        "role": "user",
        "status": "active",
        "email_verified": False,
        "invited": True,
        "phone": "+5511987651234",
        "roles": [],
    }
    assert {name: made.json[name] for name in expected} == expected
    assert not {"password", "password_hash"} & made.json.keys()
    (mail,) = delivered()
    assert (mail.to, mail.subject) == (address, "Padaria do Chefe convidou você · Falachefe")
    assert reset_password(mail.token)[0] == 200
    assert sign_in(address, ANOTHER)[0] == 200
    delivered()
    seen = admin.call("GET", f"/users/{made.json['id']}").json
    assert (seen["email_verified"], seen["invited"]) == (True, False)


def test_invitation_expires_after_three_days_and_can_be_resent(office: Office, admin: Person) -> None:
    address = new_address()
    made = admin.call("POST", "/users", MARINA | {"email": address}).json
    (first,) = delivered()
    office.clock.at += timedelta(days=3)

    assert reset_password(first.token)[0] == 422
    again = office.person("admin").call("POST", f"/users/{made['id']}/invitations")
    assert (again.status, again.json["status"]) == (202, "accepted")
    (second,) = delivered()
    assert reset_password(second.token)[0] == 200
    refused = office.person("admin").call("POST", f"/users/{made['id']}/invitations")
    assert (refused.status, refused.json["code"]) == (409, "not_invited")


def test_an_address_is_invited_three_times_an_hour_at_most(office: Office, admin: Person) -> None:
    made = admin.call("POST", "/users", MARINA | {"email": new_address()}).json
    again = [admin.call("POST", f"/users/{made['id']}/invitations").status for _ in range(3)]

    assert (again, len(delivered())) == ([202, 202, 429], 3)
    office.clock.at += timedelta(hours=2)
    assert office.person("admin").call("POST", f"/users/{made['id']}/invitations").status == 202


def test_invitations_of_a_company_are_limited_per_hour(
    office: Office, admin: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also within one request, and whether or not the address has an account, so that few accounts can be probed."""
    monkeypatch.setenv("MAILS_PER_COMPANY", "4")
    taken = new_address()
    register_company(taken)
    delivered()
    wanted = [*[taken] * 3, new_address(), new_address()]
    operations = [{"op": "create", "data": {"first_name": "Ana", "email": address}} for address in wanted]

    answer = admin.call("POST", "/users/batch", {"mode": "each", "operations": operations})

    assert [one["status"] for one in answer.json["results"]] == [409, 409, 409, 201, 429]
    assert len(delivered()) == 1


def test_corrected_e_mail_invalidates_the_first_link(admin: Person) -> None:
    made = admin.call("POST", "/users", MARINA | {"email": new_address()}).json
    (stray,) = delivered()
    right = new_address()

    assert admin.change(f"/users/{made['id']}", email=right).status == 200
    (mail,) = delivered()
    assert mail.to == right
    assert (reset_password(stray.token)[0], reset_password(mail.token)[0]) == (422, 200)


def test_user_without_an_e_mail_signs_in_by_phone(admin: Person) -> None:
    made = admin.call("POST", "/users", {"first_name": "Zé", "phone": "11 97654-3210"})

    assert (made.status, made.json["invited"], made.json["name"]) == (201, False, "Zé")
    assert delivered() == []
    assert admin.call("POST", "/users", {"first_name": "Zé"}).json["code"] == "unreachable"
    gone = admin.change(f"/users/{made.json['id']}", phone=None)
    assert (gone.status, gone.json["code"]) == (422, "unreachable")


@pytest.mark.parametrize(
    ("field", "theirs", "code"),
    [
        ("email", None, "email_taken"),
        ("username", "Marina.Alves", "username_taken"),
        ("phone", "+55 11 98765-1234", "phone_taken"),
    ],
)
def test_username_e_mail_and_phone_are_unique(admin: Person, field: str, theirs: str | None, code: str) -> None:
    first = MARINA | {"email": new_address(), "username": "marina.alves"}
    assert admin.call("POST", "/users", first).status == 201
    theirs = theirs or first["email"].upper()
    other = admin.call("POST", "/users", {"first_name": "Bia", "email": new_address()}).json

    made = admin.call("POST", "/users", {"first_name": "Caio", "email": new_address()} | {field: theirs})
    patched = admin.change(f"/users/{other['id']}", **{field: theirs})

    for refused in (made, patched):
        assert (refused.status, refused.json["code"]) == (409, code)


def test_e_mail_with_an_account_at_another_company_is_rejected(admin: Person) -> None:
    address = new_address()
    register_company(address)

    refused = admin.call("POST", "/users", MARINA | {"email": address.upper()})

    assert (refused.status, refused.json["code"]) == (409, "email_taken")


def test_of_two_who_take_a_username_at_once_one_gets_it(office: Office) -> None:
    people = [office.person() for _ in range(8)]

    def take(number: int) -> str | None:
        patch = USERS.update.model_validate({"username": "chefe" if number % 2 else "CHEFE"})
        try:
            office.work(None, lambda work: crud.update(work, USERS, people[number].id, patch, "*"))
        except Conflict as refused:
            return refused.code
        return None

    assert at_once(take).count(None) == 1


def test_concurrent_additions_do_not_exceed_the_plan(office: Office, database: Database) -> None:
    with database.tenant(office.company_id) as session:
        session.execute(text("delete from subscriptions"))
    office.person("admin")
    gone = office.person(status="inactive")

    def invite(number: int) -> str:
        body = USERS.create.model_validate({"first_name": "Ana", "email": f"{number}-{new_address()}"})
        try:
            office.work(None, lambda work: crud.create(work, USERS, body))
        except DomainError as refused:
            return refused.code
        return "made"

    answers = at_once(invite)
    assert (answers.count("made"), answers.count("plan_limit_reached")) == (2, 6)
    admin = office.person("admin", status="inactive")
    patch = USERS.update.model_validate({"status": "active"})
    with pytest.raises(DomainError, match="permite 3"):
        office.work(None, lambda work: crud.update(work, USERS, gone.id, patch, "*"))
    office.work(None, lambda work: crud.delete(work, USERS, admin.id, None))
    with pytest.raises(DomainError, match="permite 3"):
        office.work(None, lambda work: _deleted_and_restored(work, office, gone))


def _deleted_and_restored(work: Any, office: Office, person: Person) -> None:
    work.session.execute(
        text("update users set status = 'active', deleted_at = now() where id = :id"), {"id": person.id}
    )
    crud.restore(work, USERS, person.id)


# ---- search


def test_people_are_found_by_search_role_and_state(office: Office, admin: Person) -> None:
    office.person(name="José Conceição", username="zeca", email="ze@example.org")
    office.person(name="Rita", status="inactive", email_verified_at=None)

    def names(**query: str) -> list[str]:
        answer = admin.call("GET", "/users", **query)
        assert answer.status == 200, answer.body
        return [one["name"] for one in answer.json["data"]]

    assert names(search="conceicao") == names(search="ze@EXAMPLE") == names(username="ZECA") == ["José Conceição"]
    assert names(role="admin") == ["Ana Lima"]
    assert names(status="inactive") == names(email_verified_at__isnull="true") == ["Rita"]
    assert admin.call("GET", "/users", password_hash="-").status == 422
    assert admin.call("GET", "/users", sort="password_hash").status == 422


def test_superadmin_is_hidden_from_admins(office: Office, admin: Person) -> None:
    support = office.person("superadmin")
    role_id = office.role("posts.read")

    listed = admin.call("GET", "/users").json["data"]
    answers = [
        admin.call("GET", support.path),
        admin.change(support.path, first_name="Bia"),
        admin.call("DELETE", support.path),
        admin.call("POST", f"{support.path}/invitations"),
        admin.call("GET", f"{support.path}/roles"),
        admin.call("POST", f"{support.path}/roles/{role_id}"),
        admin.call("DELETE", f"{support.path}/roles/{role_id}"),
    ]

    assert [one["id"] for one in listed] == [str(admin.id)]
    assert {answer.status for answer in answers} == {404}
    assert support.call("GET", admin.path).status == 200


# ---- changes


def test_a_name_in_parts_and_in_full_say_the_same(office: Office, admin: Person) -> None:
    person = office.person()
    changed = admin.change(person.path, last_name="Souza Sá")
    assert (changed.json["name"], changed.json["version"]) == ("Ana Souza Sá", 2)

    status, account, _ = call(me.handler, "me_patch", {"name": "Beatriz Melo"}, token=person.call.token)
    assert (status, account["name"]) == (200, "Beatriz Melo")
    seen = admin.call("GET", person.path).json
    assert (seen["first_name"], seen["last_name"], seen["name"]) == ("Beatriz", "Melo", "Beatriz Melo")


def test_new_e_mail_must_be_confirmed(office: Office, admin: Person) -> None:
    person, address = office.person(), new_address()

    same = admin.change(person.path, email=(person.user.email or "").upper())
    assert (same.json["email_verified"], delivered()) == (True, [])
    changed = admin.change(person.path, 2, email=address)

    assert (changed.status, changed.json["email"], changed.json["email_verified"]) == (200, address, False)
    assert [(mail.to, mail.subject) for mail in delivered()] == [(address, "Confirme seu e-mail · Falachefe")]


def test_access_by_the_old_e_mail_is_revoked(office: Office, admin: Person) -> None:
    person = office.person()
    identity = (
        "insert into user_identities (company_id, id, user_id, provider, subject)"
        " values (:company, :id, :user, 'google', 'sub-1')"
    )
    values = {"company": office.company_id, "id": new_id(), "user": person.id}
    with office.database.tenant(office.company_id) as session:
        session.execute(text(identity), values)
    office.clock.at += timedelta(seconds=1)

    assert admin.change(person.path, email=new_address()).status == 200

    assert office.rows("select id from user_identities") == []
    runtime.permission_cache.cache_clear()
    assert person.call("GET", "/posts").status == 401


def test_one_s_own_e_mail_is_changed_with_the_password_only(admin: Person) -> None:
    refused = admin.change(admin.path, email=new_address())

    assert (refused.status, refused.json["code"]) == (403, "own_email")


def test_nothing_is_written_that_the_form_does_not_ask_for(office: Office, admin: Person) -> None:
    person = office.person()

    for field in ("password", "password_hash", "email_verified_at", "company_id", "id", "version", "name"):
        assert admin.change(person.path, **{field: "x"}).status == 422
    assert admin.change(person.path, metadata={"a": {"b": {"c": {"d": {}}}}}).status == 422
    assert admin.change(person.path, metadata={"crmv": "SP-1"}).json["metadata"] == {"crmv": "SP-1"}


def test_the_audit_log_knows_of_the_change_and_of_no_personal_data(office: Office, admin: Person) -> None:
    made = admin.call(
        "POST",
        "/users",
        MARINA | {"email": new_address(), "username": "marina", "metadata": {"cpf": "529.982.247-25"}},
    ).json
    admin.change(f"/users/{made['id']}", role="admin", first_name="Mariana")

    rows = office.rows("select action, changes::text as changes from audit_logs where resource = 'users' order by id")
    assert [row.action for row in rows] == ["create", "update"]
    assert '"old": "user"' in rows[1].changes
    for word in ("arin", "987651234", "529"):
        assert word not in "".join(row.changes for row in rows)


# ---- roles, deactivation and deletion


def test_changed_role_takes_effect_everywhere_within_half_a_minute(office: Office, admin: Person) -> None:
    """A second runtime has asked a moment ago, and remembers."""
    person = office.person("admin")
    elsewhere = PermissionCache(office.database)
    request = Request.of({"authorization": f"Bearer {person.call.token}"})

    def power() -> str:
        return authenticate(request, office.clock.now(), PUBLISHED, runtime.sessions(), elsewhere).role

    assert power() == "admin"
    assert admin.change(person.path, role="user").json["role"] == "user"
    assert person.call("GET", "/users").status == 403
    office.clock.at += timedelta(seconds=29)
    assert power() == "admin"
    office.clock.at += timedelta(seconds=1)
    assert power() == "user"


@pytest.mark.parametrize("how", ["deactivated", "deleted"])
def test_deactivated_or_deleted_user_is_refused_at_once(office: Office, admin: Person, how: str) -> None:
    person = office.person()
    assert person.call("GET", "/posts").status == 200
    office.clock.at += timedelta(seconds=1)

    if how == "deleted":
        assert admin.call("DELETE", person.path).status == 204
    else:
        assert admin.change(person.path, status="inactive").json["status"] == "inactive"

    runtime.sessions.cache_clear()
    runtime.permission_cache.cache_clear()
    assert person.call("GET", "/posts").status == 401
    if how == "deleted":
        assert admin.call("POST", f"{person.path}/restore").status == 200
    else:
        assert admin.change(person.path, 2, status="active").status == 200
    runtime.permission_cache.cache_clear()
    assert person.call("GET", "/posts").status == 401


@pytest.mark.parametrize("how", ["deactivated", "deleted"])
@pytest.mark.parametrize("by", ["password", "phone"])
def test_sign_in_concurrent_with_a_deactivation_leaves_no_session(office: Office, how: str, by: str) -> None:
    """The sign-in has begun, and finds the person's row in another one's hands."""
    person = office.person(password_hash=hashing.hash_password(ANOTHER), phone="+5511976543210")
    patch = USERS.update.model_validate({"status": "inactive"})

    def enter() -> int:
        if by == "password":
            return sign_in(person.user.email or "", ANOTHER)[0]
        try:
            enter_by_phone(office, person)
        except DomainError as refused:
            return refused.status
        return 200

    def shut_out(work: RequestUnitOfWork) -> Future[int]:
        if how == "deleted":
            crud.delete(work, USERS, person.id, None)
        else:
            crud.update(work, USERS, person.id, patch, "*")
        entering = pool.submit(enter)
        while not office.waiting_for_locks():
            time.sleep(0.01)
        return entering

    with ThreadPoolExecutor(1) as pool:
        assert office.work(None, shut_out).result() == 401
    left = runtime.sessions().of_user(office.company_id, person.id, office.clock.now())
    assert len(left) <= 1, "the session of before, which the mark has ended; none of the sign-in"


def enter_by_phone(office: Office, person: Person) -> None:
    sign_in_member(
        office.database,
        runtime.sessions(),
        SIGNING,
        company_id=office.company_id,
        user_id=person.id,
        device=Device(None, None, None),
        method="whatsapp",
        by=Actor("user", None),
        now=office.clock.now(),
    )


def test_deactivation_works_during_an_outage_of_aws(
    office: Office, admin: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The end of the sessions is a mark in the same row: one commit is both."""
    person = office.person()
    admin.call("GET", person.path)
    office.clock.at += timedelta(seconds=1)

    def unreachable(*_: object, **__: object) -> int:
        raise Unavailable("sem resposta")

    for name in ("end", "of_user", "delete_ended"):
        monkeypatch.setattr(runtime.sessions(), name, unreachable)

    assert admin.change(person.path, status="inactive").status == 200
    (mark,) = office.rows(f"select sessions_valid_from from users where id = '{person.id}'")
    assert mark == (office.clock.at,)


def test_reactivation_is_refused_if_the_e_mail_is_taken(office: Office, admin: Person) -> None:
    leaver, gone = office.person(), office.person()
    admin.change(leaver.path, status="inactive")
    admin.call("DELETE", gone.path)
    for person in (leaver, gone):
        assert register_company(person.user.email or "")[0] == 201

    back = [admin.change(leaver.path, 2, status="active"), admin.call("POST", f"{gone.path}/restore")]

    assert [(answer.status, answer.json["code"]) for answer in back] == [(409, "email_taken")] * 2


def test_two_changes_of_a_role_at_once_are_one(office: Office) -> None:
    person = office.person("admin")
    office.person("admin")

    def demote(number: int) -> bool:
        patch = USERS.update.model_validate({"role": "user", "first_name": f"Ana {number}"})
        try:
            office.work(None, lambda work: crud.update(work, USERS, person.id, patch, '"1"'))
        except DomainError:
            return False
        return True

    assert at_once(demote).count(True) == 1
    assert office.permissions_of(person.id) == office.permissions_of(office.person().id)


def test_twenty_requests_a_minute_are_enough(admin: Person) -> None:
    answers = [admin.call("GET", admin.path) for _ in range(21)]

    assert [answer.status for answer in answers] == [200] * 20 + [429]
    assert answers[0].headers["RateLimit-Policy"] == '"admin-users";q=20;w=60'


@pytest.mark.parametrize(
    ("sample", "status"),
    [
        ("users_create", 201),
        ("users_update", 404),
        ("user_invitations", 404),
        ("user_roles_assign", 404),
        ("roles_create", 201),
        ("clinic_roles", 200),
    ],
)
def test_the_sample_events_are_understood(admin: Person, sample: str, status: int) -> None:
    event = json.loads(Path(f"events/admin/{sample}.json").read_text())
    token = {"Authorization": f"Bearer {admin.call.token}"}
    event["headers"] |= token
    event["multiValueHeaders"] |= {name: [value] for name, value in token.items()}

    assert admin.call.handler(event, None)["statusCode"] == status
