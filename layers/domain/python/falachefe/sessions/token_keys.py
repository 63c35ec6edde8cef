"""Where the keys of access tokens are kept: a seed that only sign-in functions read, and the published keys.

The public half is published by whoever signs, the first time a key is used, and by the rotation before that. Both are
secrets of Secrets Manager: the reader that is there anyway, remembered for five minutes.
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
"""How often a runtime looks for a key that it does not know: tokens with made-up keys must not cost a request each."""
BELIEVED_FOR: Final = ANNOUNCED_FOR + LIFETIME + timedelta(minutes=20)
"""How long a replaced key verifies: until it stops signing and its last token is over, with time for caches to lag."""
_SEED_BYTES: Final = 48


class SecretStore(Protocol):
    """Secrets by name, as JSON."""

    def read(self, name: str, /, *, fresh: bool = False) -> Mapping[str, Any]: ...

    def write(self, name: str, value: Mapping[str, Any], /) -> None: ...


class PublishedKeys:
    """What is published, as a verifier asks for it. `load(fresh)` reads the document, remembered unless `fresh`."""

    def __init__(self, load: Callable[[bool], Mapping[str, Any]]) -> None:
        self._load = load
        self._seen: tuple[Mapping[str, Any], VerifyingKeys] | None = None
        self._asked_again: datetime | None = None

    def key(self, kid: str, now: datetime) -> Any:
        """The public key of this name. One that is not known may have been published since we looked: asked for again,
        but not at once twice."""
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
    """The two secrets of a deployment, as those see them who sign."""

    store: SecretStore
    seed_name: str
    published_name: str

    def signing(self, now: datetime) -> SigningKey:
        """The key that signs now; published, should nobody have done so yet."""
        key = signing_key(self.store.read(self.seed_name), now)
        if self._published(fresh=False).key(key.kid, now) is None:
            self._publish_first(key, now)
        return key

    def rotate(self, now: datetime, *, revoke: bool = False) -> dict[str, Any]:
        """Another key. It is published now and signs once every runtime knows it; the one before verifies until its
        last token is over. With `revoke` it signs at once and nothing else verifies: for a key that leaked.

        A run that dies in between has harmed nothing and may be repeated. While a key is being announced there is no
        other one, except by `revoke`: the same answer comes again.
        """
        before = self.store.read(self.seed_name, fresh=True)
        if not revoke and is_changing(before, now):
            return _told(SigningKey.from_seed(before["seed"]), before["from"])
        seed = secrets.token_urlsafe(_SEED_BYTES)
        fresh = SigningKey.from_seed(seed)
        if revoke:
            # First the seed: whoever still publishes looks at the seed last, and finds that its own is none any more.
            self.store.write(self.seed_name, {"seed": seed})
            self.store.write(self.published_name, VerifyingKeys([fresh.public_jwk]).document())
            return _told(fresh, int(now.timestamp()))
        published = self._published(fresh=True).with_key(signing_key(before, now)).with_key(fresh)
        self.store.write(self.published_name, published.document())
        after = successor(before, seed, now)
        self.store.write(self.seed_name, after)
        # Last: the old key ends only when it is certain that another one takes over.
        ending = published.retired(besides=fresh, until=now + BELIEVED_FOR, now=now)
        self.store.write(self.published_name, ending.document())
        return _told(fresh, after["from"])

    def _published(self, *, fresh: bool) -> VerifyingKeys:
        return VerifyingKeys.from_document(self.store.read(self.published_name, fresh=fresh))

    def _publish_first(self, key: SigningKey, now: datetime) -> None:
        """The very first key of a stage, or one whose publication was lost; never one that was revoked meanwhile."""
        published = self._published(fresh=True)
        if published.key(key.kid, now) is not None:
            return
        current = self.store.read(self.seed_name, fresh=True)
        if signing_key(current, now).kid == key.kid:
            live = VerifyingKeys(entry for entry in published.entries if entry["kid"] != key.kid)
            self.store.write(self.published_name, live.with_key(key).document())


def _told(key: SigningKey, since: int) -> dict[str, Any]:
    return {"kid": key.kid, "signs_from": since}


class AwsSecretStore:
    """Secrets Manager, through the reader that all functions share."""

    def __init__(self, read: Callable[..., Mapping[str, Any]], manager: Callable[[], Any]) -> None:
        self._read = read
        self._manager = manager

    def read(self, name: str, /, *, fresh: bool = False) -> Mapping[str, Any]:
        return self._read(name, fresh=fresh)

    def write(self, name: str, value: Mapping[str, Any], /) -> None:
        self._manager().put_secret_value(SecretId=name, SecretString=json.dumps(value))
