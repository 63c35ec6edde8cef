"""The REST resource: everybody's own reminders only."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from functions.business import reminders
from tests.integration.callers import Answer, Caller

AT = "2026-12-05T09:00:00-03:00"
BODY = {"text": "Pagar o aluguel", "at": AT, "repeats": "monthly"}
type AsRole = Callable[[Any, str], Caller]


def change(call: Caller, reminder: dict[str, Any], **patch: Any) -> Answer:
    path = f"/reminders/{reminder['id']}"
    return call("PATCH", path, patch, {"If-Match": f'"{reminder["version"]}"'})


def test_it_is_added_found_and_deleted(as_role: AsRole) -> None:
    call = as_role(reminders.handler, "user")
    made = call("POST", "/reminders", BODY)

    assert made.status == 201, made.body
    assert made.json["at"] == "2026-12-05T12:00:00Z"
    assert (made.json["repeats"], made.json["status"], made.json["status_label"]) == (
        "monthly",
        "pending",
        "por enviar",
    )
    assert call("GET", "/reminders").json["data"] == [made.json]
    assert call("DELETE", f"/reminders/{made.json['id']}").status == 204
    assert call("GET", "/reminders").json["data"] == []


def test_not_even_an_admin_sees_or_changes_those_of_others(as_role: AsRole) -> None:
    made = as_role(reminders.handler, "user")("POST", "/reminders", BODY).json
    admin = as_role(reminders.handler, "admin")

    assert admin("GET", "/reminders").json["data"] == []
    assert admin("GET", f"/reminders/{made['id']}").status == 404
    assert change(admin, made, status="cancelled").status == 404
    assert admin("DELETE", f"/reminders/{made['id']}").status == 404


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"at": "2026-11-20T11:59:00-03:00"}, "reminder_past"),
        ({"at": "2031-01-01T00:00:00Z"}, "reminder_far"),
        ({"text": "  "}, "reminder_empty"),
        ({"at": "2026-12-05T09:00:00"}, "invalid_input"),
        ({"at": 1796000000}, "invalid_input"),
        ({"repeats": "yearly"}, "invalid_input"),
    ],
    ids=lambda value: value if isinstance(value, str) else "-".join(value),
)
def test_what_cannot_be_sent_is_refused(as_role: AsRole, wrong: dict[str, Any], code: str) -> None:
    answer = as_role(reminders.handler, "user")("POST", "/reminders", BODY | wrong)

    assert (answer.status, answer.json["code"]) == (422, code)


def test_it_is_cancelled_and_opened_again(as_role: AsRole) -> None:
    call = as_role(reminders.handler, "user")
    made = call("POST", "/reminders", BODY).json
    cancelled = change(call, made, status="cancelled").json
    again = change(call, cancelled, status="pending").json

    assert (cancelled["status"], again["status"], again["at"]) == ("cancelled", "pending", made["at"])
    moved = change(call, again, at="2026-12-06T08:00:00-03:00").json
    assert moved["at"] == "2026-12-06T11:00:00Z"
    assert change(call, moved, at="2026-11-01T08:00:00-03:00").json["code"] == "reminder_past"


@pytest.mark.parametrize(("sample", "status"), [("reminders_create", 201), ("reminders_list", 200)])
def test_the_sample_events_are_understood(as_role: AsRole, sample: str, status: int) -> None:
    event = json.loads(Path(f"events/business/{sample}.json").read_text())
    token = {"Authorization": f"Bearer {as_role(reminders.handler, 'user').token}"}
    event["headers"] |= token
    event["multiValueHeaders"] |= {name: [value] for name, value in token.items()}

    assert reminders.handler(event, None)["statusCode"] == status
