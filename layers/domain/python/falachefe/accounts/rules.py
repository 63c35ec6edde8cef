"""What a company may note about its people, and who may not be lost. Pure."""

import json
from collections.abc import Mapping
from typing import Any, Final

from falachefe.kernel.display_names import name_problem
from falachefe.kernel.errors import Conflict, FieldError, Forbidden, invalid_field
from falachefe.kernel.text import one_line

USERNAME: Final = r"^[A-Za-z0-9][A-Za-z0-9._-]{1,48}[A-Za-z0-9]$"
MOST_METADATA_BYTES: Final = 4096
MOST_METADATA_LEVELS: Final = 4
ADMINS: Final = ("admin", "superadmin")
ACTIVE: Final = "active"
LONGEST_NAME: Final = 120


def metadata_objection(document: Mapping[str, Any]) -> str | None:
    """Why a note about a person is not kept, if so; the words are for the field's error."""
    text = json.dumps(document, ensure_ascii=False)
    if len(text.encode("utf-8", "surrogatepass")) > MOST_METADATA_BYTES:
        return f"O JSON passa de {MOST_METADATA_BYTES} bytes."
    if "\\u0000" in json.dumps(document) or any("\ud800" <= c <= "\udfff" for c in text):
        return "Há um caractere que não se pode guardar."
    return f"Use no máximo {MOST_METADATA_LEVELS} níveis." if _levels(document) > MOST_METADATA_LEVELS else None


def _levels(value: Any) -> int:
    if isinstance(value, dict):
        return 1 + max((_levels(one) for one in value.values()), default=0)
    if isinstance(value, list):
        return 1 + max((_levels(one) for one in value), default=0)
    return 0


def is_admin(role: str, status: str, *, deleted: bool = False) -> bool:
    """Whether somebody can run the company now."""
    return role in ADMINS and status == ACTIVE and not deleted


def check_admins_remain(others: int) -> None:
    """`others`: admins who can sign in, besides whoever is about to stop being one."""
    if others == 0:
        message = "A empresa ficaria sem administrador. Antes, dê esse papel a outra pessoa."
        raise Conflict(message, code="last_admin")


def check_own_email(*, own: bool) -> None:
    """Another e-mail of one's own needs the password, which this API never takes."""
    if own:
        message = "Troque seu próprio e-mail em sua conta, com a senha."
        raise Forbidden(message, code="own_email", errors=(FieldError("email", message),))


def check_reachable(email: str | None, phone: str | None) -> None:
    """Raises `InvalidInput` for somebody who could sign in neither by e-mail nor by WhatsApp."""
    if email is None and phone is None:
        message = "Informe o e-mail ou o telefone."
        raise invalid_field("email", message, "unreachable")


def checked_name(name: str) -> str:
    """A person's full name on one line. Raises `InvalidInput` for one that cannot be."""
    shown = one_line(name)
    fits = 2 <= len(shown) <= LONGEST_NAME
    message = f"O nome tem de 2 a {LONGEST_NAME} caracteres." if not fits else name_problem(shown)
    if message is not None:
        raise invalid_field("name", message, "name_invalid")
    return shown
