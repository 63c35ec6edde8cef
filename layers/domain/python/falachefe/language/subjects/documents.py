"""Documents in a message: each becomes one draft that is offered with what was read; nothing is booked before "sim"."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import Final

from falachefe.documents.find import find_documents
from falachefe.documents.types import Boleto, Document, Invoice, PixCode, Receipt, Unreadable
from falachefe.kernel.money import format_brl
from falachefe.language.guard.prompt_injection import is_prompt_injection
from falachefe.language.spans.days import read_days
from falachefe.language.subjects.financial.ledger import parse_entries
from falachefe.language.subjects.interpretation import Draft, money
from falachefe.language.subjects.sums import find_sums
from falachefe.language.text.normalize import Text, normalize, rx
from falachefe.language.text.person_names import person_name
from falachefe.language.types import JsonValue
from falachefe.language.values.categories import category_in

OFFER: Final = "offer"
"""The flaw of a draft that waits for a yes; its note is the question."""
_PAID: Final = (
    r"(?<!nao )(?<!vou ter )\b(?:paguei|pagamos|pago (?:hoje|ontem|ja)|ja (?:foi )?pag[oa]|foi pag[oa]|quitei|quitamos"
    r"|comprovante d[eo] pagamento|pagamento (?:efetuado|realizado))\b"
)
_CAME_IN: Final = (
    r"\b(?:recebi|recebemos|entrou|caiu|me pag\w+|nos pag\w+"
    r"|(?:o |a )?cliente (?:\w+ ){0,2}(?:pagou|mandou|enviou|fez))\b"
)
_THING: Final = (
    r"\b(?:conta|boleto|fatura|parcela|mensalidade|carne|guia|nota|compra)(?: d[aeo]s?(?: [a-z]{2,}){1,3})"
    r"|\b(?:aluguel|condominio|iptu|ipva|das|inss|fgts|darf|simples|internet|telefone|luz|agua|energia)\b"
)
_THING_END: Final = r" (?:pra|para|por|que|e|em|no|na|vence|vencendo|hoje|ontem|amanha|dia|aqui|ai|por favor)\b.*"


@dataclass(frozen=True, slots=True)
class Offer:
    """What was found: drafts to offer with `text` as the question, or only `text` where nothing can be booked."""

    drafts: tuple[Draft, ...]
    text: str


@dataclass(frozen=True, slots=True)
class _Read:
    """One document as a line and the call that would book it."""

    line: str
    draft: Draft
    when: str = ""
    """The day of the entry, where the line does not say it: "de hoje"."""


@lru_cache(maxsize=256)
def read_offer(message: str, today: date) -> Offer | None:
    """The offer for the documents in `message`, written on the day `today`; None when it holds none."""
    found = find_documents(message, today)
    if not found:
        return None
    words = _around(message, found)
    if is_prompt_injection(message if isinstance(found[0], Receipt) else words):
        return None
    around = normalize(words)
    refused = list(dict.fromkeys(d.reason for d in found if isinstance(d, Unreadable)))
    read = [_read(d, around, today) for d in _unlike(found)]
    if not read:
        return Offer((), "\n".join(refused))
    read += [_Read(summary(d, today), d) for d in _also_told(around, read, today)]
    drafts = tuple(replace(r.draft, missing=r.draft.missing or ("confirmation",), flaw=OFFER, day=today) for r in read)
    text = "\n".join([_question(read), *refused])
    return Offer((replace(drafts[0], note=text), *drafts[1:]), text)


def _around(message: str, found: Sequence[Document | Unreadable]) -> str:
    """The message's own words. A receipt is all of the message: what stands above its title was written to it."""
    if isinstance(found[0], Receipt):
        title = rx(r"(?i)\bcomprovante\b|^pix\b|^transfer").search(message)
        return message[: title.start()][:300] if title else ""
    for document in reversed(found):
        message = f"{message[: document.start]} {message[document.end :]}"
    return message


def _unlike(found: Sequence[Document | Unreadable]) -> Iterator[Document]:
    """The documents that could be read, each once."""
    seen: set[str] = set()
    for document in found:
        if isinstance(document, Unreadable) or document.reference in seen:
            continue
        if document.reference:
            seen.add(document.reference)
        yield document


def _read(document: Document, around: Text, today: date) -> _Read:
    if isinstance(document, Receipt):
        return _receipt(document, around, today)
    if isinstance(document, Invoice):
        return _invoice(document, around, today)
    return _to_pay(document, around, today)


def _to_pay(document: Boleto | PixCode, around: Text, today: date) -> _Read:
    """A boleto or a Pix code: a bill to pay, or an expense where the message says that it was paid."""
    description, when = _thing(around) or _name_of(document), ""
    amount = _stated_sum(document, around)
    args: dict[str, JsonValue] = {"description": description}
    if amount:
        args["amount"] = money(amount)
    if isinstance(document, PixCode):
        args["counterparty"] = person_name(document.name)
    if document.reference:
        args["reference"] = document.reference
    if around.has(_PAID):
        days = [w.first for w in read_days(around, today, prefer="past") if w.kind == "day" and w.first <= today]
        draft = paid(Draft("add_bill", args), days[0] if days else today)
        when = _day(days[0] if days else today, today)
    else:
        due = document.due if isinstance(document, Boleto) else today
        args |= {"direction": "payable"} | ({"due": due.isoformat()} if due else {})
        draft = Draft("add_bill", args)
    missing = tuple(
        name for name in ("amount", "due" if draft.tool == "add_bill" else "date") if name not in draft.args
    )
    return _Read(_line(document, amount, today), replace(draft, missing=missing), when)


def paid(bill: Draft, day: date) -> Draft:
    """The expense instead of the bill that was offered: it has been paid on `day`."""
    kept = {name: value for name, value in bill.args.items() if name in ("amount", "description", "reference")}
    category = _category(str(bill.args["description"]))
    return replace(bill, tool="add_expense", args={**kept, "category": category, "date": day.isoformat()})


def _stated_sum(document: Boleto | PixCode, around: Text) -> Decimal | None:
    """What was paid by the message's own words ("paguei 325, com juros"), else what the document says."""
    if document.amount is None or around.has(_PAID):
        return _only_amount(around) or document.amount
    return document.amount


def _only_amount(text: Text) -> Decimal | None:
    days = [(w.start, w.end) for w in read_days(text, date(2000, 1, 1))]
    stated = find_sums(text.plain, days)
    return stated[0].value if len(stated) == 1 and stated[0].flaw is None else None


def _name_of(document: Boleto | PixCode) -> str:
    if isinstance(document, PixCode):
        return document.description or f"Pix para {person_name(document.name)}"
    if document.kind == "collection":
        return f"Conta de {document.issuer}" if document.issuer else "Conta"
    return f"Boleto {document.issuer}" if document.issuer else "Boleto"


def _thing(around: Text) -> str:
    """What the words around say that it is for: "conta de luz", "boleto do contador"."""
    found = around.find(_THING)
    if found is None:
        return ""
    end = rx(_THING_END).search(around.plain, found.start(), found.end())
    said = around.original(found.start(), end.start() if end else found.end())
    return said[:1].upper() + said[1:] if len(said.split()) > 1 or category_in(said.lower(), "expense") else ""


def _category(words: str) -> str:
    named = category_in(normalize(words).plain, "expense")
    return named[0] if named else "outros"


def _invoice(invoice: Invoice, around: Text, today: date) -> _Read:
    total = invoice.total or _only_amount(around)
    day = invoice.day or (today if invoice.month == today.replace(day=1) else None)
    args: dict[str, JsonValue] = {"description": _thing(around) or f"{invoice.model} {invoice.number}"}
    args |= {"category": _category(around.plain), "reference": invoice.reference}
    args |= ({"amount": money(total)} if total else {}) | ({"date": day.isoformat()} if day else {})
    missing = tuple(name for name in ("amount", "date") if name not in args)
    cost = f" de {format_brl(total)}" if total else ""
    when = f", {_day(invoice.day, today)}" if invoice.day else f", de {invoice.month:%m/%Y}"
    line = f"{invoice.model} nº {invoice.number}{cost}{when} (CNPJ {_cnpj(invoice.issuer)})"
    return _Read(line, Draft("add_expense", args, missing))


def _cnpj(issuer: str) -> str:
    if len(issuer) != 14:
        return "do produtor"
    return f"{issuer[:2]}.{issuer[2:5]}.{issuer[5:8]}/{issuer[8:12]}-{issuer[12:]}"


def _receipt(receipt: Receipt, around: Text, today: date) -> _Read:
    # A customer's receipt says "Pix enviado": the words of whoever passes it on count more.
    came = around.has(_CAME_IN) or (receipt.direction == "in" and not around.has(_PAID))
    other = receipt.payer if came else receipt.payee
    who = f" {'de' if came else 'para'} {person_name(other)}" if other else ""
    named = category_in(around.plain, "income" if came else "expense")
    args: dict[str, JsonValue] = {"amount": money(receipt.amount), "category": named[0] if named else "outros"}
    args["description"] = f"Pix{who}" if (receipt.transaction or "").startswith("E") else f"Transferência{who}"
    if receipt.reference:
        args["reference"] = receipt.reference
    if receipt.day:
        args["date"] = receipt.day.isoformat()
    line = f"Comprovante de {format_brl(receipt.amount)}{who}{', ' + _day(receipt.day, today) if receipt.day else ''}"
    draft = Draft("add_income" if came else "add_expense", args, () if receipt.day else ("date",))
    return _Read(line, draft)


def _also_told(around: Text, read: Sequence[_Read], today: date) -> Iterator[Draft]:
    """Entries that the words around the documents tell besides them."""
    told = parse_entries(around, today) if around.raw else None
    known = {r.draft.args.get("amount") for r in read}
    for draft in told.drafts if told and told.explicit else ():
        if draft.tool in ("add_expense", "add_income") and draft.complete and draft.args.get("amount") not in known:
            yield replace(draft, args={"date": today.isoformat(), **draft.args})


def _line(document: Boleto | PixCode, amount: Decimal | None, today: date) -> str:
    cost = f" de {format_brl(amount)}" if amount else ""
    if isinstance(document, PixCode):
        city = f" ({person_name(document.city)})" if document.city else ""
        return f"Pix{cost} para {person_name(document.name)}{city}"
    issuer = f" ({document.issuer})" if document.issuer else ""
    if document.amount and amount and amount != document.amount:
        issuer = f" (nele, {format_brl(document.amount)})"
    due = f", {_due(document.due, today)}" if document.due else ", sem vencimento"
    return f"{'Boleto' if document.kind == 'bank' else 'Conta'}{cost}{issuer}{due}"


def _due(day: date, today: date) -> str:
    if day == today:
        return "vence hoje"
    return f"{'vence' if day > today else 'venceu'} {_date(day, today)}"


def _day(day: date, today: date) -> str:
    return "de hoje" if day == today else f"de {_date(day, today)}"


def _date(day: date, today: date) -> str:
    return f"{day:%d/%m}" if abs((day - today).days) < 180 else f"{day:%d/%m/%Y}"


def summary(draft: Draft, today: date) -> str:
    """The draft as a line, without its document."""
    amount = draft.args.get("amount")
    cost = f" de {format_brl(Decimal(amount))}" if isinstance(amount, str) else ""
    name = {"add_bill": "Conta", "add_expense": "Despesa", "add_income": "Receita"}[draft.tool]
    day = draft.args.get("due") or draft.args.get("date")
    when = (
        f", {(_due if draft.tool == 'add_bill' else _day)(date.fromisoformat(day), today)}"
        if isinstance(day, str)
        else ""
    )
    return f"{name}{cost} ({draft.args.get('description')}){when}"


def _question(read: Sequence[_Read]) -> str:
    if len(read) == 1:
        return f"{read[0].line}. {ask_for(read[0].draft, read[0].when)}"
    lines = [f"• {r.line} → {_PLACES[r.draft.tool]}" for r in read]
    lacking = [m for r in read for m in r.draft.missing]
    if lacking:
        return "\n".join(["Li estes:", *lines, "Falta valor ou data em um deles: me mande um por vez, por favor."])
    return "\n".join(["Li estes:", *lines, f"Anoto {'os dois' if len(read) == 2 else 'todos'}?"])


_PLACES: Final = {"add_bill": "contas a pagar", "add_expense": "despesa", "add_income": "receita"}
_ASKED: Final = {
    ("amount",): "Qual é o valor? Aí eu anoto",
    ("due",): "Para que dia eu anoto",
    ("date",): "De que dia é? Aí eu anoto",
    ("amount", "due"): "Qual é o valor, e para que dia? Aí eu anoto",
    ("amount", "date"): "Qual é o valor, e de que dia é? Aí eu anoto",
}


def ask_for(draft: Draft, when: str = "") -> str:
    """The sentence that offers to book the draft, or asks for what it lacks."""
    place = "nas contas a pagar" if draft.tool == "add_bill" else f"como {_PLACES[draft.tool]}"
    missing = tuple(name for name in draft.missing if name != "confirmation")
    if not missing:
        return f"Anoto {place}{when and ' ' + when}?"
    return f"{_ASKED[missing]} {place}{'?' if missing == ('due',) else '.'}"
