"""OAuth rules: landing pages, PKCE challenges and profiles."""

from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urljoin, urlsplit

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from falachefe.oauth.rules import (
    EmailNotVerified,
    ProfileRejected,
    challenge_of,
    display_name,
    github_profile,
    google_profile,
    landing,
)

NOW = datetime(2026, 11, 20, 15, 0, tzinfo=UTC)
AT = int(NOW.timestamp())
APPS = ("https://app.example.com", "https://app.example.com/", "http://127.0.0.1:8000/app")
CLAIMS: dict[str, Any] = {
    "iss": "https://accounts.google.com",
    "aud": "us",
    "sub": "1",
    "nonce": "n",
    "iat": AT,
    "exp": AT + 3600,
    "email": "ana@example.org",
    "email_verified": True,
    "name": "Ana",
}


def google(claims: dict[str, Any]) -> Any:
    return google_profile(claims, issuer="https://accounts.google.com", client_id="us", nonce="n", now=NOW)


def test_challenge_matches_the_rfc_s_example() -> None:
    """RFC 7636, appendix B."""
    verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"

    assert challenge_of(verifier) == "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"


@pytest.mark.parametrize(
    ("page", "leads_to"),
    [
        (None, "/entrar"),
        ("/", "/"),
        ("/painel", "/painel"),
        ("/painel/vendas/", "/painel/vendas/"),
        ("/a.b/c-d_e~f", "/a.b/c-d_e~f"),
    ],
)
def test_landing_page_is_within_the_app(page: str | None, leads_to: str) -> None:
    assert landing("https://app.example.com/base/", page) == f"https://app.example.com/base{leads_to}"


@given(
    page=st.one_of(st.text(), st.text("/\\.:@?#%a\t\n "), st.from_regex(r"/[/\\.a-z@:%]*", fullmatch=True)),
    app=st.sampled_from(APPS),
)
@example(page="/..", app=APPS[2])
@example(page="//evil.example", app=APPS[0])
@example(page="/.//evil", app=APPS[0])
def test_no_page_leads_outside_the_app(page: str, app: str) -> None:
    """As a browser reads addresses: backslashes, dots and control characters and all."""
    made = landing(app, page)
    if made is None:
        return
    base = urlsplit(app.rstrip("/"))
    seen = urlsplit(urljoin("https://api.example.com/v1/", made))

    assert (seen.scheme, seen.netloc) == (base.scheme, base.netloc)
    assert seen.path.startswith(f"{base.path}/")
    assert ".." not in seen.path.split("/")
    assert not set(made) & set('\\?#%@ \t\r\n"<>')


def test_valid_google_token_gives_a_profile() -> None:
    profile = google(CLAIMS)

    assert (profile.subject, profile.email, profile.name) == ("1", "ana@example.org", "Ana")
    assert google(CLAIMS | {"iss": "accounts.google.com"}) == profile


@given(
    name=st.sampled_from(sorted(CLAIMS)), value=st.one_of(st.none(), st.booleans(), st.integers(), st.text(max_size=9))
)
def test_invalid_claim_is_rejected(name: str, value: Any) -> None:
    try:
        profile = google(CLAIMS | {name: value})
    except ProfileRejected:
        return
    assert name in ("name", "sub", "email", "iat", "exp") or value == CLAIMS[name] or value == "accounts.google.com"
    assert profile.subject
    assert "@" in profile.email


@pytest.mark.parametrize(("moment", "holds"), [(3659, True), (3660, False), (-60, True), (-61, False)])
def test_token_is_valid_from_issue_to_expiry_with_a_minute_of_clock_skew(moment: int, holds: bool) -> None:
    at = NOW + timedelta(seconds=moment)
    try:
        google_profile(CLAIMS, issuer="https://accounts.google.com", client_id="us", nonce="n", now=at)
    except ProfileRejected:
        assert not holds
    else:
        assert holds


@pytest.mark.parametrize("said", [False, None, "true", 1])
def test_only_boolean_true_confirms_an_e_mail(said: Any) -> None:
    with pytest.raises(EmailNotVerified):
        google(CLAIMS | {"email_verified": said})
    with pytest.raises(EmailNotVerified):
        github_profile({"id": 7}, [{"email": "a@b.c", "primary": True, "verified": said}])


def test_github_profile_has_the_account_s_number_and_primary_e_mail() -> None:
    emails = [
        {"email": "2@b.c", "primary": False, "verified": True},
        {"email": "1@b.c", "primary": True, "verified": True},
    ]

    profile = github_profile({"id": 7, "login": "ana", "name": None}, emails)

    assert (profile.subject, profile.email, profile.name) == ("7", "1@b.c", "ana")


@pytest.mark.parametrize(
    ("user", "emails"),
    [
        ({}, [{"email": "a@b.c", "primary": True, "verified": True}]),
        ({"id": "7"}, [{"email": "a@b.c", "primary": True, "verified": True}]),
        ({"id": True}, [{"email": "a@b.c", "primary": True, "verified": True}]),
        ({"id": 7}, []),
        ({"id": 7}, ["a@b.c"]),
        ({"id": 7}, [{"email": "a@b.c", "primary": True, "verified": True}] * 2),
        ({"id": 7}, [{"email": "none", "primary": True, "verified": True}]),
    ],
)
def test_ambiguous_github_account_is_rejected(user: Any, emails: Any) -> None:
    with pytest.raises(ProfileRejected):
        github_profile(user, emails)


@given(name=st.one_of(st.none(), st.integers(), st.text()), local=st.text("ab.", min_size=1, max_size=200))
def test_every_profile_gets_a_display_name(name: Any, local: str) -> None:
    assert 2 <= len(display_name(name, f"{local}@b.c")) <= 120
