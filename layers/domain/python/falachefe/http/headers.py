"""Headers of all responses, and request ids. Few imports, as the webhook uses this module too."""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

from falachefe.kernel.config import Settings

SECURITY_HEADERS: Final[Mapping[str, str]] = {
    "Strict-Transport-Security": "max-age=63072000; includeSubDomains",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    # Responses are data: if a browser renders one as a page, nothing in it may run. Pages set their own policy.
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Cache-Control": "no-store",
}
EXPOSED_HEADERS: Final = (
    "ETag, Location, RateLimit, RateLimit-Policy, Retry-After, X-Request-Id, Idempotency-Replayed, Deprecation, "
    "Sunset, Link"
)
"""Headers that scripts of other origins may read besides the safelisted ones."""
VARY: Final = "Accept-Encoding, Origin"
"""API Gateway compresses by the first; CORS depends on the second."""

_REQUEST_ID: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:-]{0,127}", re.ASCII)


@dataclass(frozen=True)
class CorsSettings(Settings):
    allowed_origins: str = ""
    """Separated by commas. Neither wildcards nor credentials are supported: access is by bearer token, not cookie."""


def request_id(event: Mapping[str, Any]) -> str:
    """The client's request id if it is short and harmless, otherwise API Gateway's."""
    return client_request_id(event) or gateway_request_id(event)


def client_request_id(event: Mapping[str, Any]) -> str | None:
    """The client's request id, which is neither unique nor verified."""
    given = header(event, "x-request-id")
    return given if given is not None and _REQUEST_ID.fullmatch(given) else None


def gateway_request_id(event: Mapping[str, Any]) -> str:
    return str((event.get("requestContext") or {}).get("requestId") or "")


def response_headers(event: Mapping[str, Any], known_as: str) -> dict[str, str]:
    """The headers of any response to this event; `known_as` is the request id."""
    return {**SECURITY_HEADERS, "X-Request-Id": known_as, **cors_headers(header(event, "origin"))}


def cors_headers(origin: str | None) -> dict[str, str]:
    """`Vary` always, so that caches keep origins apart; the CORS headers for allowed origins only."""
    if origin is None or origin not in allowed_origins(CorsSettings.from_env().allowed_origins):
        return {"Vary": VARY}
    return {"Vary": VARY, "Access-Control-Allow-Origin": origin, "Access-Control-Expose-Headers": EXPOSED_HEADERS}


@cache
def allowed_origins(setting: str) -> Collection[str]:
    """The origins in the setting. An entry with `*` is ignored."""
    return frozenset(origin for part in setting.split(",") if (origin := part.strip()) and "*" not in origin)


def header(event: Mapping[str, Any], name: str) -> str | None:
    """A request header by its lower-case name, in any case: HTTP/2 clients send lower case, others may not."""
    for key, value in (event.get("headers") or {}).items():
        if isinstance(value, str) and len(key) == len(name) and key.lower() == name:
            return value
    return None
