"""References to rows of other contexts."""

from uuid import UUID

from sqlalchemy import Uuid, column, select, table
from sqlalchemy.orm import Session


def is_there(session: Session, name: str, company_id: UUID, row_id: UUID) -> bool:
    """Whether the company has this row in the table `name`, and has not deleted it.

    The table is named, as a foreign key names it (`belongs_to`): its model may stand above the one that refers to it.
    """
    known = table(name, column("company_id", Uuid()), column("id", Uuid()), column("deleted_at")).c
    found = select(known.id).where(known.company_id == company_id, known.id == row_id, known.deleted_at.is_(None))
    return session.execute(found).first() is not None
