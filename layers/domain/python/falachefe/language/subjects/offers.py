"""The answer to an offer: yes, no, a change of it, or "já paguei" for a bill that was offered."""

from dataclasses import replace
from datetime import date
from typing import Final

from falachefe.language.spans.days import read_days
from falachefe.language.subjects.documents import OFFER, Offer, ask_for, paid, summary
from falachefe.language.subjects.interpretation import Draft, money
from falachefe.language.subjects.sums import find_sums
from falachefe.language.text.normalize import Text, normalize, rx
from falachefe.language.values.categories import category_in

DECLINED: Final = "Tudo bem, não anotei nada."
_YES: Final = (
    r"sim|s|ss+|isso(?: mesmo| ai)?|pode(?: sim| ser| anotar| por| colocar| lancar| mandar)?|anot[ae](?: ai| sim| isso"
    r"| todos| tudo| os dois| la)?|lanca|registra|salva|coloca|bota|poe|claro|com certeza|ok+|okay|beleza|certo"
    r"|confirm\w+|bora|manda ver|faz isso|quero|quero sim|positivo|uhum|aham|perfeito|fechado|exato|correto|ta certo"
    r"|esta certo|tudo certo|por favor|joia|show"
)
_FILLER: Final = (
    r"obrigad[oa]|valeu|chefe|por favor|ai|la|tudo|todos|os dois|nas contas a pagar|como despesa|como receita"
)
_THUMB: Final = r"^[\s👍👌✅🙏🏻🏼🏽🏾🏿]*[👍👌✅][\s👍👌✅🙏🏻🏼🏽🏾🏿]*$"
_NO: Final = (
    r"nao|n|nn+|nem|negativo|nada|deix\w+(?: pra la| quieto| isso)?|esquec\w+|agora nao|melhor nao|cancel\w+"
    r"|nao precisa|nao quero|depois"
)
_BARE_YES: Final = rf"^\W*(?:{_YES})(?:[\s,.!]+(?:{_YES}|{_FILLER}))*\W*$"
_BARE_NO: Final = rf"^\W*(?:{_NO})(?:[\s,.!]+(?:{_NO}|{_FILLER}|anot\w+|precisa|isso))*\W*$|^\s*👎+\s*$"
_LEAD: Final = rf"^\W*(?:(?:{_YES})\b[\s,.;]*(?:mas|so que|porem|com)?|(?:{_NO})\b[\s,.;]*)?"
_OPENING: Final = r"^\W*(?:(?:sim|nao|isso)[\s,.]+)?(?:(?:eu|a gente|foi|e|era|isso|essa?|esse|uma?)[\s,]+)*"
_PAID: Final = _OPENING + r"(?:ja )?(?:paguei|pagamos|foi pag[oa]|esta pag[oa]|quitei|pag[oa])\b"
_CAME_IN: Final = _OPENING + r"(?:recebi\w*|recebid[oa]|entrou|entrada|receita|me pag\w+)\b"
_WENT_OUT: Final = _OPENING + r"(?:despesa|gasto|saida)\b"


def is_offer(pending: tuple[Draft, ...]) -> bool:
    return bool(pending) and pending[0].flaw == OFFER


def still_asked(pending: tuple[Draft, ...], reply: str) -> bool:
    """Whether an agent's reply put the question: a "sim" after any other reply is not meant for the offer."""
    return pending[0].note.splitlines()[0] in reply


def answer(pending: tuple[Draft, ...], message: str, today: date) -> Offer | None:
    """The offer after the answer `message`: drafts without a flaw are wanted, none with a text are declined.

    None when the message is something else.
    """
    text = normalize(message)
    if len(text.plain) > 200 or "?" in text.plain:
        return None
    lacking = [name for draft in pending for name in draft.missing if name != "confirmation"]
    if rx(_THUMB).match(text.raw) or text.has(_BARE_YES):
        return Offer(pending, pending[0].note) if lacking else Offer(tuple(map(_wanted, pending)), "")
    if text.has(_BARE_NO):
        return Offer((), DECLINED)
    return _changed(pending[0], text, today) if len(pending) == 1 else None


def _wanted(draft: Draft) -> Draft:
    return replace(draft, missing=(), flaw=None, note="")


def _changed(offered: Draft, text: Text, today: date) -> Offer | None:
    """Another kind, amount or day than was offered. What the question asked for is a yes; the rest is offered again."""
    draft, switched = _switched(offered, text, today)
    lead = rx(_LEAD).match(text.plain)
    rest = text.plain[lead.end() :] if lead else text.plain
    agreed = bool(rx(rf"^\W*(?:{_YES})\b").match(text.plain)) or switched
    changes = _stated(draft, rest, today)
    if not (changes or switched):
        return None
    lacking = [name for name in draft.missing if name not in ("confirmation", *changes)]
    filled = any(name in draft.missing for name in changes)
    draft = replace(draft, args={**draft.args, **changes}, missing=tuple(lacking))
    if not lacking and (agreed or filled):
        return Offer((_wanted(draft),), "")
    question = f"{summary(draft, today)}. {ask_for(draft)}"
    return Offer((replace(draft, missing=draft.missing or ("confirmation",), note=question),), question)


def _switched(offered: Draft, text: Text, today: date) -> tuple[Draft, bool]:
    """The draft as another kind of row: paid already, received instead of paid."""
    if offered.tool == "add_bill" and text.has(_PAID) and not text.has(r"\bnao (?:paguei|pagamos|foi)\b"):
        bill = replace(offered, missing=tuple(m for m in offered.missing if m != "due"))
        return paid(bill, today), True
    if offered.tool == "add_expense" and text.has(_CAME_IN):
        description = str(offered.args.get("description", "")).replace(" para ", " de ")
        return replace(
            offered, tool="add_income", args={**offered.args, "description": description, "category": "outros"}
        ), True
    if offered.tool == "add_income" and text.has(_WENT_OUT):
        return replace(offered, tool="add_expense", args={**offered.args, "category": "outros"}), True
    return offered, False


def _stated(draft: Draft, words: str, today: date) -> dict[str, str]:
    """Amount, day and category that the words state."""
    field = "due" if draft.tool == "add_bill" else "date"
    text = normalize(words)
    found = read_days(text, today, prefer="future" if field == "due" else "past")
    days = [when.first for when in found if when.kind == "day"]
    amounts = find_sums(text.plain, [(when.start, when.end) for when in found])
    stated: dict[str, str] = {}
    if len(days) == 1:
        stated[field] = days[0].isoformat()
    if len(amounts) == 1 and amounts[0].flaw is None:
        stated["amount"] = money(amounts[0].value)
    if field == "date" and (named := category_in(text.plain, "income" if draft.tool == "add_income" else "expense")):
        stated["category"] = named[0]
    return stated
