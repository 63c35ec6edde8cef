"""Amounts of money and counts in a message: a number with its currency, cents and neighbours, or with its noun."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import zip_longest
from typing import Final

from falachefe.language.spans.money.lexemes import (
    CENTS,
    CONNECTIVES,
    FOREIGN,
    LABELS,
    MEASURES,
    REAIS,
    SIGNS,
    WEAK_LABELS,
    Token,
    tokens_of,
)
from falachefe.language.spans.money.numerals import Number, at, below_thousand, is_number_word, read_number
from falachefe.language.spans.types import Money, MoneyFlaw, Quantity
from falachefe.language.text.normalize import rx

MAX_INTEGER_DIGITS: Final = 12
# A bare integer up to this may count the thing named between it and the next amount: `2 bolo 60`.
_MOST_COUNTED: Final = 30
_VAGUE_BEFORE: Final = (
    r"(?:\b(?:uns|umas|quase|cerca de|mais ou menos|aproximadamente|aprox\.?|por volta de|em torno de|coisa de|tipo|"
    r"talvez|perto de|mais de|menos de|na faixa d[eo]s?|na casa d[eo]s?|acho que(?: foi| foram| gastei| deu)?|acho q|"
    r"algo como|beirando|la pelos|entre|sei la|parece que foi|chutando|calculo que)|~|\+-|\+/-)"
    r"\s*(?:os |as |uns )?(?:r\$|rs)?\s*$"
)
_VAGUE_AFTER: Final = (
    r"^\s*(?:reais|conto|contos|pila)?\s*(?:e\s+(?:pouc[oa]s?|tant[oa]s|alguma coisa|alguns|uns quebrados|quebrados|"
    r"qualquer coisa|la vai|bolinha|trocados|uns trocados|uns|poquinho|pouquinho|uns centavos|lá vai fumaça)\b|"
    r"mais ou menos\b|por ai\b|ou mais\b|ou menos\b|aproximadamente\b|\+-|"
    r"(?:ou|a|-)\s*(?:r\$\s*)?\d+(?![\d/]*\s*(?:vezes|x\b))(?!\s*(?:dia|kg|litro))|mais ou meno)"
)
# Words that stand for money between the digits of a list and cannot be counted: `200 correios`.
_NOUN: Final = r"^[a-z]{2,}$"


@dataclass(frozen=True, slots=True)
class _Reading:
    """One number of the message with its neighbours, before it is told apart as money or a count."""

    number: Number
    first: int
    last: int
    value: Decimal | None
    currency: str
    marked: bool


def read_amounts(hidden: str) -> tuple[list[Money], list[Quantity]]:
    """All amounts and counts of `hidden`, a folded text in which everything else with digits is blanked out."""
    tokens = tokens_of(hidden)
    money: list[Money] = []
    counts: list[Quantity] = []
    i = 0
    while i < len(tokens):
        number = read_number(tokens, i)
        if number is None:
            i += 1
            continue
        reading = _with_currency(tokens, i, number)
        if not reading.marked and (unit := _unit(tokens, i, number)) is not None:
            counts.extend(_count(tokens, i, number, unit))
            i = max(number.end, i + 1)
            continue
        reading = _with_neighbours(tokens, reading)
        money.append(_amount(hidden, tokens, i, reading))
        i = reading.last
    _drop_labelled(hidden, money)
    return _split_counts(hidden, _merge_ranges(hidden, money), counts)


def _with_currency(tokens: Sequence[Token], i: int, number: Number) -> _Reading:
    """The number with the currency before and after it, and cents behind that."""
    value, j, currency, first = number.value, number.end, "BRL", i
    before = at(tokens, i - 1).word if i else ""
    marked = before in SIGNS
    if marked:
        first = i - 1
    elif before in FOREIGN and (before not in ("libra", "peso", "pesos", "libras")):
        first, currency, marked = i - 1, FOREIGN[before], True
    word = at(tokens, j).word
    if word == "de" and at(tokens, j + 1).word in REAIS | FOREIGN.keys() and number.scaled:
        j, word = j + 1, at(tokens, j + 1).word
    if word in FOREIGN and not (marked and currency == "BRL"):
        return _Reading(number, first, j + 1, value, FOREIGN[word], True)
    if word in ("em", "no") and at(tokens, j + 1).word in FOREIGN:
        return _Reading(number, first, j + 2, value, FOREIGN[tokens[j + 1].word], True)
    if word in REAIS or word == "$":
        j += 1
        value, j = _cents_after_reais(tokens, j, value)
        return _Reading(number, first, j, value, currency, True)
    if word in CENTS:
        return _Reading(_in_cents(number), first, j + 1, _in_cents(number).value, currency, True)
    whole, k = _named_cents(tokens, j, value)
    if k > j:
        return _Reading(number, first, k, whole, currency, True)
    return _Reading(number, first, j, value, currency, marked)


def _in_cents(number: Number) -> Number:
    """The number before `centavos`; `duzentos e cinquenta centavos` is 2,50 or 200,50."""
    if number.cents:
        return number
    fractions = [r for r in number.readings if r != int(r)]
    if number.value is None:
        return replace(number, value=fractions[0] if fractions else None)
    value = number.value / 100
    if number.spoken and number.value > 100 and number.value % 100:
        whole = number.value - number.value % 100
        return replace(number, value=None, readings=(value, whole + number.value % 100 / 100))
    return replace(number, value=value)


def _named_cents(tokens: Sequence[Token], j: int, value: Decimal | None) -> tuple[Decimal | None, int]:
    """`... e quarenta e cinco centavos`."""
    k = j + 1 if at(tokens, j).word in ("e", "com", ",") else j
    if value is None or k >= len(tokens):
        return value, j
    read = read_number(tokens, k)
    if read is None or read.value is None or read.value >= 100 or at(tokens, read.end).word not in CENTS:
        return value, j
    return value + read.value / 100, read.end + 1


def _cents_after_reais(tokens: Sequence[Token], j: int, value: Decimal | None) -> tuple[Decimal | None, int]:
    """`trinta e dois reais e cinquenta`, `50 reais e 30 centavos`, `vinte reais e meio`; `j` is behind the currency."""
    whole, k = _named_cents(tokens, j, value)
    if k > j or value is None:
        return whole, k
    joined = at(tokens, j).word in ("e", "com")
    nxt = at(tokens, j + 1)
    if not joined or value != int(value):
        return value, j
    if nxt.word == "meio":
        return value + Decimal("0.5"), j + 2
    if nxt.digits and rx(r"^\d\d$").match(nxt.word):
        cents, end = Decimal(nxt.word), j + 2
    else:
        read = below_thousand(tokens, j + 1)
        if read is None or not 10 <= read[0] < 100:
            return value, j
        cents, end = Decimal(read[0]), read[1]
    after = at(tokens, end).word
    item = after in REAIS or after in MEASURES or after in ("mil", "k", "%", "/", "x", "vezes")
    if item or (after == "de" and _names_item_before(tokens, j)) or (len(after) > 4 and after.endswith("s")):
        return value, j
    return value + cents / 100, end


def _names_item_before(tokens: Sequence[Token], j: int) -> bool:
    """`almoço 20 reais e 30 de uber`: the first amount has its thing already, so the second is no cents."""
    i = j - 1
    while i >= 0 and (tokens[i].word in REAIS or tokens[i].digits or is_number_word(tokens[i].word)):
        i -= 1
    word = at(tokens, i).word if i >= 0 else ""
    return (
        len(word) > 3
        and word.isalpha()
        and not rx(r"(?:[^x]i|ou|[aeio]mos|[aei]ram|eu|iu|reais)$").search(word)
        and (word not in CONNECTIVES)
    )


def _with_neighbours(tokens: Sequence[Token], reading: _Reading) -> _Reading:
    """Takes in the digits and number words that still stand beside: then the amount has no single reading."""
    j, value = reading.last, reading.value
    while j < len(tokens) and tokens[j].start - tokens[j - 1].end <= 1:
        token = tokens[j]
        if not (token.digits or (is_number_word(token.word) and token.word not in ("um", "uma"))):
            break
        following = read_number(tokens, j)
        if following is None or _unit(tokens, j, following) is not None:
            break
        j, value = max(following.end, j + 1), None
        while at(tokens, j).word in REAIS | CENTS:
            j += 1
    return reading if j == reading.last else replace(reading, last=j, value=value)


def _unit(tokens: Sequence[Token], i: int, number: Number) -> str | None:  # noqa: PLR0911 - an ordered list of rules
    """The counted noun, "" for a number that counts or names something else, None for an amount of money."""
    word, after = tokens[i].word, at(tokens, number.end).word
    before = at(tokens, i - 1).word if i else ""
    bare = not number.scaled and not number.cents
    if bare and (before in LABELS or before in ("/", "#", "n")) and not (before == "os" and number.spoken):
        return ""
    if bare and before in (".", ":") and i > 1 and tokens[i - 2].word in LABELS:
        return ""
    if after in MEASURES and not (after in ("x", "cento") and number.cents):
        return after
    if after in ("%", "º", "°", "ª", ":") or (after in ("o", "a") and tokens[number.end].start == tokens[i].end):
        return ""
    if after == "/" and at(tokens, number.end + 1).digits:
        return ""
    if word in ("um", "uma") and number.end == i + 1:
        return ""
    if after in CONNECTIVES or not after.isalpha() or _has_written_cents(tokens, i, number):
        return None
    if bare and number.value is not None and number.value <= 2 and number.end == i + 1:
        return after
    return after if len(after) > 3 and after.endswith("s") and not after.endswith("ss") else None


def _has_written_cents(tokens: Sequence[Token], i: int, number: Number) -> bool:
    return number.cents and rx(r"[.,]\d\d$").search(tokens[number.end - 1].word) is not None and tokens[i].digits


def _count(tokens: Sequence[Token], i: int, number: Number, unit: str) -> list[Quantity]:
    """The count, unless it is an article or a number without a value."""
    article = tokens[i].word in ("um", "uma") and number.end == i + 1 and at(tokens, number.end).word not in MEASURES
    if number.value is None or article:
        return []
    last = number.end if unit else number.end - 1
    return [Quantity(tokens[i].start, tokens[last].end, number.value, unit)]


def _amount(hidden: str, tokens: Sequence[Token], i: int, reading: _Reading) -> Money:
    number, value = reading.number, reading.value
    start, end = tokens[reading.first].start, tokens[reading.last - 1].end
    certain = (
        reading.marked or number.scaled or _has_written_cents(tokens, i, number) or (number.cents and number.spoken)
    )
    readings = number.readings if value is None else ()
    flaw = _flaw(hidden, start, end, value, readings)
    if reading.currency != "BRL" and flaw in (None, "vague"):
        flaw = "foreign"
    return Money(start, end, value, reading.currency, certain=certain, flaw=flaw, readings=readings)


def _flaw(plain: str, start: int, end: int, value: Decimal | None, readings: tuple[Decimal, ...]) -> MoneyFlaw | None:  # noqa: PLR0911 - one line for each flaw
    if value is None:
        return "ambiguous" if readings else "malformed"
    before = plain[max(0, start - 40) : start]
    if _is_negative(plain, start):
        return "negative"
    if value == 0:
        return "zero"
    if value >= Decimal(10) ** MAX_INTEGER_DIGITS:
        return "too_big"
    if value != value.quantize(Decimal("0.01")):
        return "malformed"
    if rx(_VAGUE_BEFORE).search(before) or rx(_VAGUE_AFTER).search(plain[end : end + 40]):
        return "vague"
    return None


def _is_negative(plain: str, start: int) -> bool:
    """`menos 80`, `valor: -80`. A dash of a list (`- gasolina 50`, `gasolina - 50`, `gasolina -50`) is no minus."""
    before = plain[max(0, start - 40) : start]
    if rx(r"\bmenos\s*$").search(before):
        return not rx(r"\bmais ou menos\s*$").search(before)
    if rx(r"(?:^|\n)\s*-(?:r\$\s?)?$").search(before):
        return len(rx(r"(?:^|\n)\s*-").findall(plain)) == 1 and "\n" not in plain.strip()
    return rx(r"(?:[:=(]|\b(?:de|em|por|foi|deu|valor|com|menos)) ?-(?:r\$\s?)?$").search(before) is not None


def _drop_labelled(hidden: str, money: list[Money]) -> None:
    """`a mesa 4 pagou 90`: a weakly labelled bare integer is a name where another amount stands beside it."""
    if len(money) < 2:
        return
    named = [
        m
        for m in money
        if not m.certain
        and (lead := rx(r"\b([a-z]+) $").search(hidden[: m.start])) is not None
        and lead.group(1) in WEAK_LABELS
    ]
    if len(named) < len(money):
        for m in named:
            money.remove(m)


def _merge_ranges(plain: str, found: list[Money]) -> list[Money]:
    """`entre 100 e 150`, `50 ou 60`: one vague amount; its readings are the two ends."""
    merged: list[Money] = []
    for amount in found:
        last = merged[-1] if merged else None
        between = plain[last.end : amount.start] if last else ""
        ranged = last is not None and last.flaw == "vague" and rx(r"^\s*(?:e|ou|a|-|ate)\s*$").match(between)
        chosen = last is not None and rx(r"^\s*ou\s*$").match(between)
        if last is not None and (ranged or chosen):
            readings = tuple(v for v in (last.value, amount.value) if v is not None)
            merged[-1] = replace(
                last, end=amount.end, flaw="vague" if ranged else "ambiguous", value=None, readings=readings
            )
        else:
            merged.append(amount)
    return merged


def _split_counts(plain: str, found: list[Money], counts: list[Quantity]) -> tuple[list[Money], list[Quantity]]:
    """`vendi 2 bolo 60`: a bare integer up to 30 before a noun is a count when another amount follows the noun."""
    kept: list[Money] = []
    for amount, following in zip_longest(found, found[1:]):
        between = plain[amount.end : following.start] if following else ""
        counted = _small_count(amount, following)
        if counted is not None and rx(r"^\s+(?:por|a)\s+$").match(between):
            counts.append(Quantity(amount.start, amount.end, counted))
            continue
        if (
            counted is not None
            and counted <= 12
            and rx(r"^\s+de\s+$").match(between)
            and not _paid_before(plain, amount)
        ):
            counts.append(Quantity(amount.start, amount.end, counted))
            continue
        noun = rx(r"^\s+([a-z]{2,})").match(between)
        if noun is not None and noun.group(1) in CONNECTIVES:
            noun = None
        if noun is not None and counted is not None and not rx(r"[,;\n+]|\be\b|\bmais\b").search(between):
            counts.append(Quantity(amount.start, amount.end + noun.end(), counted, noun.group(1)))
        else:
            kept.append(amount)
    return kept, sorted(counts, key=lambda q: q.start)


def _small_count(amount: Money, following: Money | None) -> Decimal | None:
    """The value of a bare small integer before another amount: it may be a count."""
    if following is None or amount.certain or amount.flaw is not None or amount.value is None:
        return None
    return amount.value if amount.value <= _MOST_COUNTED and amount.value == int(amount.value) else None


def _paid_before(plain: str, amount: Money) -> bool:
    """`pagou 50 de 80` is a part of a larger sum, `comprei 2 de 45` is a count."""
    return (
        rx(r"\b(?:pagou|paguei|pagamos|pagaram|dei|deu|recebi|entrou|abateu|falta|faltam)\s+$").search(
            plain[: amount.start]
        )
        is not None
    )
