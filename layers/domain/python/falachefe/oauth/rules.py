"""Rules of sign-in with an OAuth provider: landing pages, PKCE, and validation of profiles. Pure."""

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

FLOW_LIFETIME: Final = timedelta(minutes=10)
CODE_LIFETIME: Final = timedelta(seconds=60)
DEFAULT_PAGE: Final = "/entrar"
"""The app's page to continue at when the start names none."""
MAX_NAME_LENGTH: Final = 120
_MAX_SUBJECT_LENGTH: Final = 255
_MAX_EMAIL_LENGTH: Final = 254
_EMAIL: Final = re.compile(r"[^\s@\x00-\x1f]+@[^\s@\x00-\x1f]+")
_PAGE: Final = re.compile(r"/(?:[A-Za-z0-9_~.-]+(?:/|$))*")
_SKEW: Final = timedelta(seconds=60)


@dataclass(frozen=True, slots=True)
class Profile:
    """A user at a provider, with an e-mail that the provider has verified."""

    provider: Provider
    subject: str
    email: str
    name: str


class ProfileRejected(Exception):
    """The provider's data is not valid. The reason is for the log: ASCII, without personal data."""


class EmailNotVerified(ProfileRejected):
    """The provider has not verified the user's e-mail."""


def challenge_of(verifier: str) -> str:
    """S256 of RFC 7636."""
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode("ascii")).digest()).decode().rstrip("=")


def landing(app_url: str, page: str | None) -> str | None:
    """The URL of a page of the app; None for anything that could lead elsewhere.

    Only plain names between slashes, so that no browser reads it as a host, a scheme, an escape or `..`.
    """
    wanted = page or DEFAULT_PAGE
    if not _PAGE.fullmatch(wanted) or any(set(part) == {"."} for part in wanted.split("/") if part):
        return None
    base = app_url.rstrip("/")
    address = f"{base}{wanted}"
    known, made = urlsplit(base), urlsplit(address)
    inside = (made.scheme, made.netloc) == (known.scheme, known.netloc) and made.path == f"{known.path}{wanted}"
    return address if inside else None


def google_profile(claims: Mapping[str, Any], *, issuer: str, client_id: str, nonce: str, now: datetime) -> Profile:
    """The profile of an id token whose signature is verified. Raises `ProfileRejected`."""
    # Google's tokens have the issuer with or without the scheme.
    if claims.get("iss") not in (issuer, issuer.removeprefix("https://")):
        raise ProfileRejected("issuer")
    if claims.get("aud") != client_id:
        raise ProfileRejected("audience")
    if not hmac.compare_digest(str(claims.get("nonce", "")).encode(), nonce.encode()):
        raise ProfileRejected("nonce")
    issued, expires = claims.get("iat"), claims.get("exp")
    if type(issued) is not int or type(expires) is not int:
        raise ProfileRejected("times")
    moment, skew = now.timestamp(), _SKEW.total_seconds()
    if expires <= moment - skew or issued > moment + skew:
        raise ProfileRejected("expired")
    if claims.get("email_verified") is not True:
        raise EmailNotVerified("e-mail not verified")
    return _profile("google", claims.get("sub"), claims.get("email"), claims.get("name"))


def github_profile(user: Mapping[str, Any], emails: Sequence[Any]) -> Profile:
    """The profile of a GitHub account. Identified by number, as logins change owners. Raises `ProfileRejected`."""
    number = user.get("id")
    if type(number) is not int:
        raise ProfileRejected("subject")
    listed = [one for one in emails if isinstance(one, dict) and one.get("primary") is True]
    if len(listed) != 1:
        raise ProfileRejected("primary e-mail")
    if listed[0].get("verified") is not True:
        raise EmailNotVerified("e-mail not verified")
    return _profile("github", str(number), listed[0].get("email"), user.get("name") or user.get("login"))


def _profile(provider: Provider, subject: Any, email: Any, name: Any) -> Profile:
    if not isinstance(subject, str) or not 1 <= len(subject) <= _MAX_SUBJECT_LENGTH:
        raise ProfileRejected("subject")
    if not isinstance(email, str) or len(email) > _MAX_EMAIL_LENGTH or not _EMAIL.fullmatch(email):
        raise ProfileRejected("e-mail")
    return Profile(provider, subject, email, display_name(name, email))


def display_name(name: Any, email: str) -> str:
    """A user's name if it is usable, else the local part of the e-mail."""
    candidates = (name if isinstance(name, str) else "", email.partition("@")[0])
    fitting = (without_links(one_line(candidate), most=MAX_NAME_LENGTH) for candidate in candidates)
    return next((one for one in fitting if len(one) >= 2), without_links(email, most=MAX_NAME_LENGTH))
