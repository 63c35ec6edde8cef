"""Creates the first superadmin of a stage, whom no other superadmin can appoint through the API."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from falachefe.accounts.models import User
from falachefe.audit.rules import changed_fields
from falachefe.audit.service import insert_entry
from falachefe.db.engine import Database
from falachefe.kernel.actors import Actor
from falachefe.kernel.errors import Conflict, NotFound

SUPERADMIN = "superadmin"


def make_superadmin(database: Database, email: str, *, now: datetime) -> UUID:
    """Promotes the user with this e-mail, idempotently.

    Raises `NotFound` unless exactly one account has the e-mail, `Conflict` while it is not confirmed.
    """
    with database.no_tenant() as session:
        asked = text("select company_id, user_id from directory.logins_of(:email) order by user_id limit 2")
        found = [(row.company_id, row.user_id) for row in session.execute(asked, {"email": email})]
    if len(found) != 1:
        raise NotFound("Ninguém, ou mais de uma pessoa, entra com este e-mail.")
    company_id, user_id = found[0]
    with database.tenant(company_id) as session:
        _promote(session, company_id, user_id, now)
    return UUID(str(user_id))


def _promote(session: Session, company_id: UUID, user_id: UUID, now: datetime) -> None:
    user = session.execute(
        select(User).where(User.company_id == company_id, User.id == user_id).with_for_update()
    ).scalar_one()
    if user.email_verified_at is None:
        raise Conflict("O e-mail ainda não foi confirmado.")
    if user.role == SUPERADMIN:
        return
    changes = changed_fields({"role": user.role}, {"role": SUPERADMIN})
    user.role = SUPERADMIN
    user.updated_at = now
    user.version += 1
    session.flush()
    insert_entry(
        session,
        company_id,
        Actor("job", None),
        action="update",
        resource="users",
        resource_id=user_id,
        changes=changes,
        now=now,
    )
