"""Sign-in codes, which are never stored or queued in plain text, and the recognition of typed ones.

A code is an HMAC of a random nonce, keyed with the pepper and truncated to six digits, much as in HOTP (RFC 4226). The
sender computes it again from the nonce, so that tables, queues and logs reveal nothing without the pepper.
"""

import hashlib
import hmac
import re
import secrets
from typing import Final
from uuid import UUID

from falachefe.kernel.text import fold
from falachefe.phone_sign_in.rules import CODE_LIFETIME_S, Code

DIGITS: Final = 6
_TYPED: Final = re.compile(r"(?:(?:o |meu )*codigo(?: e)? ?:? ?)?([0-9]{3})[ .-]?([0-9]{3})[ .!]*")
_WANTS_ANOTHER: Final = re.compile(
    r"(?:(?:me |pode )*(?:manda|mande|mandar|envia|envie|enviar|reenvia|reenvie|reenviar|quero|preciso de) )?"
    r"(?:(?:um |o )?(?:novo|outro) codigo|(?:o )?codigo (?:de novo|novamente|expirou|venceu)|(?:o )?codigo de novo"
    r"|reenvia|reenvie|reenviar|(?:nao (?:recebi|chegou)|expirou|venceu)(?: (?:o |nenhum )?codigo)?)"
    r"(?: (?:o )?codigo)?(?: por favor)?[ .!?]*"
)
_MAX_LENGTH: Final = 60


class Codes:
    """Generates and verifies codes; `pepper` comes from Secrets Manager."""

    def __init__(self, pepper: str) -> None:
        self._pepper = pepper.encode()

    def fresh(self, company_id: UUID, phone: str, now: int) -> Code:
        nonce = secrets.token_hex(16)
        shown = self.shown(company_id, phone, nonce)
        return Code(nonce, self.digest(company_id, phone, nonce, shown), now + CODE_LIFETIME_S)

    def shown(self, company_id: UUID, phone: str, nonce: str) -> str:
        """The six digits, for sending only; they must not be stored."""
        whole = self._mac("shown", str(company_id), phone, nonce)
        # 64 bits modulo a million: the bias is below one in ten trillion.
        return f"{int.from_bytes(whole[:8]) % 10**DIGITS:0{DIGITS}d}"

    def digest(self, company_id: UUID, phone: str, nonce: str, code: str) -> str:
        return self._mac("digest", str(company_id), phone, nonce, code).hex()

    def matches(self, code: Code | None, company_id: UUID, phone: str, typed: str) -> bool:
        """Whether `typed` is the code, in constant time; takes as long without a code."""
        nonce, expected = (code.nonce, code.digest) if code else ("", "")
        return hmac.compare_digest(self.digest(company_id, phone, nonce, typed), expected)

    def _mac(self, *parts: str) -> bytes:
        return hmac.new(self._pepper, "\x1f".join(("whatsapp-code", *parts)).encode(), hashlib.sha256).digest()


def typed_code(text: str) -> str | None:
    """The code of a message that consists of a code only: `123456`, `123 456`, `código: 123456`."""
    found = _TYPED.fullmatch(fold(text)) if len(text) <= _MAX_LENGTH else None
    return found[1] + found[2] if found else None


def asks_for_new_code(text: str) -> bool:
    """Whether a message only asks for a new code."""
    return len(text) <= _MAX_LENGTH and _WANTS_ANOTHER.fullmatch(fold(text)) is not None
