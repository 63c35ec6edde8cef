"""References to rows of other packages."""

from uuid import UUID

from sqlalchemy import Uuid, column, select, table
from sqlalchemy.orm import Session


def row_exists(session: Session, name: str, company_id: UUID, row_id: UUID) -> bool:
    """Whether the company has this row, not deleted, in the table `name`.

    Given by name, as in a foreign key (`belongs_to`), as the referring package may not import the table's model.
    """
    known = table(name, column("company_id", Uuid()), column("id", Uuid()), column("deleted_at")).c
    found = select(known.id).where(known.company_id == company_id, known.id == row_id, known.deleted_at.is_(None))
    return session.execute(found).first() is not None
