"""Access tokens: claims, expiry, and known attacks on JWTs."""

import base64
import json
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import jwt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from falachefe.access.permissions import PERMISSIONS_OF, permissions_of
from falachefe.access.staff import Member
from falachefe.accounts.users import SessionKey
from falachefe.http.principal import EVERYTHING, Caller, Principal, allows
from falachefe.kernel.errors import Forbidden, Unauthenticated
from falachefe.sessions import access_tokens, jws
from falachefe.sessions.access_tokens import Keys, issue, verify
from falachefe.sessions.authenticator import authenticate
from falachefe.sessions.signing_keys import SigningKey, VerifyingKeys
from tests.keys import PUBLISHED, RETIRING, SIGNING

NOW = datetime(2026, 11, 20, 15, 0, 30, 250_000, tzinfo=UTC)
KEYS = PUBLISHED
UNKNOWN_KEY = SigningKey.from_seed("x" * 64)
USER, COMPANY, SESSION = uuid4(), uuid4(), uuid4()


class LiveSessions:
    """One live session."""

    def require(self, key: SessionKey, now: datetime) -> datetime:
        if key != SessionKey(COMPANY, USER, SESSION):
            raise Unauthenticated("Sua sessão terminou.", code="session_ended")
        return now - timedelta(hours=1)


class Members:
    """Everybody is a member with this role."""

    def __init__(self, role: str = "user") -> None:
        self.role = role

    def of(self, company_id: UUID, user_id: UUID, now: datetime) -> Member:
        return Member(user_id, "Bia", self.role, True, permissions_of(self.role))


def who(headers: dict[str, str], role: str = "user") -> Principal:
    return authenticate(Caller.of(headers), NOW, KEYS, LiveSessions(), Members(role))


def token(key: SigningKey = SIGNING, at: datetime = NOW, role: str = "admin") -> str:
    return issue(key, user_id=USER, company_id=COMPANY, role=role, session_id=str(SESSION), now=at)[0]


def forged(headers: dict[str, Any] | None = None, key: SigningKey = SIGNING, **claims: Any) -> str:
    payload = jwt.decode(token(), options={"verify_signature": False}) | claims
    kept = {name: value for name, value in payload.items() if value is not None}
    return jwt.encode(
        kept, key.private, algorithm="ES256", headers={"kid": SIGNING.kid, "typ": access_tokens.TYPE} | (headers or {})
    )


def code_of(candidate: str, at: datetime = NOW, keys: Keys = KEYS) -> str:
    with pytest.raises(Unauthenticated) as refused:
        verify(keys, candidate, at)
    return refused.value.code


def test_token_names_user_company_and_expiry() -> None:
    claims = verify(KEYS, token(), NOW)

    assert (claims.user_id, claims.company_id, claims.role, claims.session_id) == (USER, COMPANY, "admin", str(SESSION))
    assert claims.expires_at == NOW.replace(microsecond=0) + timedelta(minutes=30)


def test_token_has_the_agreed_claims_and_no_personal_data() -> None:
    payload = jwt.decode(token(), options={"verify_signature": False})

    assert set(payload) == {"iss", "aud", "sub", "sid", "jti", "company_id", "role", "iat", "exp"}


def test_token_expires_after_half_an_hour() -> None:
    alive = NOW.replace(microsecond=0) + timedelta(minutes=29, seconds=59)

    assert verify(KEYS, token(), alive).user_id == USER
    assert code_of(token(), alive + timedelta(seconds=1)) == "token_expired"


def test_every_token_is_unique() -> None:
    assert len({verify(KEYS, token(), NOW).token_id for _ in range(50)}) == 50


def test_verified_signature_is_cached(monkeypatch: pytest.MonkeyPatch) -> None:
    candidate = token()
    claims = verify(KEYS, candidate, NOW + timedelta(minutes=28))

    def proves(*_: Any) -> Any:
        raise AssertionError("the signature was checked again")

    monkeypatch.setattr(jws, "claims", proves)
    assert verify(KEYS, candidate, NOW + timedelta(minutes=29)) == claims
    assert code_of(candidate, NOW + timedelta(minutes=30)) == "token_expired"


def test_cached_signature_is_valid_only_while_its_key_is_published() -> None:
    candidate = token()
    verify(KEYS, candidate, NOW)

    class Replaced:
        def __init__(self, key: Any) -> None:
            self._key = key

        def key(self, kid: str, now: datetime) -> Any:
            return self._key

    for other in (None, VerifyingKeys([UNKNOWN_KEY.public_jwk]).key(UNKNOWN_KEY.kid, NOW)):
        with pytest.raises(Unauthenticated):
            verify(Replaced(other), candidate, NOW)
    verify(KEYS, candidate, NOW)


def test_old_key_verifies_until_it_is_removed() -> None:
    signed_by_old = token(RETIRING)

    assert verify(KEYS, signed_by_old, NOW).user_id == USER
    assert code_of(signed_by_old, keys=VerifyingKeys([SIGNING.public_jwk])) == "token_invalid"


def unsigned(algorithm: str) -> str:
    def part(document: dict[str, Any]) -> str:
        return base64.urlsafe_b64encode(json.dumps(document).encode()).decode().rstrip("=")

    payload = jwt.decode(token(), options={"verify_signature": False})
    return f"{part({'alg': algorithm, 'kid': SIGNING.kid, 'typ': access_tokens.TYPE})}.{part(payload)}."


@pytest.mark.parametrize(
    "candidate",
    [
        pytest.param(forged(key=UNKNOWN_KEY), id="signed by somebody else"),
        pytest.param(forged({"kid": "other"}), id="an unknown key"),
        pytest.param(forged({"kid": "../../dev/null"}), id="a path for a key"),
        pytest.param(forged({"typ": "JWT"}), id="another kind of token"),
        pytest.param(unsigned("none"), id="no algorithm"),
        pytest.param(unsigned("ES256"), id="no signature"),
        pytest.param(
            jwt.encode({"sub": "x"}, "n" * 64, algorithm="HS512", headers={"kid": SIGNING.kid}), id="other algorithm"
        ),
        pytest.param(forged(iss="someone"), id="another issuer"),
        pytest.param(forged(aud="other-api"), id="for somebody else"),
        pytest.param(forged(aud=None), id="for nobody"),
        pytest.param(forged(exp=None), id="for ever"),
        pytest.param(forged(sid=None), id="without a session"),
        pytest.param(forged(jti=None), id="without a name"),
        pytest.param(forged(sub="admin"), id="no user"),
        pytest.param(forged(company_id="*"), id="no company"),
        pytest.param(forged(role="god"), id="an unknown role"),
        pytest.param(forged(role=["admin"]), id="a role that is a list"),
        pytest.param(forged(iat=int(NOW.timestamp()) + 3600), id="from the future"),
        pytest.param(forged(exp=10**30), id="beyond all calendars"),
        pytest.param(forged(exp="soon"), id="a time that is none"),
        pytest.param("", id="nothing"),
        pytest.param("a.b.c", id="no token"),
        pytest.param("é" * 10, id="no ASCII"),
        pytest.param("\ud800", id="no text"),
    ],
)
def test_forged_token_is_rejected(candidate: str) -> None:
    assert code_of(candidate) == "token_invalid"


@given(st.integers(0, 10_000), st.characters(min_codepoint=33, max_codepoint=126))
def test_token_with_one_character_changed_is_rejected(place: int, character: str) -> None:
    good = token()
    head, _, signature = good.rpartition(".")
    place %= len(head)
    changed = f"{head[:place]}{character}{head[place + 1 :]}.{signature}"
    if changed != good:
        assert code_of(changed) == "token_invalid"


@pytest.mark.parametrize("name", ["Authorization", "authorization", "AUTHORIZATION"])
@pytest.mark.parametrize("scheme", ["Bearer", "bearer", " BEARER "])
def test_bearer_token_gives_a_principal_with_the_permissions_of_its_role(name: str, scheme: str) -> None:
    principal = who({name: f"{scheme} {token(role='user')} "})

    assert principal == Principal(USER, COMPANY, "user", permissions_of("user"), str(SESSION))


def test_permissions_are_the_current_ones_not_those_of_the_token() -> None:
    principal = who({"Authorization": f"Bearer {token(role='admin')}"}, "user")

    assert (principal.role, principal.permissions) == ("user", permissions_of("user"))


@pytest.mark.parametrize(
    ("sid", "code"), [(str(uuid4()), "session_ended"), ("s1", "token_invalid")], ids=["another", "none"]
)
def test_token_without_a_live_session_is_rejected(sid: str, code: str) -> None:
    with pytest.raises(Unauthenticated) as refused:
        who({"Authorization": f"Bearer {forged(sid=sid)}"})

    assert refused.value.code == code


@pytest.mark.parametrize(
    ("headers", "code"),
    [
        ({}, "token_missing"),
        ({"Authorization": ""}, "token_missing"),
        ({"Authorization": "Bearer"}, "token_missing"),
        ({"Authorization": "Bearer  "}, "token_missing"),
        ({"Authorization": "Basic dXNlcjpwYXNz"}, "token_missing"),
        ({"X-Token": "Bearer x"}, "token_missing"),
        ({"Authorization": "Bearer x"}, "token_invalid"),
        ({"Authorization": f"Bearer {'x' * 5000}"}, "token_invalid"),
    ],
)
def test_request_without_a_valid_token_is_rejected(headers: dict[str, str], code: str) -> None:
    with pytest.raises(Unauthenticated) as refused:
        who(headers)

    assert refused.value.code == code


PERMISSIONS = sorted(frozenset[str]().union(*PERMISSIONS_OF.values()) - {EVERYTHING})


def test_base_roles_are_nested_and_only_the_superadmin_holds_everything() -> None:
    user, admin, superadmin = (permissions_of(role) for role in ("user", "admin", "superadmin"))

    assert user < admin
    assert EVERYTHING not in user | admin
    assert all(allows(superadmin, permission) for permission in [*PERMISSIONS, "anything.whatsoever"])


@given(st.sampled_from(sorted(PERMISSIONS_OF)), st.sampled_from(PERMISSIONS))
def test_principal_has_exactly_the_permissions_of_its_role(role: str, permission: str) -> None:
    principal = Principal(UUID(int=1), UUID(int=2), role, permissions_of(role), "s")
    if role == "superadmin" or permission in PERMISSIONS_OF[role]:
        principal.require(permission)
    else:
        with pytest.raises(Forbidden):
            principal.require(permission)


@given(st.text(max_size=20).filter(lambda role: role not in PERMISSIONS_OF))
def test_unknown_role_has_no_permissions(role: str) -> None:
    assert permissions_of(role) == frozenset()


@pytest.mark.parametrize("permission", ["finance.read", "hr.write", "marketing.write", "users.update"])
def test_users_neither_read_company_figures_nor_manage_people(permission: str) -> None:
    assert not allows(permissions_of("user"), permission)
