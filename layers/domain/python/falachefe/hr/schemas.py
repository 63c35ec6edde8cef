"""REST schemas of employees and time off."""

from typing import Literal
from uuid import UUID

from pydantic import Field

from falachefe.resources.schemas import Amount, Document, Input, IsoDate


class EmployeeIn(Input):
    """`user_id`: the employee's user, if any, who can then request time off for themselves."""

    name: str = Field(examples=["Maria Aparecida"])
    position: str = Field(examples=["Padeira"])
    hired_on: IsoDate
    salary: Amount | None = Field(default=None, examples=["2500.00"])
    user_id: UUID | None = None


class EmployeeChange(EmployeeIn):
    status: Literal["active", "on_leave", "dismissed"]


class EmployeeOut(Document):
    """`salary` is null for callers who may not see salaries."""

    name: str
    position: str
    status: Literal["active", "on_leave", "dismissed"]
    status_label: str
    hired_on: IsoDate
    user_id: UUID | None
    salary: Amount | None


class TimeOffIn(Input):
    """Without `employee_id` the time off is for the caller."""

    employee_id: UUID | None = None
    start: IsoDate
    end: IsoDate
    reason: str | None = None


class TimeOffDecision(Input):
    status: Literal["approved", "rejected", "cancelled"]


class TimeOffOut(Document):
    """Time off, first and last day included: requested (`request`) or recorded afterwards (`absence`)."""

    employee_id: UUID
    employee_name: str
    kind: Literal["request", "absence"]
    start: IsoDate
    end: IsoDate
    days: int
    status: Literal["pending", "approved", "rejected", "cancelled", "registered"]
    status_label: str
    reason: str | None
    requested_by: UUID | None
