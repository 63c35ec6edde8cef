"""Models of employees and their time off."""

from datetime import date
from decimal import Decimal
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from falachefe.db.base import (
    MONEY,
    TenantRow,
    belongs_to,
    of_company,
    one_of,
)


class Employee(TenantRow):
    __tablename__ = "employees"
    __table_args__ = (
        of_company(),
        belongs_to("users", "user_id"),
        one_of("status", "active", "on_leave", "dismissed"),
        CheckConstraint("salary > 0", name="salary"),
        Index("ix_employees_name", "company_id", "name"),
    )

    name: Mapped[str]
    position: Mapped[str]
    salary: Mapped[Decimal | None] = mapped_column(MONEY)
    user_id: Mapped[UUID | None]
    status: Mapped[str] = mapped_column(default="active", server_default="active")
    hired_on: Mapped[date]


class TimeOffRequest(TenantRow):
    """Time off: requested (`request`), or an absence that was registered (`absence`)."""

    __tablename__ = "time_off_requests"
    __table_args__ = (
        of_company(),
        belongs_to("employees", "employee_id"),
        one_of("kind", "request", "absence"),
        one_of("status", "pending", "approved", "rejected", "cancelled", "registered"),
        CheckConstraint("end_date >= start_date", name="dates"),
        Index("ix_time_off_requests_dates", "company_id", "employee_id", "start_date"),
        # One absence for each employee and day.
        Index(
            "uq_time_off_requests_absence",
            "company_id",
            "employee_id",
            "start_date",
            unique=True,
            postgresql_where=text("kind = 'absence' and status = 'registered' and deleted_at is null"),
        ),
    )

    employee_id: Mapped[UUID]
    kind: Mapped[str]
    start_date: Mapped[date]
    end_date: Mapped[date]
    reason: Mapped[str | None]
    status: Mapped[str] = mapped_column(default="pending", server_default="pending")
    requested_by: Mapped[UUID | None]
