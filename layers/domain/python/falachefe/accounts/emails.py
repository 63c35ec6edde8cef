"""An account's e-mail: that it is nobody else's, and the mails that go there."""

from typing import Final
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from falachefe.db.outbox import Outbox
from falachefe.kernel.errors import Conflict
from falachefe.kernel.ids import new_id

EMAILS: Final = "emails"


def claim_email(session: Session, email: str) -> None:
    """The e-mail for this transaction: of two at once that want it one waits, and then finds it taken."""
    session.execute(text("select pg_advisory_xact_lock(hashtextextended(lower(:email), 0))"), {"email": email})
    found = session.execute(text("select 1 from directory.logins_of(:email) limit 1"), {"email": email}).first()
    if found is not None:
        raise taken()


def write_mail(outbox: Outbox, kind: str, user_id: UUID) -> None:
    """A mail to the mailer names the person; what they are called and where they get mail is looked up then."""
    mail = str(new_id())
    payload = {"kind": kind, "id": mail, "company_id": str(outbox.company_id), "user_id": str(user_id)}
    outbox.send(EMAILS, payload, group_id=str(user_id), deduplication_id=mail)


def taken() -> Conflict:
    return Conflict("Este e-mail já tem uma conta. Entre ou recupere a senha.", code="email_taken")
