"""Asking a provider, once and not for long: what it answered as JSON, or a clear word of what went wrong."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from ssl import SSLContext
from typing import Any, Final
from urllib.parse import urlencode, urlsplit

from falachefe.kernel.errors import DomainError, Unavailable

TIMEOUT_S: Final = 5
_LONGEST_ANSWER: Final = 512 * 1024
_HEADERS: Final = {"Accept": "application/json", "User-Agent": "falachefe"}


class ProviderFailed(DomainError):
    """The provider answered something that makes no sense."""

    status = 502
    default_code = "oauth_provider_failed"
    title = "Falha do provedor"


class Silent(Unavailable):
    """The provider did not answer, or said that it cannot now."""

    default_code = "oauth_provider_unavailable"


@dataclass(frozen=True, slots=True)
class Answered:
    status: int
    document: Any
    """None when the answer was no JSON."""


def get_json(url: str, headers: Mapping[str, str] | None = None) -> Answered:
    """Raises `Silent` when nothing, or a 5xx or 429, came."""
    return _ask("GET", url, None, headers or {})


def post_form(url: str, form: Mapping[str, str]) -> Answered:
    """Raises `Silent` when nothing, or a 5xx or 429, came."""
    return _ask("POST", url, urlencode(form).encode(), {"Content-Type": "application/x-www-form-urlencoded"})


def failed() -> ProviderFailed:
    return ProviderFailed("O provedor respondeu algo inesperado. Tente de novo em instantes.")


def _ask(method: str, url: str, body: bytes | None, headers: Mapping[str, str]) -> Answered:
    parts = urlsplit(url)
    connection = _connection(parts.scheme, parts.hostname or "", parts.port)
    target = f"{parts.path or '/'}?{parts.query}" if parts.query else parts.path or "/"
    try:
        connection.request(method, target, body, {**_HEADERS, **headers})
        response = connection.getresponse()
        status, raw = response.status, response.read(_LONGEST_ANSWER)
    except (OSError, HTTPException) as error:
        raise _silent() from error
    finally:
        connection.close()
    if status >= 500 or status == 429:
        raise _silent()
    try:
        return Answered(status, json.loads(raw))
    except (ValueError, RecursionError):
        return Answered(status, None)


def _silent() -> Silent:
    return Silent("O provedor não respondeu. Tente de novo em instantes.", retry_after=5)


def _connection(scheme: str, host: str, port: int | None) -> HTTPConnection:
    if scheme == "https":
        return HTTPSConnection(host, port, timeout=TIMEOUT_S, context=_verified())
    return HTTPConnection(host, port, timeout=TIMEOUT_S)


@cache
def _verified() -> SSLContext:
    import ssl

    return ssl.create_default_context()
