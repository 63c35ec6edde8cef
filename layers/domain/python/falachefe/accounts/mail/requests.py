"""Asking for an e-mail by nothing but an address: one mail to the queue, whoever the address belongs to.

Whether there is such an account is found out where the mail is read, so neither the answer nor its time tells.
"""

from typing import Final, Literal
from uuid import UUID

from falachefe.db.outbox import Publisher, QueueMessage
from falachefe.kernel.errors import Unavailable
from falachefe.kernel.ids import new_id

_NOBODYS: Final = UUID(int=0)


def request_mail(publisher: Publisher, kind: Literal["verification_requested", "reset_requested"], email: str) -> None:
    """Raises `Unavailable` when the queue does not take it: there is no outbox behind this."""
    mail_id = new_id()
    payload = {"kind": kind, "id": str(mail_id), "email": email.strip()}
    mail = QueueMessage("emails", str(mail_id), str(mail_id), payload, _NOBODYS, mail_id)
    if mail_id not in publisher.publish([mail]):
        raise Unavailable("Não foi possível enviar o e-mail agora. Tente de novo em instantes.", retry_after=5)
