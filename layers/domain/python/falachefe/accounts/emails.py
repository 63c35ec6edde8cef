"""An account's e-mail address: its uniqueness, and queueing mails to it."""

from typing import Final
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from falachefe.db.outbox import Outbox
from falachefe.kernel.errors import Conflict
from falachefe.kernel.ids import new_id

EMAILS: Final = "emails"


def claim_email(session: Session, email: str) -> None:
    """Reserves an address until the end of the transaction. A concurrent claim waits, then raises `Conflict`."""
    session.execute(text("select pg_advisory_xact_lock(hashtextextended(lower(:email), 0))"), {"email": email})
    found = session.execute(text("select 1 from directory.logins_of(:email) limit 1"), {"email": email}).first()
    if found is not None:
        raise email_taken()


def enqueue_mail(outbox: Outbox, kind: str, user_id: UUID) -> None:
    """Queues a mail to a user. The payload has only ids: the worker reads name and address when it sends."""
    mail = str(new_id())
    payload = {"kind": kind, "id": mail, "company_id": str(outbox.company_id), "user_id": str(user_id)}
    outbox.send(EMAILS, payload, group_id=str(user_id), deduplication_id=mail)


def email_taken() -> Conflict:
    return Conflict("Este e-mail já tem uma conta. Entre ou recupere a senha.", code="email_taken")
