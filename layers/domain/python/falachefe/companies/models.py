"""The table of companies, the tenants. Its row-level security compares `id`, as it has no `company_id`."""

from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint
from sqlalchemy.orm import Mapped, mapped_column

from falachefe.db.base import Row, one_of
from falachefe.kernel.ids import new_id

DEFAULT_TIME_ZONE = "America/Sao_Paulo"


class Company(Row):
    __tablename__ = "companies"
    __table_args__ = (
        one_of("status", "active", "suspended", "closed"),
        CheckConstraint("length(name) >= 2", name="name_length"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id, sort_order=-1)
    name: Mapped[str]
    time_zone: Mapped[str] = mapped_column(default=DEFAULT_TIME_ZONE, server_default=DEFAULT_TIME_ZONE)
    status: Mapped[str] = mapped_column(default="active", server_default="active")
    settings: Mapped[dict[str, Any]] = mapped_column(default=dict, server_default="{}")
