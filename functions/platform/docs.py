"""GET /v1/platform/docs and what the page is made of: the OpenAPI document to read, and to try.

Swagger UI comes with powertools in the dependencies layer; nothing is fetched from elsewhere.
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

_OURS: Final = Path(__file__).parent / "page"
_POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
"""`data:` is for the icons in Swagger UI's own style sheet."""

api = rest_api("platform")


@cache
def parts() -> Mapping[str, Text]:
    theirs = Path(library.__file__).parent
    return {
        "swagger-ui.js": Text.of((theirs / "swagger-ui-bundle.min.js").read_text(), "text/javascript; charset=utf-8"),
        "swagger-ui.css": Text.of((theirs / "swagger-ui.min.css").read_text(), "text/css; charset=utf-8"),
        "start.js": Text.of((_OURS / "start.js").read_text(), "text/javascript; charset=utf-8"),
        "page.css": Text.of((_OURS / "page.css").read_text(), "text/css; charset=utf-8"),
    }


@cache
def version() -> str:
    """Of the parts, all together: it stands in their addresses, so that they can be kept for good."""
    return hashlib.sha256("".join(part.etag for part in parts().values()).encode()).hexdigest()[:12]


@cache
def page() -> Text:
    shown = Template((_OURS / "index.html").read_text()).substitute(version=version())
    return Text.of(shown, "text/html; charset=utf-8")


@api.get(
    "/docs",
    public="whoever wants to use the API reads about it first",
    summary="Read this document as a page",
    responses=PAGE_ANSWERS,
)
def docs() -> Response[str]:
    return page().answer(header(api.event.raw_event, "if-none-match"), ASK_AGAIN, policy=_POLICY)


@api.get("/docs/<wanted>/<name>", public="the page is made of them", include_in_schema=False)
def part(wanted: str, name: str) -> Response[str]:
    if wanted != version() or name not in parts():
        raise NotFound("Este arquivo não existe.")
    return parts()[name].answer(header(api.event.raw_event, "if-none-match"), FOREVER)


handler = api.handler()
