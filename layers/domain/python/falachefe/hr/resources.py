"""Declares employees and time off as REST resources that apply the rules of hr."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from falachefe.companies.service import company_clock
from falachefe.hr import rules, service
from falachefe.hr.models import Employee, TimeOffRequest
from falachefe.hr.schemas import EmployeeChange, EmployeeIn, EmployeeOut, TimeOffDecision, TimeOffIn, TimeOffOut
from falachefe.http.principal import Principal
from falachefe.http.unit_of_work import RequestUnitOfWork
from falachefe.resources.declaration import Created, Hooks, Resource, Values
from falachefe.resources.schemas import partial_of
from falachefe.resources.specifications import Specification, equals

_TAKING: Final = ("pending", "approved")


def _create_employee(work: RequestUnitOfWork, person: EmployeeIn) -> Created:
    added = service.add_employee(
        work.session,
        work.company_id,
        name=person.name,
        position=person.position,
        salary=person.salary,
        hired_on=person.hired_on,
        user_id=person.user_id,
        now=work.now,
        outbox=work.outbox,
    )
    return Created(added.id)


def _update_employee(work: RequestUnitOfWork, row: Employee, changes: Values) -> Values:
    checked = dict(changes)
    if "name" in checked:
        checked["name"] = rules.person_name(checked["name"])
    if "position" in checked:
        checked["position"] = rules.position(checked["position"])
    if "salary" in checked:
        checked["salary"] = rules.salary(checked["salary"])
    if checked.get("status", row.status) != "dismissed" and {"name", "status", "user_id"} & set(checked):
        name, user_id = checked.get("name", row.name), checked.get("user_id", row.user_id)
        _refuse_duplicates(work, row, name, user_id)
    return checked


def _refuse_duplicates(work: RequestUnitOfWork, row: Employee, name: str, user_id: UUID | None) -> None:
    """Raises `Conflict` when another employee has this name or this user."""
    service.refuse_known_name(work.session, work.company_id, name, besides=row.id)
    if user_id is not None:
        service.refuse_linked_user(work.session, work.company_id, user_id, besides=row.id)


def _restore_employee(work: RequestUnitOfWork, row: Employee) -> None:
    if row.status != "dismissed":
        _refuse_duplicates(work, row, row.name, row.user_id)


def _add_labels(_: RequestUnitOfWork, rows: Sequence[Employee]) -> list[Mapping[str, Any]]:
    return [{"status_label": rules.STATUS_LABELS[row.status]} for row in rows]


EMPLOYEES: Final = Resource[Employee, EmployeeIn, EmployeeOut](
    name="employees",
    singular="employee",
    context="hr",
    model=Employee,
    read=EmployeeOut,
    create=EmployeeIn,
    update=partial_of(EmployeeChange),
    filter_by=("name", "position", "status", "hired_on", "user_id", "salary", "created_at"),
    sort_by=("name", "position", "hired_on", "salary", "created_at"),
    search_in=("name", "position"),
    default_sort="name",
    private={"salary": "hr.write"},
    masked=frozenset({"name"}),
    hooks=Hooks(
        create=_create_employee, before_update=_update_employee, before_restore=_restore_employee, extras=_add_labels
    ),
)


def _create_time_off(work: RequestUnitOfWork, wanted: TimeOffIn) -> Created:
    asked = service.request_time_off(
        work.session,
        work.company_id,
        employee_name=None,
        employee_id=wanted.employee_id,
        user_id=work.who.author_id,
        start=wanted.start,
        end=wanted.end,
        reason=wanted.reason,
        may_act_for_others=work.who.may("hr.write"),
        today=company_clock(work.session, work.company_id, work.now).today,
        now=work.now,
        outbox=work.outbox,
    )
    return Created(asked.id)


def _decide_time_off(_: RequestUnitOfWork, row: TimeOffRequest, changes: Values) -> Values:
    return {"status": rules.time_off_decision(row.status, changes["status"])} if changes else {}


def _restore_time_off(work: RequestUnitOfWork, row: TimeOffRequest) -> None:
    if row.kind == "request" and row.status in _TAKING:
        service.refuse_overlap(work.session, work.company_id, row.employee_id, row.start_date, row.end_date)


def _add_names_and_days(work: RequestUnitOfWork, rows: Sequence[TimeOffRequest]) -> list[Mapping[str, Any]]:
    names = service.employee_names(work.session, work.company_id, {row.employee_id for row in rows})
    return [
        {
            "employee_name": names[row.employee_id],
            "days": (row.end_date - row.start_date).days + 1,
            "status_label": rules.TIME_OFF_LABELS[row.status],
        }
        for row in rows
    ]


def _own_or_all(who: Principal, _: datetime) -> Specification | None:
    """Staff see their own requests; those who decide on time off see all."""
    return None if who.may("time_off.update") else equals("requested_by", who.user_id)


TIME_OFF: Final = Resource[TimeOffRequest, TimeOffIn, TimeOffOut](
    name="time-off",
    singular="time_off",
    context="hr",
    model=TimeOffRequest,
    read=TimeOffOut,
    create=TimeOffIn,
    update=partial_of(TimeOffDecision),
    columns={"start": "start_date", "end": "end_date"},
    filter_by=("employee_id", "kind", "status", "start", "end", "created_at"),
    sort_by=("start", "end", "created_at"),
    default_sort="-start",
    masked=frozenset({"reason"}),
    visible_to=_own_or_all,
    composed=True,
    hooks=Hooks(
        create=_create_time_off,
        before_update=_decide_time_off,
        before_restore=_restore_time_off,
        extras=_add_names_and_days,
    ),
)
