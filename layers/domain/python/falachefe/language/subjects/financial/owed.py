"""Bills: money that is owed becomes `add_bill`, and a payment that fits exactly one open bill becomes `settle_bill`."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Final, Literal

from falachefe.kernel.text import fold
from falachefe.language.claims.types import Claim, Reading
from falachefe.language.clauses.words import content
from falachefe.language.spans.days import read_days
from falachefe.language.spans.types import When
from falachefe.language.subjects.financial.descriptions import entry_description
from falachefe.language.subjects.interpretation import Draft, money
from falachefe.language.text.normalize import Text, normalize, rx
from falachefe.language.text.person_names import person_name
from falachefe.language.types import Facts, JsonValue, OpenBill

type Owed = Literal["payable", "receivable"]
# Where nobody named a day for a debt (`seu Zé ficou devendo 80`).
USUAL_TERM: Final = timedelta(days=30)
_NOTEBOOK: Final = (
    r"\b(?:no caderno|na caderneta|no fiado|pendur\w+|(?:na|pra) conta d[aeo] (?!luz|agua|loja|empresa|telefone))\b"
)
_CREDIT: Final = (
    r"\b(?:fiado|a prazo|no carne|na conta|na caderneta|pendur\w+|pra pagar depois|para pagar depois|na nota)\b"
)
_BILL_NOUN: Final = (
    r"\b(?:boletos?|contas?|faturas?|alugue[il]s?|duplicatas?|carnes?|mensalidades?|guias?|prestac\w+"
    r"|parcelas?|das|iptu|ipva"
    r"|divida|cheques?|notas?|impostos?|salarios?|financiamento|emprestimo)\b"
)
_COMES_DUE: Final = r"\b(?:vence(?:m|ra|ndo)?|vencimento|venc\.?|a pagar|pra pagar|para pagar|a vencer|pagar ate)\b"
_PAID: Final = (
    r"\b(?:paguei|pagamos|pagou|pagaram|quitei|quitamos|recebi|recebemos|gastei|ja (?:esta )?pag[oa]"
    r"|foi pag[oa])\b"
)
_TO_RECEIVE: Final = r"\b(?:a receber|pra receber|para receber)\b"
_REPEATS: Final = (
    (r"\b(?:tod[oa]s? (?:o |a )?(?:mes|meses|dia \d+)|mensal(?:mente)?|por mes|cada mes)\b|\btodo ¦", "monthly"),
    (
        r"\b(?:tod[oa]s? (?:as? )?semanas?|semanal(?:mente)?|por semana|toda (?:segunda|terca|quarta|quinta|sexta))\b",
        "weekly",
    ),
    (r"\b(?:tod[oa]s? (?:os? )?anos?|anual(?:mente)?|por ano)\b", "yearly"),
)


def bill_draft(text: Text, claim: Claim, reading: Reading, today: date) -> Draft | None:
    """The bill that the claim tells of, or None when nothing is owed. The day of a plain debt is not asked for."""
    plain = text.plain[claim.start : claim.end]
    owed = _owed(claim, plain)
    if owed is None or claim.modality in ("asked", "conditional", "reported", "cancelled", "denied"):
        return None
    repeats = _repeats(claim.said, plain)
    parts = claim.sum.instalments if claim.sum else None
    due = _due(claim, reading) or (_next_time(plain, today) if repeats or parts or claim.registers else None)
    missing: list[str] = []
    args: dict[str, JsonValue] = {"direction": owed}
    if claim.sum is None or claim.sum.value is None or claim.sum.flaw:
        missing.append("amount")
    else:
        args["amount"] = money(claim.sum.value)
    who = counterparty(text, claim, owed)
    args["description"] = entry_description(text, claim) or ("Fiado" if owed == "receivable" else "Conta a pagar")
    if who:
        args["counterparty"] = who
    if parts and parts > 1:
        args["instalments"] = parts
    if repeats and not (parts and parts > 1):
        args["repeats"] = repeats
    note = ""
    if due is not None:
        args["due"] = due.isoformat()
    elif owed == "receivable" or claim.event == "owe" or rx(_CREDIT).search(plain):
        args["due"], note = _usual(today)
    else:
        missing.append("due")
    return Draft("add_bill", args, tuple(missing), claim.sum.flaw if claim.sum else None, note=note)


def rest_draft(text: Text, claim: Claim, reading: Reading, today: date) -> Draft | None:
    """The bill for what stays owed after a deposit or a part payment."""
    if claim.sum is None or not claim.sum.rest or claim.direction is None:
        return None
    owed: Owed = "receivable" if claim.direction == "in" else "payable"
    due = _due(claim, reading)
    args: dict[str, JsonValue] = {
        "direction": owed,
        "amount": money(claim.sum.rest),
        "description": entry_description(text, claim) or "Restante",
    }
    if who := counterparty(text, claim, owed):
        args["counterparty"] = who
    args["due"], note = (due.isoformat(), "") if due else _usual(today)
    return Draft("add_bill", args, note=note)


def _usual(today: date) -> tuple[str, str]:
    day = today + USUAL_TERM
    return day.isoformat(), f"Sem dia combinado, coloquei para {day:%d/%m}; se for outro, é só dizer."


def _owed(claim: Claim, plain: str) -> Owed | None:
    if claim.event == "owe":
        return _debtor(claim, plain)
    if rx(_NOTEBOOK).search(plain) and (claim.registers or rx(r"^\W*(?:pendur[ae]|poe|bota)\b").search(plain)):
        return "receivable"
    if _has_paid(claim, plain):
        return None
    if claim.event == "charge" and rx(_BILL_NOUN).search(plain):
        return "payable"
    return _on_credit(claim, plain) or _coming_due(claim, plain)


def _has_paid(claim: Claim, plain: str) -> bool:
    """`paguei o boleto que vence 05/12`, `adiantei a mensalidade do dia 20`: the money has moved."""
    ours = claim.verb is not None and claim.verb.tense == "past" and claim.verb.person == 1
    return (ours and claim.event in ("pay", "spend", "transfer", "receive")) or rx(_PAID).search(plain) is not None


def _on_credit(claim: Claim, plain: str) -> Owed | None:
    """Sold or bought and not paid yet: fiado, at a term, in instalments, or with the day named."""
    credit = rx(_CREDIT).search(plain) is not None
    terms = any(w.role in ("terms", "due") for w in claim.spans.days)
    split = claim.sum is not None and (claim.sum.instalments or 0) > 1
    took = rx(r"\b(?:levou|levaram|comprou|compraram|pegou|ficou|deixou|pendurou)\b").search(plain) is not None
    if credit and took and claim.subject in ("customer", "other"):
        return "receivable"
    told = claim.modality == "happened" or (split and claim.modality == "planned" and not _is_mere_plan(plain))
    if claim.event not in ("sell", "buy", "spend") or not told or not (credit or terms or split):
        return None
    if claim.event == "spend" and not split:
        return None
    if rx(r"\b(?:pra|para|a) pagar\b").search(plain) and not (claim.verb and claim.verb.lemma == "vender"):
        return "payable"
    return "receivable" if claim.event == "sell" or claim.subject == "customer" else "payable"


def _coming_due(claim: Claim, plain: str) -> Owed | None:
    """`o boleto vence sexta`, `aluguel de 1500 todo dia 5`, `vai pagar 600 em 4 vezes, começando dia 10`."""
    if claim.modality not in ("happened", "planned"):
        return None
    if claim.registers and rx(_TO_RECEIVE).search(plain):
        return "receivable"
    if claim.modality == "planned" and claim.sum is not None and claim.spans.days and rx(_WILL_PAY_US).search(plain):
        return "receivable"
    dated = any(w.role in ("due", "start") for w in claim.spans.days) or rx(_COMES_DUE).search(plain) is not None
    dated = dated or rx(r"\b(?:pra|pro|para)(?: o)?(?: dia)? *¦").search(claim.said) is not None
    entry = rx(r"\b(?:despesas?|gastos?|saidas?)\b").search(plain) is not None
    if rx(_BILL_NOUN).search(plain) and dated and not entry and (claim.registers or not _is_mere_plan(plain)):
        return "payable"
    split = claim.sum is not None and (claim.sum.instalments or 0) > 1 and dated
    repeated = _repeats(claim.said, plain) is not None and claim.sum is not None and not _past(claim)
    if claim.direction and (split or repeated):
        return "payable" if claim.direction == "out" else "receivable"
    return None


_WILL_PAY_US: Final = (
    r"^(?!.{0,20}\bclientes?\b).*\b(?:vai|vao|ficou de|ficaram de|prometeu|prometeram|combinou de)\s+(?:me |nos )"
    r"(?:pagar|depositar|mandar|acertar|passar)\b|\b(?:vai|vao) pagar\b.{0,40}\b(?:vezes|parcelas|\dx)"
)
"""`a escola vai me pagar 600 dia 7`, `o Gilmar vai pagar o conserto em 4 vezes de 75`."""


def _past(claim: Claim) -> bool:
    return claim.verb is not None and claim.verb.tense == "past"


def _is_mere_plan(plain: str) -> bool:
    """`vou pagar o boleto amanhã` tells of an act to come; `o boleto vence amanhã` of the bill."""
    return (
        rx(
            r"\b(?:vou|vamos|quero|preciso|precisamos|tenho que|tenho de|temos que|tem que|pretendo"
            r"|agend\w+)\b"
        ).search(plain)
        is not None
    )


def _debtor(claim: Claim, plain: str) -> Owed | None:
    verb = claim.verb
    if verb is None or verb.tense in ("imperfect", "past", "infinitive", "conditional"):
        return None
    after = plain[verb.end - claim.start :]
    if rx(r"^\s*(?:[a-z]+(?:ar|er|ir)\b)").match(after):
        return None
    before = plain[: verb.start - claim.start]
    ours = verb.person == 1 or rx(r"\b(?:fiquei|ficamos|estou|estamos|continuo|to)\s+$").search(before)
    if ours and not rx(r"\bme\s+$").search(before):
        return "payable"
    return "receivable"


def _due(claim: Claim, reading: Reading) -> date | None:
    """The day on which it is due; the first one of several payments may be told as a start (`começando dia 10`)."""

    def pick(days: tuple[When, ...], role: str) -> date | None:
        told = [w for w in days if w.role == role and w.kind != "impossible" and w.exact]
        return told[0].last if told else None

    alone = len([c for c in reading.claims if c.sum]) <= 1
    for days in (claim.spans.days, reading.spans.days if alone else ()):
        for role in ("due", "start", "terms"):
            if found := pick(days, role):
                return found
    ahead = [w for w in claim.spans.days if w.kind == "day"]
    return ahead[0].first if claim.modality == "planned" and ahead else None


def _next_time(plain: str, today: date) -> date | None:
    """`todo dia 5`, `toda segunda`: the next one."""
    days = [w for w in read_days(normalize(plain), today, prefer="future") if w.kind == "day" and w.first >= today]
    return days[0].first if days else None


def _repeats(said: str, plain: str) -> str | None:
    return next((every for pattern, every in _REPEATS if rx(pattern).search(plain) or rx(pattern).search(said)), None)


_TO: Final = (
    r"\b(?:pro|pra|ao|para o|para a|com o|com a|na|no|para|d[oa])\s+(?P<n>(?:seu |dona |dr "
    r"|dra )?[a-z]+(?: (?:d[aeo]s? )?[a-z]+)?)"
)


def counterparty(text: Text, claim: Claim, owed: Owed) -> str | None:
    """Who owes or is owed: a person of the clause, else the subject or the object of the verb as written."""
    if claim.spans.people:
        return claim.spans.people[0].name
    if claim.verb is None:
        return None
    plain = text.plain[claim.start : claim.end]
    at = claim.verb.start - claim.start
    if owed == "receivable":
        led = rx(
            r"(?:^|[,.;:\n]|\b(?:que|e)\b)\s*(?:(?:o|a|os|as)\s+)?(?P<n>(?:seu |dona )?[a-z]+(?: (?!ficou|esta|me|nos"
            r"|ainda|ja|levou|comprou|vai|vao)[a-z]+)?)\s+"
            r"(?:me |nos |ainda |ja |ficou |esta |ta |continua |vai |vao |de )*$"
        )
        match = led.search(plain[:at])
    else:
        match = rx(_TO).search(plain, claim.verb.end - claim.start)
    if match is None or match.group("n") in ("mim", "gente", "conta", "prazo", "dia", "mes", "que", "ele", "ela"):
        return None
    written = text.original(claim.start + match.start("n"), claim.start + match.end("n"))
    return person_name(written)


# ---- payments of open bills


def settlement(text: Text, claim: Claim, facts: Facts) -> Draft | None:
    """`settle_bill` when the payment fits exactly one open bill of the company."""
    if claim.modality != "happened" or claim.event not in ("pay", "receive", "repay", "transfer", "spend"):
        return None
    owed = {"in": "receivable", "out": "payable"}.get(claim.direction or "")
    amount = claim.sum.value if claim.sum and not claim.sum.flaw else None
    if claim.sum is not None and amount is None:
        return None
    fitting = [b for b in facts.bills if b.direction == owed and _fits(b, claim, amount)]
    if not fitting and owed == "receivable" and claim.subject != "us":
        return _debt_paid(text, claim, amount)
    if not fitting or (len(fitting) > 1 and not _is_next_instalment(fitting, claim)):
        return None
    bill = min(fitting, key=lambda one: one.due)
    named = bill.counterparty or bill.description if owed == "receivable" else bill.description or bill.counterparty
    # One of several instalments is pointed at by its day.
    day = f" de {date.fromisoformat(bill.due):%d/%m/%Y}" if len(fitting) > 1 else ""
    args: dict[str, JsonValue] = {"bill": named + day}
    if amount is not None:
        args["amount"] = money(amount)
    told = [w for w in claim.spans.days if w.role == "happened" and w.kind == "day" and w.exact]
    if told:
        args["date"] = told[0].first.isoformat()
    return Draft("settle_bill", args)


def _is_next_instalment(bills: list[OpenBill], claim: Claim) -> bool:
    """Whether the bills are the instalments of one purchase and the payment is of one of them."""
    alike = len({(bill.description, bill.counterparty, bill.amount) for bill in bills}) == 1
    return alike and rx(r"\b(?:parcela|prestacao|primeira|1a|mes)\b").search(claim.said) is not None


_DEBT: Final = r"\b(?:fiado|que (?:me |nos )?devia|divida|caderneta|caderno|o que (?:me )?deve)\b"


def _debt_paid(text: Text, claim: Claim, amount: Decimal | None) -> Draft | None:
    """`a dona Cida acertou o fiado`, `o seu Zé pagou 50 dos 80 que devia`: the tool finds the bill by the name."""
    part = claim.sum is not None and claim.sum.rest is not None
    who = counterparty(text, claim, "receivable")
    if not who or not rx(_DEBT).search(claim.said) or (amount is not None and not part):
        return None
    return Draft("settle_bill", {"bill": who, **({"amount": money(amount)} if amount is not None else {})})


def _fits(bill: OpenBill, claim: Claim, amount: Decimal | None) -> bool:
    said = {_stem(w) for w in content(claim.said)} | {
        _stem(fold(w)) for p in claim.spans.people for w in p.name.split()
    }
    named = {_stem(w) for w in content(fold(f"{bill.description} {bill.counterparty}"))}
    alike = bool(said & named)
    if amount is None:
        return alike
    if amount == bill.amount:
        return alike or bool({"boleto", "conta", "fatura"} & said)
    if bill.direction == "receivable":
        return bool(said & {_stem(w) for w in content(fold(bill.counterparty))}) or (alike and amount < bill.amount)
    # `150 da luz`, `400 do boleto da Ambev`: a part of the bill, or too much, which the tool refuses with the rest.
    part = rx(r"\b(?:parte|d[oa]s?|de um total|restante|resto|metade|entrada|boleto|conta|fatura|parcela)\b").search(
        claim.said
    )
    return alike and part is not None


def _stem(word: str) -> str:
    return word[:-1] if len(word) > 3 and word.endswith("s") else word
