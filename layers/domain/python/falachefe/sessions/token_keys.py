"""Storage of the access tokens' keys: the seed, which only sign-in functions read, and the published public keys.

A public key is published by the rotation, or else by the first function that signs with it. Both are secrets of Secrets
Manager, whose reader caches them for five minutes.
"""

import json
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, Protocol

from falachefe.sessions.access_tokens import LIFETIME
from falachefe.sessions.signing_keys import (
    ANNOUNCED_FOR,
    SigningKey,
    VerifyingKeys,
    is_changing,
    signing_key,
    successor,
)

ASK_AGAIN_AFTER: Final = timedelta(seconds=30)
"""How often a runtime looks for unknown keys: tokens with a forged `kid` must not cost a request each."""
BELIEVED_FOR: Final = ANNOUNCED_FOR + LIFETIME + timedelta(minutes=20)
"""How long a replaced key verifies: until it stops signing and its last token has expired, plus time for caches."""
_SEED_BYTES: Final = 48


class SecretStore(Protocol):
    """Secrets by name, as JSON."""

    def read(self, name: str, /, *, fresh: bool = False) -> Mapping[str, Any]: ...

    def write(self, name: str, value: Mapping[str, Any], /) -> None: ...


class PublishedKeys:
    """The published keys for verifiers. `load(fresh)` reads the document, cached unless `fresh`."""

    def __init__(self, load: Callable[[bool], Mapping[str, Any]]) -> None:
        self._load = load
        self._seen: tuple[Mapping[str, Any], VerifyingKeys] | None = None
        self._asked_again: datetime | None = None

    def key(self, kid: str, now: datetime) -> Any:
        """The public key with this `kid`. An unknown one may be newly published, so the document is read again, at most
        once in `ASK_AGAIN_AFTER`."""
        found = self._known(fresh=False).key(kid, now)
        if found is None and self._may_ask_again(now):
            self._asked_again = now
            found = self._known(fresh=True).key(kid, now)
        return found

    def _may_ask_again(self, now: datetime) -> bool:
        return self._asked_again is None or not timedelta(0) <= now - self._asked_again < ASK_AGAIN_AFTER

    def _known(self, *, fresh: bool) -> VerifyingKeys:
        document = self._load(fresh)
        if self._seen is None or self._seen[0] != document:
            self._seen = (document, VerifyingKeys.from_document(document))
        return self._seen[1]


@dataclass(frozen=True, slots=True)
class TokenKeys:
    """The two secrets, for functions that sign or rotate."""

    store: SecretStore
    seed_name: str
    published_name: str

    def signing(self, now: datetime) -> SigningKey:
        """The key that signs now; published if it is not yet."""
        key = signing_key(self.store.read(self.seed_name), now)
        if self._published(fresh=False).key(key.kid, now) is None:
            self._publish_first(key, now)
        return key

    def rotate(self, now: datetime, *, revoke: bool = False) -> dict[str, Any]:
        """Replaces the key. The new one is published now and signs once every runtime knows it; the old one verifies
        until its last token has expired. With `revoke`, for a leaked key, the new one signs at once and all others stop
        verifying.

        A run that fails midway may be repeated. While a new key is announced but not signing yet, a further rotation
        without `revoke` changes nothing and returns the same result.
        """
        before = self.store.read(self.seed_name, fresh=True)
        if not revoke and is_changing(before, now):
            return _rotation_result(SigningKey.from_seed(before["seed"]), before["from"])
        seed = secrets.token_urlsafe(_SEED_BYTES)
        fresh = SigningKey.from_seed(seed)
        if revoke:
            # The seed first: a concurrent `_publish_first` reads it last and then does not publish the revoked key.
            self.store.write(self.seed_name, {"seed": seed})
            self.store.write(self.published_name, VerifyingKeys([fresh.public_jwk]).document())
            return _rotation_result(fresh, int(now.timestamp()))
        published = self._published(fresh=True).with_key(signing_key(before, now)).with_key(fresh)
        self.store.write(self.published_name, published.document())
        after = successor(before, seed, now)
        self.store.write(self.seed_name, after)
        # Last: the old key expires only after the seed of its successor is stored.
        ending = published.retired(besides=fresh, until=now + BELIEVED_FOR, now=now)
        self.store.write(self.published_name, ending.document())
        return _rotation_result(fresh, after["from"])

    def _published(self, *, fresh: bool) -> VerifyingKeys:
        return VerifyingKeys.from_document(self.store.read(self.published_name, fresh=fresh))

    def _publish_first(self, key: SigningKey, now: datetime) -> None:
        """Publishes a stage's first key, or one whose publication failed; never one that was revoked meanwhile."""
        published = self._published(fresh=True)
        if published.key(key.kid, now) is not None:
            return
        current = self.store.read(self.seed_name, fresh=True)
        if signing_key(current, now).kid == key.kid:
            live = VerifyingKeys(entry for entry in published.entries if entry["kid"] != key.kid)
            self.store.write(self.published_name, live.with_key(key).document())


def _rotation_result(key: SigningKey, since: int) -> dict[str, Any]:
    return {"kid": key.kid, "signs_from": since}


class AwsSecretStore:
    """Secrets Manager, read through the cache that all functions share."""

    def __init__(self, read: Callable[..., Mapping[str, Any]], manager: Callable[[], Any]) -> None:
        self._read = read
        self._manager = manager

    def read(self, name: str, /, *, fresh: bool = False) -> Mapping[str, Any]:
        return self._read(name, fresh=fresh)

    def write(self, name: str, value: Mapping[str, Any], /) -> None:
        self._manager().put_secret_value(SecretId=name, SecretString=json.dumps(value))
