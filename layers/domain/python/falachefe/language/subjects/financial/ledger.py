"""The ledger: claims of money that moved become entries; what did not happen, or is not clear, never does."""

from dataclasses import dataclass, replace
from datetime import date
from typing import Final, Literal

from falachefe.language.claims.reader import read_claims
from falachefe.language.claims.types import Claim, Reading
from falachefe.language.clauses.verbs import find_event_nouns, find_verbs, meanings
from falachefe.language.spans.types import When
from falachefe.language.subjects.coverage import left_out
from falachefe.language.subjects.financial.descriptions import entry_category, entry_description
from falachefe.language.subjects.financial.owed import bill_draft, rest_draft, settlement
from falachefe.language.subjects.interpretation import Draft, Interpretation, for_tool, money
from falachefe.language.subjects.sums import sum_flaw
from falachefe.language.text.normalize import Text, rx
from falachefe.language.types import NO_FACTS, Facts, JsonValue
from falachefe.language.values.categories import category_in

type Side = Literal["add_expense", "add_income"]
_SIDES: Final[dict[str, Side]] = {"in": "add_income", "out": "add_expense"}
_METHOD: Final = r"\b(?:debito|credito|pix|dinheiro|especie|cartao|boleto|transferencia)\b"
# Events that are a movement of their own even when the amount is still to be asked for.
_ASKED_FOR: Final = ("pay", "buy", "spend", "sell", "receive")

# What may stand before the verb of a message that opens with a movement.
_LEAD: Final = (
    r"^(?:(?:oi|ola|opa|e ai|bom dia|boa tarde|boa noite|tudo bem|tudo|bem|entao|hoje|ontem|anteontem|eu|ja"
    r"|a gente|nos|agora|"
    r"chefe|aqui|olha|so|por favor|acabei de|instrucoes do contador|de manha|cedo|me|nos)[\s,.!:?]*)*$"
)


def opens_with_deed(plain: str) -> bool:
    """A verb of money that happened opens the message: what follows is what the money was for."""
    verb = next(iter(find_verbs(plain)), None)
    if verb is None or not rx(_LEAD).match(plain[: verb.start]):
        return False
    done = verb.tense == "past" or (verb.tense == "infinitive" and "acabei de" in plain[: verb.start])
    return done and (
        not meanings()[verb.lemma].soft
        or rx(r"\d|\b(?:mil|cem|pix|[a-z]+enta|[a-z]+centos)\b").search(plain) is not None
    )


@dataclass(frozen=True, slots=True)
class _Booked:
    """What a claim became. `drafts` is empty for a claim that must not be booked."""

    claim: Claim
    drafts: tuple[Draft, ...]


def parse_entries(text: Text, today: date, facts: Facts = NO_FACTS) -> Interpretation | None:
    """Entries, bills and payments of bills, a `not_yet` or `unclear_entry` intent, or None for another subject."""
    reading = read_claims(text, today, facts)
    claims = reading.claims
    if not any(_about_money(text, c) for c in claims):
        return None
    booked = _booked(text, reading, today, facts)
    if not any(b.drafts for b in booked):
        if any(_sided(c) for c in claims):
            return _side_unclear(text, claims)
        if all(c.modality in ("asked", "corrected") for c in claims):
            return None
        taken_back = all(c.modality in ("denied", "cancelled") for c in claims if c.sum or c.verb)
        return Interpretation("nothing_moved" if taken_back else "not_yet", "financial", (), 0.85)
    return _interpretation(text, reading, booked)


def _sided(claim: Claim) -> bool:
    """Money that moved, but nothing says which way."""
    return claim.modality == "happened" and claim.sum is not None and claim.direction is None


def _about_money(text: Text, claim: Claim) -> bool:
    if claim.sum is not None or claim.event is not None:
        return True
    return category_in(claim.said, "expense") is not None and (
        claim.registers or len(text.plain.split()) <= 2 or claim.modality != "happened"
    )


def _booked(text: Text, reading: Reading, today: date, facts: Facts) -> list[_Booked]:
    result: list[_Booked] = []
    day: str | None = None
    happened = [c for c in reading.claims if c.modality == "happened" and (c.sum or c.event)]
    days = [w for w in reading.spans.days if w.role == "happened" and w.kind != "range"]
    for claim in reading.claims:
        if bill := bill_draft(text, claim, reading, today):
            result.append(_Booked(claim, (bill,)))
            continue
        if (
            claim not in happened
            or claim.event == "owe"
            or not (claim.sum or len(happened) == 1 or _lacks_amount(claim))
        ):
            result.append(_Booked(claim, ()))
            continue
        if settled := settlement(text, claim, facts):
            result.append(_Booked(claim, (settled,)))
            continue
        if claim.direction is None:
            side = _unsided(text, claim) if len(happened) > 1 else None
            result.append(_Booked(claim, (side,) if side else ()))
            continue
        own = _days_of(claim, reading) or (() if len(days) > 1 else reading.spans.days)
        draft = _draft(text, claim, _SIDES[claim.direction], own, day)
        day = str(draft.args["date"]) if "date" in draft.args else day
        rest = rest_draft(text, claim, reading, today)
        result.append(_Booked(claim, (draft, rest) if rest else (draft,)))
    return result


def _unsided(text: Text, claim: Claim) -> Draft | None:
    if claim.sum is None:
        return None
    draft = _draft(text, claim, "add_expense", (), None)
    return replace(draft, missing=("description", *draft.missing), flaw="side")


def _interpretation(text: Text, reading: Reading, booked: list[_Booked]) -> Interpretation:
    used = [b.claim for b in booked if b.drafts]
    drafts = [d for b in booked for d in b.drafts]
    entries = [d for d in drafts if d.tool in _SIDES.values()]
    if len(drafts) > 1 and len(drafts) == len(used) and all(rx(_METHOD).search(c.said) for c in used):
        # `entrou 90 no débito e 60 no crédito`: the entries differ only by payment method.
        drafts = [_described_by_method(text, d, c) for d, c in zip(drafts, used, strict=True)]
    elif len(entries) > 1 and any(not d.args.get("description") for d in entries) and not _on_different_days(entries):
        return for_tool(Draft(drafts[0].tool, {}, ("amount",), "two"), confidence=0.85)
    explicit = (
        any(c.verb is not None or c.registers or _noun(c) or find_event_nouns(c.said) for c in used)
        or drafts[0].tool not in _SIDES.values()
    )
    first, *others = drafts
    if unread := left_out(text, reading, used):
        first = replace(first, note=f"{first.note} {unread}".strip())
    return for_tool(first, *others, confidence=0.95 if explicit else 0.8, explicit=explicit)


def _on_different_days(drafts: list[Draft]) -> bool:
    """`gastei 50 ontem e 30 hoje`: two entries although neither says what it was for."""
    return len({d.args.get("date") for d in drafts}) == len(drafts)


def _noun(claim: Claim) -> bool:
    return claim.event in ("buy", "sell", "receive", "withdraw", "refund", "pay")


def _days_of(claim: Claim, reading: Reading) -> tuple[When, ...]:
    return tuple(w for w in reading.spans.days if claim.start <= w.start < claim.end)


def _described_by_method(text: Text, draft: Draft, claim: Claim) -> Draft:
    means = rx(_METHOD).search(claim.said)
    if means is None or draft.args.get("description"):
        return draft
    stated = text.original(claim.start + means.start(), claim.start + means.end())
    return replace(draft, args={**draft.args, "description": stated})


def _lacks_amount(claim: Claim) -> bool:
    """A purchase without its price among others that have one (`... e paguei o almoço`)."""
    return (
        claim.event in ("pay", "buy", "spend")
        and claim.verb is not None
        and category_in(claim.said, "expense") is not None
    )


def _side_unclear(text: Text, claims: tuple[Claim, ...]) -> Interpretation | None:
    if any(c.event == "transfer" and c.sum for c in claims):
        return Interpretation("unclear_entry", "financial", (), 0.8, explicit=False)
    if any(c.sum for c in claims) and len(text.plain.split()) <= 8 and not text.has(r"\?|[a-z]+%"):
        return Interpretation("unclear_entry", "financial", (), 0.7, explicit=False)
    return None


def _draft(text: Text, claim: Claim, side: Side, days: tuple[When, ...], previous: str | None) -> Draft:
    args: dict[str, JsonValue] = {}
    missing: list[str] = []
    flaw = sum_flaw(claim.sum) if claim.sum else None
    if claim.sum is None or claim.sum.value is None or flaw:
        missing.append("amount")
    else:
        args["amount"] = money(claim.sum.value)
    args["description"] = entry_description(text, claim)
    args["category"] = entry_category(claim, text.plain, "expense" if side == "add_expense" else "income")
    date_flaw = _set_date(args, missing, days, previous)
    shown = claim.sum.shown if claim.sum and "amount" in args else ""
    readings = claim.sum.readings if claim.sum and flaw else ()
    return Draft(side, args, tuple(missing), flaw or date_flaw, note=f"{shown}." if shown else "", readings=readings)


def _set_date(
    args: dict[str, JsonValue], missing: list[str], days: tuple[When, ...], previous: str | None
) -> str | None:
    told = [w for w in days if w.role == "happened"]
    if any(w.kind == "impossible" for w in told):
        missing.append("date")
        return "impossible_date"
    exact = [w for w in told if w.kind == "day" and w.exact]
    if exact:
        args["date"] = exact[0].first.isoformat()
    elif previous:
        args["date"] = previous
    elif any(not w.exact for w in told):
        missing.append("date")
        return "vague_date"
    return None


# ---- answers and follow-ups


def entry_draft(text: Text, side: Side, today: date) -> Draft:
    """The message as one entry whose side (expense or income) is already known from the conversation."""
    reading = read_claims(text, today, NO_FACTS)
    found = next((c for c in reading.claims if c.sum), reading.claims[0] if reading.claims else None)
    if found is None:
        return Draft(side, {"description": "", "category": "outros"}, ("amount",))
    whole = replace(found, start=0, end=len(text.plain), said="".join(c.said for c in reading.claims))
    if sum(1 for c in reading.claims if c.sum) > 1:
        return replace(_draft(text, replace(whole, sum=None), side, reading.spans.days, None), flaw="two")
    return _draft(text, whole, side, reading.spans.days, None)


def fill_entry(draft: Draft, text: Text, today: date) -> Draft:
    """Fills an incomplete entry from the answer; filled slots stay unless the answer changes them."""
    answer = entry_draft(text, "add_income" if draft.tool == "add_income" else "add_expense", today)
    tool, missing, args, flaw = (draft.tool, list(draft.missing), dict(draft.args), draft.flaw)
    if draft.flaw == "side":
        stated = _stated_side(text, today)
        if stated is None:
            return draft
        tool, missing, flaw = (stated, [m for m in missing if m != "description"], None)
        answer = entry_draft(text, stated, today)
        args["category"] = "outros"
    if "amount" in answer.args:
        args["amount"] = answer.args["amount"]
        missing = [m for m in missing if m != "amount"]
        flaw = None if draft.flaw != "vague_date" else draft.flaw
    elif "amount" in missing:
        flaw = answer.flaw or flaw
    _fill_day(args, missing, answer)
    phrase = str(answer.args.get("description") or "")
    if answer.args["category"] != "outros" and args.get("category") == "outros":
        args["category"] = answer.args["category"]
        args["description"] = phrase or args.get("description")
    if not args.get("description") and phrase:
        args["description"] = phrase
    return Draft(tool, args, tuple(missing), flaw if missing else None)


def _fill_day(args: dict[str, JsonValue], missing: list[str], answer: Draft) -> None:
    if "date" in answer.args:
        args["date"] = answer.args["date"]
        if "date" in missing:
            missing.remove("date")
    elif answer.flaw == "impossible_date" and "date" not in missing:
        missing.append("date")


def _stated_side(text: Text, today: date) -> Side | None:
    for claim in read_claims(text, today, NO_FACTS).claims:
        if claim.direction:
            return _SIDES[claim.direction]
    return "add_income" if category_in(text.plain, "income") else None
