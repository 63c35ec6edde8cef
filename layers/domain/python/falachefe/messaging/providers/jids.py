"""WhatsApp's addresses (JIDs): the kind of chat, and the phone number of a person's."""

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
    """The kind of chat of an address; `hidden` is a person without a visible number (a lid)."""
    user, _, server = jid.strip().lower().partition("@")
    kind = _KINDS.get(server, "unknown")
    if kind == "broadcast" and user == "status":
        return "status"
    return kind if _digits(user) or kind not in ("person", "hidden") else "unknown"


def phone_of(jid: str) -> str | None:
    """The number in a person's address, unchanged (perhaps without the ninth digit).

    None for all other addresses: the digits before `@lid` are no phone.
    """
    user, _, server = jid.strip().lower().partition("@")
    digits = _digits(user)
    if server != "s.whatsapp.net" or not 8 <= len(digits) <= 15:
        return None
    return f"+{digits}"


def canonical(phone: str | None) -> str | None:
    """The number in the form in which contacts are stored."""
    return canonical_phone(phone) if phone else None


def _digits(user: str) -> str:
    """The digits of a user, without a device (`…:12`) or an agent (`….0`)."""
    digits = user.partition(":")[0].partition(".")[0]
    return digits if digits.isascii() and digits.isdigit() else ""
