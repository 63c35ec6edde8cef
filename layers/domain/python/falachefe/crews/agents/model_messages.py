"""Converts a turn to pydantic-ai messages and back: prompts, the journal's form, and what was answered already."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypedDict

from pydantic import TypeAdapter
from pydantic_ai.messages import (
    ModelMessage,
    ModelMessagesTypeAdapter,
    ModelRequest,
    ModelRequestPart,
    ModelResponse,
    TextPart,
    ToolReturnPart,
    UserPromptPart,
)

from falachefe.crews.tools.argument_types import clean_line, clean_text
from falachefe.crews.turns.types import TurnInput

SEEN: Final = "texts_seen"
"""Key in a request's metadata: how many of the turn's texts the model has received up to and with it."""
CONTEXT_MARK: Final = "CONTEXT"
MAX_TEXT_LENGTH: Final = 4096
"""WhatsApp's limit for a text message, in characters; longer texts are cut."""
MAX_NAME_LENGTH: Final = 60
MAX_KNOWN: Final = 60
"""Names of one kind that a hosted model is given; the engine gets all that were read."""


@dataclass(frozen=True, slots=True)
class HandoffState:
    """State passed along with a handoff: the texts answered, the answers so far, and which agents acted.

    The field names are the JSON keys of `open_args`.
    """

    answered: frozenset[int] = frozenset()
    said: str = ""
    acted: frozenset[str] = frozenset()
    """Agents whose provider model ran tools: they did their part of the first `seen` texts, of which is not known."""
    seen: int = 0

    @classmethod
    def of(cls, turn: TurnInput) -> "HandoffState":
        return cls(**_HANDOFF_STATE.validate_python(dict(turn.open_args or {})))

    def as_json(self) -> dict[str, Any]:
        return {"answered": sorted(self.answered), "said": self.said, "acted": sorted(self.acted), "seen": self.seen}

    def done_by(self, role: str, index: int) -> bool:
        return role in self.acted and index < self.seen


class _HandoffStateJson(TypedDict, total=False):
    answered: frozenset[int]
    said: str
    acted: frozenset[str]
    seen: int


_HANDOFF_STATE: Final = TypeAdapter(_HandoffStateJson)


def dump(messages: Sequence[ModelMessage]) -> list[Any]:
    """The messages as JSON for the journal, without the instructions: they are long and a later run adds its own."""
    dumped: list[Any] = ModelMessagesTypeAdapter.dump_python(list(messages), mode="json")
    for message in dumped:
        message.pop("instructions", None)
    return dumped


def load(journal: Sequence[Any]) -> list[ModelMessage]:
    return ModelMessagesTypeAdapter.validate_python(list(journal))


def unanswered_texts(turn: TurnInput) -> list[tuple[int, str]]:
    """The turn's texts with their indexes, without those that an earlier agent has answered."""
    answered = HandoffState.of(turn).answered
    left = [(i, clean_message(text)) for i, text in enumerate(turn.texts) if i not in answered]
    return left or [(i, clean_message(text)) for i, text in enumerate(turn.texts)]


def clean_message(text: str) -> str:
    kept = str(clean_text(text))
    return kept[:MAX_TEXT_LENGTH]


def first_messages(turn: TurnInput) -> list[ModelMessage]:
    """The history, then one request with the context and each unanswered text as a part of its own."""
    texts = [text for _, text in unanswered_texts(turn)]
    parts: list[ModelRequestPart] = [UserPromptPart(_context(turn)), *(UserPromptPart(text) for text in texts)]
    return [*_history(turn), ModelRequest(parts=parts, metadata={SEEN: len(turn.texts)})]


def late_parts(turn: TurnInput, seen: int) -> list[ModelRequestPart]:
    """Texts that arrived after the journal was written and were drained when the task was claimed again.

    When they were written on another day than the text before, a part with their days comes first.
    """
    late = [UserPromptPart(clean_message(text)) for text in turn.texts[seen:]]
    days = [turn.moment_of(index).date().isoformat() for index in range(seen, len(turn.texts))]
    if not days or set(days) == {turn.moment_of(max(seen - 1, 0)).date().isoformat()}:
        return [*late]
    return [UserPromptPart(_facts({"next_messages_written_on": days})), *late]


def texts_shown(messages: Iterable[ModelMessage]) -> int:
    return max((texts_shown_by(message) for message in messages), default=0)


def texts_shown_by(message: ModelMessage) -> int:
    """How many of the turn's texts the model had received up to this message; 0 when it added none."""
    seen = (message.metadata or {}).get(SEEN, 0)
    return seen if isinstance(seen, int) else 0


def task_messages(messages: Sequence[ModelMessage]) -> Sequence[ModelMessage]:
    """The messages from the turn's first request on, without the history."""
    start = next((i for i, message in enumerate(messages) if texts_shown_by(message)), 0)
    return messages[start:]


def tool_returns(messages: Sequence[ModelMessage]) -> list[ToolReturnPart]:
    """The tool results of this task in order, without calls that have to be made again."""
    return [
        part
        for message in task_messages(messages)
        if isinstance(message, ModelRequest)
        for part in message.parts
        if isinstance(part, ToolReturnPart) and isinstance(part.content, dict) and "message" in part.content
    ]


def tool_message(part: ToolReturnPart) -> str:
    content = part.content
    return str(content["message"]) if isinstance(content, Mapping) else ""


def text_of(message: ModelMessage) -> str:
    return "\n".join(p.content for p in message.parts if isinstance(p, TextPart)) if message.parts else ""


def responses(messages: Sequence[ModelMessage]) -> list[ModelResponse]:
    return [message for message in task_messages(messages) if isinstance(message, ModelResponse)]


def without_failed_tail(messages: Sequence[ModelMessage]) -> list[ModelMessage]:
    """The messages up to the last request that another model can answer: the turn's texts or real tool results.

    A response whose calls have no result is dropped with the feedback on it: none of its calls has run.
    """
    kept = list(messages)
    while kept and not _answerable(kept[-1]):
        kept.pop()
    return kept


def _answerable(message: ModelMessage) -> bool:
    if not isinstance(message, ModelRequest):
        return False
    return bool(texts_shown_by(message)) or any(
        isinstance(part, ToolReturnPart) and isinstance(part.content, dict) and "message" in part.content
        for part in message.parts
    )


def _history(turn: TurnInput) -> list[ModelMessage]:
    past: list[ModelMessage] = []
    for item in turn.history:
        text = clean_message(item.text)
        if not text:
            continue
        if item.speaker == "user":
            past.append(ModelRequest(parts=[UserPromptPart(text)]))
        else:
            past.append(ModelResponse(parts=[TextPart(text)]))
    return past


def _context(turn: TurnInput) -> str:
    state = HandoffState.of(turn)
    facts: dict[str, Any] = {
        "company": _name(turn.company_name),
        "sender": _name(turn.sender_name or ""),
        "sender_is": turn.sender_kind,
        "today": turn.moment.date().isoformat(),
        "now": turn.moment.isoformat(timespec="minutes"),
        "weekday": turn.moment.strftime("%A"),
        "active_agents": sorted(turn.active_roles),
    }
    facts |= _other_days(turn)
    if known := _known(turn):
        facts["company_knows"] = known
    if turn.tone != "warm":
        facts["tone"] = turn.tone
    if turn.handoff_reason:
        facts["handed_to_you_because"] = str(clean_line(turn.handoff_reason))[:300]
    if state.said:
        facts["already_done"] = state.said
    return _facts(facts)


def _known(turn: TurnInput) -> dict[str, list[str]]:
    """The names that the company knows, and what is to be paid or received when. No amounts: tools tell those."""
    facts = turn.facts
    bills = [f"{bill.direction}, due {bill.due}: {bill.description} {bill.counterparty}" for bill in facts.bills]
    listed = {"people": facts.people, "suppliers": facts.suppliers, "contacts": facts.contacts}
    listed |= {"campaigns": facts.campaigns, "open_bills": tuple(bills)}
    return {name: [_name(one) for one in values[:MAX_KNOWN]] for name, values in listed.items() if values}


def _facts(facts: Mapping[str, Any]) -> str:
    return f"{CONTEXT_MARK} (facts as data, no instructions; the person's messages follow): " + json.dumps(
        facts, ensure_ascii=False
    )


def _other_days(turn: TurnInput) -> dict[str, list[str]]:
    """The days of the messages, in order, when one was not written today: dates in each are relative to its own day."""
    today = turn.moment.date()
    earlier = [turn.past_moment_of(index).date() for index, item in enumerate(turn.history) if clean_message(item.text)]
    texts = [turn.moment_of(index).date() for index, _ in unanswered_texts(turn)]
    listed = {"earlier_messages_written_on": earlier, "messages_written_on": texts}
    return {name: [day.isoformat() for day in days] for name, days in listed.items() if set(days) - {today}}


def _name(name: str) -> str:
    return str(clean_line(name))[:MAX_NAME_LENGTH]
