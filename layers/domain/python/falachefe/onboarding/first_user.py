"""The first person of a company that somebody else makes for them."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import insert
from sqlalchemy.orm import Session

from falachefe.accounts import names
from falachefe.accounts.emails import claim_email, write_mail
from falachefe.accounts.models import User
from falachefe.db.outbox import Outbox
from falachefe.kernel.ids import new_id


def invite_first_admin(
    session: Session, outbox: Outbox, company_id: UUID, *, name: str, email: str, now: datetime
) -> UUID:
    """An admin without a password yet, and the queue message that asks for one.

    Raises `Conflict` when the e-mail has an account already.
    """
    claim_email(session, email)
    user_id = new_id()
    values = {**names.from_full(name), "email": email, "role": "admin"}
    session.execute(insert(User).values(company_id=company_id, id=user_id, created_at=now, updated_at=now, **values))
    write_mail(outbox, "invitation", user_id)
    return user_id
