"""Brazilian facts: phone numbers, CPF and CNPJ, and the names of months and weekdays."""

import re
from typing import Final

MONTHS: Final = (
    "janeiro", "fevereiro", "março", "abril", "maio", "junho",
    "julho", "agosto", "setembro", "outubro", "novembro", "dezembro",
)  # fmt: skip
WEEKDAYS: Final = ("segunda", "terça", "quarta", "quinta", "sexta", "sábado", "domingo")
"""From Monday on, as `date.weekday` counts."""

_MOBILE_WITHOUT_NINE = re.compile(r"^55([1-9][1-9])([6-9]\d{7})$")
_NOT_DIGITS = re.compile(r"\D")


def canonical_phone(raw: str) -> str:
    """A phone as E.164 with `+`, Brazilian mobiles always with their ninth digit.

    Checks only the number of digits, to be fast on the webhook's hot path; `parse_phone` checks the numbering plan.
    Raises `ValueError` when there are not 8 to 15 digits.
    """
    digits = _NOT_DIGITS.sub("", raw)
    if not 8 <= len(digits) <= 15:
        raise ValueError("a phone number has 8 to 15 digits")
    without_nine = _MOBILE_WITHOUT_NINE.match(digits)
    if without_nine:
        digits = f"55{without_nine[1]}9{without_nine[2]}"
    return f"+{digits}"


def parse_phone(raw: str) -> str:
    """A phone as typed in Brazil (`(11) 98765-4321`, `+55 11 8765-4321`) as E.164.

    Raises `ValueError` for a number that is not in a numbering plan.
    """
    import phonenumbers  # noqa: PLC0415  # 40 ms of metadata, paid by those who read typed numbers

    try:
        number = phonenumbers.parse(raw, "BR")
    except phonenumbers.NumberParseException as error:
        raise ValueError("not a phone number") from error
    if not phonenumbers.is_possible_number(number):
        raise ValueError("not a possible phone number")
    canonical = canonical_phone(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))
    if not phonenumbers.is_valid_number(phonenumbers.parse(canonical)):
        raise ValueError("not a valid phone number")
    return canonical


def phone_variants(canonical: str) -> tuple[str, ...]:
    """The forms in which providers may write a number: with and without the ninth digit."""
    digits = canonical.removeprefix("+")
    with_nine = re.match(r"^55([1-9][1-9])9([6-9]\d{7})$", digits)
    if with_nine:
        return canonical, f"+55{with_nine[1]}{with_nine[2]}"
    return (canonical,)


def mask_phone(phone: str) -> str:
    """`+5511987654321` as `+55******21`: enough for the owner to recognise it."""
    digits = _NOT_DIGITS.sub("", phone)
    return f"+{digits[:2]}******{digits[-2:]}" if len(digits) >= 8 else "******"


def is_cpf(raw: str) -> bool:
    """Whether the text is a CPF with right check digits (modulo 11; one digit repeated is none).

    For payers and the clinic's tutors, which are not there yet.
    """
    digits = _NOT_DIGITS.sub("", raw)
    if len(digits) != 11 or len(set(digits)) == 1:
        return False
    return all(
        int(digits[size])
        == sum(int(d) * weight for d, weight in zip(digits, range(size + 1, 1, -1), strict=False)) * 10 % 11 % 10
        for size in (9, 10)
    )


def is_cnpj(raw: str) -> bool:
    """Whether the text is a CNPJ with valid check digits.

    Since July 2026 the first twelve characters may be letters, whose value is their ASCII code minus 48.
    """
    text = re.sub(r"[./\-\s]", "", raw).upper()
    if not re.fullmatch(r"[0-9A-Z]{12}\d{2}", text) or len(set(text)) == 1:
        return False
    weights = (6, 5, 4, 3, 2, 9, 8, 7, 6, 5, 4, 3, 2)
    for size in (12, 13):
        rest = sum((ord(c) - 48) * w for c, w in zip(text[:size], weights[13 - size :], strict=True)) % 11
        if int(text[size]) != (0 if rest < 2 else 11 - rest):
            return False
    return True
