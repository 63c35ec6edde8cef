"""Hides spans of a text that were read already, at the same length, so that offsets stay valid."""

from collections.abc import Iterable

MARK = "¦"
"""Neither a letter, a digit nor a space: words and numbers end at it."""


def masked(plain: str, spans: Iterable[tuple[int, int]]) -> str:
    """Each span as marks, with no space in it."""
    for start, end in spans:
        plain = plain[:start] + MARK * (end - start) + plain[end:]
    return plain


def blanked(plain: str, spans: Iterable[tuple[int, int]]) -> str:
    """Each span as one mark and spaces: the place of something, with its neighbours still apart."""
    for start, end in spans:
        if end > start:
            plain = plain[:start] + MARK + " " * (end - start - 1) + plain[end:]
    return plain
