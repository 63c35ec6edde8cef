"""The port for WhatsApp providers. It imports little, because it adds to the webhook's cold start.

How it covers the differences between providers:

- a webhook may carry several events (Meta batches messages and statuses): `parse` returns a list;
- a URL may have to be confirmed by a GET (Meta): `challenge` returns the response, or None without such a handshake;
- free text may be allowed only for some time after the contact's last message (Meta, 24 hours): `window_open`;
- authenticity may be proved in the payload (uazapi) or by a header over the raw bytes (Meta): `authenticate` gets both.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, Protocol

type Json = dict[str, Any]
type MessageKind = Literal["text", "button", "list", "audio", "image", "document", "video", "other"]
type DeliveryState = Literal["sent", "delivered", "read", "failed"]
type ConnectionState = Literal["connected", "connecting", "disconnected"]


@dataclass(frozen=True, slots=True)
class WebhookRequest:
    raw: bytes
    """The bytes of the body, as signatures cover them."""
    payload: Json
    headers: Mapping[str, str]
    """Names in lower case."""
    token_sha256: str | None = None
    """The digest of the payload's token, when the request was queued without the token."""


@dataclass(frozen=True, slots=True)
class WebhookChannel:
    """The webhook's data of a channel, from its item in DynamoDB; without secrets in clear."""

    company_id: str
    channel_id: str
    provider: str
    token_sha256: str
    history_window_s: int
    signing_secret: Callable[[], str] | None = field(default=None, compare=False)
    """Reads Secrets Manager (cached for minutes); None when the channel requires no signature."""
    own_token: Callable[[], str] | None = field(default=None, compare=False)
    """The same for the token that is part of signed bodies."""
    key: str = field(default="", repr=False)
    """The key in the webhook's URL."""


@dataclass(frozen=True, slots=True)
class MessageReceived:
    phone: str
    """E.164, with the ninth digit."""
    provider_message_id: str
    kind: MessageKind
    text: str
    at: datetime
    sender_name: str | None = None
    reply_to: str | None = None
    button_id: str | None = None
    written_from: str | None = None
    """The number as WhatsApp uses it, when that differs from `phone`; replies are sent to it."""


@dataclass(frozen=True, slots=True)
class StatusChanged:
    """A status of messages that we sent. `track_id` is our own message id, if the provider returns it."""

    phone: str | None
    provider_message_ids: tuple[str, ...]
    state: DeliveryState
    at: datetime
    track_id: str | None = None


@dataclass(frozen=True, slots=True)
class PersonAnswered:
    """Somebody of the company answered the contact from the company's phone."""

    phone: str
    provider_message_id: str
    text: str
    at: datetime


@dataclass(frozen=True, slots=True)
class ConnectionChanged:
    state: ConnectionState
    at: datetime


@dataclass(frozen=True, slots=True)
class Ignored:
    """A well-formed event that is not processed; `reason` is a stable code for metrics."""

    reason: str


@dataclass(frozen=True, slots=True)
class NotRead:
    """A message that the crew will not read; `reason` is counted, and a known sender gets a notice."""

    phone: str
    provider_message_id: str
    reason: Literal["history", "burst"]
    at: datetime


type InboundEvent = MessageReceived | StatusChanged | PersonAnswered | ConnectionChanged | Ignored | NotRead


@dataclass(frozen=True, slots=True)
class SendingChannel:
    base_url: str
    token: str


@dataclass(frozen=True, slots=True)
class OutgoingText:
    phone: str
    text: str
    track_id: str
    """Returned in the provider's webhooks; no provider uses it as an idempotency key."""


@dataclass(frozen=True, slots=True)
class Accepted:
    provider_message_id: str | None


@dataclass(frozen=True, slots=True)
class Refused:
    """The provider refused, so the message was not sent. `again`: a later attempt may succeed."""

    code: str
    again: bool
    retry_after_s: int | None = None


@dataclass(frozen=True, slots=True)
class Unknown:
    """It is unknown whether the message was sent; it must not be sent again before that is known."""

    code: str


type SendOutcome = Accepted | Refused | Unknown


class Provider(Protocol):
    name: str
    proof_headers: tuple[str, ...]
    """The headers that `authenticate` reads, in lower case."""

    def authenticate(self, request: WebhookRequest, channel: WebhookChannel) -> None:
        """Raises `Unauthenticated` when the request is not from the channel's provider."""
        ...

    def parse(self, payload: Json, channel: WebhookChannel, now: datetime) -> list[InboundEvent]:
        """The events of an authentic webhook. Raises only `MalformedWebhook`, for a payload that cannot be parsed."""
        ...

    def challenge(self, query: Mapping[str, str], channel: WebhookChannel) -> str | None:
        """The response to a GET on the webhook's URL; None when the provider has no handshake."""
        ...

    def window_open(self, last_inbound_at: datetime | None, now: datetime) -> bool:
        """Whether free text may be sent to a contact who last wrote at that time."""
        ...

    def send_text(self, channel: SendingChannel, message: OutgoingText) -> SendOutcome:
        """Sends once, without retries. Does not raise for failures of the network or the provider."""
        ...
