"""What every answer carries, whatever it answers. Light on purpose: the webhook answers with these too."""

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
    # An answer is data: should a browser ever show one as a page, nothing in it may run. Pages bring their own.
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Cache-Control": "no-store",
}
EXPOSED_HEADERS: Final = (
    "ETag, Location, RateLimit, RateLimit-Policy, Retry-After, X-Request-Id, Idempotency-Replayed, Deprecation, "
    "Sunset, Link"
)
"""What scripts of another origin may read beyond the few headers that browsers show them anyway."""
VARY: Final = "Accept-Encoding, Origin"
"""API Gateway compresses by the one, the other decides who may read the answer."""

_SANE_ID: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:-]{0,127}", re.ASCII)


@dataclass(frozen=True)
class CorsSettings(Settings):
    allowed_origins: str = ""
    """With commas between. There is no wildcard, and no credentials: access is by bearer tokens, not by cookies."""


def request_id(event: Mapping[str, Any]) -> str:
    """The client's own id for the request when it is short and harmless; otherwise API Gateway's."""
    return client_request_id(event) or gateway_request_id(event)


def client_request_id(event: Mapping[str, Any]) -> str | None:
    """What the client calls the request, which may be what another request is called: no evidence of anything."""
    given = header(event, "x-request-id")
    return given if given is not None and _SANE_ID.fullmatch(given) else None


def gateway_request_id(event: Mapping[str, Any]) -> str:
    return str((event.get("requestContext") or {}).get("requestId") or "")


def answer_headers(event: Mapping[str, Any], known_as: str) -> dict[str, str]:
    """The headers of any answer to this event, known as request `known_as`."""
    return {**SECURITY_HEADERS, "X-Request-Id": known_as, **cors_headers(header(event, "origin"))}


def cors_headers(origin: str | None) -> dict[str, str]:
    """`Vary` always, so that no cache hands one origin's answer to another; the rest for allowed origins only."""
    if origin is None or origin not in allowed_origins(CorsSettings.from_env().allowed_origins):
        return {"Vary": VARY}
    return {"Vary": VARY, "Access-Control-Allow-Origin": origin, "Access-Control-Expose-Headers": EXPOSED_HEADERS}


@cache
def allowed_origins(setting: str) -> Collection[str]:
    """The origins of the setting. A `*` in it is no origin, and allows nobody."""
    return frozenset(origin for part in setting.split(",") if (origin := part.strip()) and "*" not in origin)


def header(event: Mapping[str, Any], name: str) -> str | None:
    """A header of the request by its name in lower case; browsers over HTTP/2 send them so, others do not."""
    for key, value in (event.get("headers") or {}).items():
        if isinstance(value, str) and len(key) == len(name) and key.lower() == name:
            return value
    return None
