"""Signing in with another provider: what holds of addresses, codes and what the provider says. Pure."""

import base64
import hashlib
import hmac
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, Literal
from urllib.parse import urlsplit

from falachefe.kernel.display_names import without_links
from falachefe.kernel.text import one_line

type Provider = Literal["google", "github"]

FLOW_LIVES: Final = timedelta(minutes=10)
CODE_LIVES: Final = timedelta(seconds=60)
HOME: Final = "/entrar"
"""Where the app takes over when the start names no page."""
LONGEST_NAME: Final = 120
_LONGEST_SUBJECT: Final = 255
_LONGEST_EMAIL: Final = 254
_EMAIL: Final = re.compile(r"[^\s@\x00-\x1f]+@[^\s@\x00-\x1f]+")
_PAGE: Final = re.compile(r"/(?:[A-Za-z0-9_~.-]+(?:/|$))*")
_SKEW: Final = timedelta(seconds=60)


@dataclass(frozen=True, slots=True)
class Profile:
    """A person as a provider knows them, with an e-mail that the provider says is theirs."""

    provider: Provider
    subject: str
    email: str
    name: str


class NotProved(Exception):
    """What the provider said does not show who this is. The reason is for the log: ASCII, nothing of the person."""


class EmailNotVerified(NotProved):
    """The provider knows the person, and not that the e-mail is theirs."""


def challenge_of(verifier: str) -> str:
    """S256 of RFC 7636."""
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode("ascii")).digest()).decode().rstrip("=")


def landing(app_url: str, page: str | None) -> str | None:
    """A page of the app, as an address; None for what might lead anywhere else.

    Plain names between slashes only: nothing that a browser could read as a host, a scheme, an escape or a way up.
    """
    wanted = page or HOME
    if not _PAGE.fullmatch(wanted) or any(set(part) == {"."} for part in wanted.split("/") if part):
        return None
    base = app_url.rstrip("/")
    address = f"{base}{wanted}"
    known, made = urlsplit(base), urlsplit(address)
    inside = (made.scheme, made.netloc) == (known.scheme, known.netloc) and made.path == f"{known.path}{wanted}"
    return address if inside else None


def google_profile(claims: Mapping[str, Any], *, issuer: str, client_id: str, nonce: str, now: datetime) -> Profile:
    """Who an id token is about, its signature being checked already. Raises `NotProved`."""
    # Google's tokens may name it with or without the scheme.
    if claims.get("iss") not in (issuer, issuer.removeprefix("https://")):
        raise NotProved("issuer")
    if claims.get("aud") != client_id:
        raise NotProved("audience")
    if not hmac.compare_digest(str(claims.get("nonce", "")).encode(), nonce.encode()):
        raise NotProved("nonce")
    issued, expires = claims.get("iat"), claims.get("exp")
    if type(issued) is not int or type(expires) is not int:
        raise NotProved("times")
    moment, skew = now.timestamp(), _SKEW.total_seconds()
    if expires <= moment - skew or issued > moment + skew:
        raise NotProved("expired")
    if claims.get("email_verified") is not True:
        raise EmailNotVerified("e-mail not verified")
    return _profile("google", claims.get("sub"), claims.get("email"), claims.get("name"))


def github_profile(user: Mapping[str, Any], emails: Sequence[Any]) -> Profile:
    """Who a GitHub account is: its number, as logins change hands, and its primary e-mail. Raises `NotProved`."""
    number = user.get("id")
    if type(number) is not int:
        raise NotProved("subject")
    listed = [one for one in emails if isinstance(one, dict) and one.get("primary") is True]
    if len(listed) != 1:
        raise NotProved("primary e-mail")
    if listed[0].get("verified") is not True:
        raise EmailNotVerified("e-mail not verified")
    return _profile("github", str(number), listed[0].get("email"), user.get("name") or user.get("login"))


def _profile(provider: Provider, subject: Any, email: Any, name: Any) -> Profile:
    if not isinstance(subject, str) or not 1 <= len(subject) <= _LONGEST_SUBJECT:
        raise NotProved("subject")
    if not isinstance(email, str) or len(email) > _LONGEST_EMAIL or not _EMAIL.fullmatch(email):
        raise NotProved("e-mail")
    return Profile(provider, subject, email, shown_name(name, email))


def shown_name(name: Any, email: str) -> str:
    """What to call somebody: by their name if it can be one, else by the first part of the e-mail."""
    candidates = (name if isinstance(name, str) else "", email.partition("@")[0])
    fitting = (without_links(one_line(candidate), most=LONGEST_NAME) for candidate in candidates)
    return next((one for one in fitting if len(one) >= 2), without_links(email, most=LONGEST_NAME))
