"""Deliveries to the webhook that cannot be authenticated when they arrive, and their later verification.

While the channel directory or a channel's secret cannot be read, the webhook puts a delivery unverified on the inbound
queue, in the message group of verified ones of the same key and phone. `Verification` authenticates and parses it once
the directory can be read; until then that is an outage, and nothing is stored or acted on.

The channel's token is never in the queue: it is replaced in the body, and its digest is kept as the proof. A signature
covers the body with the token, so the token from the channel's secret is put back before a signature is checked.
"""

import base64
import hashlib
import json
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from falachefe.kernel.errors import LimitExceeded, Unauthenticated, Unavailable
from falachefe.kernel.json import JsonRefused, parse
from falachefe.kernel.observability.tracing import with_trace
from falachefe.messaging.channels.directory import ChannelDirectory
from falachefe.messaging.providers.base import (
    Ignored,
    MessageReceived,
    NotRead,
    Provider,
    WebhookChannel,
    WebhookRequest,
)
from falachefe.messaging.providers.parsing import MalformedWebhook, digest_of
from falachefe.messaging.webhook.admission import MESSAGES_A_MINUTE, SenderLimitExceeded
from falachefe.messaging.webhook.queue_messages import (
    InboundQueueMessage,
    QueuedEvent,
    inbound_queue_message,
    moment_of,
)

KIND: Final = "unverified"
MAX_DEPTH: Final = 64
MAX_QUEUE_MESSAGE_BYTES: Final = 256 * 1024
"""A size that SQS accepts in every region."""
DELIVERIES_A_MINUTE: Final = 1_000
"""Unverified deliveries in one runtime: forged ones cannot fill the queue faster."""
_LONGEST_HEADER: Final = 200
_WINDOW: Final = timedelta(minutes=1)
_TOO_MANY: Final = "Mensagens demais em um minuto. Tente de novo em instantes."
_TOKEN_MARK: Final = b"\x00"
"""A byte that no JSON text contains."""


def provisional(key: str, provider: str) -> WebhookChannel:
    """A channel for parsing only, to which no message is too old: the real channel decides that later."""
    return WebhookChannel("", "", provider, "", history_window_s=10**9, key=key)


@dataclass(frozen=True, slots=True)
class UnverifiedDelivery:
    """A delivery to a webhook key that cannot be verified now."""

    key: str
    provider: Provider
    request: WebhookRequest

    def queue_message(
        self, place: int, event: QueuedEvent, now: datetime, *, burst: bool = False
    ) -> InboundQueueMessage:
        """Event number `place` of the delivery as a queue message. Raises `Unavailable` when it is too large.

        With `burst` it stands for a refused message, about which the sender gets a notice.
        """
        template = inbound_queue_message(provisional(self.key, self.provider.name), event, now)
        raw, digest = _without_token(self.request)
        sent = self.request.headers
        headers = {name: sent[name][:_LONGEST_HEADER] for name in self.provider.proof_headers if name in sent}
        payload = {
            "kind": KIND,
            "channel_key": self.key,
            "provider": self.provider.name,
            "place": place,
            "burst": burst,
            "token_sha256": digest,
            "headers": headers,
            "raw": base64.b64encode(zlib.compress(raw)).decode(),
            "received_at": now.isoformat(),
        }
        body = json.dumps(with_trace(payload), separators=(",", ":"))
        if len(body) > MAX_QUEUE_MESSAGE_BYTES:
            raise Unavailable("Não foi possível receber agora. Tente de novo.")
        # The proofs are included so that a forged delivery cannot replace the real one in SQS's deduplication.
        parts = [KIND, template.deduplication_id, digest, str(burst), *headers.values()]
        return InboundQueueMessage(body, template.group_id, hashlib.sha256("\x1f".join(parts).encode()).hexdigest())


def _without_token(request: WebhookRequest) -> tuple[bytes, str]:
    """The body with the token replaced, and the token's digest."""
    token = request.payload.get("token")
    given, digest = token.encode("utf-8", "replace") if isinstance(token, str) else b"", digest_of(token)
    if not given:
        return request.raw, digest
    if given in request.raw:
        return request.raw.replace(given, _TOKEN_MARK), digest
    # A token written with escapes, as no provider does: the body is rewritten, and no signature matches it.
    plain = json.dumps(request.payload, ensure_ascii=False).encode("utf-8", "replace")
    return plain.replace(given, _TOKEN_MARK), digest


class RuntimeLimit:
    """The limits of unverified deliveries in this runtime: in total, and for a phone the usual one."""

    def __init__(self) -> None:
        self._since = datetime.min.replace(tzinfo=UTC)
        self._all = 0
        self._messages: dict[tuple[str, str], set[str]] = {}

    def check(self, group: str, event: QueuedEvent, now: datetime) -> None:
        """Raises `LimitExceeded`. A repeated delivery of a message does not count again for its phone."""
        if self._all == 0 or now - self._since >= _WINDOW:
            self._since, self._all = now, 0
            self._messages.clear()
        if self._all >= DELIVERIES_A_MINUTE:
            raise LimitExceeded(_TOO_MANY, retry_after=self._wait(now))
        self._all += 1
        if isinstance(event, MessageReceived):
            known = self._messages.setdefault((group, event.phone), set())
            if event.provider_message_id not in known and len(known) >= MESSAGES_A_MINUTE:
                raise SenderLimitExceeded(_TOO_MANY, retry_after=self._wait(now))
            known.add(event.provider_message_id)

    def _wait(self, now: datetime) -> int:
        return max(1, int((self._since + _WINDOW - now).total_seconds()))


@dataclass(frozen=True, slots=True)
class Verification:
    """Authenticates the deliveries that the webhook could not authenticate."""

    channels: ChannelDirectory
    providers: Mapping[str, Provider]
    count: Callable[..., None]

    def __call__(self, queue_message: Mapping[str, Any], now: datetime) -> dict[str, Any] | None:
        """The queue message that the webhook would have written; None for a dropped one, which is counted.

        Raises what the directory or Secrets Manager raises, so that verification is repeated.
        """
        provider, key = self.providers[queue_message["provider"]], str(queue_message["channel_key"])
        channel = self.channels.find(key, provider.name, now)
        if channel is None:
            self._count(queue_message, "unknown_channel", now)
            return None
        received_at = moment_of(queue_message["received_at"])
        try:
            request = _request(queue_message, channel)
            provider.authenticate(request, channel)
            item = provider.parse(request.payload, channel, received_at)[queue_message["place"]]
        except (Unauthenticated, MalformedWebhook, JsonRefused) as refused:
            self._count(queue_message, refused.code, now)
            return None
        if isinstance(item, Ignored | NotRead):
            self.count("webhook_ignored_total", now, provider=provider.name, reason=item.reason)
        if isinstance(item, Ignored):
            return None
        if queue_message["burst"] and isinstance(item, MessageReceived):
            item = NotRead(item.phone, item.provider_message_id, "burst", item.at)
        self._count(queue_message, "verified", now)
        verified: dict[str, Any] = json.loads(inbound_queue_message(channel, item, received_at).body)
        return verified

    def _count(self, queue_message: Mapping[str, Any], result: str, now: datetime) -> None:
        self.count("webhook_verified_later_total", now, provider=queue_message["provider"], result=result)


def _request(queue_message: Mapping[str, Any], channel: WebhookChannel) -> WebhookRequest:
    kept = zlib.decompress(base64.b64decode(queue_message["raw"]))
    document = parse(kept.replace(_TOKEN_MARK, b""), max_depth=MAX_DEPTH)
    if not isinstance(document, dict):
        raise MalformedWebhook("O corpo da notificação não é um objeto JSON.", code="malformed_json")
    payload = {name: value for name, value in document.items() if name != "token"}
    request = WebhookRequest(kept, payload, queue_message["headers"], token_sha256=queue_message["token_sha256"])
    if channel.own_token is None:
        return request
    return replace(request, raw=kept.replace(_TOKEN_MARK, channel.own_token().encode()))
