"""Comparison of Brazilian numbers, independent of the product's code, so that the stand-in can reveal its errors."""

import re

_OLD_MOBILE = re.compile(r"55\d{2}[6-9]\d{7}")


def digits_of(number: str) -> str:
    """The digits of a number, a JID or a formatted phone, with the country code when it was left out."""
    digits = re.sub(r"\D", "", number.partition("@")[0].partition(":")[0])
    return f"55{digits}" if len(digits) in {10, 11} else digits


def canonical(number: str) -> str:
    """Digits with the ninth digit put in, so that old and new forms of a mobile number are equal."""
    digits = digits_of(number)
    return f"{digits[:4]}9{digits[4:]}" if _OLD_MOBILE.fullmatch(digits) else digits


def same_phone(one: str, other: str) -> bool:
    """Whether two ways of writing a number mean the same phone."""
    return bool(canonical(one)) and canonical(one) == canonical(other)
