"""What the platform's API answers with."""

from typing import Annotated, Any, Final, Literal, TypedDict

from pydantic import Field


class Liveness(TypedDict):
    status: Literal["live"]


class Readiness(TypedDict):
    """`degraded` things slow the product down; with one of them `down`, it is down."""

    status: Literal["ok", "degraded", "down"]
    checks: Annotated[dict[str, Literal["ok", "degraded", "down"]], Field(examples=[{"postgres": "ok", "model": "ok"}])]


class OpenApiDocument(TypedDict):
    openapi: Literal["3.1.0"]
    info: dict[str, Any]
    paths: dict[str, Any]


_KNOWN: Final = {"description": "The version in If-None-Match is still the newest"}
OPENAPI_ANSWERS: Final[dict[int, Any]] = {
    200: {"description": "The document", "content": {"application/json": {"model": OpenApiDocument}}},
    304: _KNOWN,
}
PAGE_ANSWERS: Final[dict[int, Any]] = {
    200: {"description": "The page", "content": {"text/html": {"schema": {"type": "string"}}}},
    304: _KNOWN,
}
