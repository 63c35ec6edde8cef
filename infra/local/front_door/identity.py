"""Stand-ins for Google and GitHub as identity providers: consent page, codes, tokens, keys, profiles.

They are as strict as the originals (single-use codes, PKCE, exact callback and client) and return the profile that was
entered on the page. Tests request failures: `POST /oauth/faults {"part", "kind"}` makes a part's next response fail.
"""

import base64
import hashlib
import json
import secrets
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from http import HTTPStatus
from typing import Any, Final
from urllib.parse import parse_qsl, urlencode, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa

from infra.local.front_door.identity_pages import consent_page
from infra.local.front_door.web import Request, Response, json_response, problem

CLIENT_ID: Final = "falachefe-local"
CLIENT_SECRET: Final = "um-segredo-desta-maquina"  # noqa: S105  # valid for this stand-in only
PROVIDERS: Final = ("google", "github")
PARTS: Final = ("discovery", "token", "certs", "user")
FAULTS: Final = ("fail500", "garbage", "hang_up", "stall")
KEY_ID: Final = "local-1"
_STALLED_S: Final = 8.0
_CODE_LIVES_S: Final = 600
_ASKED: Final = frozenset({"client_id", "redirect_uri", "state", "code_challenge"})


@dataclass(frozen=True)
class Person:
    """The identity that was entered on the consent page."""

    subject: str
    email: str
    name: str
    verified: bool


@dataclass(frozen=True)
class _Approval:
    provider: str
    asked: Mapping[str, str]
    person: Person
    until: float


class IdentityProviders:
    """Serves `/oauth/google/…` and `/oauth/github/…`. `spoil` changes the claims of id tokens (tests)."""

    def __init__(self, spoil: Callable[[dict[str, Any]], dict[str, Any]] | None = None) -> None:
        self.spoil = spoil
        self._lock = threading.Lock()
        self._codes: dict[str, _Approval] = {}
        self._tokens: dict[str, Person] = {}
        self._faults: list[tuple[str, str]] = []

    def __call__(self, request: Request) -> Response:
        parts = [part for part in request.path.split("/") if part][1:]
        if parts == ["faults"] and request.method == "POST":
            return self._order(request.json())
        routes: dict[tuple[str, ...], tuple[str, Callable[[Request], Response]]] = {
            ("google", ".well-known", "openid-configuration"): ("discovery", self._discovery),
            ("google", "authorize"): ("", lambda asked: self._consent(asked, "google")),
            ("google", "token"): ("token", self._google_token),
            ("google", "certs"): ("certs", self._certs),
            ("github", "login", "oauth", "authorize"): ("", lambda asked: self._consent(asked, "github")),
            ("github", "login", "oauth", "access_token"): ("token", self._github_token),
            ("github", "api", "user"): ("user", self._user),
            ("github", "api", "user", "emails"): ("user", self._emails),
        }
        part, answer = routes.get(tuple(parts), ("", None))
        if answer is None:
            return problem(HTTPStatus.NOT_FOUND, "not_found", "Esse caminho não existe no provedor local.")
        return self._spoiled(part) or answer(request)

    def order(self, part: str, kind: str) -> None:
        """Makes the next response of a part fail."""
        with self._lock:
            self._faults.append((part, kind))

    def approve(self, provider: str, address: str, person: Person) -> str:
        """The redirect to `address` with a code, as after consent on the page."""
        asked = dict(parse_qsl(urlsplit(address).query))
        code = secrets.token_urlsafe(24)
        with self._lock:
            self._codes[code] = _Approval(provider, asked, person, time.monotonic() + _CODE_LIVES_S)
        return f"{asked['redirect_uri']}?{urlencode({'code': code, 'state': asked['state']})}"

    # ---- the person

    def _consent(self, request: Request, provider: str) -> Response:
        asked = dict(parse_qsl(urlsplit(request.target).query))
        refusal = _unfit(asked, provider)
        if refusal is not None:
            return problem(HTTPStatus.BAD_REQUEST, "invalid_request", refusal)
        if request.method != "POST":
            body = consent_page(provider, request.target).encode()
            return Response(HTTPStatus.OK, body, (("Content-Type", "text/html; charset=utf-8"),))
        form = dict(parse_qsl(request.body.decode()))
        if form.get("answer") != "yes":
            denied = urlencode({"error": "access_denied", "state": asked["state"]})
            return _redirect(f"{asked['redirect_uri']}?{denied}")
        person = Person(
            form.get("subject") or _subject(form["email"]), form["email"], form["name"], form.get("verified") == "yes"
        )
        return _redirect(self.approve(provider, request.target, person))

    # ---- Google

    def _discovery(self, request: Request) -> Response:
        issuer = _base(request, "google")
        return json_response(
            {
                "issuer": issuer,
                "authorization_endpoint": f"{issuer}/authorize",
                "token_endpoint": f"{issuer}/token",
                "jwks_uri": f"{issuer}/certs",
                "id_token_signing_alg_values_supported": ["RS256"],
            }
        )

    def _google_token(self, request: Request) -> Response:
        approval = self._exchanged(request, "google")
        if approval is None:
            return json_response({"error": "invalid_grant"}, HTTPStatus.BAD_REQUEST)
        now, person = int(time.time()), approval.person
        claims = {
            "iss": _base(request, "google"),
            "aud": CLIENT_ID,
            "azp": CLIENT_ID,
            "sub": person.subject,
            "email": person.email,
            "email_verified": person.verified,
            "name": person.name,
            "nonce": approval.asked.get("nonce"),
            "iat": now,
            "exp": now + 3600,
        }
        token = jwt.encode(self.spoil(claims) if self.spoil else claims, self._key, "RS256", {"kid": KEY_ID})
        return json_response({"id_token": token, "access_token": "unused", "token_type": "Bearer", "expires_in": 3600})

    def _certs(self, _: Request) -> Response:
        public = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(self._key.public_key()))
        return json_response({"keys": [{**public, "kid": KEY_ID, "use": "sig", "alg": "RS256"}]})

    @cached_property
    def _key(self) -> rsa.RSAPrivateKey:
        return rsa.generate_private_key(public_exponent=65537, key_size=2048)

    # ---- GitHub

    def _github_token(self, request: Request) -> Response:
        approval = self._exchanged(request, "github")
        if approval is None:  # with 200, as GitHub does
            return json_response({"error": "bad_verification_code"})
        token = f"gho_{secrets.token_urlsafe(24)}"
        with self._lock:
            self._tokens[token] = approval.person
        return json_response({"access_token": token, "token_type": "bearer", "scope": "read:user,user:email"})

    def _user(self, request: Request) -> Response:
        person = self._bearer(request)
        if person is None:
            return json_response({"message": "Bad credentials"}, HTTPStatus.UNAUTHORIZED)
        login = person.email.partition("@")[0]
        return json_response({"id": int(person.subject), "login": login, "name": person.name or None, "email": None})

    def _emails(self, request: Request) -> Response:
        person = self._bearer(request)
        if person is None:
            return json_response({"message": "Bad credentials"}, HTTPStatus.UNAUTHORIZED)
        second = {"email": f"2.{person.email}", "primary": False, "verified": True, "visibility": None}
        first = {"email": person.email, "primary": True, "verified": person.verified, "visibility": "private"}
        return json_response([second, first])

    def _bearer(self, request: Request) -> Person | None:
        with self._lock:
            return self._tokens.get((request.headers.get("Authorization") or "").removeprefix("Bearer "))

    # ---- both

    def _exchanged(self, request: Request, provider: str) -> _Approval | None:
        """Uses up the code of a token request, and returns its approval if all parameters match."""
        form = dict(parse_qsl(request.body.decode()))
        with self._lock:
            approval = self._codes.pop(form.get("code", ""), None)
        verifier = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        challenge = base64.urlsafe_b64encode(verifier).decode().rstrip("=")
        fits = (
            approval is not None
            and approval.provider == provider
            and approval.until > time.monotonic()
            and (form.get("client_id"), form.get("client_secret")) == (CLIENT_ID, CLIENT_SECRET)
            and form.get("redirect_uri") == approval.asked["redirect_uri"]
            and challenge == approval.asked["code_challenge"]
        )
        return approval if fits else None

    def _order(self, document: Mapping[str, Any]) -> Response:
        part, kind = document.get("part"), document.get("kind")
        if part not in PARTS or kind not in FAULTS:
            return problem(HTTPStatus.BAD_REQUEST, "unknown_fault", f"part: {PARTS}; kind: {FAULTS}")
        self.order(part, kind)
        return json_response({"status": "ordered"})

    def _spoiled(self, part: str) -> Response | None:
        with self._lock:
            found = next((fault for fault in self._faults if fault[0] == part), None)
            if found is None:
                return None
            self._faults.remove(found)
        if found[1] == "stall":
            time.sleep(_STALLED_S)
        if found[1] in ("stall", "hang_up"):
            return Response(HTTPStatus.OK, hang_up=True)
        if found[1] == "garbage":
            return Response(HTTPStatus.OK, b"<html>oops", (("Content-Type", "text/html"),))
        return json_response({"error": "server_error"}, HTTPStatus.INTERNAL_SERVER_ERROR)


def _unfit(asked: Mapping[str, str], provider: str) -> str | None:
    if not asked.keys() >= _ASKED or asked.get("response_type") != "code":
        return "Faltam parâmetros no pedido de autorização."
    if asked["client_id"] != CLIENT_ID or asked.get("code_challenge_method") != "S256":
        return "Cliente desconhecido, ou sem PKCE."
    if not urlsplit(asked["redirect_uri"]).path.endswith(f"/oauth/{provider}/callback"):
        return "Endereço de retorno não cadastrado."
    return None


def _base(request: Request, provider: str) -> str:
    return f"http://{request.headers.get('Host')}/oauth/{provider}"


def _subject(email: str) -> str:
    """A stable number for an e-mail, since the subjects of both providers are numeric."""
    return str(int(hashlib.sha256(email.casefold().encode()).hexdigest()[:12], 16))


def _redirect(address: str) -> Response:
    return Response(HTTPStatus.FOUND, headers=(("Location", address),))
