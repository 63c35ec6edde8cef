"""Keys from seeds, which key signs when, published keys, and rotations that fail midway."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import jwt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from falachefe.kernel.errors import Unauthenticated
from falachefe.sessions.access_tokens import LIFETIME, issue, verify
from falachefe.sessions.signing_keys import (
    ANNOUNCED_FOR,
    SigningKey,
    VerifyingKeys,
    signing_key,
    thumbprint,
)
from falachefe.sessions.token_keys import (
    ASK_AGAIN_AFTER,
    BELIEVED_FOR,
    PublishedKeys,
    TokenKeys,
)

NOW = datetime(2026, 11, 29, 12, 0, tzinfo=UTC)
CACHE = timedelta(minutes=5)
SECOND = timedelta(seconds=1)


class Store:
    """Secrets Manager behind a cache of five minutes in each of its readers; `dies_at` kills the nth write."""

    def __init__(self, seed: str = "s" * 64) -> None:
        self.kept: dict[str, str] = {"seed": json.dumps({"seed": seed}), "published": json.dumps({"keys": []})}
        self.writes = 0
        self.dies_at: int | None = None

    def read(self, name: str, /, *, fresh: bool = False) -> Mapping[str, Any]:
        found: Mapping[str, Any] = json.loads(self.kept[name])
        return found

    def write(self, name: str, value: Mapping[str, Any], /) -> None:
        self.writes += 1
        if self.writes == self.dies_at:
            raise ConnectionError("killed")
        self.kept[name] = json.dumps(value)


class Cached:
    """One runtime's view of the store."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.now = NOW
        self.fetched = 0
        self._seen: dict[str, tuple[datetime, Mapping[str, Any]]] = {}

    def read(self, name: str, /, *, fresh: bool = False) -> Mapping[str, Any]:
        known = self._seen.get(name)
        if fresh or known is None or self.now - known[0] >= CACHE:
            self.fetched += 1
            self._seen[name] = (self.now, self.store.read(name))
        return self._seen[name][1]

    def write(self, name: str, value: Mapping[str, Any], /) -> None:
        self.store.write(name, value)


def keys_of(store: Any) -> TokenKeys:
    return TokenKeys(store, "seed", "published")


def published(store: Any) -> PublishedKeys:
    return PublishedKeys(lambda fresh: store.read("published", fresh=fresh))


def token(key: SigningKey, now: datetime) -> str:
    return issue(key, user_id=uuid4(), company_id=uuid4(), role="user", session_id=str(uuid4()), now=now)[0]


def test_each_seed_determines_one_key() -> None:
    assert SigningKey.from_seed("s" * 64).public_jwk == SigningKey.from_seed("s" * 64).public_jwk
    assert SigningKey.from_seed("s" * 64).kid != SigningKey.from_seed("t" * 64).kid


def test_key_derivation_is_stable_across_releases() -> None:
    """A deployed seed must give the same key in every release."""
    assert SigningKey.from_seed("s" * 64).kid == "_uwy5ea4PFRi2yGUu0aCjtPSbnjoPFAD-PUuzIQtvYM"


def test_short_seed_is_rejected() -> None:
    with pytest.raises(ValueError, match="at least 32"):
        SigningKey.from_seed("s" * 31)


@given(st.text(min_size=32, max_size=80, alphabet=st.characters(codec="utf-8")))
def test_any_seed_gives_a_key_whose_public_part_verifies_and_has_no_private_part(seed: str) -> None:
    key = SigningKey.from_seed(seed)
    signed = token(key, NOW)

    assert verify(VerifyingKeys([key.public_jwk]), signed, NOW).role == "user"
    assert set(key.public_jwk) == {"kty", "crv", "x", "y", "kid", "alg", "use"}
    assert key.kid == thumbprint(key.public_jwk)
    assert seed not in repr(key)
    assert jwt.get_unverified_header(signed) == {"alg": "ES256", "typ": "at+jwt", "kid": key.kid}


@pytest.mark.parametrize(
    "change",
    [
        {"alg": "HS256"},
        {"use": "enc"},
        {"kty": "oct", "k": "c2VjcmV0"},
        {"crv": "P-384"},
        {"x": "AAAA"},
        {"y": 1},
        {"kid": "another"},
        {"exp": "soon"},
    ],
    ids=str,
)
def test_invalid_published_entries_are_skipped(change: dict[str, Any]) -> None:
    good = SigningKey.from_seed("s" * 64)
    document = {"keys": [dict(good.public_jwk) | change, "nonsense", None, {}]}

    assert VerifyingKeys.from_document(document).entries == []
    assert VerifyingKeys.from_document({"keys": None}).entries == []


def test_the_first_sign_in_publishes_the_first_key_once() -> None:
    store = Store()
    key = keys_of(store).signing(NOW)
    keys_of(store).signing(NOW)

    assert published(store).key(key.kid, NOW) is not None
    assert store.writes == 1


def test_new_key_signs_only_after_every_cache_has_expired() -> None:
    store = Store()
    keys = keys_of(store)
    first = keys.signing(NOW)
    result = keys.rotate(NOW)

    assert keys.signing(NOW + ANNOUNCED_FOR - SECOND).kid == first.kid
    assert keys.signing(NOW + ANNOUNCED_FOR).kid == result["kid"] != first.kid
    assert ANNOUNCED_FOR >= 2 * CACHE
    assert result["signs_from"] == int((NOW + ANNOUNCED_FOR).timestamp())


def test_tokens_verify_throughout_two_rotations() -> None:
    """Every token is verified until it expires by a runtime that reads the keys every five minutes only."""
    store = Store()
    keys = keys_of(store)
    verifier, signer = Cached(store), Cached(store)
    seen = published(verifier)
    alive: list[tuple[str, datetime]] = []
    used: set[str] = set()
    at = NOW
    while at < NOW + timedelta(hours=5):
        verifier.now = signer.now = at
        if at in (NOW + timedelta(hours=1), NOW + timedelta(hours=2, minutes=30)):
            keys.rotate(at)
        key = keys_of(signer).signing(at)
        used.add(key.kid)
        alive = [(one, until) for one, until in alive if until > at] + [(token(key, at), at + LIFETIME)]
        for one, _ in alive:
            assert verify(seen, one, at).role == "user"
        at += timedelta(minutes=1)

    assert len(used) == 3
    assert len(store.read("published")["keys"]) == 2, "the first key is forgotten, the second one is on its way out"


def test_rotation_while_a_key_is_announced_changes_nothing() -> None:
    store = Store()
    first = keys_of(store).rotate(NOW)

    assert keys_of(store).rotate(NOW + SECOND) == first


def test_replaced_key_verifies_until_its_last_token_expires() -> None:
    store = Store()
    keys = keys_of(store)
    old = keys.signing(NOW)
    keys.rotate(NOW)
    last = token(old, NOW + ANNOUNCED_FOR + CACHE)

    assert verify(published(store), last, NOW + ANNOUNCED_FOR + CACHE + LIFETIME - SECOND).role == "user"
    assert published(store).key(old.kid, NOW + BELIEVED_FOR) is None


def test_revoked_key_stops_verifying_and_the_new_one_signs_at_once() -> None:
    store = Store()
    keys = keys_of(store)
    stolen = keys.signing(NOW)
    forged = token(stolen, NOW)
    result = keys.rotate(NOW, revoke=True)

    assert keys.signing(NOW).kid == result["kid"]
    with pytest.raises(Unauthenticated):
        verify(published(store), forged, NOW)


def test_signer_with_a_stale_cache_does_not_republish_a_revoked_key() -> None:
    store = Store()
    late = Cached(store)
    stolen = keys_of(late).signing(NOW)
    keys_of(store).rotate(NOW, revoke=True)
    late._seen.pop("published")

    assert keys_of(late).signing(NOW + SECOND).kid == stolen.kid, "it still believes in its seed"
    assert published(store).key(stolen.kid, NOW) is None


@pytest.mark.parametrize("write", [1, 2, 3])
@pytest.mark.parametrize("revoke", [False, True])
def test_rotation_that_fails_midway_leaves_a_valid_key_and_can_be_repeated(write: int, revoke: bool) -> None:
    store = Store()
    keys = keys_of(store)
    keys.signing(NOW)
    store.writes, store.dies_at = 0, write
    with pytest.raises(ConnectionError) if write <= (2 if revoke else 3) else _nothing():
        keys.rotate(NOW, revoke=revoke)
    store.dies_at = None
    for minutes in (0, 5, 11, 40, 120, 600):
        at = NOW + timedelta(minutes=minutes)
        assert verify(published(store), token(keys.signing(at), at), at).role == "user"

    later = NOW + timedelta(days=1)
    result = keys.rotate(later)
    assert keys.signing(later + ANNOUNCED_FOR).kid == result["kid"]


def _nothing() -> Any:
    from contextlib import nullcontext

    return nullcontext()


def test_unknown_kids_cause_one_request_per_interval() -> None:
    store = Cached(Store())
    keys_of(store).signing(NOW)
    seen, before = published(store), store.fetched
    for number in range(100):
        assert seen.key(f"made-up-{number}", NOW + timedelta(milliseconds=number)) is None

    assert store.fetched == before + 1
    assert seen.key("made-up", NOW + ASK_AGAIN_AFTER) is None
    assert store.fetched == before + 2


def test_newly_published_key_is_found_by_reading_again() -> None:
    store = Store()
    late = Cached(store)
    seen = published(late)
    assert seen.key("nothing is published yet", NOW) is None
    key = keys_of(store).signing(NOW)

    assert seen.key(key.kid, NOW + ASK_AGAIN_AFTER) is not None


def test_signing_key_is_chosen_by_time() -> None:
    secret = {"seed": "n" * 64, "from": int(NOW.timestamp()), "previous": "p" * 64}

    assert signing_key(secret, NOW - SECOND).kid == SigningKey.from_seed("p" * 64).kid
    assert signing_key(secret, NOW).kid == SigningKey.from_seed("n" * 64).kid
