"""Check digits of Brazilian documents and the checksum of Pix codes."""

from binascii import crc_hqx
from typing import Final

_WEIGHTS: Final = (2, 3, 4, 5, 6, 7, 8, 9)


def modulo10(digits: str) -> int:
    """The check digit of `digits` with the weights 2, 1, 2 … from the right; finds every single wrong digit."""
    total = 0
    for place, digit in enumerate(reversed(digits)):
        product = int(digit) * (1 if place % 2 else 2)
        total += product // 10 + product % 10
    return -total % 10


def remainder11(characters: str) -> int:
    """The weighted sum modulo 11 with the weights 2 to 9 from the right. A letter counts as its ASCII code minus 48."""
    return sum((ord(c) - 48) * _WEIGHTS[place % 8] for place, c in enumerate(reversed(characters))) % 11


def bank_digit(digits: str) -> int:
    """The general check digit of a bank's boleto: where modulo 11 gives 0, 10 or 11, it is 1."""
    digit = 11 - remainder11(digits)
    return 1 if digit in (10, 11) else digit


def collection_digit(digits: str) -> int:
    """The modulo 11 check digit of a collection slip and of an invoice's key: where it gives 10 or 11, it is 0."""
    digit = 11 - remainder11(digits)
    return 0 if digit in (10, 11) else digit


def pix_checksum(text: str) -> str:
    """CRC-16/CCITT-FALSE over the UTF-8 bytes of `text`, as four upper-case hexadecimal digits."""
    return f"{crc_hqx(text.encode(), 0xFFFF):04X}"
