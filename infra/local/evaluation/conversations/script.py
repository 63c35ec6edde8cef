"""The conversations of a file, in the format of tests/eval/README.md."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from infra.local.evaluation.json_lines import rows

type Words = tuple[tuple[str, ...], ...]
"""Each member is met by any of its alternatives."""


@dataclass(frozen=True, slots=True)
class Turn:
    text: str
    sender: str | None = None
    now: datetime | None = None
    contains: Words = ()
    lacks: Words = ()
    tools: tuple[str, ...] | None = None
    state: dict[str, Any] = field(default_factory=dict)
    """The rows right after this turn."""


@dataclass(frozen=True, slots=True)
class Conversation:
    id: str
    kind: str
    turns: tuple[Turn, ...]
    setup: dict[str, Any] = field(default_factory=dict)
    state: dict[str, Any] = field(default_factory=dict)
    now: datetime | None = None


def read_conversations(lines: Iterable[str]) -> list[Conversation]:
    """Conversations of a JSON-lines file; blank lines are skipped, a bad line is named by its number."""
    return rows(lines, _conversation, "conversation")


def _conversation(data: dict[str, Any]) -> Conversation:
    return Conversation(
        id=str(data["id"]),
        kind=data["kind"],
        turns=tuple(_turn(turn) for turn in data["turns"]),
        setup=data.get("setup") or {},
        state=data.get("state") or {},
        now=_moment(data.get("now")),
    )


def _turn(data: dict[str, Any]) -> Turn:
    reply = data.get("reply") or {}
    unknown = (set(data) - {"text", "from", "now", "reply", "tools", "state"}) | (set(reply) - {"contains", "lacks"})
    if unknown:
        raise ValueError(f"a turn has no {', '.join(sorted(unknown))}")
    tools = data.get("tools")
    return Turn(
        text=data["text"],
        sender=data.get("from"),
        now=_moment(data.get("now")),
        contains=_words(reply.get("contains")),
        lacks=_words(reply.get("lacks")),
        tools=None if tools is None else tuple(tools),
        state=data.get("state") or {},
    )


def _words(listed: list[str | list[str]] | None) -> Words:
    return tuple((word,) if isinstance(word, str) else tuple(word) for word in listed or ())


def _moment(text: str | None) -> datetime | None:
    if text is None:
        return None
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError("now needs an offset")
    return moment
