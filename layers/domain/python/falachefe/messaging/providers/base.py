"""The port behind which WhatsApp providers stand. Light on purpose: the webhook's cold start pays for it.

What differs between providers and how it fits here:

- a webhook may bring many things at once (Meta batches messages and statuses): `parse` answers with a list;
- a sender may have no phone number (Meta's `user_id`): `phone` can be None, and such a message is not answered;
- an address may have to be confirmed by a GET (Meta): `challenge` says what to answer, or that there is no such thing;
- free text may only be allowed for a while after the person's last message (Meta, 24 hours): `window_open`;
- authenticity may lie in the payload (uazapi) or in a header over the raw bytes (Meta): `authenticate` gets both.
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
    """The body's bytes as they came: signatures are over these."""
    payload: Json
    headers: Mapping[str, str]
    """Names in lower case."""
    token_sha256: str | None = None
    """Of the token that the payload held, where the request was kept for later without it."""


@dataclass(frozen=True, slots=True)
class WebhookChannel:
    """What the webhook knows of a channel, from its item in DynamoDB; no secret in clear is among it."""

    company_id: str
    channel_id: str
    provider: str
    token_sha256: str
    history_window_s: int
    signing_secret: Callable[[], str] | None = field(default=None, compare=False)
    """Asks Secrets Manager (kept for minutes); None when the channel demands no signature."""
    own_token: Callable[[], str] | None = field(default=None, compare=False)
    """The same for the token that signed bodies hold."""
    key: str = field(default="", repr=False)
    """Of the webhook's address."""


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
    """The number as WhatsApp knows it, where that is another form of `phone`; answers go there."""


@dataclass(frozen=True, slots=True)
class StatusChanged:
    """What became of messages that we sent. `track_id` is our own message id where the provider gives it back."""

    phone: str | None
    provider_message_ids: tuple[str, ...]
    state: DeliveryState
    at: datetime
    track_id: str | None = None


@dataclass(frozen=True, slots=True)
class PersonAnswered:
    """Somebody of the company wrote to the contact from the phone itself."""

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
    """Well-formed and not for us; `reason` is a stable code that is counted."""

    reason: str


@dataclass(frozen=True, slots=True)
class NotRead:
    """A person's message that the crew will not read; `reason` is counted, and the person is told if they are known."""

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
    """Comes back in the provider's webhooks; it is no idempotency key to any of them."""


@dataclass(frozen=True, slots=True)
class Accepted:
    provider_message_id: str | None


@dataclass(frozen=True, slots=True)
class Refused:
    """The provider said no, so the message did not go out. `again`: trying later may succeed."""

    code: str
    again: bool
    retry_after_s: int | None = None


@dataclass(frozen=True, slots=True)
class Unknown:
    """Nobody can tell whether the message went out; it must not be sent again before that is known."""

    code: str


type SendOutcome = Accepted | Refused | Unknown


class Provider(Protocol):
    name: str
    proof_headers: tuple[str, ...]
    """The headers that `authenticate` looks at, in lower case."""

    def authenticate(self, request: WebhookRequest, channel: WebhookChannel) -> None:
        """Raises `Unauthenticated` when the request is not from the channel's provider."""
        ...

    def parse(self, payload: Json, channel: WebhookChannel, now: datetime) -> list[InboundEvent]:
        """What an authentic webhook says. Raises `MalformedWebhook` for a shape that cannot be read, nothing else."""
        ...

    def challenge(self, query: Mapping[str, str], channel: WebhookChannel) -> str | None:
        """What a GET on the webhook's address is answered with; None where the provider has no handshake."""
        ...

    def window_open(self, last_inbound_at: datetime | None, now: datetime) -> bool:
        """Whether free text may be sent to someone who last wrote at that time."""
        ...

    def send_text(self, channel: SendingChannel, message: OutgoingText) -> SendOutcome:
        """Sends once. Never raises for what the network or the provider did, and never repeats by itself."""
        ...
