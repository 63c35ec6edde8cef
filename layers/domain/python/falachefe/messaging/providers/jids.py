"""WhatsApp's addresses (JIDs): whose chat is it? Only what is known to be a person's is one."""

from typing import Final, Literal

from falachefe.kernel.brazil import canonical_phone

type ChatKind = Literal["person", "hidden", "group", "status", "broadcast", "newsletter", "unknown"]

_KINDS: Final[dict[str, ChatKind]] = {
    "s.whatsapp.net": "person",
    "lid": "hidden",
    "g.us": "group",
    "broadcast": "broadcast",
    "newsletter": "newsletter",
}


def kind_of(jid: str) -> ChatKind:
    """What kind of chat an address names; `hidden` is a person who shows no number (a lid)."""
    user, _, server = jid.strip().lower().partition("@")
    kind = _KINDS.get(server, "unknown")
    if kind == "broadcast" and user == "status":
        return "status"
    return kind if _digits(user) or kind not in ("person", "hidden") else "unknown"


def phone_of(jid: str) -> str | None:
    """The number in a person's address as it stands there, be it without the ninth digit.

    None for all other addresses: the digits before `@lid` are no phone.
    """
    user, _, server = jid.strip().lower().partition("@")
    digits = _digits(user)
    if server != "s.whatsapp.net" or not 8 <= len(digits) <= 15:
        return None
    return f"+{digits}"


def canonical(phone: str | None) -> str | None:
    """The number under which we know the person."""
    return canonical_phone(phone) if phone else None


def _digits(user: str) -> str:
    """A user may have a device (`…:12`) and an agent (`….0`) behind it."""
    digits = user.partition(":")[0].partition(".")[0]
    return digits if digits.isascii() and digits.isdigit() else ""
