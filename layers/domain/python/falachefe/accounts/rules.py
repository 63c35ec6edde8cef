"""Rules of user data: metadata, names, reachability, and that an admin remains. Pure."""

import json
from collections.abc import Mapping
from typing import Any, Final

from falachefe.kernel.display_names import name_problem
from falachefe.kernel.errors import Conflict, FieldError, Forbidden, invalid_field
from falachefe.kernel.text import one_line

USERNAME: Final = r"^[A-Za-z0-9][A-Za-z0-9._-]{1,48}[A-Za-z0-9]$"
MAX_METADATA_BYTES: Final = 4096
MAX_METADATA_LEVELS: Final = 4
ADMINS: Final = ("admin", "superadmin")
ACTIVE: Final = "active"
MAX_NAME_LENGTH: Final = 120


def metadata_problem(document: Mapping[str, Any]) -> str | None:
    """The message of the field's error when metadata is too large, too deep or cannot be stored."""
    text = json.dumps(document, ensure_ascii=False)
    if len(text.encode("utf-8", "surrogatepass")) > MAX_METADATA_BYTES:
        return f"O JSON passa de {MAX_METADATA_BYTES} bytes."
    if "\\u0000" in json.dumps(document) or any("\ud800" <= c <= "\udfff" for c in text):
        return "Há um caractere que não se pode guardar."
    return f"Use no máximo {MAX_METADATA_LEVELS} níveis." if _levels(document) > MAX_METADATA_LEVELS else None


def _levels(value: Any) -> int:
    if isinstance(value, dict):
        return 1 + max((_levels(one) for one in value.values()), default=0)
    if isinstance(value, list):
        return 1 + max((_levels(one) for one in value), default=0)
    return 0


def is_admin(role: str, status: str, *, deleted: bool = False) -> bool:
    """Whether a user can administer the company now."""
    return role in ADMINS and status == ACTIVE and not deleted


def check_admins_remain(others: int) -> None:
    """Raises `Conflict` when no other user (`others` counts them) could administer the company."""
    if others == 0:
        message = "A empresa ficaria sem administrador. Antes, dê esse papel a outra pessoa."
        raise Conflict(message, code="last_admin")


def check_own_email(*, own: bool) -> None:
    """Raises `Forbidden` for one's own e-mail: changing it needs the password, which the admin API does not take."""
    if own:
        message = "Troque seu próprio e-mail em sua conta, com a senha."
        raise Forbidden(message, code="own_email", errors=(FieldError("email", message),))


def check_reachable(email: str | None, phone: str | None) -> None:
    """Raises `InvalidInput` for a user who could sign in neither by e-mail nor by WhatsApp."""
    if email is None and phone is None:
        message = "Informe o e-mail ou o telefone."
        raise invalid_field("email", message, "unreachable")


def checked_name(name: str) -> str:
    """The full name on one line. Raises `InvalidInput` when its length or content is not allowed."""
    shown = one_line(name)
    fits = 2 <= len(shown) <= MAX_NAME_LENGTH
    message = f"O nome tem de 2 a {MAX_NAME_LENGTH} caracteres." if not fits else name_problem(shown)
    if message is not None:
        raise invalid_field("name", message, "name_invalid")
    return shown
