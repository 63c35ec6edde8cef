"""A company always keeps an admin who can sign in, also under concurrency."""

from typing import Any

import pytest

from falachefe.administration.users import USERS
from falachefe.kernel.errors import Conflict
from falachefe.resources import crud
from tests.integration.office import Office, Person
from tests.integration.resources.test_at_once import at_once


@pytest.mark.parametrize("patch", [{"role": "user"}, {"status": "inactive"}, None])
def test_last_admin_cannot_be_removed(office: Office, admin: Person, patch: dict[str, Any] | None) -> None:
    office.person()
    office.person("admin", status="inactive")
    office.person("admin", password_hash=None)  # invited, and not in yet

    refused = admin.call("DELETE", admin.path) if patch is None else admin.change(admin.path, **patch)

    assert (refused.status, refused.json["code"]) == (409, "last_admin")


@pytest.mark.parametrize("how", ["demote", "deactivate", "delete", "batch"])
def test_concurrent_removals_leave_one_admin(office: Office, how: str) -> None:
    admins = [office.person("admin") for _ in range(8)]

    def leave(number: int) -> bool:
        user_id = admins[number].id
        patch = USERS.update.model_validate({"role": "user"} if how == "demote" else {"status": "inactive"})
        try:
            if how in ("delete", "batch"):
                office.work(None, lambda work: crud.delete(work, USERS, user_id, None))
            else:
                office.work(None, lambda work: crud.update(work, USERS, user_id, patch, '"1"'))
        except Conflict as refused:
            return refused.code != "last_admin"
        return True

    assert at_once(leave).count(False) == 1
    left = "select count(*) from users where role = 'admin' and status = 'active' and deleted_at is null"
    assert office.rows(left) == [(1,)]
