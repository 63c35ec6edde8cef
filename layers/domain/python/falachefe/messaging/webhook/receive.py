"""The webhook: authenticates, parses, applies the limits, enqueues and answers; nothing else.

To keep cold starts short it imports only botocore: no Postgres, no pydantic, no logging library. Warm, it makes two
concurrent AWS calls, the phone's limit and the queue, and a third one for one message of ten. It depends on the queue
only: what cannot be verified now is verified later (`unverified`).
"""

import base64
import binascii
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Final, Protocol

from falachefe.http.headers import request_id
from falachefe.http.problems import problem_response, proxy_response
from falachefe.kernel.clock import Clock
from falachefe.kernel.errors import DomainError, LimitExceeded, NotFound, PayloadTooLarge, Unavailable
from falachefe.kernel.json import JsonRefused, parse
from falachefe.kernel.observability.tracing import trace_of_headers, traced
from falachefe.kernel.ttl_cache import TtlCache
from falachefe.messaging.channels.directory import ChannelDirectory
from falachefe.messaging.providers.base import (
    Ignored,
    InboundEvent,
    MessageReceived,
    NotRead,
    Provider,
    WebhookChannel,
    WebhookRequest,
)
from falachefe.messaging.providers.parsing import MalformedWebhook
from falachefe.messaging.webhook import unverified
from falachefe.messaging.webhook.admission import Admission, SenderLimitExceeded
from falachefe.messaging.webhook.queue_messages import InboundQueueMessage, inbound_queue_message
from falachefe.messaging.webhook.unverified import MAX_DEPTH, RuntimeLimit

MAX_BODY_BYTES: Final = 256 * 1024
TRY_AGAIN_S: Final = 5
_REFUSED: Final[Mapping[str, str]] = {
    "malformed_json": "O corpo da notificação não é um JSON válido.",
    "json_too_deep": "O JSON da notificação tem níveis demais.",
    "number_too_large": "O JSON da notificação tem um número grande demais.",
}

type Event = Mapping[str, Any]
type Response = dict[str, Any]


class Enqueue(Protocol):
    def __call__(self, message: InboundQueueMessage, /) -> None:
        """Sends a message to the inbound queue; raises what AWS raises."""
        ...


class Count(Protocol):
    def __call__(self, name: str, now: datetime, /, **dimensions: str) -> None: ...


class BufferedCounts:
    """Metrics of a transaction, emitted after its commit, so that a repeated transaction counts once."""

    def __init__(self) -> None:
        self._kept: list[tuple[str, datetime, dict[str, str]]] = []

    def __call__(self, name: str, now: datetime, /, **dimensions: str) -> None:
        self._kept.append((name, now, dimensions))

    def flush(self, count: Count) -> None:
        for name, now, dimensions in self._kept:
            count(name, now, **dimensions)


@dataclass(frozen=True, slots=True)
class Webhook:
    provider: Provider
    channels: ChannelDirectory
    admission: Admission
    enqueue: Enqueue
    count: Count
    clock: Clock
    notified: TtlCache[tuple[str, str], bool] = field(default_factory=lambda: TtlCache(timedelta(minutes=1)))
    """The senders who got a notice about too many messages within the last minute."""
    unverified_limit: RuntimeLimit = field(default_factory=RuntimeLimit)

    def __call__(self, event: Event) -> Response:
        """The response for API Gateway, also when a dependency is unavailable."""
        with traced(trace_of_headers(event.get("headers"))):
            return self._answer(event)

    def _answer(self, event: Event) -> Response:
        now = self.clock.now()
        trace = request_id(event)
        try:
            result = self._receive(event, now)
        except DomainError as error:
            self.count("webhook_refused_total", now, provider=self.provider.name, code=error.code)
            # The instance is the route, not the path, which contains the channel's key.
            return problem_response(error, instance=f"/v1/whatsapp/webhooks/{self.provider.name}", request_id=trace)
        self.count("webhook_received_total", now, provider=self.provider.name, result=result)
        return proxy_response(200, {"status": "ok"}, trace, {"Content-Type": "application/json"})

    def _receive(self, event: Event, now: datetime) -> str:
        key = str((event.get("pathParameters") or {}).get("channel_key") or "")
        try:
            channel = self.channels.find(key, self.provider.name, now)
        except Exception:  # noqa: BLE001  # any failure of DynamoDB or the network: the channel is looked up later
            return self._queue_unverified(key, _request(event), now)
        if channel is None:
            raise NotFound("Este endereço de notificações não existe.", code="unknown_channel")
        request = _request(event)
        try:
            self.provider.authenticate(request, channel)
        except DomainError:
            raise
        except Exception:  # noqa: BLE001  # any failure of Secrets Manager or the network
            return self._queue_unverified(key, request, now)
        return _common_result(
            self._queue_event(item, channel, now)
            for item in self.provider.parse(_without_token(request.payload), channel, now)
        )

    def _queue_unverified(self, key: str, request: WebhookRequest, now: datetime) -> str:
        """Enqueues events that cannot be verified now; they are verified before they are processed."""
        parsed = self.provider.parse(
            _without_token(request.payload), unverified.provisional(key, self.provider.name), now
        )
        delivery = unverified.UnverifiedDelivery(key, self.provider, request)
        return _common_result(
            self._queue_unverified_event(delivery, place, item, now) for place, item in enumerate(parsed)
        )

    def _queue_unverified_event(
        self, delivery: unverified.UnverifiedDelivery, place: int, item: InboundEvent, now: datetime
    ) -> str:
        if isinstance(item, Ignored):
            self.count("webhook_ignored_total", now, provider=self.provider.name, reason=item.reason)
            return item.reason
        queue_message = partial(delivery.queue_message, place, item, now)
        try:
            self.unverified_limit.check(delivery.key, item, now)
        except LimitExceeded as error:
            scope = "phone" if isinstance(error, SenderLimitExceeded) else "runtime"
            self.count("whatsapp_rate_limit_hits_total", now, scope=scope)
            if isinstance(error, SenderLimitExceeded) and isinstance(item, MessageReceived):
                self._notify_once((delivery.key, item.phone), partial(queue_message, burst=True), now)
            raise
        _or_unavailable(lambda: self.enqueue(queue_message()))
        return unverified.KIND

    def _queue_event(self, item: Any, channel: WebhookChannel, now: datetime) -> str:
        if isinstance(item, Ignored | NotRead):
            self.count("webhook_ignored_total", now, provider=self.provider.name, reason=item.reason)
        if isinstance(item, Ignored):
            return item.reason
        enqueue = partial(self.enqueue, inbound_queue_message(channel, item, now))
        if not isinstance(item, MessageReceived):
            _or_unavailable(enqueue)
            return item.reason if isinstance(item, NotRead) else "queued"
        sender = (channel.company_id, item.phone, item.provider_message_id)
        try:
            _or_unavailable(lambda: self.admission.admit(*sender, enqueue, now))
        except SenderLimitExceeded:
            self._notify_burst(channel, item, now)
            raise
        return "queued"

    def _notify_burst(self, channel: WebhookChannel, item: MessageReceived, now: datetime) -> None:
        """Enqueues a notice to the sender, once a minute, that a message was refused.

        A failure of that is only counted: the response to the provider is the refusal.
        """
        notice = NotRead(item.phone, item.provider_message_id, "burst", item.at)
        self._notify_once((channel.key, item.phone), partial(inbound_queue_message, channel, notice, now), now)

    def _notify_once(
        self, sender: tuple[str, str], queue_message: Callable[[], InboundQueueMessage], now: datetime
    ) -> None:
        if self.notified.get(sender, now):
            return
        try:
            self.enqueue(queue_message())
        except Exception:  # noqa: BLE001  # any failure of AWS or the network
            self.count("webhook_notice_lost_total", now, provider=self.provider.name)
            return
        self.notified.put(sender, True, now)


def _request(event: Event) -> WebhookRequest:
    raw = _body(event)
    return WebhookRequest(raw, _document(raw), _headers(event))


def _common_result(results: Iterable[str]) -> str:
    notified = list(results)
    return notified[0] if len(set(notified)) == 1 else "several"


def _or_unavailable[T](call: Callable[[], T]) -> T:
    """Turns a failure of AWS into a 503, after which the provider repeats the call."""
    try:
        return call()
    except DomainError:
        raise
    except Exception as error:
        raise Unavailable("Não foi possível receber agora. Tente de novo.", retry_after=TRY_AGAIN_S) from error


def _body(event: Event) -> bytes:
    """The bytes of the body. Raises `PayloadTooLarge`, or `MalformedWebhook` for bad base64."""
    body = event.get("body") or ""
    if not isinstance(body, str):
        raise MalformedWebhook("O corpo da notificação não é texto.", code="malformed_body")
    if event.get("isBase64Encoded"):
        if len(body) > MAX_BODY_BYTES * 4 // 3 + 4:
            raise _too_large()
        try:
            raw = base64.b64decode(body, validate=True)
        except (binascii.Error, ValueError) as error:
            raise MalformedWebhook("O corpo da notificação não é base64 válido.", code="malformed_body") from error
    else:
        raw = body.encode("utf-8", "surrogatepass")
    if len(raw) > MAX_BODY_BYTES:
        raise _too_large()
    return raw


def _too_large() -> PayloadTooLarge:
    return PayloadTooLarge(f"A notificação passa de {MAX_BODY_BYTES // 1024} KiB.")


def _document(raw: bytes) -> dict[str, Any]:
    try:
        document = parse(raw, max_depth=MAX_DEPTH)
    except JsonRefused as refused:
        raise MalformedWebhook(_REFUSED[refused.code], code=refused.code) from None
    if not isinstance(document, dict):
        raise MalformedWebhook("O corpo da notificação não é um objeto JSON.", code="malformed_json")
    return document


def _headers(event: Event) -> dict[str, str]:
    return {str(name).lower(): str(value) for name, value in (event.get("headers") or {}).items()}


def _without_token(payload: dict[str, Any]) -> dict[str, Any]:
    """The payload without the token, which can send messages and must not be logged or queued."""
    return {name: value for name, value in payload.items() if name != "token"}
