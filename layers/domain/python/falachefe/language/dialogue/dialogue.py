"""Weighs a message within its conversation: an answer, a follow-up, a correction or a request of its own."""

from dataclasses import dataclass, replace
from datetime import date
from typing import Final

from falachefe.language.contract import TOOLS, Role, Situation
from falachefe.language.dialogue.answers import fill
from falachefe.language.dialogue.drafts import Draft, Reading
from falachefe.language.dialogue.subjects import by_agent, subjects
from falachefe.language.intents.ledger import Side, entry_as, fill_entry
from falachefe.language.intents.read import read
from falachefe.language.intents.reports import report_for
from falachefe.language.text.names import name_after
from falachefe.language.text.normalize import Text, rx, text_of
from falachefe.language.values.dates import find_dates

# An open question is at most a few messages old; anything before that is another subject.
_MEMORY: Final = 16
_LEDGER: Final = ("add_expense", "add_income")
_FREE_TEXT: Final = ("create_campaign", "open_ticket")
_ASKING: Final = (
    r"\?|\b(?:qual|quanto|quando|quem|me (?:diga|diz|fala|fale|informe|informa|manda|"
    r"mande|conta|passa|passe)|informe|preciso (?:saber|d[eoa])|falta|faltou|poderia|"
    r"pode me|digite|escreva|envie)\b"
)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What this message comes to: calls ready to run, one open call to ask about, or talk of the given intent."""

    intent: str
    role: Role
    drafts: tuple[Draft, ...]
    confidence: float
    continues: bool = False
    rest: tuple[tuple[Draft, ...], ...] = ()
    """What the message asks of other agents too, one group for each."""

    @property
    def everything(self) -> tuple[Draft, ...]:
        return (*self.drafts, *(d for group in self.rest for d in group))

    @property
    def open_draft(self) -> Draft | None:
        return next((d for d in self.drafts if d.missing), None)


@dataclass(frozen=True, slots=True)
class _State:
    """`pending` is being asked about; `last` is the latest request that was whole; `origin` the text that began it.

    `parked` went unanswered once; only an agent that asks again opens it again.
    """

    pending: tuple[Draft, ...] = ()
    last: tuple[Draft, ...] = ()
    origin: str = ""
    detail_asked: bool = False
    parked: tuple[Draft, ...] = ()


def resolve(message: str, situation: Situation) -> Outcome:
    today = situation.now.date()
    state = _State()
    for utterance in situation.history[-_MEMORY:]:
        if utterance.speaker == "user":
            _, state = _step(utterance.text, utterance.at.date() if utterance.at else today, state)
        else:
            state = _heard(utterance.text, state)
    return _step(message, today, state)[0]


def _heard(reply: str, state: _State) -> _State:
    """The agent may be any model: a question after a whole request still asks for a detail of it."""
    if state.parked:
        return replace(state, pending=state.parked if "?" in reply else (), parked=())
    asks = text_of(reply).has(_ASKING)
    return replace(state, detail_asked=asks and not state.pending and bool(state.last))


def _step(message: str, today: date, state: _State) -> tuple[Outcome, _State]:
    reading = read(message, today)
    text = text_of(message)
    if reading.intent in ("refused", "cancel"):
        return _talk(reading, state), _State(last=state.last if reading.intent == "refused" else ())
    if state.pending:
        answered = _answer(reading, text, today, state)
        if answered:
            return answered
    elif state.detail_asked:
        detailed = _detail(reading, text, today, state)
        if detailed:
            return detailed
    followed = _follow_up(reading, text, today, state)
    if followed:
        reading = followed
    elif parts := subjects(message, today):
        return _several(parts, message, today)
    if reading.intent == "unclear_entry":
        reading = _unclear(text, today)
    if not reading.drafts:
        return _talk(reading, state), replace(
            state, pending=() if reading.explicit else state.pending, detail_asked=False
        )
    drafts = _written_on(today, reading.drafts)
    return _concluded(drafts, message, reading.confidence, continues=followed is not None, asked_before=False)


def _written_on(day: date, drafts: tuple[Draft, ...]) -> tuple[Draft, ...]:
    """A request keeps the day on which it was written, whenever what it lacked is answered."""
    return tuple(draft if draft.day else replace(draft, day=day) for draft in drafts)


def _concluded(
    drafts: tuple[Draft, ...], origin: str, confidence: float, *, continues: bool, asked_before: bool
) -> tuple[Outcome, _State]:
    open_draft = next((d for d in drafts if d.missing), None)
    tool = (open_draft or drafts[0]).tool
    outcome = Outcome(tool, TOOLS[tool], drafts, confidence, continues or asked_before)
    if open_draft:
        return outcome, _State(pending=drafts, origin=origin)
    return outcome, _State(last=drafts, origin=origin)


def _several(parts: tuple[Reading, ...], origin: str, today: date) -> tuple[Outcome, _State]:
    """Only what is still open is remembered as such: the agents do the rest at once."""
    first, *rest = (_written_on(today, group) for group in by_agent(parts))
    everything = [first, *rest]
    tool, confidence = first[0].tool, min(part.confidence for part in parts)
    outcome = Outcome(tool, TOOLS[tool], first, confidence, rest=tuple(rest))
    waiting = next((group for group in everything if any(d.missing for d in group)), None)
    if waiting:
        return outcome, _State(pending=waiting, origin=origin)
    return outcome, _State(last=everything[-1], origin=origin)


def _talk(reading: Reading, state: _State) -> Outcome:
    subject = state.pending or state.last
    role: Role = (
        TOOLS[subject[0].tool] if subject and reading.intent in ("correction", "cancel", "small_talk") else reading.role
    )
    return Outcome(reading.intent, role, (), reading.confidence, bool(subject))


def _unclear(text: Text, today: date) -> Reading:
    """An amount without a deed: spent or received must be asked before it may enter the ledger."""
    draft = entry_as(text, "add_expense", today)
    missing = ("description", *draft.missing) if "amount" in draft.missing else ("description",)
    return Reading(
        "unclear_entry", "financial", (Draft("add_expense", draft.args, missing, "side"),), 0.7, explicit=False
    )


# ---- answers to an open question


def _answer(reading: Reading, text: Text, today: date, state: _State) -> tuple[Outcome, _State] | None:
    """The message taken as the answer to what was asked, or None when it is a request of its own."""
    index = next(i for i, d in enumerate(state.pending) if d.missing)
    asked = state.pending[index]
    if _own_request(reading, text, asked):
        return None
    filled = replace(_merged(reading, text, today, asked, state.origin), day=asked.day)
    if filled == asked or (filled.missing == asked.missing and filled.tool == asked.tool):
        return _unanswered(filled, index, state)
    drafts = (*state.pending[:index], filled, *state.pending[index + 1 :])
    return _concluded(drafts, state.origin, 0.9, continues=True, asked_before=True)


def _own_request(reading: Reading, text: Text, asked: Draft) -> bool:
    if reading.intent in ("greet", "help"):
        return True
    if not reading.is_tool or not reading.explicit:
        return reading.intent in ("not_yet", "off_topic") and asked.tool not in (*_FREE_TEXT, "add_employee")
    if asked.tool in _FREE_TEXT:
        return _surely_other(reading, text)
    if reading.intent == asked.tool or (asked.tool in _LEDGER and reading.intent in _LEDGER and asked.flaw == "side"):
        return _new_of_same(reading, asked)
    if reading.intent in ("answer_question", "open_ticket"):
        return reading.confidence >= 0.93 or text.has(r"\?")
    return True


def _surely_other(reading: Reading, text: Text) -> bool:
    if reading.intent in _LEDGER:
        return (
            reading.drafts[0].complete
            and text.has(r"^\W*(?:hoje |ontem )?(?:gastei|paguei|recebi|vendi|comprei)\b")
            and not text.has(r"\bnao\b")
        )
    if reading.intent == "cash_flow_report":
        return text.has(r"^\W*(?:quanto|me mostra|fluxo|saldo|qual (?:o )?(?:meu )?saldo)\b")
    if reading.intent == "talk_to_human":
        return True
    return reading.intent == "register_absence" and reading.drafts[0].complete and text.has(r"\bfaltou\b")


def _new_of_same(reading: Reading, asked: Draft) -> bool:
    """`gastei 35 no almoço` while asked about fuel is another purchase; `gastei 35` is the answer."""
    fresh = reading.drafts[0]
    if asked.tool not in _LEDGER:
        return fresh.complete
    if len(reading.drafts) > 1 or (
        fresh.missing
        and "amount" in fresh.missing
        and "amount" in asked.missing
        and fresh.args.get("category") not in ("outros", asked.args.get("category"))
    ):
        return True
    other = fresh.args.get("category") not in ("outros", asked.args.get("category"))
    return fresh.complete and other and asked.args.get("category") != "outros"


def _merged(reading: Reading, text: Text, today: date, asked: Draft, origin: str) -> Draft:
    if asked.tool in _LEDGER:
        fresh = reading.drafts[0] if reading.drafts else None
        if fresh and fresh.tool in _LEDGER and reading.explicit and asked.flaw == "side":
            return replace(
                fill_entry(
                    replace(
                        asked, tool=fresh.tool, flaw=None, missing=tuple(m for m in asked.missing if m != "description")
                    ),
                    text,
                    today,
                )
            )
    return fill(asked, text, today, origin)


def _unanswered(filled: Draft, index: int, state: _State) -> tuple[Outcome, _State]:
    """Asked once; an answer that brings nothing closes the matter kindly instead of asking again."""
    parked = (*state.pending[:index], filled, *state.pending[index + 1 :])
    outcome = Outcome("gave_up", TOOLS[filled.tool], (filled,), 0.8, continues=True)
    return outcome, _State(last=state.last, origin=state.origin, parked=parked)


# ---- follow-ups


def _detail(reading: Reading, text: Text, today: date, state: _State) -> tuple[Outcome, _State] | None:
    """A whole entry that the agent still asked about (`E com o que foi?`): the answer adds to it."""
    subject = state.last[0]
    if subject.tool == "suggest_post" and not reading.explicit and len(text.plain.split()) <= 12:
        return _concluded(
            (replace(subject, args={"topic": text.raw}),), state.origin, 0.85, continues=True, asked_before=True
        )
    if (
        len(state.last) != 1
        or subject.tool not in _LEDGER
        or reading.explicit
        or reading.intent not in ("unknown", *_LEDGER)
    ):
        return None
    if reading.drafts and "amount" in reading.drafts[0].args:
        return None
    filled = replace(fill_entry(subject, text, today), day=subject.day)
    if filled == subject:
        return None
    return _concluded((filled,), state.origin, 0.85, continues=True, asked_before=True)


def _follow_up(reading: Reading, text: Text, today: date, state: _State) -> Reading | None:
    """`e ontem?` after a report, `mais 30 de estacionamento` after an entry."""
    if not state.last or len(text.plain.split()) > 9:
        return None
    tool = state.last[0].tool
    opening = rx(r"^\W*(?:e|mas e|e mais|mais|tambem|e tambem|agora|e no|e na|e em|e de|e a|e o|e com)\b").match(
        text.plain
    )
    if tool == "register_absence" and (absent := _absent_too(reading, text, state.last[0], opened=opening is not None)):
        return absent
    if (
        tool == "cash_flow_report"
        and reading.intent in ("unknown", "answer_question", "small_talk", "unclear_entry")
        and (opening or text.has(r"\?"))
    ):
        if find_dates(text.plain, today, "past"):
            return report_for(text, today)
        if text.has(r"\b(?:vend\w+|gast\w+|despesas?|receitas?|entrad\w+|said\w+|lucro|saldo)\b"):
            return Reading(tool, "financial", state.last, 0.8)
    if (
        tool in _LEDGER
        and opening
        and reading.intent in ("unknown", "unclear_entry", *_LEDGER)
        and not reading.explicit
    ):
        side: Side = "add_income" if tool == "add_income" else "add_expense"
        draft = entry_as(text, side, today)
        if "amount" in draft.args and not text.has(r"\?") and draft.args.get("description"):
            return Reading(tool, "financial", (draft,), 0.85)
    return None


def _absent_too(reading: Reading, text: Text, last: Draft, *, opened: bool) -> Reading | None:
    """`e a Ana também`: one more name on the same day."""
    told = rx(
        r"^\W*(?:e )?(?:(?:o|a|seu|dona) )?(?P<n>[a-z]+(?: [a-z]+)?)(?: (?:tambem(?: nao)?|igual|idem))?\W*$"
    ).match(text.plain)
    if told is None or reading.intent not in ("unknown", "small_talk") or not (opened or text.has(r"\btambem\b")):
        return None
    name = name_after(text, told.start("n"))
    if name is None:
        return None
    args = {key: value for key, value in last.args.items() if key == "date"}
    return Reading("register_absence", "hr", (Draft("register_absence", {**args, "employee": name}),), 0.85)
