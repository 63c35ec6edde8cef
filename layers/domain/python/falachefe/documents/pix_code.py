"""Reads Pix "copia e cola" codes: EMV TLV fields closed by a CRC-16, by the BR Code manual of the central bank."""

import re
from decimal import Decimal
from typing import Final

from falachefe.documents.check_digits import pix_checksum
from falachefe.documents.types import PixCode, Unreadable
from falachefe.kernel.text import one_line

STARTS: Final = re.compile(r"000201(?=[0-9]{2})|(?<!\S)\S{0,24}br\.gov\.bcb\.pix", re.IGNORECASE)
MAX_LENGTH: Final = 1024
"""A QR code of this kind holds at most 512 characters by the manual; more is tolerated, endless text is not."""
_SIGN: Final = "br.gov.bcb.pix"
_AMOUNT: Final = re.compile(r"\d{1,10}(?:\.\d{1,2})?")
_LAST: Final = "6304"


def read_pix(text: str) -> tuple[PixCode | Unreadable, int]:
    """The code at the start of `text` and how many characters it takes; text may follow it."""
    fields, length = _fields(text[:MAX_LENGTH])
    if "63" not in fields:
        return _refused("ele está incompleto ou tem um caractere errado"), _visible_end(text)
    if pix_checksum(text[: length - 4]) != fields["63"]:
        return _refused("ele tem algum caractere errado (a soma de verificação não bate)"), length
    account = next((value for tag, value in fields.items() if "26" <= tag <= "51" and _SIGN in value.lower()), None)
    if fields.get("00") != "01" or account is None or fields.get("58") != "BR":
        return _refused("ele não é um código Pix"), length
    if fields.get("53") != "986":
        return _refused("ele não está em reais"), length
    try:
        amount = _amount(fields.get("54"))
    except ValueError:
        return _refused("o valor dele não é um número"), length
    return _code(fields, _fields(account, nested=True)[0], amount), length


def _code(fields: dict[str, str], account: dict[str, str], amount: Decimal | None) -> PixCode:
    txid = _fields(fields.get("62", ""), nested=True)[0].get("05")
    return PixCode(
        name=one_line(fields.get("59", "")),
        city=one_line(fields.get("60", "")),
        amount=amount,
        key=account.get("01"),
        description=one_line(account.get("02", "")) or None,
        txid=txid if txid != "***" else None,
        url=account.get("25"),
    )


def _fields(text: str, *, nested: bool = False) -> tuple[dict[str, str], int]:
    """The fields by tag up to the checksum (or the end), and where they end; incomplete where the lengths are wrong."""
    fields: dict[str, str] = {}
    at = 0
    while at < len(text):
        tag, size = text[at : at + 2], text[at + 2 : at + 4]
        if not (tag.isascii() and tag.isdigit() and size.isascii() and size.isdigit() and len(size) == 2):
            break
        value = text[at + 4 : at + 4 + int(size)]
        if len(value) != int(size) or tag in fields:
            break
        fields[tag] = value
        at += 4 + int(size)
        if tag == "63" and not nested:
            return (fields, at) if size == "04" else ({}, at)
    return fields, at


def _amount(text: str | None) -> Decimal | None:
    if text is None:
        return None
    if not _AMOUNT.fullmatch(text):
        raise ValueError(text)
    return Decimal(text) or None


def _visible_end(text: str) -> int:
    """Where a broken code ends: behind its checksum, else at the end of its line."""
    closed = re.search(_LAST + r"[0-9A-Fa-f]{4}(?![0-9A-Za-z])", text[:MAX_LENGTH])
    if closed:
        return closed.end()
    line = text.find("\n")
    return min(line if line >= 0 else len(text), MAX_LENGTH)


def _refused(why: str) -> Unreadable:
    return Unreadable("pix", f"Não consegui ler esse Pix copia e cola: {why}. Pode copiar de novo e me mandar?")
