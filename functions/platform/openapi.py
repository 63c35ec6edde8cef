"""GET /v1/platform/openapi.json: the endpoints of all domains in one OpenAPI 3.1 document."""

import json
from functools import cache
from pathlib import Path

from aws_lambda_powertools.event_handler import Response

from falachefe.app.rest import rest_api
from falachefe.http.conditional_get import ASK_AGAIN, Text
from falachefe.http.headers import header
from falachefe.http.openapi.responses import OPENAPI_ANSWERS

api = rest_api("platform")


@cache
def document() -> Text:
    """The committed copy, without the line breaks that make its diffs readable."""
    made = json.loads(Path(__file__).with_suffix(".json").read_text())
    return Text.of(json.dumps(made, ensure_ascii=False, separators=(",", ":")), "application/json")


@api.get(
    "/openapi.json",
    public="developers read it before they have an account",
    summary="Get this document",
    responses=OPENAPI_ANSWERS,
)
def openapi() -> Response[str]:
    return document().answer(header(api.event.raw_event, "if-none-match"), ASK_AGAIN)


handler = api.handler()
