"""What the handlers of signing in with another provider stand on."""

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
from falachefe.oauth.rules import FLOW_LIVES, Provider

COOKIE: Final = "falachefe_oauth"


@dataclass(frozen=True)
class OAuthSettings(Settings):
    app_url: str
    oauth_secret_arn: str
    google_issuer: str = "https://accounts.google.com"
    github_url: str = "https://github.com"
    github_api_url: str = "https://api.github.com"
    public_url: str = ""
    """Of the APIs, where API Gateway's own address and path are not what browsers use."""


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
    """Kept, because it remembers the provider's endpoints and keys; another secret makes another one."""
    if name == "google":
        return Google(client, settings.google_issuer)
    return GitHub(client, settings.github_url, settings.github_api_url)


def callback_of(api: Api, name: Provider) -> str:
    """Where a provider sends people back: the public address of the callback beside the route that is asked now."""
    context = api.event.raw_event["requestContext"]
    settings = OAuthSettings.from_env()
    base = f"{settings.public_url.rstrip('/')}/v1/auth/oauth" if settings.public_url else ""
    # API Gateway's own word for where the request came in, stage or base path and all.
    at_gateway = f"https://{context.get('domainName')}{str(context.get('path')).rpartition('/oauth/')[0]}/oauth"
    return f"{base or at_gateway}/{name}/callback"


def cookie_for(browser: str, callback: str) -> str:
    """Comes back with the provider's redirect, which is a navigation, and is out of reach for scripts."""
    address = urlsplit(callback)
    path = address.path.rpartition("/")[0]
    kept = f"{COOKIE}={browser}; Path={path}; Max-Age={int(FLOW_LIVES.total_seconds())}; HttpOnly; SameSite=Lax"
    return f"{kept}; Secure" if address.scheme == "https" else kept


def browser_of(api: Api) -> str:
    """What `cookie_for` gave the browser; empty when it brings nothing."""
    cookies: SimpleCookie = SimpleCookie()
    with suppress(CookieError):
        cookies.load(api.event.headers.get("cookie") or "")
    return cookies[COOKIE].value if COOKIE in cookies else ""
