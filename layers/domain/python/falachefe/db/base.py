"""Base classes of the models, and foreign keys that stay within a company."""

from datetime import datetime
from decimal import Decimal
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import (
    CheckConstraint,
    DateTime,
    ForeignKeyConstraint,
    Integer,
    MetaData,
    Numeric,
    Text,
    func,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import DeclarativeBase, Mapped, declared_attr, mapped_column

from falachefe.kernel.ids import new_id

MONEY = Numeric(14, 2)
COST_USD = Numeric(10, 6)


class Base(DeclarativeBase):
    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_1_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map: ClassVar[dict[Any, Any]] = {
        datetime: DateTime(timezone=True),
        dict[str, Any]: JSONB,
        list[Any]: JSONB,
        str: Text,
        Decimal: MONEY,
    }


class Row(Base):
    """A row without a composite company key, such as those of `companies` itself."""

    __abstract__ = True

    created_at: Mapped[datetime] = mapped_column(server_default=func.now(), sort_order=900)
    updated_at: Mapped[datetime] = mapped_column(server_default=func.now(), onupdate=func.now(), sort_order=901)
    deleted_at: Mapped[datetime | None] = mapped_column(sort_order=902)
    version: Mapped[int] = mapped_column(Integer, default=1, server_default="1", sort_order=903)

    @declared_attr.directive
    @classmethod
    def __mapper_args__(cls) -> dict[str, Any]:
        return {"version_id_col": cls.version}


class TenantRow(Row):
    """A row of one company. The key is `(company_id, id)`, so that no reference can leave the company."""

    __abstract__ = True

    company_id: Mapped[UUID] = mapped_column(primary_key=True, sort_order=-2)
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id, sort_order=-1)


def belongs_to(table: str, column: str, *, ondelete: str = "RESTRICT") -> ForeignKeyConstraint:
    """A foreign key to another row of the same company.

    `use_alter` keeps SQLAlchemy from looking the other table up when it writes a row: a function imports the models
    of the contexts it uses, not of all that they refer to (mapping all of them costs 100 ms at a cold start).
    """
    return ForeignKeyConstraint(
        ["company_id", column], [f"{table}.company_id", f"{table}.id"], ondelete=ondelete, use_alter=True
    )


def of_company() -> ForeignKeyConstraint:
    return ForeignKeyConstraint(["company_id"], ["companies.id"], ondelete="CASCADE", use_alter=True)


def one_of(column: str, *values: str) -> CheckConstraint:
    """A check constraint for a closed set of ASCII codes."""
    listed = ", ".join(f"'{value}'" for value in values)
    return CheckConstraint(f"{column} in ({listed})", name=column)
