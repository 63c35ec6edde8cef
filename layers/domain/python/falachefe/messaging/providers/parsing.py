"""Reading values from untrusted payloads, with checks of type and size."""

import hashlib
import re
from datetime import UTC, datetime
from typing import Any

from falachefe.kernel.errors import DomainError

LONGEST_TEXT = 65_536
"""WhatsApp's own limit for a message, in characters."""
LONGEST_ID = 200
LONGEST_NAME = 120

# What Postgres cannot store (NUL), what SQS refuses and what no reader can show: control characters but tab and line
# ends, lone surrogates, and the two non-characters at the end of the basic plane.
_UNSTORABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
_DIGITS = re.compile(r"\d{1,17}")
_EARLIEST_S = 946_684_800  # the year 2000
_LATEST_S = 4_102_444_800  # the year 2100


class MalformedWebhook(DomainError):
    status = 400
    default_code = "malformed_webhook"
    title = "Notificação inválida"


def wrong(field: str) -> MalformedWebhook:
    return MalformedWebhook(f"O campo {field} da notificação tem um tipo ou valor inesperado.")


def digest_of(token: Any) -> str:
    """The SHA-256 of a token; anything but a string counts as an empty one."""
    return hashlib.sha256(token.encode("utf-8", "replace") if isinstance(token, str) else b"").hexdigest()


def section(document: dict[str, Any], name: str) -> dict[str, Any]:
    """A required object."""
    value = document.get(name)
    if not isinstance(value, dict):
        raise wrong(name)
    return value


def text(document: dict[str, Any], name: str, *, longest: int = LONGEST_TEXT) -> str:
    """A string without characters that cannot be stored; empty when absent or null."""
    value = document.get(name)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise wrong(name)
    return clean(value)[:longest]


def identifier(document: dict[str, Any], name: str) -> str:
    value = text(document, name)
    if len(value) > LONGEST_ID:
        raise wrong(name)
    return value.strip()


def flag(document: dict[str, Any], name: str) -> bool:
    """A boolean, also as a string, as in captured webhooks."""
    value = document.get(name)
    if value is None or isinstance(value, bool):
        return bool(value)
    if isinstance(value, str) and value.lower() in ("true", "false", ""):
        return value.lower() == "true"
    raise wrong(name)


def moment(document: dict[str, Any], name: str, now: datetime) -> datetime:
    """A Unix time in seconds or milliseconds, as a number or as digits; absent reads as `now`."""
    value = document.get(name)
    if value is None or value == "":
        return now
    if isinstance(value, str) and _DIGITS.fullmatch(value):
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise wrong(name)
    seconds = value / 1000 if value > _LATEST_S else value
    if not _EARLIEST_S <= seconds <= _LATEST_S:
        raise wrong(name)
    return datetime.fromtimestamp(seconds, UTC)


def clean(value: str) -> str:
    return _UNSTORABLE.sub("", value)
