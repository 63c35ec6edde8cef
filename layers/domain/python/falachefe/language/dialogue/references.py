"""What a message refers to in the conversation: a row of the list just shown, the question just asked, the last act."""

from dataclasses import replace
from typing import Final

from falachefe.language.subjects.interpretation import Draft, Interpretation, for_tool
from falachefe.language.text.normalize import Text, normalize, rx
from falachefe.language.types import TOOLS, JsonValue

POINTERS: Final = {
    "correct_entry": "entry", "delete_entry": "entry", "settle_bill": "bill", "cancel_bill": "bill",
    "cancel_reminder": "reminder", "close_ticket": "ticket", "decide_time_off": "employee",
    "update_employee": "employee", "end_employment": "employee", "register_absence": "employee",
    "request_time_off": "employee", "send_campaign": "name", "cancel_campaign": "name", "campaign_results": "name",
}  # fmt: skip
"""The argument of a tool that points at a row, by name or by its number in the list that the tool has shown."""
CONFIRMED: Final = frozenset(("delete_entry",))
"""Tools that ask before they act: the same call with `confirmed` answers the question."""

_YES: Final = (
    r"^\W*(?:(?:sim|s|isso|isso mesmo|pode|pode sim|pode apagar|pode excluir|pode ser|confirmo|confirma|confirmado|"
    r"claro|"
    r"quero|quero sim|com certeza|certeza|tenho|tenho certeza|apaga|apaga sim|apaga mesmo|exclui|manda|manda ver|vai|"
    r"positivo|ok|beleza|exato|exatamente|aham|uhum|e isso|faz|faca|bora|pode mandar|envia|por favor|pf)\b\W*)+$"
)
_NUMBER: Final = (
    r"^\W*(?:(?:e|eh|foi|era|quero|seria|apaga|exclui|corrige|muda|cancela|fecha|aprova)\s+)?(?:(?:o|"
    r"a)\s+)?(?:numero |n[o°º]? ?|opcao |item )?"
    r"(?P<n>\d{1,2}|primeir[oa]|segund[oa]|terceir[oa]|quart[oa]|quint[oa]|ultim[oa])(?:\s+(?:mesmo|por favor|"
    r"da lista))?\W*$"
)
_ORDINALS: Final = {"primeir": "1", "segund": "2", "terceir": "3", "quart": "4", "quint": "5", "ultim": "último"}
_LISTED: Final = r"(?m)^\W{0,3}\d{1,2}[.):\-ºª️⃣ ]"

_CANCELLED_BY: Final = {
    "list_bills": ("cancel_bill", "bill"), "add_bill": ("cancel_bill", "bill"),
    "list_reminders": ("cancel_reminder", "reminder"), "remind": ("cancel_reminder", "reminder"),
    "list_campaigns": ("cancel_campaign", "name"), "list_tickets": ("close_ticket", "ticket"),
}  # fmt: skip
"""What `apaga o 2` means after these tools."""
_BARE_POINTER: Final = r"^(?:o |a |item |numero |n[o°º]? ?)?(?:\d{1,2}|ultim[oa]|primeir[oa]|segund[oa]|terceir[oa])$"

_LEDGER: Final = ("add_expense", "add_income", "correct_entry", "list_entries", "delete_entry")
_REDONE: Final = {
    "add_bill": {"amount": "amount", "date": "due", "description": "description"},
    "create_budget": {"amount": "amount", "category": "category"},
    "register_absence": {"date": "date"},
    "add_employee": {"amount": "salary"},
    "settle_bill": {"amount": "amount", "date": "date"},
}  # fmt: skip
"""For acts without a correction of their own: the argument that each corrected value replaces."""
_WAS_DONE: Final = (
    r"\b(?:anotad\w+|anotei|registrad\w+|registrei|criad\w+|criei|cadastrad\w+|pago|recebido|quitad\w+|orcamento de|"
    r"lancad\w+|feito|pronto)\b"
)


def resume(parsed: Interpretation, text: Text, last: tuple[Draft, ...], reply: str) -> tuple[Draft, ...] | None:
    """The last call again, with what its question asked for: a confirmation, or which of the rows listed."""
    if not last or not reply.rstrip().endswith("?"):
        return None
    draft = last[-1]
    if rx(_LISTED).search(reply):
        return _chosen(parsed, text, draft, reply)
    if draft.tool in CONFIRMED and text.has(_YES):
        return (replace(draft, args={**draft.args, "confirmed": True}),)
    if draft.tool == "export_entries" and (named := text.find(r"^\W*(?:em |no |um )?(pdf|csv|excel|planilha)\W*$")):
        return (replace(draft, args={**draft.args, "format": "pdf" if named.group(1) == "pdf" else "csv"}),)
    return None


def _chosen(parsed: Interpretation, text: Text, draft: Draft, reply: str) -> tuple[Draft, ...] | None:
    """The call with the row that the answer chooses from the list in the reply."""
    slot = POINTERS.get(draft.tool)
    if slot is None:
        return None
    numbered = text.find(_NUMBER)
    if numbered:
        said = numbered.group("n")
        chosen = next((number for word, number in _ORDINALS.items() if said.startswith(word)), said)
        return (replace(draft, args={**draft.args, slot: chosen}),)
    if not (parsed.is_tool and parsed.explicit) and len(text.plain.split()) <= 5 and _is_in(text.plain, reply):
        return (replace(draft, args={**draft.args, slot: text.raw.strip(" .!")}),)
    return None


def _is_in(plain: str, reply: str) -> bool:
    """Whether the answer repeats a word of the list."""
    listed = set(rx(r"[a-z0-9]{3,}").findall(normalize(reply).plain))
    return bool(listed & set(rx(r"[a-z0-9]{3,}").findall(plain)))


def about_last(parsed: Interpretation, last: tuple[Draft, ...], reply: str) -> Interpretation:
    """A correction or deletion that names nothing is about the last act, which may be of another subject."""
    if not last or not parsed.drafts:
        return parsed
    done, draft = last[-1].tool, parsed.drafts[0]
    if draft.tool == "delete_entry" and done in _CANCELLED_BY and rx(_BARE_POINTER).match(str(draft.args["entry"])):
        tool, slot = _CANCELLED_BY[done]
        return for_tool(Draft(tool, {slot: draft.args["entry"]}), confidence=parsed.confidence)
    if draft.tool == "correct_entry" and not parsed.explicit and done not in _LEDGER:
        return _redone(last[-1], draft.args, reply) or parsed
    if draft.tool == "undo":
        return replace(parsed, role=TOOLS[done])
    return parsed


def _redone(last: Draft, values: dict[str, JsonValue], reply: str) -> Interpretation | None:
    """The act taken back and done again with the corrected values; None for an act that has none of them.

    An act that the reply says was not done is only done again.
    """
    slots = _REDONE.get(last.tool, {})
    changed = {slots[name]: value for name, value in values.items() if name in slots}
    if not changed:
        return None
    again = replace(last, args={**last.args, **changed})
    drafts = (Draft("undo"), again) if normalize(reply).has(_WAS_DONE) else (again,)
    return Interpretation(last.tool, TOOLS[last.tool], drafts, 0.88)
