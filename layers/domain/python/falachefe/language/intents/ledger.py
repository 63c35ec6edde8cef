"""Parses statements of money spent or received into ledger entries. Plans and hypotheses are never entries."""

from dataclasses import dataclass, replace
from datetime import date
from itertools import zip_longest
from typing import Literal

from falachefe.language.intents.interpretation import (
    Draft,
    Interpretation,
    for_tool,
    money,
)
from falachefe.language.intents.ledger_patterns import (
    BOUGHT,
    EARNED,
    EARNED_NOUN,
    ERRAND,
    FILLERS,
    HEARSAY,
    INTENDED,
    MADE,
    NEGATED,
    OUTSIDERS,
    OWN_UPKEEP,
    PAID_BY,
    QUESTION_WORD,
    REGISTER,
    RETRACTED,
    SPENT,
    SPENT_NOUN,
    UNSETTLED,
)
from falachefe.language.text.normalize import Text, normalize, rx
from falachefe.language.types import JsonValue
from falachefe.language.values.amounts import (
    SMALL_WORDS,
    Amount,
    blank,
    find_amounts,
)
from falachefe.language.values.categories import category_in
from falachefe.language.values.dates import DateMention, find_dates

# `a contadora cobrou 450, paguei ontem`: the second clause confirms the first, it is not another entry.
_SETTLED = (
    r"^\W*(?:e |mas |e ja |ja )?(?:eu )?(?:paguei|pagamos|recebi|recebemos|quitei)"
    r"(?: (?:hoje|ontem|anteontem|agora|cedo|ja|tudo|no pix|em dinheiro|de manha|a vista))*\W*$"
)
_PAYMENT_METHOD = r"\b(?:debito|credito|pix|dinheiro|especie|cartao|boleto|transferencia)\b"

type Side = Literal["add_expense", "add_income"]


@dataclass(frozen=True, slots=True)
class _Clause:
    """A span of the message that holds one entry."""

    start: int
    end: int
    amounts: tuple[Amount, ...]


def parse_entries(text: Text, today: date) -> Interpretation | None:
    """The entries of the message, a `not_yet` or `unclear_entry` intent, or None when it is about something else."""
    plain = text.plain
    registers = text.has(REGISTER)
    if text.has(QUESTION_WORD) and (not (registers and find_amounts(plain))):
        return None
    prefer: Literal["past", "future"] = "future" if _is_future(text) else "past"
    days = find_dates(plain, today, prefer)
    amounts = find_amounts(plain, [w.span for w in days])
    stated = text.has(SPENT) or text.has(EARNED) or text.has(SPENT_NOUN) or text.has(EARNED_NOUN) or text.has(PAID_BY)
    if (
        not amounts
        and not stated
        and not (
            category_in(plain, "expense")
            and (registers or len(plain.split()) <= 2 or text.has(INTENDED) or text.has(NEGATED) or text.has(UNSETTLED))
        )
    ):
        return None
    if text.has(HEARSAY) or text.has(OUTSIDERS) or (len(amounts) == 1 and text.has(RETRACTED)):
        return Interpretation("not_yet", "financial", (), 0.8)
    if text.has(ERRAND) and (not text.has(r"\bcategoria\b")):
        return Interpretation("not_yet", "financial", (), 0.85) if amounts or category_in(plain, "expense") else None
    clauses = [p for p in _split_clauses(plain, days, amounts) if registers or not _not_done(plain[p.start : p.end])]
    if not clauses or (text.has(UNSETTLED) and (not registers) and (not text.has(SPENT + "|" + EARNED))):
        return Interpretation("not_yet", "financial", (), 0.85) if _about_money(text, amounts) else None
    return _entries(text, clauses, days, bool(registers))


def _about_money(text: Text, amounts: list[Amount]) -> bool:
    return bool(amounts) or text.has(SPENT) or text.has(EARNED) or (category_in(text.plain, "expense") is not None)


def _is_future(text: Text) -> bool:
    return text.has(
        r"\b(?:pra|para|vence|vencimento|com data|agenda\w*)\s+(?:o |a |de |em )?(?:dia "
        r"|amanha|\d)"
    ) and (not text.has(SPENT + "|" + EARNED))


def _not_done(plain: str) -> bool:
    negated = rx(NEGATED).search(plain) and (not rx(r"\bnao (?:esque|deix)").search(plain))
    questioned = not rx(REGISTER).search(plain) and _is_question(plain)
    opened = rx(UNSETTLED).search(plain) and (
        not rx(r"\b(?:paguei|recebi|pagou|pagaram|quitei|gastei|comprei|vendi)\b").search(plain)
    )
    return bool(negated or questioned or opened or rx(INTENDED).search(plain))


def _is_question(plain: str) -> bool:
    """`gastei 50 de gasolina?` is a question; `gastei 50 de gasolina, anotou?` is a statement."""
    for clause in rx(r"[^.!?;\n]*\?").findall(plain):
        stated = rx(r",[^,\d]{2,25}\?$").sub("", clause)
        if stated == clause and rx(SPENT + "|" + EARNED).search(clause) and rx(r"\d").search(clause):
            return True
    return False


def _split_clauses(plain: str, days: list[DateMention], amounts: list[Amount]) -> list[_Clause]:
    """Splits between amounts; a clause without an amount joins the next unless it has a verb of its own."""
    if [a for a in amounts if a.flaw in ("each", "instalments")] and len([a for a in amounts if a.flaw is None]) == 1:
        return [_Clause(0, len(plain), tuple(a for a in amounts if a.flaw is None))]
    if (
        rx(r"\b(?:no total|ao todo|tudo deu|deu tudo|total de|total|tudo por|somando)\b").search(plain)
        and len(amounts) > 1
    ):
        return [_Clause(0, len(plain), tuple(_total(plain, amounts)))]
    hidden = blank(plain, [*((a.start, a.end) for a in amounts), *(w.span for w in days)])
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
    clauses: list[_Clause] = []
    start = 0
    for cut in cuts[1:]:
        inside = tuple(a for a in amounts if start <= a.start < cut)
        rest = [a for a in amounts if a.start >= cut]
        if inside and rest:
            clauses.append(_Clause(start, cut, inside))
            start = cut
        elif (
            not inside
            and rest
            and _has_transaction_verb(plain[start:cut])
            and (_has_transaction_verb(plain[cut : rest[0].start]) or _is_another_item(plain, start, cut, rest[0]))
        ):
            clauses.append(_Clause(start, cut, ()))
            start = cut
        elif (
            not inside
            and clauses
            and (not _has_transaction_verb(plain[start:cut]))
            and rest
            and (not rx(r"\d").match(plain[cut:].lstrip()))
        ):
            continue
    last = tuple(a for a in amounts if a.start >= start)
    clauses.append(_Clause(start, len(plain), last))
    return _split_edge_clause(plain, clauses, cuts)


def _split_edge_clause(plain: str, clauses: list[_Clause], cuts: list[int]) -> list[_Clause]:
    """`gastei 50 de gasolina, mas não paguei o almoço`: a last clause with its own verb is split off."""
    clause = clauses[-1]
    if not clause.amounts:
        return clauses
    after = [c for c in cuts if clause.amounts[-1].end <= c < clause.end]
    for cut in after:
        rest = plain[cut : clause.end]
        if rx(_SETTLED).match(rest):
            continue
        if _not_done(rest) or _has_transaction_verb(rest) or plain[cut - 1] == "\n":
            return [*clauses[:-1], _Clause(clause.start, cut, clause.amounts), _Clause(cut, clause.end, ())]
    before = [c for c in cuts if clause.start < c <= clause.amounts[0].start]
    for cut in reversed(before):
        if (
            _not_done(plain[clause.start : cut])
            and (not _not_done(plain[cut : clause.end]))
            and _has_transaction_verb(plain[cut : clause.end])
        ):
            return [*clauses[:-1], _Clause(cut, clause.end, clause.amounts)]
    return clauses


def _is_another_item(plain: str, start: int, cut: int, amount: Amount) -> bool:
    """`paguei o almoço e 30 de uber`: the amount has its own item, so it is not the price of the first."""
    if plain[cut : amount.start].strip() or not _lacks_amount(plain[start:cut]):
        return False
    brought = rx(r"\s*(?:de|d[oa]|n[oa]|em|com|pr[ao]|para)\s+([a-z][a-z ]{2,30})").match(plain, amount.end)
    named = category_in(brought.group(1), "expense") if brought else None
    first = category_in(plain[start:cut], "expense")
    return named is not None and first is not None and named[0] != first[0]


def _has_transaction_verb(plain: str) -> bool:
    return rx(SPENT + "|" + EARNED).search(plain) is not None


def _total(plain: str, amounts: list[Amount]) -> list[Amount]:
    offset = [m.start() for m in rx(r"\b(?:total|ao todo|tudo|somando)\b").finditer(plain)]
    following = [a for a in amounts if any(0 < a.start - p <= 20 for p in offset)]
    return following[:1] or [a for a in amounts if any(a.end <= p for p in offset)][-1:] or amounts


def _entries(text: Text, clauses: list[_Clause], days: list[DateMention], registers: bool) -> Interpretation | None:
    drafts: list[Draft] = []
    side: Side | None = None
    day: str | None = None
    shared = [w for w in days if w.kind != "range"]
    for clause in clauses:
        plain = text.plain[clause.start : clause.end]
        if not clause.amounts and len(clauses) > 1 and (not _lacks_amount(plain)):
            continue
        stated = _side(plain, registers=registers)
        side = stated or side or _side(text.plain, registers=registers)
        if side is None:
            return _side_unclear(text, clauses)
        own = [w for w in days if clause.start <= w.span[0] < clause.end] or ([] if len(shared) > 1 else days)
        draft = _draft(text, clause, side, own, day)
        day = str(draft.args["date"]) if "date" in draft.args else day
        drafts.append(draft)
    if not drafts:
        return None
    if len(drafts) > 1 and all(rx(_PAYMENT_METHOD).search(text.plain[p.start : p.end]) for p in clauses):
        # `entrou 90 no débito e 60 no crédito`: the entries differ only by payment method.
        drafts = [_described_by_method(text, d, p) for d, p in zip(drafts, clauses, strict=False)]
    if len(drafts) > 1 and any(not d.args.get("description") for d in drafts):
        return for_tool(Draft(drafts[0].tool, {}, ("amount",), "two"), confidence=0.85)
    explicit = registers or _has_transaction_verb(text.plain) or text.has(EARNED_NOUN) or text.has(SPENT_NOUN)
    return for_tool(*drafts, confidence=0.95 if explicit else 0.8, explicit=explicit)


def _described_by_method(text: Text, draft: Draft, clause: _Clause) -> Draft:
    means = rx(_PAYMENT_METHOD).search(text.plain[clause.start : clause.end])
    if means is None or draft.args.get("description"):
        return draft
    stated = text.original(clause.start + means.start(), clause.start + means.end())
    return replace(draft, args={**draft.args, "description": stated})


def _lacks_amount(plain: str) -> bool:
    """A clause that states a purchase without its price (`... e paguei o almoço`)."""
    return rx(BOUGHT).search(plain) is not None and category_in(plain, "expense") is not None and (not _not_done(plain))


def _side_unclear(text: Text, clauses: list[_Clause]) -> Interpretation | None:
    if any(p.amounts for p in clauses) and len(text.plain.split()) <= 8 and (not text.has(r"\?|[a-z]+%")):
        return Interpretation("unclear_entry", "financial", (), 0.7, explicit=False)
    return None


def _side(plain: str, *, registers: bool) -> Side | None:
    """Expense or income: by the first verb, else by a noun, else by the category of the item."""
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


def _payer_side(plain: str, offset: int) -> Side:
    """`a cliente pagou 120 do banho` is income; `a Maria pagou a luz` is an expense of the company."""
    if rx(
        r"\b(?:client\w+|pacient\w+|tutor\w*|alun[oa]|fregues\w*|dono d|dona d|seu |don[oa] "
        r"|me |nos |pra mim|pelo servico|condominio)"
    ).search(plain[:offset] + " "):
        return "add_income"
    named = category_in(plain[offset:], "expense")
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
    if named and named[0] in bills and (not category_in(plain[offset:], "income")):
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


def _draft(text: Text, clause: _Clause, side: Side, days: list[DateMention], previous_date: str | None) -> Draft:
    args: dict[str, JsonValue] = {}
    missing: list[str] = []
    value, flaw = _amount(clause.amounts)
    if value is None:
        missing.append("amount")
    else:
        args["amount"] = value
    plain = blank(text.plain, [*((a.start, a.end) for a in clause.amounts), *(w.span for w in days)])[
        clause.start : clause.end
    ]
    args["description"] = _description(text, clause, plain)
    args["category"] = _category(plain, text.plain, side)
    date_flaw = _set_date(args, missing, days, previous_date, text.plain)
    return Draft(side, args, tuple(missing), flaw or date_flaw)


def _set_date(
    args: dict[str, JsonValue], missing: list[str], days: list[DateMention], previous_date: str | None, plain: str
) -> str | None:
    impossible = [w for w in days if w.kind == "impossible"]
    exact = [w for w in days if w.kind == "day"]
    if impossible:
        missing.append("date")
        return "impossible_date"
    if exact:
        args["date"] = exact[0].start.isoformat()
    elif previous_date:
        args["date"] = previous_date
    elif any(_vague_day(plain, w) for w in days):
        missing.append("date")
        return "vague_date"
    return None


def _vague_day(plain: str, mention: DateMention) -> bool:
    """`gastei 50 semana passada` leaves the day open; in `a conta do mês passado` the period names the bill."""
    phrase = plain[mention.span[0] : mention.span[1]]
    return rx(
        "semana passada|mes passado|fim de semana|final de semana|semana retrasada|mes "
        "retrasado|ultima semana|ultimo mes"
    ).search(phrase) is not None and (not rx(r"\bd[aeo]\s*$").search(plain[: mention.span[0]]))


def _amount(amounts: tuple[Amount, ...]) -> tuple[str | None, str | None]:
    """The amount and None, or None and the flaw that makes it unusable or ambiguous."""
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
        verb = rx(SPENT).search(own)
        named = (category_in(own[verb.start() :], kind) if verb else None) or category_in(own, kind)
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
    if rx(r"\bcategoria\b").search(own) and (phrase := category_in(own, kind)):
        return phrase[0]
    if rx(r"\b(?:vend[aeiou]\w*|fatur\w+|encomenda|caixa|movimento)\b").search(own):
        return "vendas"
    named = category_in(own, kind)
    if named:
        return named[0]
    if rx(r"\bclientes?\b").search(whole) and (not rx(r"\bservic").search(whole)):
        return "vendas"
    return "outros"


_PRICE_VERBS = frozenset({"veio", "deu", "foi", "saiu", "ficou", "custou", "fechou", "total"})


def _description(text: Text, clause: _Clause, plain: str) -> str:
    """The author's words without verb, amount and date."""
    hidden = rx(SPENT + "|" + EARNED + "|" + REGISTER).sub(lambda m: "¦" * len(m.group()), plain)
    words = list(rx(r"[^\s¦,;:!?.()\"]+").finditer(hidden))
    while words and (words[0].group() in FILLERS or words[0].group() in SMALL_WORDS):
        words.pop(0)
    while words and (words[-1].group() in FILLERS or words[-1].group() in SMALL_WORDS):
        words.pop()
    while words and words[-1].group() in _PRICE_VERBS:
        words.pop()
    led = zip_longest(words, words[1:])
    # "farinha por 240 no mercado": the preposition before the amount is dropped with it.
    words = [
        m for m, after in led if not (after and m.group() in SMALL_WORDS and hidden[m.end() : after.start()].strip())
    ]
    kept = [text.original(clause.start + m.start(), clause.start + m.end()) for m in words]
    return " ".join(w for w in kept if w)[:120]


def entry_draft(text: Text, side: Side, today: date) -> Draft:
    """The message as one entry whose side (expense or income) is already known from the conversation."""
    days = find_dates(text.plain, today, "past")
    amounts = find_amounts(text.plain, [w.span for w in days])
    return _draft(text, _Clause(0, len(text.plain), tuple(amounts)), side, days, None)


def fill_entry(draft: Draft, text: Text, today: date) -> Draft:
    """Fills an incomplete entry from the answer; filled slots stay unless the answer changes them."""
    if "amount" in draft.missing and (cents := rx(r"^\W*(?:foi |deu )?(\d+) e (\d\d)\W*$").match(text.plain)):
        text = normalize(f"{cents.group(1)},{cents.group(2)}")
    answer = entry_draft(text, "add_income" if draft.tool == "add_income" else "add_expense", today)
    tool, missing, args, flaw = (draft.tool, list(draft.missing), dict(draft.args), draft.flaw)
    if draft.flaw == "side":
        stated = _stated_side(text)
        if stated is None:
            return draft
        tool, missing, flaw = (stated, [m for m in missing if m != "description"], None)
        answer = entry_draft(text, stated, today)
        args["category"] = "outros"
    if "amount" in missing:
        if "amount" in answer.args:
            args["amount"] = answer.args["amount"]
            missing.remove("amount")
            flaw = None
        else:
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


def _stated_side(text: Text) -> Side | None:
    side = _side(text.plain, registers=False)
    return side or ("add_income" if category_in(text.plain, "income") else None)
