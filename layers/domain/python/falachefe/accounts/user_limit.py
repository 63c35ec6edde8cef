"""How many users a company has, and whether its plan allows another."""

from datetime import datetime
from typing import Any, cast
from uuid import UUID

from sqlalchemy import Select, Table, bindparam, func, select
from sqlalchemy.orm import Session

from falachefe.accounts.models import User
from falachefe.db.statements import Query, fetch, prepared
from falachefe.plans.limits import check_users


def count_active(session: Session, company_id: UUID) -> int:
    """Active users of the company."""
    return fetch(session, active_users_query(company_id))


def check_user_limit(session: Session, company_id: UUID, now: datetime) -> None:
    """Called before a user is added or activated, in the same transaction. Raises `PlanLimitReached`."""
    check_users(session, company_id, now, count=count_active)


def active_users_query(company_id: UUID) -> Query[int]:
    return _active.read(lambda rows: int(rows[0].number), company_id=company_id)


def count_signed_in(session: Session, company_id: UUID, since: datetime) -> int:
    """Users of the company whose last sign-in was at `since` or later."""
    signed_in = select(func.count()).where(
        User.company_id == company_id, User.last_login_at >= since, User.deleted_at.is_(None)
    )
    return session.scalar(signed_in) or 0


@prepared
def _active() -> Select[Any]:
    user = cast(Table, User.__table__).c
    return select(func.count().label("number")).where(
        user.company_id == bindparam("company_id"), user.status == "active", user.deleted_at.is_(None)
    )
