"""How large an answer may be: Lambda hands over 6 MB, and answers 502 for what is larger."""

import json
from typing import Final

from falachefe.kernel.errors import InvalidInput

LARGEST_BYTES: Final = 6 * 1024 * 1024 - 64 * 1024
"""Of the body as it stands in Lambda's own JSON; the rest is for the headers around it."""
_WORST: Final = 6
"""Bytes of one character: a control character is written as an escape, all others take four at most."""


class AnswerTooLarge(InvalidInput):
    default_code = "answer_too_large"
    title = "Resposta grande demais"


def too_large() -> AnswerTooLarge:
    return AnswerTooLarge("A resposta passaria de 6 MB. Peça menos de cada vez.")


def fits(body: str) -> bool:
    return len(body) * _WORST <= LARGEST_BYTES or wire_bytes(body) <= LARGEST_BYTES


def refuse_too_large(body: str) -> None:
    if not fits(body):
        raise too_large()


def wire_bytes(text: str) -> int:
    """What a text takes in Lambda's answer, where it is a JSON string in UTF-8."""
    return len(json.dumps(text, ensure_ascii=False).encode("utf-8", "surrogatepass"))
