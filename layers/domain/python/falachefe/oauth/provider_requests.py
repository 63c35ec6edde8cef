"""HTTP requests to OAuth providers: one attempt with a short timeout, a JSON response, and errors by cause."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlencode

from falachefe.kernel import http_client
from falachefe.kernel.errors import DomainError, Unavailable

TIMEOUT_S: Final = 5


class ProviderFailed(DomainError):
    """The provider's response was unexpected."""

    status = 502
    default_code = "oauth_provider_failed"
    title = "Falha do provedor"


class ProviderUnavailable(Unavailable):
    """The provider did not respond, or responded with 429 or 5xx."""

    default_code = "oauth_provider_unavailable"


@dataclass(frozen=True, slots=True)
class Answered:
    status: int
    document: Any
    """None when the response is not JSON."""


def get_json(url: str, headers: Mapping[str, str] | None = None) -> Answered:
    """Raises `ProviderUnavailable`."""
    return _ask("GET", url, None, headers or {})


def post_form(url: str, form: Mapping[str, str]) -> Answered:
    """Raises `ProviderUnavailable`."""
    return _ask("POST", url, urlencode(form).encode(), {"Content-Type": "application/x-www-form-urlencoded"})


def failed() -> ProviderFailed:
    return ProviderFailed("O provedor respondeu algo inesperado. Tente de novo em instantes.")


def _ask(method: str, url: str, body: bytes | None, headers: Mapping[str, str]) -> Answered:
    try:
        answer = http_client.request(method, url, body, headers, http_client.TimeLimits(TIMEOUT_S, TIMEOUT_S))
    except http_client.RequestFailed as error:
        raise _unavailable() from error
    if answer.status >= 500 or answer.status == 429:
        raise _unavailable()
    return Answered(answer.status, answer.json())


def _unavailable() -> ProviderUnavailable:
    return ProviderUnavailable("O provedor não respondeu. Tente de novo em instantes.", retry_after=5)
