"""Asking a provider, once and not for long: what it answered as JSON, or a clear word of what went wrong."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlencode

from falachefe.kernel import http_client
from falachefe.kernel.errors import DomainError, Unavailable

TIMEOUT_S: Final = 5


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
    try:
        answer = http_client.request(method, url, body, headers, http_client.TimeLimits(TIMEOUT_S, TIMEOUT_S))
    except http_client.RequestFailed as error:
        raise _silent() from error
    if answer.status >= 500 or answer.status == 429:
        raise _silent()
    return Answered(answer.status, answer.json())


def _silent() -> Silent:
    return Silent("O provedor não respondeu. Tente de novo em instantes.", retry_after=5)
