"""The webhook's lookup of channels: by the secret key in their URL, in DynamoDB, without Postgres."""

import hashlib
import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from falachefe.aws.tables import Item, Table
from falachefe.kernel.ttl_cache import TtlCache
from falachefe.messaging.providers.base import WebhookChannel

FOUND_TTL: Final = timedelta(seconds=60)
NOT_FOUND_TTL: Final = timedelta(seconds=15)
"""Short, so that a new channel works soon; long enough to make repeated guesses of a key cheap."""
DEFAULT_HISTORY_WINDOW_S: Final = 600
_CACHE_SIZE: Final = 2_000
_KEY: Final = re.compile(r"[A-Za-z0-9_-]{12,128}")
_SK: Final = "channel"
STATE: Final = "state"
"""The sort key of the item with a channel's state, which `channels.states` writes."""
ON: Final = "active"
OFF: Final = "disabled"


def state_key(channel_id: str) -> str:
    return f"channel-state#{channel_id}"


def channel_item(
    key: str,
    *,
    company_id: UUID,
    channel_id: UUID,
    provider: str,
    token: str,
    secret_name: str,
    signed: bool = False,
    history_window_s: int = DEFAULT_HISTORY_WINDOW_S,
) -> Item:
    """The DynamoDB item of a channel.

    The token is a long random string, so its unsalted SHA-256 is safe to store and the webhook needs no secret.
    The secret `secret_name` has `instance_token` for sending and, with `signed`, `signing_secret`.
    Raises `ValueError` for a key of the wrong form.
    """
    if not _KEY.fullmatch(key):
        raise ValueError("a channel key has 12 to 128 letters, digits, dashes or underscores")
    return {
        "pk": _pk(key),
        "sk": _SK,
        "company_id": str(company_id),
        "channel_id": str(channel_id),
        "provider": provider,
        "token_sha256": hashlib.sha256(token.encode()).hexdigest(),
        "secret_name": secret_name,
        "signed": signed,
        "history_window_s": history_window_s,
        "status": ON,
    }


class ChannelDirectory:
    """Finds channels by key, with a cache of channels and of unknown keys."""

    def __init__(self, table: Table, secret: Callable[[str], dict[str, Any]]) -> None:
        self._table = table
        self._secret = secret
        self._known: TtlCache[str, WebhookChannel] = TtlCache(FOUND_TTL, _CACHE_SIZE)
        self._unknown: TtlCache[str, bool] = TtlCache(NOT_FOUND_TTL, _CACHE_SIZE)

    def find(self, key: str, provider: str, now: datetime) -> WebhookChannel | None:
        """The active channel of a webhook URL, or None.

        When DynamoDB fails, a cached channel is used whatever its age; without one the error is raised.
        """
        if not _KEY.fullmatch(key):
            return None
        channel = self._look_up(key, now)
        return channel if channel is not None and channel.provider == provider else None

    def _look_up(self, key: str, now: datetime) -> WebhookChannel | None:
        known = self._known.get(key, now)
        if known is not None:
            return known
        if self._unknown.get(key, now):
            return None
        try:
            found = self._read(key)
        except Exception:
            stale = self._known.get_stale(key)
            if stale is None:
                raise
            return stale
        if found is None:
            self._known.discard(key)
            self._unknown.put(key, True, now)
        else:
            self._known.put(key, found, now)
        return found

    def _read(self, key: str) -> WebhookChannel | None:
        # Eventual consistency is enough (an unknown key is read again soon) and costs half.
        item = self._table.get(_pk(key), _SK, consistent=False)
        if item is None or item.get("status") != ON or self._is_disabled(item["channel_id"]):
            return None
        secret_name: str = item["secret_name"]
        signed = bool(item.get("signed"))
        return WebhookChannel(
            company_id=item["company_id"],
            channel_id=item["channel_id"],
            provider=item["provider"],
            token_sha256=item["token_sha256"],
            history_window_s=item.get("history_window_s", DEFAULT_HISTORY_WINDOW_S),
            signing_secret=(lambda: str(self._secret(secret_name)["signing_secret"])) if signed else None,
            own_token=(lambda: str(self._secret(secret_name)["instance_token"])) if signed else None,
            key=key,
        )

    def _is_disabled(self, channel_id: str) -> bool:
        """Whether the company disabled the channel; one that was never changed has no state item, and is active."""
        state = self._table.get(state_key(channel_id), STATE, consistent=False)
        return state is not None and state["status"] == OFF


def _pk(key: str) -> str:
    return f"channel#{key}"
