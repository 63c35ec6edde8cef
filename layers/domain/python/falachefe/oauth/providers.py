"""Google (OpenID Connect) and GitHub (OAuth 2): authorization URLs, and exchanging codes for profiles.

Without an OAuth library, which would add a second HTTP client for two or three requests. PyJWT, which signs our own
tokens, verifies Google's.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, Protocol
from urllib.parse import urlencode, urlsplit

from falachefe.kernel.errors import Forbidden, InvalidInput
from falachefe.kernel.observability.logs import logger
from falachefe.kernel.ttl_cache import TtlCache
from falachefe.oauth import rules as oauth_rules
from falachefe.oauth.jwks import RS256, verification_keys
from falachefe.oauth.provider_requests import failed, get_json, post_form
from falachefe.oauth.rules import (
    EmailNotVerified,
    Profile,
    ProfileRejected,
    challenge_of,
)
from falachefe.sessions import jws

_CACHE_TTL: Final = timedelta(hours=1)
_MIN_REFETCH_INTERVAL: Final = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Client:
    """The client credentials of this deployment at a provider."""

    id: str
    secret: str

    def __repr__(self) -> str:
        return f"Client({self.id!r})"


@dataclass(frozen=True, slots=True)
class AuthorizationRequest:
    """The parameters of an authorization request, and those to verify its response with."""

    callback: str
    state: str
    verifier: str
    nonce: str


class OAuthProvider(Protocol):
    def address(self, request: AuthorizationRequest, now: datetime, /) -> str:
        """The provider's authorization URL."""
        ...

    def profile(self, request: AuthorizationRequest, code: str, now: datetime, /) -> Profile:
        """The profile for a code.

        Raises `ProviderUnavailable`, `ProviderFailed`, `Forbidden` or `InvalidInput`.
        """
        ...


class Google:
    """OpenID Connect with discovery: only the issuer is configured."""

    def __init__(self, client: Client, issuer: str) -> None:
        self._client = client
        self._issuer = issuer.rstrip("/")
        self._published: TtlCache[str, dict[str, Any]] = TtlCache(_CACHE_TTL)

    def address(self, request: AuthorizationRequest, now: datetime, /) -> str:
        asked = _authorization_parameters(self._client, request) | {
            "scope": "openid email profile",
            "nonce": request.nonce,
        }
        return f"{self._endpoints(now)['authorization_endpoint']}?{urlencode(asked)}"

    def profile(self, request: AuthorizationRequest, code: str, now: datetime, /) -> Profile:
        answer = _exchange(self._endpoints(now)["token_endpoint"], self._client, request, code)
        token = answer.get("id_token")
        if not isinstance(token, str):
            raise failed()
        try:
            claims = jws.claims(token, RS256, lambda header: self._key(header, now))
            return oauth_rules.google_profile(
                claims, issuer=self._issuer, client_id=self._client.id, nonce=request.nonce, now=now
            )
        except EmailNotVerified as error:
            raise _unverified() from error
        except (jws.NotSigned, ProfileRejected) as error:
            logger().warning("an id token was refused", reason=str(error) or type(error).__name__)
            raise failed() from error

    def _key(self, header: Mapping[str, Any], now: datetime) -> Any:
        """The key with the token's `kid`; for an unknown one the keys are fetched again, at most once a minute."""
        kid = str(header.get("kid"))
        found = self._keys(now, newer_than=_CACHE_TTL).get(kid)
        return found or self._keys(now, newer_than=_MIN_REFETCH_INTERVAL).get(kid)

    def _endpoints(self, now: datetime) -> Mapping[str, str]:
        known = self._published.get("endpoints", now)
        return self._published.put("endpoints", self._discover(), now) if known is None else known

    def _keys(self, now: datetime, *, newer_than: timedelta) -> Mapping[str, Any]:
        known = self._published.get("keys", now, newer_than=newer_than)
        return self._published.put("keys", self._fetch_keys(now), now) if known is None else known

    def _discover(self) -> dict[str, Any]:
        document = _object(get_json(f"{self._issuer}/.well-known/openid-configuration").document)
        names = ("authorization_endpoint", "token_endpoint", "jwks_uri")
        endpoints = {name: document.get(name) for name in names}
        if document.get("issuer") != self._issuer or not all(map(self._is_endpoint, endpoints.values())):
            raise failed()
        return {name: str(url) for name, url in endpoints.items()}

    def _is_endpoint(self, url: Any) -> bool:
        """Whether a URL is HTTPS, or has the scheme of the issuer."""
        return isinstance(url, str) and urlsplit(url).scheme in ("https", urlsplit(self._issuer).scheme)

    def _fetch_keys(self, now: datetime) -> dict[str, Any]:
        keys = verification_keys(_object(get_json(self._endpoints(now)["jwks_uri"]).document))
        if not keys:
            raise failed()
        return keys


class GitHub:
    def __init__(self, client: Client, url: str, api_url: str) -> None:
        self._client = client
        self._url = url.rstrip("/")
        self._api_url = api_url.rstrip("/")

    def address(self, request: AuthorizationRequest, _now: datetime, /) -> str:
        asked = _authorization_parameters(self._client, request) | {"scope": "read:user user:email"}
        return f"{self._url}/login/oauth/authorize?{urlencode(asked)}"

    def profile(self, request: AuthorizationRequest, code: str, _now: datetime, /) -> Profile:
        answer = _exchange(f"{self._url}/login/oauth/access_token", self._client, request, code)
        token = answer.get("access_token")
        if not isinstance(token, str) or not token.isascii() or not token.isprintable():
            raise failed()
        user, emails = self._read("user", token), self._read("user/emails", token)
        try:
            return oauth_rules.github_profile(_object(user), emails if isinstance(emails, list) else [])
        except EmailNotVerified as error:
            raise _unverified() from error
        except ProfileRejected as error:
            logger().warning("a GitHub account was refused", reason=str(error))
            raise failed() from error

    def _read(self, what: str, token: str) -> Any:
        answer = get_json(f"{self._api_url}/{what}", {"Authorization": f"Bearer {token}"})
        if answer.status != 200:
            raise failed()
        return answer.document


def _authorization_parameters(client: Client, request: AuthorizationRequest) -> dict[str, str]:
    return {
        "response_type": "code",
        "client_id": client.id,
        "redirect_uri": request.callback,
        "state": request.state,
        "code_challenge": challenge_of(request.verifier),
        "code_challenge_method": "S256",
    }


def _exchange(url: str, client: Client, request: AuthorizationRequest, code: str) -> Mapping[str, Any]:
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": request.callback}
    form |= {"code_verifier": request.verifier, "client_id": client.id, "client_secret": client.secret}
    answer = post_form(url, form)
    document = _object(answer.document)
    # GitHub responds with 200, Google with 400.
    if document.get("error") in ("invalid_grant", "bad_verification_code"):
        raise InvalidInput("Este acesso não vale mais. Comece de novo.", code="oauth_code_invalid")
    if answer.status != 200 or "error" in document:
        logger().warning("a provider refused the exchange", status=answer.status)
        raise failed()
    return document


def _object(document: Any) -> Mapping[str, Any]:
    if not isinstance(document, dict):
        raise failed()
    return document


def _unverified() -> Forbidden:
    return Forbidden(
        "O provedor ainda não confirmou que este e-mail é seu. Confirme lá e tente de novo.",
        code="oauth_email_unverified",
    )
