"""GET /v1/platform/docs and its assets: the OpenAPI document in Swagger UI.

Swagger UI is part of powertools in the dependencies layer; the page loads nothing from other origins.
"""

import hashlib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from string import Template
from typing import Final

import aws_lambda_powertools.event_handler.openapi.swagger_ui as library
from aws_lambda_powertools.event_handler import Response

from falachefe.app.rest import rest_api
from falachefe.http.conditional_get import ASK_AGAIN, FOREVER, Text
from falachefe.http.headers import header
from falachefe.http.openapi.responses import PAGE_ANSWERS
from falachefe.kernel.errors import NotFound

_PAGE: Final = Path(__file__).parent / "page"
_POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
"""`data:` is for the icons in Swagger UI's style sheet."""

api = rest_api("platform")


@cache
def parts() -> Mapping[str, Text]:
    theirs = Path(library.__file__).parent
    return {
        "swagger-ui.js": Text.of((theirs / "swagger-ui-bundle.min.js").read_text(), "text/javascript; charset=utf-8"),
        "swagger-ui.css": Text.of((theirs / "swagger-ui.min.css").read_text(), "text/css; charset=utf-8"),
        "start.js": Text.of((_PAGE / "start.js").read_text(), "text/javascript; charset=utf-8"),
        "page.css": Text.of((_PAGE / "page.css").read_text(), "text/css; charset=utf-8"),
    }


@cache
def version() -> str:
    """A hash of all parts. It is in their URLs, so that browsers may cache them for good."""
    return hashlib.sha256("".join(part.etag for part in parts().values()).encode()).hexdigest()[:12]


@cache
def page() -> Text:
    shown = Template((_PAGE / "index.html").read_text()).substitute(version=version())
    return Text.of(shown, "text/html; charset=utf-8")


@api.get(
    "/docs",
    public="developers read it before they have an account",
    summary="Show this document as a page",
    responses=PAGE_ANSWERS,
)
def docs() -> Response[str]:
    return page().answer(header(api.event.raw_event, "if-none-match"), ASK_AGAIN, policy=_POLICY)


@api.get("/docs/<wanted>/<name>", public="the documentation page loads these files", include_in_schema=False)
def part(wanted: str, name: str) -> Response[str]:
    if wanted != version() or name not in parts():
        raise NotFound("Este arquivo não existe.")
    return parts()[name].answer(header(api.event.raw_event, "if-none-match"), FOREVER)


handler = api.handler()
