"""Statements of money spent or received, to ledger entries. What did not happen (yet) is never an entry."""

from dataclasses import dataclass, replace
from datetime import date
from itertools import zip_longest
from typing import Literal

from falachefe.language.contract import JsonValue
from falachefe.language.dialogue.drafts import (
    Draft,
    Reading,
    for_tool,
    money,
)
from falachefe.language.intents.ledger_words import (
    ASKED,
    BOUGHT,
    EARNED,
    EARNED_NOUN,
    ERRAND,
    FILLERS,
    HEARSAY,
    MADE,
    NOT,
    OPEN,
    OUTSIDERS,
    OWN_UPKEEP,
    PAID_BY,
    REGISTER,
    SPENT,
    SPENT_NOUN,
    TAKEN_BACK,
    WISHED,
)
from falachefe.language.text.normalize import Text, rx, text_of
from falachefe.language.values.amounts import (
    SMALL_WORDS,
    Amount,
    blank,
    find_amounts,
)
from falachefe.language.values.categories import category_in
from falachefe.language.values.dates import When, find_dates

# `a contadora cobrou 450, paguei ontem`: says of the same entry that it happened, and when.
_SETTLED = (
    r"^\W*(?:e |mas |e ja |ja )?(?:eu )?(?:paguei|pagamos|recebi|recebemos|quitei)"
    r"(?: (?:hoje|ontem|anteontem|agora|cedo|ja|tudo|no pix|em dinheiro|de manha|a vista))*\W*$"
)
_MEANS = r"\b(?:debito|credito|pix|dinheiro|especie|cartao|boleto|transferencia)\b"

type Side = Literal["add_expense", "add_income"]


@dataclass(frozen=True, slots=True)
class _Piece:
    """A stretch of the message that holds one entry."""

    start: int
    end: int
    amounts: tuple[Amount, ...]


def read_ledger(text: Text, today: date) -> Reading | None:
    """Entries told by the message, a `not_yet`/`unclear_entry` reading, or None when it is not about entries."""
    plain = text.plain
    registers = text.has(REGISTER)
    if text.has(ASKED) and (not (registers and find_amounts(plain))):
        return None
    prefer: Literal["past", "future"] = "future" if _points_ahead(text) else "past"
    days = find_dates(plain, today, prefer)
    amounts = find_amounts(plain, [(w.a, w.b) for w in days])
    told = text.has(SPENT) or text.has(EARNED) or text.has(SPENT_NOUN) or text.has(EARNED_NOUN) or text.has(PAID_BY)
    if (
        not amounts
        and not told
        and not (
            category_in(plain, "expense")
            and (registers or len(plain.split()) <= 2 or text.has(WISHED) or text.has(NOT) or text.has(OPEN))
        )
    ):
        return None
    if text.has(HEARSAY) or text.has(OUTSIDERS) or (len(amounts) == 1 and text.has(TAKEN_BACK)):
        return Reading("not_yet", "financial", (), 0.8)
    if text.has(ERRAND) and (not text.has(r"\bcategoria\b")):
        return Reading("not_yet", "financial", (), 0.85) if amounts or category_in(plain, "expense") else None
    pieces = [p for p in _pieces(plain, days, amounts) if registers or not _unreal(plain[p.start : p.end])]
    if not pieces or (text.has(OPEN) and (not registers) and (not text.has(SPENT + "|" + EARNED))):
        return Reading("not_yet", "financial", (), 0.85) if _about_money(text, amounts) else None
    return _entries(text, pieces, days, bool(registers))


def _about_money(text: Text, amounts: list[Amount]) -> bool:
    return bool(amounts) or text.has(SPENT) or text.has(EARNED) or (category_in(text.plain, "expense") is not None)


def _points_ahead(text: Text) -> bool:
    return text.has(
        r"\b(?:pra|para|vence|vencimento|com data|agenda\w*)\s+(?:o |a |de |em )?(?:dia "
        r"|amanha|\d)"
    ) and (not text.has(SPENT + "|" + EARNED))


def _unreal(plain: str) -> bool:
    negated = rx(NOT).search(plain) and (not rx(r"\bnao (?:esque|deix)").search(plain))
    questioned = not rx(REGISTER).search(plain) and _asks_itself(plain)
    opened = rx(OPEN).search(plain) and (
        not rx(r"\b(?:paguei|recebi|pagou|pagaram|quitei|gastei|comprei|vendi)\b").search(plain)
    )
    return bool(negated or questioned or opened or rx(WISHED).search(plain))


def _asks_itself(plain: str) -> bool:
    """`gastei 50 de gasolina?` asks; `gastei 50 de gasolina, anotou?` tells."""
    for clause in rx(r"[^.!?;\n]*\?").findall(plain):
        told = rx(r",[^,\d]{2,25}\?$").sub("", clause)
        if told == clause and rx(SPENT + "|" + EARNED).search(clause) and rx(r"\d").search(clause):
            return True
    return False


def _pieces(plain: str, days: list[When], amounts: list[Amount]) -> list[_Piece]:
    """Splits between amounts; a stretch without an amount joins its neighbour unless it tells its own deed."""
    if [a for a in amounts if a.flaw in ("each", "instalments")] and len([a for a in amounts if a.flaw is None]) == 1:
        return [_Piece(0, len(plain), tuple(a for a in amounts if a.flaw is None))]
    if (
        rx(r"\b(?:no total|ao todo|tudo deu|deu tudo|total de|total|tudo por|somando)\b").search(plain)
        and len(amounts) > 1
    ):
        return [_Piece(0, len(plain), tuple(_total(plain, amounts)))]
    hidden = blank(plain, [*((a.start, a.end) for a in amounts), *((w.a, w.b) for w in days)])
    cuts = [
        0,
        *(
            m.end()
            for m in rx(
                r"[,;\n+]|\.\s|\be\b(?= )|\bmais\b|\bdepois\b|\btambem\b|[!?](?=\s)|\bmas\b|\bporem\b"
            ).finditer(hidden)
        ),
        len(plain),
    ]
    pieces: list[_Piece] = []
    start = 0
    for cut in cuts[1:]:
        inside = tuple(a for a in amounts if start <= a.start < cut)
        rest = [a for a in amounts if a.start >= cut]
        if inside and rest:
            pieces.append(_Piece(start, cut, inside))
            start = cut
        elif (
            not inside
            and rest
            and _own_deed(plain[start:cut])
            and (_own_deed(plain[cut : rest[0].start]) or _other_thing(plain, start, cut, rest[0]))
        ):
            pieces.append(_Piece(start, cut, ()))
            start = cut
        elif (
            not inside
            and pieces
            and (not _own_deed(plain[start:cut]))
            and rest
            and (not rx(r"\d").match(plain[cut:].lstrip()))
        ):
            continue
    last = tuple(a for a in amounts if a.start >= start)
    pieces.append(_Piece(start, len(plain), last))
    return _trailing(plain, pieces, cuts)


def _trailing(plain: str, pieces: list[_Piece], cuts: list[int]) -> list[_Piece]:
    """`gastei 50 de gasolina, mas não paguei o almoço`: a last clause with its own deed stands alone."""
    piece = pieces[-1]
    if not piece.amounts:
        return pieces
    after = [c for c in cuts if piece.amounts[-1].end <= c < piece.end]
    for cut in after:
        rest = plain[cut : piece.end]
        if rx(_SETTLED).match(rest):
            continue
        if _unreal(rest) or _own_deed(rest) or plain[cut - 1] == "\n":
            return [*pieces[:-1], _Piece(piece.start, cut, piece.amounts), _Piece(cut, piece.end, ())]
    before = [c for c in cuts if piece.start < c <= piece.amounts[0].start]
    for cut in reversed(before):
        if (
            _unreal(plain[piece.start : cut])
            and (not _unreal(plain[cut : piece.end]))
            and _own_deed(plain[cut : piece.end])
        ):
            return [*pieces[:-1], _Piece(cut, piece.end, piece.amounts)]
    return pieces


def _other_thing(plain: str, start: int, cut: int, amount: Amount) -> bool:
    """`paguei o almoço e 30 de uber`: the amount brings a thing of its own, so it is not the price of the first."""
    if plain[cut : amount.start].strip() or not _owes_amount(plain[start:cut]):
        return False
    brought = rx(r"\s*(?:de|d[oa]|n[oa]|em|com|pr[ao]|para)\s+([a-z][a-z ]{2,30})").match(plain, amount.end)
    named = category_in(brought.group(1), "expense") if brought else None
    first = category_in(plain[start:cut], "expense")
    return named is not None and first is not None and named[0] != first[0]


def _own_deed(plain: str) -> bool:
    return rx(SPENT + "|" + EARNED).search(plain) is not None


def _total(plain: str, amounts: list[Amount]) -> list[Amount]:
    place = [m.start() for m in rx(r"\b(?:total|ao todo|tudo|somando)\b").finditer(plain)]
    following = [a for a in amounts if any(0 < a.start - p <= 20 for p in place)]
    return following[:1] or [a for a in amounts if any(a.end <= p for p in place)][-1:] or amounts


def _entries(text: Text, pieces: list[_Piece], days: list[When], registers: bool) -> Reading | None:
    drafts: list[Draft] = []
    side: Side | None = None
    day: str | None = None
    shared = [w for w in days if w.kind != "range"]
    for piece in pieces:
        plain = text.plain[piece.start : piece.end]
        if not piece.amounts and len(pieces) > 1 and (not _owes_amount(plain)):
            continue
        told = _side(plain, registers=registers)
        side = told or side or _side(text.plain, registers=registers)
        if side is None:
            return _untold(text, pieces)
        own = [w for w in days if piece.start <= w.a < piece.end] or ([] if len(shared) > 1 else days)
        draft = _draft(text, piece, side, own, day)
        day = str(draft.args["date"]) if "date" in draft.args else day
        drafts.append(draft)
    if not drafts:
        return None
    if len(drafts) > 1 and all(rx(_MEANS).search(text.plain[p.start : p.end]) for p in pieces):
        # `entrou 90 no débito e 60 no crédito`: what tells them apart is how they were paid.
        drafts = [_by_means(text, d, p) for d, p in zip(drafts, pieces, strict=False)]
    if len(drafts) > 1 and any(not d.args.get("description") for d in drafts):
        return for_tool(Draft(drafts[0].tool, {}, ("amount",), "two"), confidence=0.85)
    explicit = registers or _own_deed(text.plain) or text.has(EARNED_NOUN) or text.has(SPENT_NOUN)
    return for_tool(*drafts, confidence=0.95 if explicit else 0.8, explicit=explicit)


def _by_means(text: Text, draft: Draft, piece: _Piece) -> Draft:
    means = rx(_MEANS).search(text.plain[piece.start : piece.end])
    if means is None or draft.args.get("description"):
        return draft
    told = text.original(piece.start + means.start(), piece.start + means.end())
    return replace(draft, args={**draft.args, "description": told})


def _owes_amount(plain: str) -> bool:
    """A clause beside another entry that tells a purchase without its price (`... e paguei o almoço`)."""
    return rx(BOUGHT).search(plain) is not None and category_in(plain, "expense") is not None and (not _unreal(plain))


def _untold(text: Text, pieces: list[_Piece]) -> Reading | None:
    if any(p.amounts for p in pieces) and len(text.plain.split()) <= 8 and (not text.has(r"\?|[a-z]+%")):
        return Reading("unclear_entry", "financial", (), 0.7, explicit=False)
    return None


def _side(plain: str, *, registers: bool) -> Side | None:
    """Spent or received, by the first deed told; else by noun; else by what the thing is."""
    spent, earned = (rx(SPENT).search(plain), rx(EARNED).search(plain))
    if rx(OWN_UPKEEP).search(plain) and not earned:
        return "add_expense"
    paid_by = rx(PAID_BY).search(plain)
    if paid_by and (not spent) and (not earned):
        return _payer_side(plain, paid_by.start())
    if spent and earned:
        return "add_expense" if spent.start() < earned.start() else "add_income"
    if spent and (
        not (
            spent.group() in ("paga", "saiu", "passei", "mandei", "dei", "deixei", "botei", "coloquei")
            and rx(EARNED_NOUN).search(plain)
        )
    ):
        return "add_expense"
    if earned:
        return "add_income"
    return _noun_side(plain, registers=registers)


def _payer_side(plain: str, place: int) -> Side:
    """`a cliente pagou 120 do banho` is income; `a Maria pagou a luz` spent the company's money."""
    if rx(
        r"\b(?:client\w+|pacient\w+|tutor\w*|alun[oa]|fregues\w*|dono d|dona d|seu |don[oa] "
        r"|me |nos |pra mim|pelo servico|condominio)"
    ).search(plain[:place] + " "):
        return "add_income"
    named = category_in(plain[place:], "expense")
    bills = (
        "energia",
        "agua",
        "internet_telefone",
        "aluguel",
        "impostos",
        "combustivel",
        "fornecedores",
        "tarifas_bancarias",
        "alimentacao",
        "salarios",
        "transporte",
    )
    if named and named[0] in bills and (not category_in(plain[place:], "income")):
        return "add_expense"
    return "add_income"


def _noun_side(plain: str, *, registers: bool) -> Side | None:  # noqa: PLR0911 - an ordered list of rules
    spent, earned = (rx(SPENT_NOUN).search(plain), rx(EARNED_NOUN).search(plain))
    if earned and (not (spent and spent.start() < earned.start())):
        return "add_income"
    if spent:
        return "add_expense"
    if rx(r"\b(?:conta|fatura|boleto|guia|mensalidade) d[aeo]\b").search(plain) and category_in(plain, "expense"):
        return "add_expense"
    if rx(r"\b(?:fiz|fizemos|tirei|tiramos)\s+(?:r\$\s*)?(?:\d|mil\b|cem\b|cento|[a-z]+centos|[a-z]+enta\b)").search(
        plain
    ):
        return "add_income"
    made = rx(MADE).search(plain)
    expense, income = (category_in(plain, "expense"), category_in(plain, "income"))
    if made and made.group() not in ("deu", "fechou") and (income or not expense):
        return "add_income"
    if made and rx(
        r"\b(?:caixa|dia|movimento|loja|salao|oficina)\b.{0,12}\b(?:deu|fechou)\b|\bdeu\b.{0,20}\bno "
        r"caixa\b"
    ).search(plain):
        return "add_income"
    if rx(r"\bpix d[eao]s? (?:clientes?|[a-z]+) \w*\b").search(plain) and (not expense):
        return None
    if expense or registers:
        return "add_expense" if expense or not income else "add_income"
    if rx(
        r"^\W*(?:r\$\s*)?[\d.,]+\s*(?:reais|conto|contos|pila)?\s*(?:de|em|com|n[oa])\s+(?!pix\b|"
        r"cliente|venda|entrada|cima|dinheiro|cartao|cada)[a-z]{3,}"
    ).search(plain):
        return "add_expense"
    return "add_income" if income and rx(r"\bpagamento de\b|\brecebid").search(plain) else None


def _draft(text: Text, piece: _Piece, side: Side, days: list[When], day_before: str | None) -> Draft:
    args: dict[str, JsonValue] = {}
    missing: list[str] = []
    value, flaw = _amount(piece.amounts)
    if value is None:
        missing.append("amount")
    else:
        args["amount"] = value
    plain = blank(text.plain, [*((a.start, a.end) for a in piece.amounts), *((w.a, w.b) for w in days)])[
        piece.start : piece.end
    ]
    args["description"] = _description(text, piece, plain)
    args["category"] = _category(plain, text.plain, side)
    date_flaw = _dated(args, missing, days, day_before, text.plain)
    return Draft(side, args, tuple(missing), flaw or date_flaw)


def _dated(
    args: dict[str, JsonValue], missing: list[str], days: list[When], day_before: str | None, plain: str
) -> str | None:
    impossible = [w for w in days if w.kind == "impossible"]
    exact = [w for w in days if w.kind == "day"]
    if impossible:
        missing.append("date")
        return "impossible_date"
    if exact:
        args["date"] = exact[0].start.isoformat()
    elif day_before:
        args["date"] = day_before
    elif any(_vague_day(plain, w) for w in days):
        missing.append("date")
        return "vague_date"
    return None


def _vague_day(plain: str, when: When) -> bool:
    """`gastei 50 semana passada` leaves the day open; `a conta do mês passado` only names the bill."""
    said = plain[when.a : when.b]
    return rx(
        "semana passada|mes passado|fim de semana|final de semana|semana retrasada|mes "
        "retrasado|ultima semana|ultimo mes"
    ).search(said) is not None and (not rx(r"\bd[aeo]\s*$").search(plain[: when.a]))


def _amount(amounts: tuple[Amount, ...]) -> tuple[str | None, str | None]:
    """The one amount that was meant, or why there is none."""
    sound = [a for a in amounts if a.flaw is None]
    flawed = [a for a in amounts if a.flaw is not None]
    if flawed and (not (sound and all(a.flaw in ("each", "instalments") for a in flawed))):
        return (None, flawed[0].flaw)
    if len(sound) > 1 and len([a for a in sound if a.strong]) == 1:
        sound = [a for a in sound if a.strong]
    if not sound:
        return (None, None)
    if len({a.value for a in sound}) > 1:
        return (None, "two")
    return (money(sound[0].value), None)


def _category(own: str, whole: str, side: Side) -> str:  # noqa: PLR0911 - an ordered list of rules
    kind = "expense" if side == "add_expense" else "income"
    if kind == "expense":
        deed = rx(SPENT).search(own)
        named = (category_in(own[deed.start() :], kind) if deed else None) or category_in(own, kind)
        if (
            named
            and named[0] == "equipamentos"
            and rx(r"\b(?:consert\w+|repar(?:o|ei|ar)|manutencao|arrum\w+|quebr\w+)\b").search(own)
        ):
            return "manutencao"
        if rx(r"\b(?:pra|para) (?:a gente |nos |loja )?(?:re)?vend\w+|\brevenda\b|\bpr[ao] estoque\b").search(own) and (
            not named or named[0] in ("alimentacao", "equipamentos", "saude", "material_escritorio", "servicos")
        ):
            return "fornecedores"
        return named[0] if named else "outros"
    if rx(r"\bcategoria\b").search(own) and (said := category_in(own, kind)):
        return said[0]
    if rx(r"\b(?:vend[aeiou]\w*|fatur\w+|encomenda|caixa|movimento)\b").search(own):
        return "vendas"
    named = category_in(own, kind)
    if named:
        return named[0]
    if rx(r"\bclientes?\b").search(whole) and (not rx(r"\bservic").search(whole)):
        return "vendas"
    return "outros"


_LEADS_TO_THE_PRICE = frozenset({"veio", "deu", "foi", "saiu", "ficou", "custou", "fechou", "total"})


def _description(text: Text, piece: _Piece, plain: str) -> str:
    """What is left of the author's words once deed, amount and date are taken away."""
    hidden = rx(SPENT + "|" + EARNED + "|" + REGISTER).sub(lambda m: "¦" * len(m.group()), plain)
    words = list(rx(r"[^\s¦,;:!?.()\"]+").finditer(hidden))
    while words and (words[0].group() in FILLERS or words[0].group() in SMALL_WORDS):
        words.pop(0)
    while words and (words[-1].group() in FILLERS or words[-1].group() in SMALL_WORDS):
        words.pop()
    while words and words[-1].group() in _LEADS_TO_THE_PRICE:
        words.pop()
    led = zip_longest(words, words[1:])
    # "farinha por 240 no mercado": what led to the amount goes with it.
    words = [
        m for m, after in led if not (after and m.group() in SMALL_WORDS and hidden[m.end() : after.start()].strip())
    ]
    kept = [text.original(piece.start + m.start(), piece.start + m.end()) for m in words]
    return " ".join(w for w in kept if w)[:120]


def entry_as(text: Text, side: Side, today: date) -> Draft:
    """The message read as one entry of a side that the conversation already settled."""
    days = find_dates(text.plain, today, "past")
    amounts = find_amounts(text.plain, [(w.a, w.b) for w in days])
    return _draft(text, _Piece(0, len(text.plain), tuple(amounts)), side, days, None)


def fill_entry(draft: Draft, text: Text, today: date) -> Draft:
    """An open entry with what the answer brings; what was already known stays unless the answer says otherwise."""
    if "amount" in draft.missing and (cents := rx(r"^\W*(?:foi |deu )?(\d+) e (\d\d)\W*$").match(text.plain)):
        text = text_of(f"{cents.group(1)},{cents.group(2)}")
    answer = entry_as(text, "add_income" if draft.tool == "add_income" else "add_expense", today)
    tool, missing, args, flaw = (draft.tool, list(draft.missing), dict(draft.args), draft.flaw)
    if draft.flaw == "side":
        told = _told_side(text)
        if told is None:
            return draft
        tool, missing, flaw = (told, [m for m in missing if m != "description"], None)
        answer = entry_as(text, told, today)
        args["category"] = "outros"
    if "amount" in missing:
        if "amount" in answer.args:
            args["amount"] = answer.args["amount"]
            missing.remove("amount")
            flaw = None
        else:
            flaw = answer.flaw or flaw
    _fill_day(args, missing, answer)
    said = str(answer.args.get("description") or "")
    if answer.args["category"] != "outros" and args.get("category") == "outros":
        args["category"] = answer.args["category"]
        args["description"] = said or args.get("description")
    if not args.get("description") and said:
        args["description"] = said
    return Draft(tool, args, tuple(missing), flaw if missing else None)


def _fill_day(args: dict[str, JsonValue], missing: list[str], answer: Draft) -> None:
    if "date" in answer.args:
        args["date"] = answer.args["date"]
        if "date" in missing:
            missing.remove("date")
    elif answer.flaw == "impossible_date" and "date" not in missing:
        missing.append("date")


def _told_side(text: Text) -> Side | None:
    side = _side(text.plain, registers=False)
    return side or ("add_income" if category_in(text.plain, "income") else None)
