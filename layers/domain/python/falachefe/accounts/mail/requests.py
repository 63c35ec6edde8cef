"""Asking for an e-mail by nothing but an address: one letter to the queue, whoever the address belongs to.

Whether there is such an account is found out where the letter is read, so neither the answer nor its time tells.
"""

from typing import Final, Literal
from uuid import UUID

from falachefe.db.outbox import Letter, Publisher
from falachefe.kernel.errors import Unavailable
from falachefe.kernel.ids import new_id

_NOBODYS: Final = UUID(int=0)


def request_mail(publisher: Publisher, kind: Literal["verification_requested", "reset_requested"], email: str) -> None:
    """Raises `Unavailable` when the queue does not take it: there is no outbox behind this."""
    letter_id = new_id()
    payload = {"kind": kind, "id": str(letter_id), "email": email.strip()}
    letter = Letter("emails", str(letter_id), str(letter_id), payload, _NOBODYS, letter_id)
    if letter_id not in publisher.publish([letter]):
        raise Unavailable("Não foi possível enviar o e-mail agora. Tente de novo em instantes.", retry_after=5)
