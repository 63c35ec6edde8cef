"""Requests for an e-mail by address alone: one message to the queue, whether an account exists or not.

Only the worker looks the account up, so neither the response nor its time reveals whether it exists.
"""

from typing import Final, Literal
from uuid import UUID

from falachefe.db.outbox import Publisher, QueueMessage
from falachefe.kernel.errors import Unavailable
from falachefe.kernel.ids import new_id

_NO_ID: Final = UUID(int=0)


def request_mail(publisher: Publisher, kind: Literal["verification_requested", "reset_requested"], email: str) -> None:
    """Raises `Unavailable` when the queue does not accept the message: no outbox would send it later."""
    mail_id = new_id()
    payload = {"kind": kind, "id": str(mail_id), "email": email.strip()}
    mail = QueueMessage("emails", str(mail_id), str(mail_id), payload, _NO_ID, mail_id)
    if mail_id not in publisher.publish([mail]):
        raise Unavailable("Não foi possível enviar o e-mail agora. Tente de novo em instantes.", retry_after=5)
