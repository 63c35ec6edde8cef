"""Numbers in digits and words: `1.234,56`, `dois mil e quinhentos`, `4,7k`, `doze vírgula cinquenta`.

A number takes all digits and number words that stand together. Where they have no single reading its value is None and
`readings` has the possible ones.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from falachefe.language.spans.money.lexemes import (
    CENTS,
    CONNECTIVES,
    END,
    HUNDREDS,
    MEASURES,
    NOTES,
    REAIS,
    SCALES,
    SLANG,
    TENS,
    UNITS,
    Token,
    digits_readings,
    digits_value,
)
from falachefe.language.text.normalize import rx

_HALF: Final = ("meio", "meia")
_POINT: Final = ("virgula", "ponto")
_CENT: Final = Decimal(100)


@dataclass(frozen=True, slots=True)
class Number:
    """The number from one token up to token `end`. `value` is None where it has no single reading.

    `scaled`: with `mil`, `k` or slang, so it is no count of things. `cents`: with decimals, written or said.
    `spoken`: in words.
    """

    value: Decimal | None
    end: int
    scaled: bool = False
    cents: bool = False
    spoken: bool = False
    readings: tuple[Decimal, ...] = ()


def at(tokens: Sequence[Token], i: int) -> Token:
    """The token at i, or a blank one beyond the end."""
    return tokens[i] if 0 <= i < len(tokens) else END


def is_number_word(word: str) -> bool:
    return word in UNITS or word in TENS or word in HUNDREDS or word in SLANG or word == "mil"


def read_number(tokens: Sequence[Token], i: int) -> Number | None:  # noqa: PLR0911 - an ordered list of rules
    """The number that begins at token i, or None."""
    word = tokens[i].word
    if word in SLANG:
        return Number(Decimal(SLANG[word]), i + 1, scaled=True, spoken=True)
    if (compact := rx(r"^(\d+)k(\d{1,3})$").match(word)) is not None:
        rest = int(compact.group(2).ljust(3, "0"))
        return Number(Decimal(int(compact.group(1)) * 1000 + rest), i + 1, scaled=True)
    if tokens[i].digits:
        return _from_digits(tokens, i)
    if rx(r"^[.,]\d\d$").match(word):
        return Number(Decimal("0" + word.replace(",", ".")), i + 1, cents=True)
    if word == "meio" and at(tokens, i + 1).word in SCALES and at(tokens, i + 1).word != "k":
        return Number(Decimal(SCALES[tokens[i + 1].word]) / 2, i + 2, scaled=True, spoken=True)
    if word == "zero" and (pointed := _spoken_decimals(tokens, Decimal(0), i + 1)) is not None:
        return pointed
    whole = integer_words(tokens, i)
    if whole is None:
        return None
    return _completed(tokens, *whole)


def below_thousand(tokens: Sequence[Token], i: int) -> tuple[int, int, int] | None:
    """An integer in words below a thousand: value, next index, and the size of its last part (100, 10 or 1).

    The `e` between the parts may lack, as in dictated text: `cento vinte e três`.
    """
    total, j, level = 0, i, 1000
    while True:
        k = j + 1 if j > i and at(tokens, j).word == "e" else j
        word = at(tokens, k).word
        size, value = _part(word)
        if not size or size >= level or (j > i and word == "cem") or (level == 10 and value >= 10):
            break
        if k == j > i and total == 100 and tokens[j - 1].word == "cem":
            break
        total, j, level = total + value, k + 1, size
        if size == 1 or word == "cem":
            break
    return (total, j, level) if j > i else None


def _part(word: str) -> tuple[int, int]:
    if word in HUNDREDS:
        return 100, HUNDREDS[word]
    if word in TENS:
        return 10, TENS[word]
    return (1, UNITS[word]) if word in UNITS else (0, 0)


def integer_words(tokens: Sequence[Token], i: int) -> tuple[Decimal, int, int] | None:
    """An integer in words below 10**12: its value, the next index, and the scale of its last part (1, 1000, ...)."""
    total, j, scale = Decimal(0), i, 10**12
    while True:
        k = j + 1 if j > i and at(tokens, j).word == "e" else j
        if at(tokens, k).word == "mil" and scale > 1000 and (k == i or total):
            part = (1, k, 1)
        else:
            read = below_thousand(tokens, k)
            if read is None:
                break
            # Without the `e` a unit is no part of `dois mil`: `dois mil três caixas`.
            if j > i and k == j and read[2] == 1 and read[0] < 20 and at(tokens, read[1]).word != "mil":
                break
            part, k = read, read[1]
        word = at(tokens, k).word
        size = SCALES.get(word, 1) if word not in ("k", "kk") else 1
        if size >= scale or (size == 1 and j > i and scale > 1000):
            break
        total, j, scale = total + part[0] * size, (k + 1 if size > 1 else k), size
        if size == 1:
            break
    return (total, j, scale) if j > i else None


def _from_digits(tokens: Sequence[Token], i: int) -> Number | None:
    written = tokens[i].word
    value, j = _grouped(tokens, i)
    if value is None:
        return Number(None, j, readings=digits_readings(written))
    cents = rx(r"[.,]\d\d?$").search(written) is not None or (j > i + 1 and "," in tokens[j - 1].word)
    scale = SCALES.get(at(tokens, j).word)
    if scale is not None and not (at(tokens, j).word == "mi" and at(tokens, j).start > tokens[j - 1].end):
        return _scaled(tokens, value * scale, j + 1, scale)
    if (pointed := _spoken_decimals(tokens, value, j)) is not None:
        return pointed
    if not cents and (tail := _digit_cents(tokens, value, j)) is not None:
        return tail
    if at(tokens, j).word == "e" and at(tokens, j + 1).word == "meio" and not cents:
        return _and_a_half(tokens, value, j)
    return Number(value, j, cents=cents)


def _grouped(tokens: Sequence[Token], i: int) -> tuple[Decimal | None, int]:
    """`1 250` and `1 250,90`: groups of three digits with spaces are one number."""
    written, j = tokens[i].word, i + 1
    if not rx(r"^\d{1,3}$").match(written):
        return digits_value(written), j
    while rx(r"^\d{3}(?:,\d{1,2})?$").match(at(tokens, j).word) and tokens[j].start == tokens[j - 1].end + 1:
        written += "." + tokens[j].word
        j += 1
        if "," in written:
            break
    return digits_value(written), j


def _scaled(tokens: Sequence[Token], value: Decimal, j: int, scale: int, *, spoken: bool = False) -> Number:  # noqa: PLR0911 - an ordered list of rules
    """What may follow `2 mil`: `e meio`, `e quinhentos`, `500`, `e 99,90`."""
    joined = at(tokens, j).word == "e"
    k = j + 1 if joined else j
    token = at(tokens, k)
    if joined and token.word in _HALF and token.word == "meio":
        return Number(value + Decimal(scale) / 2, k + 1, scaled=True, spoken=spoken)
    if token.digits:
        rest = digits_value(token.word)
        if rest is not None and rest < scale and (joined or len(token.word) == 3) and not _counts(tokens, k + 1):
            return Number(value + rest, k + 1, scaled=True, cents="," in token.word, spoken=spoken)
        return Number(value, j, scaled=True, spoken=spoken)
    counted = token.word in ("um", "uma") and not _money_follows(tokens, k + 1)
    if token.word == "mil" or counted:
        return Number(value, j, scaled=True, spoken=spoken)
    read = integer_words(tokens, k)
    if read is None or read[0] >= scale or (not joined and token.word not in HUNDREDS):
        return Number(value, j, scaled=True, spoken=spoken)
    if joined and scale > 1000 and read[0] < 1000 and read[0] % 100 == 0:
        # `um milhão e duzentos` leaves the thousands out.
        return Number(None, read[1], scaled=True, spoken=True, readings=(value + read[0] * 1000, value + read[0]))
    tail = _spoken_cents(tokens, value + read[0], read[1])
    return tail or Number(value + read[0], read[1], scaled=True, spoken=spoken)


def _counts(tokens: Sequence[Token], j: int) -> bool:
    """`2 mil 300 caixas`, `2 mil 300/2`: what follows is counted, so it is no rest of the amount."""
    word = at(tokens, j).word
    if word in SCALES or word == "/":
        return True
    return rx(r"^[a-z]{3,}s$").match(word) is not None and not _money_follows(tokens, j) and word not in CONNECTIVES


def _money_follows(tokens: Sequence[Token], j: int) -> bool:
    return at(tokens, j).word in ("reais", "real", "conto", "contos", "pila", "pilas", "centavo", "centavos")


def _completed(tokens: Sequence[Token], value: Decimal, j: int, scale: int) -> Number:
    """What may follow an integer in words: decimals, a half, cents, or the rest of elided thousands."""
    scaled = value >= 1000 or scale > 1
    if scale > 1:
        number = _scaled(tokens, value, j, scale, spoken=True)
        if number.end > j:
            return number
    if (pointed := _spoken_decimals(tokens, value, j)) is not None:
        return pointed
    if at(tokens, j).word == "k":
        return _scaled(tokens, value * 1000, j + 1, 1000, spoken=True)
    if at(tokens, j).word in NOTES:
        return Number(value * NOTES[tokens[j].word], j + 1, scaled=True, spoken=True)
    if at(tokens, j).word == "e" and at(tokens, j + 1).word == "meio":
        return _and_a_half(tokens, value, j, spoken=True)
    tail = _spoken_cents(tokens, value, j)
    return tail or Number(value, j, scaled=scaled, spoken=True)


def _and_a_half(tokens: Sequence[Token], value: Decimal, j: int, *, spoken: bool = False) -> Number:
    """`três e meio` is 3,50 of a coffee and 3.500 of a rent; `três reais e meio` is read with its currency."""
    small = value + Decimal("0.5")
    if value > 30 or _money_follows(tokens, j + 2):
        return Number(small, j + 2, cents=True, spoken=spoken)
    return Number(None, j + 2, spoken=spoken, readings=(small, value * 1000 + 500))


def _spoken_decimals(tokens: Sequence[Token], value: Decimal, j: int) -> Number | None:
    """`doze vírgula cinquenta`, `15 vírgula 30`, `3 vírgula 5 mil`, `doze vírgula zero cinco`."""
    if at(tokens, j).word not in _POINT or j + 1 >= len(tokens):
        return None
    word, k = tokens[j + 1].word, j + 2
    if word == "zero" and at(tokens, k).word in UNITS and UNITS[tokens[k].word] < 10:
        written, k = f"0{UNITS[tokens[k].word]}", k + 1
    elif word == "zero":
        written = "0"
    elif tokens[j + 1].digits:
        written = word
    else:
        read = below_thousand(tokens, j + 1)
        if read is None:
            return None
        written, k = str(read[0]), read[1]
    if tokens[j].word == "ponto" and len(written) == 3 and written.isdigit():
        return Number(value * 1000 + int(written), k, scaled=True, spoken=True)
    if not written.isdigit() or len(written) > 2:
        return Number(None, k, spoken=True)
    whole = value + Decimal(f"0.{written}")
    scale = SCALES.get(at(tokens, k).word)
    if scale is not None:
        return _scaled(tokens, whole * scale, k + 1, scale, spoken=True)
    return Number(whole, k, cents=True, spoken=True)


def _spoken_cents(tokens: Sequence[Token], value: Decimal, j: int) -> Number | None:  # noqa: PLR0911 - an ordered list of rules
    """`oitenta e sete e cinquenta`, `dezenove noventa`, `três e duzentos` after the integer that ends at j."""
    joined = at(tokens, j).word == "e"
    k = j + 1 if joined else j
    read = below_thousand(tokens, k) if k < len(tokens) else None
    if read is None or at(tokens, read[1]).word in SCALES:
        return None
    rest, end, _ = read
    if _is_own_item(tokens, end):
        return None
    if rest >= 100:
        return _elided_thousands(value, rest, end, joined=joined)
    if rest < 10:
        if joined and at(tokens, k).word in ("um", "uma"):
            return None
        return Number(None, end, spoken=True, readings=(value + rest / _CENT, value + Decimal(rest) / 10))
    cents = value + rest / _CENT
    if value == 100 and tokens[j - 1].word == "cem":
        return Number(None, end, spoken=True, readings=(value + rest, cents))
    if not joined and value < 10:
        return Number(None, end, spoken=True, readings=(cents, value * 100 + rest))
    if value % 10 == 0 and value >= 20 and (rest < 20 or not joined):
        return Number(None, end, spoken=True, readings=(cents, value + rest))
    return Number(cents, end, cents=True, spoken=True)


def _elided_thousands(value: Decimal, rest: int, end: int, *, joined: bool) -> Number:
    """`três e duzentos` of a rent is 3.200; what is larger, or joined without `e`, is asked about."""
    whole = value * 1000 + rest
    if joined and value <= 30 and rest % 10 == 0:
        return Number(whole, end, scaled=True, spoken=True)
    return Number(None, end, spoken=True, readings=(whole, value + rest) if value < 1000 else (value + rest,))


def _is_own_item(tokens: Sequence[Token], end: int) -> bool:
    """`cinquenta e duas caixas de trinta`, `vinte reais e dez reais`: the second number has its own noun."""
    word = at(tokens, end).word
    if word in MEASURES or word in ("por", "%"):
        return True
    plural = len(word) > 3 and word.endswith("s") and word.isalpha()
    return plural and word not in CONNECTIVES and word not in REAIS and word not in CENTS


def _digit_cents(tokens: Sequence[Token], value: Decimal, j: int) -> Number | None:
    """`45 e 90` is 45,90 where the first is not round; `100 e 50` may be two amounts and is asked about."""
    if at(tokens, j).word != "e" or not rx(r"^\d\d$").match(at(tokens, j + 1).word) or value >= 10_000:
        return None
    nxt = at(tokens, j + 2)
    if nxt.word in SCALES or nxt.word in ("/", "%", ",", "e") or _is_own_item(tokens, j + 2):
        return None
    cents = value + Decimal(tokens[j + 1].word) / 100
    if value % 10 or value < 10:
        return Number(cents, j + 2, cents=True)
    return Number(None, j + 2, readings=(cents, value + Decimal(tokens[j + 1].word)))
