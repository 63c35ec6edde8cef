"""Reads receipts of Pix and transfers as the apps of Brazilian banks share them: labelled lines of text.

No bank's layout is known by heart: all of them write a title, an amount, a day, two sides and an id, under labels of a
small vocabulary (`receipt_words.py`), with the value behind the label or on the next line.
"""

import re
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import cache
from itertools import pairwise
from typing import Final, Literal

from falachefe.documents import receipt_words as words
from falachefe.documents.types import Receipt
from falachefe.kernel.text import fold, one_line

MAX_LINES: Final = 120
_MIN_LINES: Final = 4
END_TO_END: Final = re.compile(r"\b[ED]\d{8}20\d{10}[0-9A-Za-z]{11}\b")
_REAIS: Final = re.compile(r"(?:R\$ ?)?(?<![\d.,])(\d{1,3}(?:\.\d{3})+|\d+)(?:,(\d{2}))?(?![\d.,]*\d)")
_NUMERIC: Final = re.compile(r"(?<!\d)(\d{1,2})[/.-](\d{1,2})[/.-](\d{4}|\d{2})(?!\d)")
_NAMED: Final = re.compile(r"(?<!\d)(\d{1,2})(?: de |[/ -])([a-z]{3,9})\.?(?: de |[/ -])(\d{4})(?!\d)")
_OTHER_ID: Final = re.compile(
    r"(?:id|identificador|numero|codigo|controle|autenticacao|protocolo)(?: d[ae]| do)?"
    r"(?: (?:transacao|operacao|pagamento|transferencia|autenticacao|controle|comprovante))?(?: pix)?[:\s#]+"
    r"([0-9a-z][0-9a-z.\-]{7,63})\b"
)


@cache
def _rx(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern)


def read_receipt(text: str) -> Receipt | None:
    """The receipt that `text` is, or None: a receipt has a title or a Pix id, several lines and one amount."""
    lines = [one_line(line) for line in text.splitlines() if line.strip()][:MAX_LINES]
    folded = [fold(line) for line in lines]
    whole = "\n".join(folded)
    pix_id = END_TO_END.search(text)
    titled = _rx(words.TITLE).search(whole) or _rx(words.IN).search(whole) or _rx(words.OUT).search(whole)
    if not (pix_id or titled) or len(lines) < _MIN_LINES:
        return None
    amount = _amount(folded)
    if amount is None:
        return None
    payer, payee = _sides(lines, folded)
    return Receipt(
        amount=amount,
        direction=_direction(whole),
        payer=payer,
        payee=payee,
        day=_day(whole) or (_day_of_id(pix_id[0]) if pix_id else None),
        bank=_bank(whole, pix_id[0] if pix_id else None),
        transaction=pix_id[0] if pix_id else _other_id(folded),
        start=0,
        end=len(text),
    )


def _amount(folded: Sequence[str]) -> Decimal | None:
    """The labelled amount, else the first with `R$`."""
    for line, following in zip(folded, (*folded[1:], ""), strict=True):
        labelled = _rx(rf"^(?:{words.AMOUNT})(?: \(?r\$\)?)?\s*:?\s*(.*)$").match(line)
        if labelled and (found := _reais(labelled[1] or following)):
            return found
    for line in folded:
        at = line.find("r$")
        if at >= 0 and not _rx(r"\b(?:tarifa|saldo|desconto|limite|juros|multa)\b").search(line):
            return _reais(line[at:])
    return None


def _reais(text: str) -> Decimal | None:
    found = _REAIS.match(text.replace("r$", "R$").strip())
    if found is None:
        return None
    amount = Decimal(found[1].replace(".", "")) + Decimal(found[2] or 0) / 100
    return amount if amount > 0 else None


def _sides(lines: Sequence[str], folded: Sequence[str]) -> tuple[str | None, str | None]:
    """The names of payer and payee."""
    names: dict[str, str] = {}
    side: str | None = None
    named = False
    for line, plain in zip(lines, folded, strict=True):
        label, value = _label(line, plain)
        if label in ("payer", "payee"):
            side, named = label, True
            if value and _is_name(value):
                names.setdefault(label, value)
        elif label == "name":
            named = side is not None
            if side and value and _is_name(value):
                names.setdefault(side, value)
        elif label == "other":
            named = False
        elif side and named and _is_name(line):
            names.setdefault(side, line)
            named = False
    return names.get("payer"), names.get("payee")


def _label(line: str, plain: str) -> tuple[str | None, str]:
    """Which label stands at the start of a line, and what follows it."""
    for label, pattern in (("payee", words.PAYEE), ("payer", words.PAYER), ("name", words.NAME)):
        found = _rx(rf"(?:{pattern})(?::\s*|\s*$)|(?:{pattern}) (?=\S)").match(plain)
        if found:
            # `fold` keeps the number of characters of Latin text; where it does not, the value is left unread.
            value = line[found.end() :].strip(" :") if len(line) == len(plain) else ""
            if ":" not in found[0] and found[0].endswith(" ") and not value[:1].isupper():
                continue  # "de acordo com", "para sua segurança": no label
            return label, value
    return ("other", "") if _rx(words.OTHER).match(plain) else (None, "")


def _is_name(value: str) -> bool:
    plain = fold(value)
    letters = sum(c.isalpha() for c in plain)
    return 2 <= letters <= 80 and letters * 2 > len(plain) and not _rx(words.OTHER).match(plain)


def _direction(whole: str) -> Literal["out", "in"] | None:
    came, went = _rx(words.IN).search(whole), _rx(words.OUT).search(whole)
    if bool(came) == bool(went):
        return None
    return "in" if came else "out"


def _day(whole: str) -> date | None:
    for found in _NUMERIC.finditer(whole):
        year = int(found[3]) + (2000 if len(found[3]) == 2 else 0)
        if day := _date(year, int(found[2]), int(found[1])):
            return day
    for found in _NAMED.finditer(whole):
        month = words.MONTHS.index(found[2][:3]) + 1 if found[2][:3] in words.MONTHS else 0
        if day := _date(int(found[3]), month, int(found[1])):
            return day
    return None


def _day_of_id(pix_id: str) -> date | None:
    """A Pix id carries the moment in UTC; banks book by the time of Brasília, three hours behind."""
    try:
        return (datetime.strptime(pix_id[9:21] + "+0000", "%Y%m%d%H%M%z") - timedelta(hours=3)).date()
    except ValueError:
        return None


def _date(year: int, month: int, day: int) -> date | None:
    try:
        found = date(year, month, day)
    except ValueError:
        return None
    return found if 2000 <= year <= 2099 else None


def _bank(whole: str, pix_id: str | None) -> str | None:
    if pix_id and pix_id[1:9] in words.ISPB:
        return words.ISPB[pix_id[1:9]]
    return next((name for word, name in words.BANKS if _rx(rf"\b{word}\b").search(whole)), None)


def _other_id(folded: Sequence[str]) -> str | None:
    for line in (*folded, *(f"{a} {b}" for a, b in pairwise(folded))):
        found = _OTHER_ID.search(line)
        if found and any(c.isdigit() for c in found[1]):
            return found[1].strip(".-")
    return None
