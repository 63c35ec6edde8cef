"""Composition of the OAuth handlers."""

from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from http.cookies import CookieError, SimpleCookie
from typing import Final
from urllib.parse import urlsplit

from falachefe.app import runtime
from falachefe.http.api import Api
from falachefe.kernel.config import Settings
from falachefe.kernel.errors import NotFound
from falachefe.oauth.flows import Flows
from falachefe.oauth.providers import (
    Client,
    GitHub,
    Google,
    OAuthProvider,
)
from falachefe.oauth.rules import FLOW_LIFETIME, Provider

COOKIE: Final = "falachefe_oauth"


@dataclass(frozen=True)
class OAuthSettings(Settings):
    app_url: str
    oauth_secret_arn: str
    google_issuer: str = "https://accounts.google.com"
    github_url: str = "https://github.com"
    github_api_url: str = "https://api.github.com"
    public_url: str = ""
    """The base URL of the APIs, if browsers do not use API Gateway's own address and path."""


def flows() -> Flows:
    return Flows(runtime.table("AUTH_TABLE"), runtime.pepper())


def provider_of(name: Provider) -> OAuthProvider:
    """Raises `NotFound` when this deployment is not registered with the provider."""
    settings = OAuthSettings.from_env()
    known = runtime.secret(settings.oauth_secret_arn).get(name) or {}
    if not known.get("client_id") or not known.get("client_secret"):
        raise NotFound("Este provedor não está disponível aqui.", code="oauth_not_configured")
    return _provider(name, Client(known["client_id"], known["client_secret"]), settings)


@cache
def _provider(name: Provider, client: Client, settings: OAuthSettings) -> OAuthProvider:
    """Cached, as it caches the provider's endpoints and keys; a changed secret gives a new one."""
    if name == "google":
        return Google(client, settings.google_issuer)
    return GitHub(client, settings.github_url, settings.github_api_url)


def callback_of(api: Api, name: Provider) -> str:
    """The redirect URI at a provider: the public URL of the callback beside the current route."""
    context = api.event.raw_event["requestContext"]
    settings = OAuthSettings.from_env()
    base = f"{settings.public_url.rstrip('/')}/v1/auth/oauth" if settings.public_url else ""
    # As the request reached API Gateway, with the stage or base path.
    at_gateway = f"https://{context.get('domainName')}{str(context.get('path')).rpartition('/oauth/')[0]}/oauth"
    return f"{base or at_gateway}/{name}/callback"


def cookie_for(browser: str, callback: str) -> str:
    """A cookie that is sent with the provider's redirect (a navigation, hence `Lax`) and hidden from scripts."""
    address = urlsplit(callback)
    path = address.path.rpartition("/")[0]
    kept = f"{COOKIE}={browser}; Path={path}; Max-Age={int(FLOW_LIFETIME.total_seconds())}; HttpOnly; SameSite=Lax"
    return f"{kept}; Secure" if address.scheme == "https" else kept


def browser_of(api: Api) -> str:
    """The value of the cookie of `cookie_for`; empty without one."""
    cookies: SimpleCookie = SimpleCookie()
    with suppress(CookieError):
        cookies.load(api.event.headers.get("cookie") or "")
    return cookies[COOKIE].value if COOKIE in cookies else ""
