"""Use cases of employees and time off. Every function runs in the caller's transaction of one company."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Final
from uuid import UUID

from sqlalchemy import insert, select
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.orm import Session

from falachefe.db.advisory_locks import take_advisory_lock
from falachefe.db.outbox import Outbox
from falachefe.db.row_versions import changed_meanwhile, write_version
from falachefe.hr import rules
from falachefe.hr.models import Employee, TimeOffRequest
from falachefe.kernel.errors import Conflict, Forbidden, NotFound
from falachefe.kernel.events import DomainEvent, Json
from falachefe.kernel.ids import new_id


@dataclass(frozen=True, slots=True)
class EmployeeView:
    id: UUID
    name: str
    position: str
    status: str
    status_label: str
    hired_on: date
    user_id: UUID | None
    salary: Decimal | None = None
    """In BRL per month; also None when the reader may not see it."""


@dataclass(frozen=True, slots=True)
class TimeOffView:
    """Time off, both ends included. `repeated`: it was registered before and nothing was written."""

    id: UUID
    employee_id: UUID
    employee_name: str
    kind: str
    start: date
    end: date
    days: int
    status: str
    reason: str | None
    repeated: bool = False


_NOT_LINKED: Final = (
    "O seu usuário não está ligado a nenhum funcionário: quem cuida da equipe faz isso no cadastro do funcionário."
)
_STORED = ("id", "name", "position", "status", "hired_on", "user_id", "salary")


def add_employee(
    session: Session,
    company_id: UUID,
    *,
    name: str,
    position: str,
    salary: Decimal | None = None,
    hired_on: date,
    user_id: UUID | None = None,
    now: datetime,
    outbox: Outbox | None = None,
) -> EmployeeView:
    """Adds an employee. Raises `Conflict` when one with that name exists."""
    employee = EmployeeView(
        id=new_id(),
        name=rules.person_name(name),
        position=rules.position(position),
        status="active",
        status_label=rules.STATUS_LABELS["active"],
        hired_on=hired_on,
        user_id=user_id,
        salary=rules.salary(salary),
    )
    refuse_known_name(session, company_id, employee.name)
    if user_id is not None:
        refuse_linked_user(session, company_id, user_id)
    stored = {name: getattr(employee, name) for name in _STORED}
    session.execute(insert(Employee).values(company_id=company_id, created_at=now, updated_at=now, **stored))
    if outbox is not None:
        outbox.record(DomainEvent("hr.employee_added", company_id, now, {"employee_id": str(employee.id)}))
    return employee


def refuse_known_name(session: Session, company_id: UUID, name: str, *, besides: UUID | None = None) -> None:
    """Raises `Conflict` when another employee (than `besides`) has that name.

    Names are compared by `rules.same_person`, not by a unique index, so an advisory lock serialises writers.
    """
    take_advisory_lock(session, f"employee-names#{company_id}")
    known = [employee.name for employee in _employees(session, company_id) if employee.id != besides]
    if any(rules.same_person(name, other) for other in known):
        raise Conflict(f"{name} já está na lista de funcionários.", code="employee_exists")


def list_employees(session: Session, company_id: UUID, *, with_salary: bool = False) -> list[EmployeeView]:
    """Employees by name. Pass `with_salary` only for callers who may see salaries (`hr.write`)."""
    found = _employees(session, company_id)
    if with_salary:
        return found
    return [_without_salary(employee) for employee in found]


def refuse_linked_user(session: Session, company_id: UUID, user_id: UUID, *, besides: UUID | None = None) -> None:
    """Raises `Conflict` when the user is already linked to another employee (than `besides`)."""
    take_advisory_lock(session, f"employee-of-user#{company_id}#{user_id}")
    linked = next((one for one in _employees(session, company_id) if one.user_id == user_id), None)
    if linked is not None and linked.id != besides:
        raise Conflict(f"Este usuário já está ligado a {linked.name}.", code="user_is_employee")


def request_time_off(
    session: Session,
    company_id: UUID,
    *,
    employee_name: str | None,
    user_id: UUID | None,
    start: date,
    end: date,
    reason: str | None = None,
    may_act_for_others: bool,
    today: date,
    now: datetime,
    outbox: Outbox | None = None,
    employee_id: UUID | None = None,
) -> TimeOffView:
    """Requests time off for the sender or (with `hr.write`: `may_act_for_others`) for an employee by name or id.

    The sender is the employee linked to the user; a name is no proof, since two people may share it. Raises
    `Forbidden` for another employee's days, `Conflict` when the days overlap with others, `NotFound` when the
    employee is unknown.
    """
    rules.time_off_dates(start, end, today)
    why = rules.reason(reason)
    employees = _employees(session, company_id)
    own = next((one for one in employees if user_id is not None and one.user_id == user_id), None)
    if own is None and employee_id is None and not (employee_name and employee_name.strip()):
        raise NotFound(f"Para quem é a folga? {_NOT_LINKED}", code="employee_unknown")
    employee = _asked_for(employees, employee_name, own) if employee_id is None else _known(employees, employee_id)
    if not may_act_for_others and employee != own:
        refusal = "Você só pode pedir folga para você."
        raise Forbidden(refusal if own is not None else f"{refusal} {_NOT_LINKED}", code="time_off_of_another")
    _lock(session, company_id, employee)
    _refuse_overlap(session, company_id, employee, start, end)
    view = _days_away(employee, "request", start, end, why)
    session.execute(insert(TimeOffRequest).values(**_values(company_id, view, user_id, now)))
    _record(outbox, "hr.time_off_requested", company_id, view, now)
    return view


def register_absence(
    session: Session,
    company_id: UUID,
    *,
    employee_name: str,
    day: date,
    reason: str | None = None,
    registered_by: UUID | None,
    today: date,
    now: datetime,
    outbox: Outbox | None = None,
) -> TimeOffView:
    """Registers an employee's absence on a day. A repetition writes nothing and is returned as `repeated`."""
    rules.absence_date(day, today)
    why = rules.reason(reason)
    employee = _named(_employees(session, company_id), employee_name)
    view = _days_away(employee, "absence", day, day, why)
    statement = upsert(TimeOffRequest).values(**_values(company_id, view, registered_by, now))
    written = session.execute(statement.on_conflict_do_nothing().returning(TimeOffRequest.id)).scalar()
    if written is None:
        return _registered_before(session, company_id, employee, day)
    _record(outbox, "hr.absence_registered", company_id, view, now)
    return view


def remove_employee(
    session: Session, company_id: UUID, employee_id: UUID, *, version: int, now: datetime, outbox: Outbox | None = None
) -> None:
    """Deletes an employee who still has this version and no time off. Raises `Conflict` otherwise."""
    of_theirs = (TimeOffRequest.company_id == company_id, TimeOffRequest.employee_id == employee_id)
    if session.execute(
        select(TimeOffRequest.id).where(*of_theirs, TimeOffRequest.deleted_at.is_(None)).limit(1)
    ).first():
        raise changed_meanwhile()
    values = {"deleted_at": now}
    written = write_version(session, Employee, company_id, employee_id, version=version, values=values, now=now)
    if outbox is not None:
        data: dict[str, Json] = {"employee_id": str(employee_id), "version": written}
        outbox.record(DomainEvent("hr.employee_deleted", company_id, now, data))


def remove_time_off(
    session: Session, company_id: UUID, time_off_id: UUID, *, version: int, now: datetime, outbox: Outbox | None = None
) -> None:
    """Deletes a request or an absence that still has this version. Raises `Conflict` otherwise."""
    values = {"deleted_at": now}
    written = write_version(session, TimeOffRequest, company_id, time_off_id, version=version, values=values, now=now)
    if outbox is not None:
        data: dict[str, Json] = {"time_off_id": str(time_off_id), "version": written}
        outbox.record(DomainEvent("hr.time_off_deleted", company_id, now, data))


def _employees(session: Session, company_id: UUID) -> list[EmployeeView]:
    # A small company has tens of employees: names are compared in one place, `rules.match_names`.
    rows = session.execute(
        select(*(getattr(Employee, name) for name in _STORED))
        .where(Employee.company_id == company_id, Employee.deleted_at.is_(None), Employee.status != "dismissed")
        .order_by(Employee.name, Employee.id)
    )
    return [EmployeeView(**row._mapping, status_label=rules.STATUS_LABELS[row.status]) for row in rows]


def _without_salary(employee: EmployeeView) -> EmployeeView:
    return replace(employee, salary=None)


def _named(employees: Sequence[EmployeeView], name: str) -> EmployeeView:
    found = rules.match_names(name, [employee.name for employee in employees])
    if not found:
        raise NotFound(f"Não encontrei {_quoted(name)} entre os funcionários.", code="employee_not_found")
    if len(found) > 1:
        names = _listed([employees[index].name for index in found])
        raise Conflict(f"Há mais de uma pessoa com esse nome: {names}. De quem se trata?", code="employee_ambiguous")
    return employees[found[0]]


def _quoted(name: str) -> str:
    shown = " ".join(name.split())
    return f"“{shown[: rules.MAX_NAME_LENGTH]}”" if shown else "essa pessoa"


def _listed(names: Sequence[str]) -> str:
    return f"{', '.join(names[:-1])} e {names[-1]}"


def _asked_for(employees: Sequence[EmployeeView], employee_name: str | None, own: EmployeeView | None) -> EmployeeView:
    if own is None or (employee_name and employee_name.strip()):
        return _named(employees, employee_name or "")
    return own


def _known(employees: Sequence[EmployeeView], employee_id: UUID) -> EmployeeView:
    found = next((one for one in employees if one.id == employee_id), None)
    if found is None:
        raise NotFound("Este funcionário não existe.", code="employee_not_found")
    return found


def refuse_overlap(session: Session, company_id: UUID, employee_id: UUID, start: date, end: date) -> None:
    """Raises `Conflict` when the employee has other time off between these days, `NotFound` for an unknown one."""
    employee = _known(_employees(session, company_id), employee_id)
    _lock(session, company_id, employee)
    _refuse_overlap(session, company_id, employee, start, end)


def employee_names(session: Session, company_id: UUID, ids: Collection[UUID]) -> dict[UUID, str]:
    """The names of employees by id, including those who have left."""
    rows = session.execute(
        select(Employee.id, Employee.name).where(Employee.company_id == company_id, Employee.id.in_(ids))
    )
    return {row.id: row.name for row in rows}


def _lock(session: Session, company_id: UUID, employee: EmployeeView) -> None:
    """Serialises concurrent requests for one employee: the second waits and then sees the first."""
    session.execute(
        select(Employee.id).where(Employee.company_id == company_id, Employee.id == employee.id).with_for_update()
    )


def _refuse_overlap(session: Session, company_id: UUID, employee: EmployeeView, start: date, end: date) -> None:
    taken = session.execute(
        select(TimeOffRequest.start_date, TimeOffRequest.end_date)
        .where(
            TimeOffRequest.company_id == company_id,
            TimeOffRequest.employee_id == employee.id,
            TimeOffRequest.deleted_at.is_(None),
            TimeOffRequest.kind == "request",
            TimeOffRequest.status.in_(("pending", "approved")),
            TimeOffRequest.start_date <= end,
            TimeOffRequest.end_date >= start,
        )
        .order_by(TimeOffRequest.start_date)
        .limit(1)
    ).one_or_none()
    if taken is not None:
        span = f"de {taken.start_date:%d/%m/%Y} a {taken.end_date:%d/%m/%Y}"
        raise Conflict(f"{employee.name} já tem folga pedida {span}.", code="time_off_overlap")


def _registered_before(session: Session, company_id: UUID, employee: EmployeeView, day: date) -> TimeOffView:
    row = session.execute(
        select(TimeOffRequest.id, TimeOffRequest.reason).where(
            TimeOffRequest.company_id == company_id,
            TimeOffRequest.employee_id == employee.id,
            TimeOffRequest.kind == "absence",
            TimeOffRequest.start_date == day,
            TimeOffRequest.deleted_at.is_(None),
            TimeOffRequest.status == "registered",
        )
    ).one()
    known = _days_away(employee, "absence", day, day, row.reason)
    return replace(known, id=row.id, repeated=True)


def _days_away(employee: EmployeeView, kind: str, start: date, end: date, reason: str | None) -> TimeOffView:
    return TimeOffView(
        id=new_id(),
        employee_id=employee.id,
        employee_name=employee.name,
        kind=kind,
        start=start,
        end=end,
        days=(end - start).days + 1,
        status="registered" if kind == "absence" else "pending",
        reason=reason,
    )


def _values(company_id: UUID, view: TimeOffView, requested_by: UUID | None, now: datetime) -> dict[str, object]:
    return {
        "company_id": company_id,
        "id": view.id,
        "employee_id": view.employee_id,
        "kind": view.kind,
        "start_date": view.start,
        "end_date": view.end,
        "reason": view.reason,
        "status": view.status,
        "requested_by": requested_by,
        "created_at": now,
        "updated_at": now,
    }


def _record(outbox: Outbox | None, name: str, company_id: UUID, view: TimeOffView, now: datetime) -> None:
    if outbox is None:
        return
    data = {
        "time_off_id": str(view.id),
        "employee_id": str(view.employee_id),
        "start": view.start.isoformat(),
        "end": view.end.isoformat(),
    }
    outbox.record(DomainEvent(name, company_id, now, data))
