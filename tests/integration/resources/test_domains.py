"""Employees, days off, tickets and campaigns: their own rules hold behind the toolkit."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

import jwt
import pytest
from sqlalchemy import text

from falachefe.db.engine import Database
from falachefe.kernel.ids import new_id
from functions.business import campaigns, employees, tickets, time_off
from tests.integration.callers import Caller

type AsRole = Callable[[Any, str], Caller]

ANA = {"name": "Ana Souza", "position": "Padeira", "hired_on": "2025-03-01", "salary": "2500.00"}
ANY = {"If-Match": "*"}
DATES = {"start": "2026-12-01", "end": "2026-12-03"}


@pytest.fixture
def staff(as_role: AsRole) -> Caller:
    return as_role(employees.handler, "user")


@pytest.fixture
def admin(as_role: AsRole) -> Caller:
    return as_role(employees.handler, "admin")


def user_of(caller: Caller) -> str:
    assert caller.token is not None
    return str(jwt.decode(caller.token, options={"verify_signature": False})["sub"])


# ---- employees


def test_a_salary_is_for_those_who_may_change_people_s_data(admin: Caller, staff: Caller) -> None:
    made = admin("POST", "/employees", ANA)
    path = f"/employees/{made.json['id']}"

    assert (made.status, made.json["salary"], made.json["status_label"]) == (201, "2500.00", "Em atividade")
    assert staff("GET", path).json == made.json | {"salary": None}
    assert [one["salary"] for one in staff("GET", "/employees").json["data"]] == [None]
    assert staff("GET", "/employees", salary__gte="1").status == 422
    assert staff("GET", "/employees", sort="salary").status == 422
    assert admin("GET", "/employees", salary__gte="2000").json["pagination"]["total"] == 1
    assert [staff("POST", "/employees", ANA).status, staff("PATCH", path, {"name": "X"}, ANY).status] == [403, 403]


def test_the_audit_log_holds_neither_name_nor_salary(admin: Caller, database: Database, company_id: UUID) -> None:
    path = f"/employees/{admin('POST', '/employees', ANA).json['id']}"
    admin("PATCH", path, {"salary": "3000"}, ANY)

    with database.tenant(company_id) as session:
        rows = list(session.execute(text("select changes::text from audit_logs order by id")).scalars())
    assert len(rows) == 2
    assert not any(private in row for row in rows for private in ("Ana", "2500", "3000"))
    assert '"salary": {"new": "***", "old": "***"}' in rows[1]


def test_a_name_is_one_person_s(admin: Caller) -> None:
    path = f"/employees/{admin('POST', '/employees', ANA).json['id']}"
    other = admin("POST", "/employees", ANA | {"name": "Bruno Lima"}).json["id"]

    assert admin("POST", "/employees", ANA | {"name": "ana SOUZA"}).json["code"] == "employee_exists"
    assert admin("PATCH", f"/employees/{other}", {"name": "Ána Souza"}, ANY).json["code"] == "employee_exists"
    admin("DELETE", path)
    assert admin("PATCH", f"/employees/{other}", {"name": "Ana Souza"}, ANY).status == 200
    assert admin("POST", f"{path}/restore").json["code"] == "employee_exists"


def test_people_are_found_by_a_part_of_their_name(admin: Caller) -> None:
    for name in ("José Antônio", "Conceição Alves"):
        admin("POST", "/employees", ANA | {"name": name})

    assert [one["name"] for one in admin("GET", "/employees", search="conceicao").json["data"]] == ["Conceição Alves"]
    assert admin("PATCH", "/employees/x", {"status": "fired"}, ANY).status == 422


# ---- days off


@pytest.fixture
def ana(admin: Caller) -> str:
    identifier: str = admin("POST", "/employees", ANA).json["id"]
    return identifier


def test_days_off_are_asked_for_decided_once_and_cancelled(admin: Caller, ana: str) -> None:
    call = admin.of(time_off.handler)
    wanted = {"employee_id": ana, "start": "2026-12-01", "end": "2026-12-03"}
    made = call("POST", "/time-off", wanted)
    path = f"/time-off/{made.json['id']}"

    assert (made.status, made.json["employee_name"], made.json["days"], made.json["status"]) == (
        201,
        "Ana Souza",
        3,
        "pending",
    )
    assert call("POST", "/time-off", wanted | {"start": "2026-12-03"}).json["code"] == "time_off_overlap"
    approved = call("PATCH", path, {"status": "approved"}, {"If-Match": '"1"'})
    assert (approved.json["status_label"], approved.json["version"]) == ("Aprovada", 2)
    assert call("PATCH", path, {"status": "rejected"}, ANY).json["code"] == "time_off_decided"
    assert call("PATCH", path, {"start": "2026-12-02"}, ANY).status == 422
    assert call("PATCH", path, {"status": "cancelled"}, ANY).status == 200


def test_deleted_days_come_back_only_while_nobody_took_others(admin: Caller, ana: str) -> None:
    call = admin.of(time_off.handler)
    wanted = {"employee_id": ana, "start": "2026-12-01", "end": "2026-12-03"}
    path = f"/time-off/{call('POST', '/time-off', wanted).json['id']}"
    call("DELETE", path)
    other = f"/time-off/{call('POST', '/time-off', wanted).json['id']}"

    assert call("POST", f"{path}/restore").json["code"] == "time_off_overlap"
    call("DELETE", other)
    assert call("POST", f"{path}/restore").status == 200


def test_staff_ask_for_themselves_only(staff: Caller, ana: str) -> None:
    call = staff.of(time_off.handler)
    dates = {"start": "2026-12-01", "end": "2026-12-03"}

    assert call("POST", "/time-off", dates | {"employee_id": ana}).json["code"] == "time_off_of_another"
    assert call("POST", "/time-off", dates).json["code"] == "employee_unknown"
    assert call("POST", "/time-off", dates | {"employee_id": str(new_id())}).status == 404


def test_staff_see_the_days_off_that_they_asked_for_and_no_others(admin: Caller, staff: Caller, ana: str) -> None:
    assert admin("POST", "/employees", ANA | {"name": "Maria", "user_id": user_of(staff)}).status == 201
    theirs = admin.of(time_off.handler)("POST", "/time-off", {"employee_id": ana, **DATES}).json["id"]
    call = staff.of(time_off.handler)
    own = call("POST", "/time-off", DATES)

    assert own.status == 201, own.body
    assert [one["id"] for one in call("GET", "/time-off").json["data"]] == [own.json["id"]]
    assert [call("GET", f"/time-off/{key}").status for key in (theirs, own.json["id"])] == [404, 200]
    assert admin.of(time_off.handler)("GET", "/time-off").json["pagination"]["total"] == 2


def test_an_employee_is_linked_to_a_user_of_the_company_and_to_no_second_one(
    admin: Caller, staff: Caller, ana: str
) -> None:
    call = staff.of(time_off.handler)
    assert call("POST", "/time-off", DATES).json["code"] == "employee_unknown"
    link = {"user_id": user_of(staff)}
    assert admin("PATCH", f"/employees/{ana}", link, ANY).json["user_id"] == user_of(staff)
    assert call("POST", "/time-off", DATES).json["employee_id"] == ana

    second = admin("POST", "/employees", ANA | {"name": "Outra Ana"}).json["id"]
    assert admin("PATCH", f"/employees/{second}", link, ANY).json["code"] == "user_is_employee"
    assert admin("PATCH", f"/employees/{second}", {"user_id": str(new_id())}, ANY).json["code"] == "reference_unknown"


# ---- tickets


def test_tickets_are_numbered_and_move_on(admin: Caller) -> None:
    call = admin.of(tickets.handler)
    first, second = (call("POST", "/tickets", {"subject": subject}).json for subject in ("Forno", "Entrega"))

    assert [first["number"], second["number"], first["description"]] == [1, 2, "Forno"]
    path = f"/tickets/{first['id']}"
    assert call("PATCH", path, {"status": "resolved"}, ANY).json["status_label"] == "Resolvido"
    assert call("PATCH", path, {"subject": " "}, ANY).json["code"] == "subject_empty"
    assert call("PATCH", path, {"number": 9}, ANY).status == 422
    assert [one["number"] for one in call("GET", "/tickets", status="open").json["data"]] == [2]
    assert call("GET", "/tickets", number="9" * 30).status == 422


def test_a_ticket_refers_to_no_contact_that_is_not_there(admin: Caller) -> None:
    answer = admin.of(tickets.handler)("POST", "/tickets", {"subject": "Forno", "contact_id": str(new_id())})

    assert (answer.status, answer.json["code"]) == (422, "reference_unknown")


# ---- campaigns


def test_a_draft_can_be_rewritten_and_nothing_else(admin: Caller, database: Database, company_id: UUID) -> None:
    call = admin.of(campaigns.handler)
    made = call("POST", "/campaigns", {"name": "Natal", "message": "Panetone!"})
    path = f"/campaigns/{made.json['id']}"

    assert (made.status, made.json["status"], made.json["segment_label"]) == (201, "draft", "todos os contatos")
    assert call("POST", "/campaigns", {"name": "natal", "message": "x"}).json["code"] == "campaign_exists"
    assert call("PATCH", path, {"segment": "new"}, ANY).json["segment"] == "new"
    assert call("PATCH", path, {"sent": 9}, ANY).status == 422
    with database.tenant(company_id) as session:
        session.execute(text("update campaigns set status = 'sending'"))
    assert call("PATCH", path, {"name": "Outra"}, ANY).json["code"] == "campaign_not_draft"
    assert call("DELETE", path).json["code"] == "campaign_under_way"


def test_staff_see_campaigns_and_write_none(staff: Caller) -> None:
    call = staff.of(campaigns.handler)

    assert call("GET", "/campaigns").status == 200
    assert call("POST", "/campaigns", {"name": "Natal", "message": "x"}).status == 403
