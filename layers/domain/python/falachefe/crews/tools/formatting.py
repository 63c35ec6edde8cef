"""Formats dates, numbers and names for WhatsApp replies in pt-BR."""

from calendar import monthrange
from datetime import date
from decimal import Decimal

from falachefe.kernel.brazil import MONTHS


def day(when: date, today: date) -> str:
    """`hoje`, `ontem`, `anteontem`, `amanhã`, else `10/11`, with the year when it differs from today's."""
    near = {0: "hoje", -1: "ontem", -2: "anteontem", 1: "amanhã"}.get((when - today).days)
    return near or short_date(when, today)


def short_date(when: date, today: date) -> str:
    return f"{when:%d/%m}" if when.year == today.year else f"{when:%d/%m/%Y}"


def period(start: date, end: date, today: date) -> str:
    """`novembro de 2026` for a whole month, else `01/11 a 15/11`."""
    if start == end:
        return day(start, today)
    if start.day == 1 and end == start.replace(day=monthrange(start.year, start.month)[1]):
        return month(start)
    if start.year == end.year == today.year:
        return f"{start:%d/%m} a {end:%d/%m}"
    return f"{start:%d/%m/%Y} a {end:%d/%m/%Y}"


def month(first: date) -> str:
    return f"{MONTHS[first.month - 1]} de {first.year}"


def count(number: int, one: str, many: str) -> str:
    return f"{number} {one if number == 1 else many}"


def per_cent(change: Decimal) -> str:
    """`+12,5%`; whole numbers without the decimal."""
    text = f"{change:+.1f}".removesuffix(".0").replace(".", ",")
    return f"{text}%"


def plain(text: str) -> str:
    """User text for use inside a reply: characters that WhatsApp reads as formatting are removed."""
    return text.translate({ord(mark): None for mark in "*_~`"}).strip()


def first_name(name: str | None) -> str:
    """The first name of a sender without formatting, at most 30 characters; empty when there is none."""
    words = plain(" ".join((name or "").split())).split()
    return words[0][:30] if words else ""
