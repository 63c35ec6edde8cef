"""Dialogue manager: interprets a message in its conversation, as an answer, follow-up, correction or new request."""

from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Final

from falachefe.language.dialogue.interpreter import interpret
from falachefe.language.dialogue.references import about_last, resume
from falachefe.language.dialogue.segmentation import group_by_agent, split_requests
from falachefe.language.dialogue.slot_filling import fill_slots
from falachefe.language.responses import still_open
from falachefe.language.spans.days import read_days
from falachefe.language.subjects.documents import read_offer
from falachefe.language.subjects.financial.entries import spending_again
from falachefe.language.subjects.financial.ledger import Side, entry_draft, fill_entry
from falachefe.language.subjects.financial.reports import report_for
from falachefe.language.subjects.interpretation import Draft, Interpretation, for_tool
from falachefe.language.subjects.offers import answer, is_offer, still_asked
from falachefe.language.text.known_names import known_words
from falachefe.language.text.normalize import Text, normalize, rx
from falachefe.language.text.person_names import name_after
from falachefe.language.types import OF_EVERY_AGENT, TOOLS, Facts, Role, Situation

# The dialogue state is rebuilt from this many of the latest utterances; older ones belong to another subject.
_HISTORY_LIMIT: Final = 16
_LEDGER: Final = ("add_expense", "add_income")
_FREE_TEXT: Final = ("create_campaign", "open_ticket")
_QUESTIONS: Final = (
    "list_entries", "spending_report", "list_bills", "list_time_off", "count_contacts", "list_tickets",
    "list_reminders", "export_entries", "cash_flow_chart", "delete_entry",
)  # fmt: skip
_ASKING: Final = (
    r"\?|\b(?:qual|quanto|quando|quem|me (?:diga|diz|fala|fale|informe|informa|manda|"
    r"mande|conta|passa|passe)|informe|preciso (?:saber|d[eoa])|poderia|descreva|detalhe|explique|"
    r"pode me|digite|escreva|envie)\b"
)
_AGAIN: Final = (
    r"^\W*(?:list|mostr)\w+(?: (?:de novo|outra vez|pra mim|ai|tudo|todos|eles|os lancamentos|por favor))*\W*$"
)
_DONE: Final = (
    r"\b(?:anot(?:ei|ad\w+)|registr(?:ei|ad\w+)|lanc(?:ei|ad\w+)|cadastr(?:ei|ad\w+)|criad\w+|criei|salv\w+|feito|"
    r"pronto)\b"
)


@dataclass(frozen=True, slots=True)
class Outcome:
    """The result for one message: drafts that are complete, one incomplete draft to ask about, or only an intent."""

    intent: str
    role: Role
    drafts: tuple[Draft, ...]
    confidence: float
    continues: bool = False
    rest: tuple[tuple[Draft, ...], ...] = ()
    """Drafts for further agents, one group for each."""
    said: str = ""
    """The whole answer, where there is nothing to do but to say it."""

    @property
    def everything(self) -> tuple[Draft, ...]:
        return (*self.drafts, *(d for group in self.rest for d in group))

    @property
    def open_draft(self) -> Draft | None:
        return next((d for d in self.drafts if d.missing), None)


@dataclass(frozen=True, slots=True)
class _State:
    """Dialogue state: `pending` is being asked about, `last` is the latest complete request, `origin` its text.

    `parked` was asked about once without an answer; it becomes pending again only when an agent asks again.
    """

    pending: tuple[Draft, ...] = ()
    last: tuple[Draft, ...] = ()
    origin: str = ""
    detail_asked: bool = False
    parked: tuple[Draft, ...] = ()
    reply: str = ""
    """The agent's latest reply, when nothing came after it."""
    aside: tuple[Draft, ...] = ()
    """What was being asked about when another request came; the message after that one may still answer it."""


def resolve(message: str, situation: Situation) -> Outcome:
    state = _State()
    for utterance in situation.history[-_HISTORY_LIMIT:]:
        if utterance.speaker == "user":
            _, state = _step(utterance.text, utterance.at or situation.now, state, situation.facts)
        else:
            state = _after_reply(utterance.text, state)
    return _step(message, situation.now, state, situation.facts)[0]


def _after_reply(reply: str, state: _State) -> _State:
    """The state after an agent's reply. A language model may ask for a detail even after a complete request."""
    if is_offer(state.pending):
        return state if still_asked(state.pending, reply) else replace(state, pending=())
    if state.parked:
        return replace(state, pending=state.parked if "?" in reply else (), parked=(), reply=reply)
    asks = normalize(reply).has(_ASKING)
    if state.pending and "?" not in reply and (not asks or normalize(reply).has(_DONE)):
        # The agent did not ask: with what it knew then, the request was complete.
        state = _State(last=state.pending, origin=state.origin)
    return replace(state, detail_asked=asks and not state.pending and bool(state.last), reply=reply)


def _step(message: str, now: datetime, state: _State, facts: Facts) -> tuple[Outcome, _State]:
    if offered := _documents(message, now.date(), state):
        return offered
    if is_offer(state.pending):
        state = replace(state, pending=())
    parsed, text = interpret(message, now, facts), normalize(message, known_words(facts))
    if state.aside and not state.pending and not (parsed.is_tool and parsed.explicit):
        taken_up = _answer(parsed, text, now, replace(state, pending=state.aside, aside=()))
        if taken_up and taken_up[0].intent != "gave_up":
            return taken_up
    outcome, after = _next(parsed, text, now, state, facts)
    if not state.pending or outcome.continues or not outcome.drafts or outcome.open_draft or after.pending:
        return outcome, after
    noted = replace(outcome.drafts[-1], note=still_open(state.pending))
    return replace(outcome, drafts=(*outcome.drafts[:-1], noted)), replace(after, aside=state.pending)


def _next(  # noqa: PLR0911 - an ordered list of cases
    parsed: Interpretation, text: Text, now: datetime, state: _State, facts: Facts
) -> tuple[Outcome, _State]:
    today, message = now.date(), text.raw
    if not state.pending:
        if resumed := resume(parsed, text, state.last, state.reply):
            return _conclude(_with_day(today, resumed), message, 0.93, continues=True, asked_before=False)
        parsed = about_last(parsed, state.last, state.reply)
    elif parsed.intent == "undo":
        parsed = Interpretation("cancel", "orchestrator", (), 0.9, explicit=False)
    if parsed.intent in ("refused", "cancel"):
        return _talk(parsed, state), _State(last=state.last if parsed.intent == "refused" else ())
    if state.pending:
        answered = _answer(parsed, text, now, state)
        if answered:
            return answered
    elif state.detail_asked:
        detailed = _add_detail(parsed, text, today, state)
        if detailed:
            return detailed
    followed = _follow_up(parsed, text, today, state)
    if followed:
        parsed = followed
    elif parts := split_requests(message, now, facts):
        return _resolve_requests(parts, message, today)
    if parsed.intent == "unclear_entry":
        parsed = _unclear(text, today)
    if not parsed.drafts:
        return _talk(parsed, state), replace(
            state, pending=() if parsed.explicit else state.pending, detail_asked=False
        )
    drafts = _with_day(today, parsed.drafts)
    return _conclude(drafts, message, parsed.confidence, continues=followed is not None, asked_before=False)


def _documents(message: str, today: date, state: _State) -> tuple[Outcome, _State] | None:
    """The documents of the message, or the answer to the offer of earlier ones."""
    offer = read_offer(message, today)
    answered = offer is None and is_offer(state.pending)
    if answered:
        offer = answer(state.pending, message, today)
    if offer is None:
        return None
    if not offer.drafts:
        return Outcome("document", "financial", (), 0.95, answered, said=offer.text), _State(last=state.last)
    return _conclude(offer.drafts, message, 0.95, continues=answered, asked_before=False)


def _with_day(day: date, drafts: tuple[Draft, ...]) -> tuple[Draft, ...]:
    """A request keeps the day on which it was written, even when its missing slots are filled on a later day."""
    return tuple(draft if draft.day else replace(draft, day=day) for draft in drafts)


def _conclude(
    drafts: tuple[Draft, ...], origin: str, confidence: float, *, continues: bool, asked_before: bool
) -> tuple[Outcome, _State]:
    open_draft = next((d for d in drafts if d.missing), None)
    tool = (open_draft or drafts[0]).tool
    outcome = Outcome(tool, TOOLS[tool], drafts, confidence, continues or asked_before or tool in OF_EVERY_AGENT)
    if open_draft:
        return outcome, _State(pending=tuple(d for d in drafts if d.missing), origin=origin)
    return outcome, _State(last=drafts, origin=origin)


def _resolve_requests(parts: tuple[Interpretation, ...], origin: str, today: date) -> tuple[Outcome, _State]:
    """Only incomplete drafts stay pending; the agents run the others at once."""
    first, *rest = (_with_day(today, group) for group in group_by_agent(parts))
    everything = [first, *rest]
    tool, confidence = first[0].tool, min(part.confidence for part in parts)
    outcome = Outcome(tool, TOOLS[tool], first, confidence, rest=tuple(rest))
    waiting = next((group for group in everything if any(d.missing for d in group)), None)
    if waiting:
        return outcome, _State(pending=tuple(d for d in waiting if d.missing), origin=origin)
    return outcome, _State(last=everything[-1], origin=origin)


def _talk(parsed: Interpretation, state: _State) -> Outcome:
    subject = state.pending or state.last
    role: Role = (
        TOOLS[subject[0].tool] if subject and parsed.intent in ("correction", "cancel", "small_talk") else parsed.role
    )
    return Outcome(parsed.intent, role, (), parsed.confidence, bool(subject))


def _unclear(text: Text, today: date) -> Interpretation:
    """An amount without a verb: whether it was spent or received must be asked before it is recorded."""
    draft = entry_draft(text, "add_expense", today)
    missing = ("description", *draft.missing) if "amount" in draft.missing else ("description",)
    return Interpretation(
        "unclear_entry", "financial", (Draft("add_expense", draft.args, missing, "side"),), 0.7, explicit=False
    )


# ---- answers to an open question


def _answer(parsed: Interpretation, text: Text, now: datetime, state: _State) -> tuple[Outcome, _State] | None:
    """The message as the answer to the open question, or None when it is a new request."""
    index = next(i for i, d in enumerate(state.pending) if d.missing)
    asked = state.pending[index]
    if _is_new_request(parsed, text, asked):
        return None
    filled = replace(_fill_asked(parsed, text, now, asked, state.origin), day=asked.day)
    if filled == asked or (filled.missing == asked.missing and filled.tool == asked.tool):
        return _give_up(filled, index, state)
    drafts = (*state.pending[:index], filled, *state.pending[index + 1 :])
    return _conclude(drafts, state.origin, 0.9, continues=True, asked_before=True)


def _is_new_request(parsed: Interpretation, text: Text, asked: Draft) -> bool:
    if parsed.intent in ("greet", "help", "not_offered"):
        return True
    if not parsed.is_tool or not parsed.explicit:
        return parsed.intent in ("not_yet", "nothing_moved", "off_topic") and asked.tool not in (
            *_FREE_TEXT,
            "add_employee",
        )
    if asked.tool in _FREE_TEXT:
        return _is_clearly_another(parsed, text)
    if parsed.intent == asked.tool or (asked.tool in _LEDGER and parsed.intent in _LEDGER and asked.flaw == "side"):
        return _is_another_of_same_kind(parsed, asked)
    if parsed.intent in ("answer_question", "open_ticket"):
        return parsed.confidence >= 0.93 or text.has(r"\?")
    return True


def _is_clearly_another(parsed: Interpretation, text: Text) -> bool:
    if parsed.intent in _QUESTIONS:
        return True
    if parsed.intent in _LEDGER:
        return (
            parsed.drafts[0].complete
            and text.has(r"^\W*(?:hoje |ontem )?(?:gastei|paguei|recebi|vendi|comprei)\b")
            and not text.has(r"\bnao\b")
        )
    if parsed.intent == "cash_flow_report":
        return text.has(r"^\W*(?:quanto|me mostra|fluxo|saldo|qual (?:o )?(?:meu )?saldo)\b")
    if parsed.intent == "talk_to_human":
        return True
    return parsed.intent == "register_absence" and parsed.drafts[0].complete and text.has(r"\bfaltou\b")


def _is_another_of_same_kind(parsed: Interpretation, asked: Draft) -> bool:
    """`gastei 35 no almoço` while asked about fuel is another purchase; `gastei 35` is the answer."""
    fresh = parsed.drafts[0]
    if asked.tool not in _LEDGER:
        return fresh.complete
    if len(parsed.drafts) > 1 or (
        fresh.missing
        and "amount" in fresh.missing
        and "amount" in asked.missing
        and fresh.args.get("category") not in ("outros", asked.args.get("category"))
    ):
        return True
    other = fresh.args.get("category") not in ("outros", asked.args.get("category"))
    return fresh.complete and other and asked.args.get("category") != "outros"


def _fill_asked(parsed: Interpretation, text: Text, now: datetime, asked: Draft, origin: str) -> Draft:
    if asked.tool in _LEDGER:
        fresh = parsed.drafts[0] if parsed.drafts else None
        if fresh and fresh.tool in _LEDGER and parsed.explicit and asked.flaw == "side":
            return replace(
                fill_entry(
                    replace(
                        asked, tool=fresh.tool, flaw=None, missing=tuple(m for m in asked.missing if m != "description")
                    ),
                    text,
                    now.date(),
                )
            )
    return fill_slots(asked, text, now, origin)


def _give_up(filled: Draft, index: int, state: _State) -> tuple[Outcome, _State]:
    """A slot is asked for once: an answer that fills nothing ends the request instead of asking again."""
    parked = (*state.pending[:index], filled, *state.pending[index + 1 :])
    outcome = Outcome("gave_up", TOOLS[filled.tool], (filled,), 0.8, continues=True)
    return outcome, _State(last=state.last, origin=state.origin, parked=parked)


# ---- follow-ups


def _add_detail(parsed: Interpretation, text: Text, today: date, state: _State) -> tuple[Outcome, _State] | None:
    """Adds the answer to an entry that was already complete (`E com o que foi?`)."""
    subject = state.last[0]
    if subject.tool == "suggest_post" and not parsed.explicit and len(text.plain.split()) <= 12:
        return _conclude(
            (replace(subject, args={"topic": text.raw}),), state.origin, 0.85, continues=True, asked_before=True
        )
    if (
        len(state.last) != 1
        or subject.tool not in _LEDGER
        or parsed.explicit
        or parsed.intent not in ("unknown", *_LEDGER)
    ):
        return None
    if parsed.drafts and "amount" in parsed.drafts[0].args:
        return None
    filled = replace(fill_entry(subject, text, today), day=subject.day)
    if filled == subject:
        return None
    return _conclude((filled,), state.origin, 0.85, continues=True, asked_before=True)


def _follow_up(parsed: Interpretation, text: Text, today: date, state: _State) -> Interpretation | None:  # noqa: PLR0911 - an ordered list of cases
    """`e ontem?` after a report, `mais 30 de estacionamento` after an entry."""
    if not state.last or len(text.plain.split()) > 9:
        return None
    tool = state.last[0].tool
    opening = rx(r"^\W*(?:e|mas e|e mais|mais|tambem|e tambem|agora|e no|e na|e em|e de|e a|e o|e com)\b").match(
        text.plain
    )
    if tool == "register_absence" and (
        absent := _another_absence(parsed, text, state.last[0], opened=opening is not None)
    ):
        return absent
    if (
        tool == "cash_flow_report"
        and parsed.intent in ("unknown", "answer_question", "small_talk", "unclear_entry")
        and (opening or text.has(r"\?"))
    ):
        if read_days(text, today, prefer="past"):
            return report_for(text, today)
        if text.has(r"\b(?:vend\w+|gast\w+|despesas?|receitas?|entrad\w+|said\w+|lucro|saldo)\b"):
            return Interpretation(tool, "financial", state.last, 0.8)
    if tool == "spending_report" and opening and (again := spending_again(text, today, state.last[0].args)):
        return again
    if tool in ("list_entries", "spending_report") and text.has(_AGAIN):
        kept = {k: v for k, v in state.last[0].args.items() if k in ("start", "end", "category", "text", "kind")}
        return for_tool(Draft("list_entries", kept), confidence=0.9)
    if tool in _LEDGER and opening and parsed.intent in ("unknown", "unclear_entry", *_LEDGER) and not parsed.explicit:
        side: Side = "add_income" if tool == "add_income" else "add_expense"
        draft = entry_draft(text, side, today)
        if "amount" in draft.args and not text.has(r"\?") and draft.args.get("description"):
            return Interpretation(tool, "financial", (draft,), 0.85)
    return None


def _another_absence(parsed: Interpretation, text: Text, last: Draft, *, opened: bool) -> Interpretation | None:
    """`e a Ana também`: another employee absent on the same day."""
    stated = rx(
        r"^\W*(?:e )?(?:(?:o|a|seu|dona) )?(?P<n>[a-z]+(?: [a-z]+)?)(?: (?:tambem(?: nao)?|igual|idem))?\W*$"
    ).match(text.plain)
    if stated is None or parsed.intent not in ("unknown", "small_talk") or not (opened or text.has(r"\btambem\b")):
        return None
    name = name_after(text, stated.start("n"))
    if name is None:
        return None
    args = {key: value for key, value in last.args.items() if key == "date"}
    return Interpretation("register_absence", "hr", (Draft("register_absence", {**args, "employee": name}),), 0.85)
