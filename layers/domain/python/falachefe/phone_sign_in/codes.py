"""Sign-in codes: made so that nothing in clear has to be stored or queued anywhere, and read as people type them.

A code is a truncated HMAC of a random nonce under the pepper, as HOTP's (RFC 4226). The sender computes it once more
from the nonce; whoever reads tables, queues or logs without the pepper learns nothing.
"""

import hashlib
import hmac
import re
import secrets
from typing import Final
from uuid import UUID

from falachefe.kernel.text import fold
from falachefe.phone_sign_in.rules import CODE_LIVES, Code

DIGITS: Final = 6
_TYPED: Final = re.compile(r"(?:(?:o |meu )*codigo(?: e)? ?:? ?)?([0-9]{3})[ .-]?([0-9]{3})[ .!]*")
_WANTS_ANOTHER: Final = re.compile(
    r"(?:(?:me |pode )*(?:manda|mande|mandar|envia|envie|enviar|reenvia|reenvie|reenviar|quero|preciso de) )?"
    r"(?:(?:um |o )?(?:novo|outro) codigo|(?:o )?codigo (?:de novo|novamente|expirou|venceu)|(?:o )?codigo de novo"
    r"|reenvia|reenvie|reenviar|(?:nao (?:recebi|chegou)|expirou|venceu)(?: (?:o |nenhum )?codigo)?)"
    r"(?: (?:o )?codigo)?(?: por favor)?[ .!?]*"
)
_LONGEST: Final = 60


class Codes:
    """Makes and checks the codes of one deployment; `pepper` comes from Secrets Manager."""

    def __init__(self, pepper: str) -> None:
        self._pepper = pepper.encode()

    def fresh(self, company_id: UUID, phone: str, now: int) -> Code:
        nonce = secrets.token_hex(16)
        shown = self.shown(company_id, phone, nonce)
        return Code(nonce, self.digest(company_id, phone, nonce, shown), now + CODE_LIVES)

    def shown(self, company_id: UUID, phone: str, nonce: str) -> str:
        """The six digits that a person reads. For the moment of sending; keep them nowhere."""
        whole = self._mac("shown", str(company_id), phone, nonce)
        # 64 bits over a million: the first digits are favoured by less than one in ten trillion.
        return f"{int.from_bytes(whole[:8]) % 10**DIGITS:0{DIGITS}d}"

    def digest(self, company_id: UUID, phone: str, nonce: str, code: str) -> str:
        return self._mac("digest", str(company_id), phone, nonce, code).hex()

    def matches(self, code: Code | None, company_id: UUID, phone: str, typed: str) -> bool:
        """Whether `typed` is that code, in constant time; also when there is no code at all."""
        nonce, expected = (code.nonce, code.digest) if code else ("", "")
        return hmac.compare_digest(self.digest(company_id, phone, nonce, typed), expected)

    def _mac(self, *parts: str) -> bytes:
        return hmac.new(self._pepper, "\x1f".join(("whatsapp-code", *parts)).encode(), hashlib.sha256).digest()


def typed_code(text: str) -> str | None:
    """The code in a message that is nothing but a code: `123456`, `123 456`, `código: 123456`."""
    found = _TYPED.fullmatch(fold(text)) if len(text) <= _LONGEST else None
    return found[1] + found[2] if found else None


def wants_another(text: str) -> bool:
    """Whether a message asks for a code to be sent again, and for nothing else."""
    return len(text) <= _LONGEST and _WANTS_ANOTHER.fullmatch(fold(text)) is not None
