"""How many people a company has."""

from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from falachefe.auth.models import User


def count_active(session: Session, company_id: UUID) -> int:
    """People of the company who may come in."""
    return session.execute(
        select(func.count())
        .select_from(User)
        .where(User.company_id == company_id, User.status == "active", User.deleted_at.is_(None))
    ).scalar_one()
