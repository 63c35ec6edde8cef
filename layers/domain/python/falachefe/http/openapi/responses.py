"""What the endpoints of the OpenAPI document and of its page answer with."""

from typing import Any, Final, Literal, TypedDict


class OpenApiDocument(TypedDict):
    openapi: Literal["3.1.0"]
    info: dict[str, Any]
    paths: dict[str, Any]


_KNOWN: Final = {"description": "The version in If-None-Match is current"}
OPENAPI_ANSWERS: Final[dict[int, Any]] = {
    200: {"description": "The document", "content": {"application/json": {"model": OpenApiDocument}}},
    304: _KNOWN,
}
PAGE_ANSWERS: Final[dict[int, Any]] = {
    200: {"description": "The page", "content": {"text/html": {"schema": {"type": "string"}}}},
    304: _KNOWN,
}
