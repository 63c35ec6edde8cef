"""Splitting a long message into parts within WhatsApp's limit, and the progress of sending them."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final, Self
from uuid import UUID

LONGEST_PART: Final = 4096
"""WhatsApp's limit. Counted in UTF-16 units, as its clients do: an emoji is two."""
_BREAKS: Final = (
    re.compile(r"\n\s*\n"),
    re.compile(r"(?<=[.!?…])[\"'”’)\]]*\s+|\n"),
    re.compile(r"\s+"),
)
# Must stay with the character before it: joiners, variation selectors, skin tones and combining accents.
_COMBINING: Final = re.compile("[\u0300-\u036f\u200d\ufe0e\ufe0f\U0001f3fb-\U0001f3ff]")
_JOINER: Final = "\u200d"


def without_placeholders(text: str) -> str:
    """`text` without the `{{` of placeholders, which the provider would fill with the contact's data, even their CPF.

    Puts an invisible zero-width space between the two braces.
    """
    return re.sub(r"\{(?=\{)", "{\u200b", text)


def units(text: str) -> int:
    """Length in UTF-16 units."""
    return len(text) + sum(character > "\uffff" for character in text)


def split(text: str, limit: int = LONGEST_PART) -> list[str]:
    """`text` in parts of at most `limit` units, cut after a paragraph, else a sentence, else a word.

    Only the whitespace at the cuts is lost. An empty text has no parts.
    """
    parts: list[str] = []
    rest = text.strip()
    while units(rest) > limit:
        head, rest = _cut(rest, limit)
        parts.append(head)
    return [*parts, rest] if rest else parts


def _cut(text: str, limit: int) -> tuple[str, str]:
    window = _prefix(text, limit)
    for pattern in _BREAKS:
        ends = [found for found in pattern.finditer(text, 0, window + 1) if 0 < found.start() <= window]
        if ends and ends[-1].start() >= window // 4:
            head = text[: ends[-1].end()].rstrip()
            if units(head) <= limit:
                return head, text[ends[-1].end() :].lstrip()
    while window > 1 and (_COMBINING.match(text[window]) or text[window - 1] == _JOINER):
        window -= 1
    if window == 1:
        window = _prefix(text, limit)
    return text[:window].rstrip() or text[:window], text[window:].lstrip()


def _prefix(text: str, limit: int) -> int:
    """How many characters of `text` fit into `limit` units."""
    used = 0
    for position, character in enumerate(text):
        used += 2 if character > "\uffff" else 1
        if used > limit:
            return position
    return len(text)


@dataclass(frozen=True, slots=True)
class Part:
    message_id: UUID
    part: int


def track_id(message_id: UUID, part: int) -> str:
    """The id that the provider returns in its webhooks: our message id, and the part unless it is the first."""
    return str(message_id) if part == 0 else f"{message_id}#{part}"


def part_of(tracked: str | None) -> Part | None:
    """The part that a `track_id` identifies, or None when it is not ours."""
    if not tracked:
        return None
    name, _, number = tracked.partition("#")
    try:
        return Part(UUID(name), int(number) if number else 0)
    except ValueError:
        return None


@dataclass(frozen=True, slots=True)
class Progress:
    """How many parts of a message were sent; kept in `crew_metadata`."""

    parts: int = 1
    sent: int = 0
    provider_ids: tuple[str, ...] = ()

    @classmethod
    def read(cls, metadata: Mapping[str, Any]) -> Self:
        return cls(metadata.get("parts", 1), metadata.get("sent", 0), tuple(metadata.get("provider_ids", ())))

    def document(self) -> dict[str, Any]:
        return {"parts": self.parts, "sent": self.sent, "provider_ids": list(self.provider_ids)}

    @property
    def complete(self) -> bool:
        return self.sent >= self.parts

    @property
    def last_id(self) -> str | None:
        """The provider's id of the last part, once it was sent."""
        return self.provider_ids[-1] if self.complete and self.provider_ids else None

    def accepted(self, part: int, provider_id: str | None) -> "Progress":
        """After the provider accepted `part`. Repetitions change nothing, nor does a part that is not the next one."""
        if part > self.sent or part >= self.parts:
            return self
        known = provider_id is None or provider_id in self.provider_ids
        ids = self.provider_ids if known else (*self.provider_ids, str(provider_id))
        return replace(self, sent=max(self.sent, part + 1), provider_ids=ids)
