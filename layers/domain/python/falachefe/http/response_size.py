"""The maximum size of a response: Lambda returns up to 6 MB; API Gateway responds 502 to larger ones."""

import json
from typing import Final

from falachefe.kernel.errors import InvalidInput

MAX_RESPONSE_BYTES: Final = 6 * 1024 * 1024 - 64 * 1024
"""Of the body as a JSON string in Lambda's response; the remaining 64 KiB are for the headers."""
_WORST: Final = 6
"""Bytes of a character at most: control characters are escaped as `\\u001f`, all others take up to four."""


class ResponseTooLarge(InvalidInput):
    default_code = "answer_too_large"
    title = "Resposta grande demais"


def too_large() -> ResponseTooLarge:
    return ResponseTooLarge("A resposta passaria de 6 MB. Peça menos de cada vez.")


def fits(body: str) -> bool:
    return len(body) * _WORST <= MAX_RESPONSE_BYTES or wire_bytes(body) <= MAX_RESPONSE_BYTES


def refuse_too_large(body: str) -> None:
    if not fits(body):
        raise too_large()


def wire_bytes(text: str) -> int:
    """The size of a text in Lambda's response, as a JSON string in UTF-8."""
    return len(json.dumps(text, ensure_ascii=False).encode("utf-8", "surrogatepass"))
