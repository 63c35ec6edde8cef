"""Reads the key of electronic invoices (NF-e, NFC-e, CT-e, CF-e …) and the QR codes that carry it.

The key: state (2), year and month (4), CNPJ (14), model (2), series (3), number (9), kind of issue and random part (9),
check digit (1). Since July 2026 a CNPJ may hold letters. The check digit stands for two remainders when it is 0.
"""

import re
from datetime import date
from decimal import Decimal
from typing import Final
from urllib.parse import unquote

from falachefe.documents.check_digits import collection_digit
from falachefe.documents.types import Invoice, Unreadable
from falachefe.kernel.brazil import is_cnpj, is_cpf

KEY: Final = re.compile(r"\d{6}[0-9A-Z]{12}\d{26}")
URL: Final = re.compile(r"https?://\S*?[?&](?:p|chNFe)=\S+", re.IGNORECASE)
SAT: Final = re.compile(r"(?:CFe)?(\d{44})\|(\d{8})\d{6}\|(\d+\.\d\d)\|\S*")
_QUERY: Final = re.compile(r"[?&]p=([0-9A-Za-z]+)((?:\|[^|&\s]*)*)")
_STATES: Final = {
    "11": "RO", "12": "AC", "13": "AM", "14": "RR", "15": "PA", "16": "AP", "17": "TO", "21": "MA", "22": "PI",
    "23": "CE", "24": "RN", "25": "PB", "26": "PE", "27": "AL", "28": "SE", "29": "BA", "31": "MG", "32": "ES",
    "33": "RJ", "35": "SP", "41": "PR", "42": "SC", "43": "RS", "50": "MS", "51": "MT", "52": "GO", "53": "DF",
}  # fmt: skip
_MODELS: Final = {
    "55": "NF-e", "65": "NFC-e", "57": "CT-e", "58": "MDF-e", "59": "CF-e", "62": "NFCom", "66": "NF3-e",
    "67": "CT-e OS",
}  # fmt: skip


def read_key(key: str, today: date) -> Invoice | Unreadable:
    """The invoice with this key of 44 characters, or why there is none."""
    if not KEY.fullmatch(key):
        return _refused(f"ela tem {len(key)} caracteres, e uma chave tem 44")
    if collection_digit(key[:-1]) != int(key[-1]):
        return _refused("o dígito verificador não bate, algum número está errado")
    month = _month(key[2:6])
    if key[:2] not in _STATES or month is None or month > today or key[20:22] not in _MODELS:
        return _refused("o estado, o mês ou o modelo dela não existe")
    issuer = _issuer(key[6:20])
    if issuer is None:
        return _refused("o CNPJ dentro dela não confere")
    # A CF-e numbers its slips with six digits behind the nine of its device.
    number = int(key[31:37] if key[20:22] == "59" else key[25:34])
    return Invoice(key, _MODELS[key[20:22]], _STATES[key[:2]], month, issuer, number)


def looks_like_key(key: str) -> bool:
    """Whether 44 characters are a key and no boleto, even with one wrong: three of its four marks are enough."""
    marks = (
        key[:2] in _STATES,
        _month(key[2:6]) is not None,
        _issuer(key[6:20]) is not None,
        key[20:22] in _MODELS,
    )
    return sum(marks) >= 3


def read_url(url: str, today: date) -> Invoice | Unreadable | None:
    """The invoice behind the address in a QR code; None when the address is of something else."""
    address = unquote(url)
    if old := re.search(r"[?&]chNFe=([0-9A-Za-z]+)", address, re.IGNORECASE):
        return _with_total(read_key(old[1], today), _parameter(address, "vNF"), _hex_day(_parameter(address, "dhEmi")))
    query = _QUERY.search(address)
    if query is None or not (len(query[1]) == 44 or "nfce" in address.lower() or "sefaz" in address.lower()):
        return None
    found = read_key(query[1], today)
    rest = query[2].split("|")[1:]
    # Issued offline, the code has more fields: version, environment, day, total …
    if isinstance(found, Invoice) and len(rest) >= 6 and rest[2].isdecimal():
        return _with_total(found, rest[3], _day(found.month, int(rest[2])))
    return found


def read_sat(match: re.Match[str], today: date) -> Invoice | Unreadable:
    """A CF-e's QR code: key, moment and total, separated by bars."""
    return _with_total(read_key(match[1], today), match[3], _iso_day(match[2]))


def _iso_day(digits: str) -> date | None:
    try:
        return date.fromisoformat(digits)
    except ValueError:
        return None


def _parameter(address: str, name: str) -> str | None:
    found = re.search(rf"[?&]{name}=([^&\s]+)", address, re.IGNORECASE)
    return found[1] if found else None


def _hex_day(value: str | None) -> date | None:
    """The moment of issue, an ISO text as hexadecimal digits."""
    try:
        return date.fromisoformat(bytes.fromhex(value or "").decode("ascii")[:10])
    except ValueError:
        return None


def _with_total(found: Invoice | Unreadable, total: str | None, day: date | None) -> Invoice | Unreadable:
    if isinstance(found, Unreadable):
        return found
    known = Decimal(total) if total and re.fullmatch(r"\d{1,10}\.\d{2}", total) else None
    return Invoice(found.key, found.model, found.state, found.month, found.issuer, found.number, known or None, day)


def _day(month: date, number: int) -> date | None:
    try:
        return month.replace(day=number)
    except ValueError:
        return None


def _month(digits: str) -> date | None:
    try:
        return date(2000 + int(digits[:2]), int(digits[2:]), 1)
    except ValueError:
        return None


def _issuer(characters: str) -> str | None:
    if is_cnpj(characters):
        return characters
    farmer = characters[3:]
    return farmer if characters.startswith("000") and farmer.isdecimal() and is_cpf(farmer) else None


def _refused(why: str) -> Unreadable:
    return Unreadable("invoice", f"Não consegui ler essa chave de nota fiscal: {why}. Pode copiar de novo e me mandar?")
