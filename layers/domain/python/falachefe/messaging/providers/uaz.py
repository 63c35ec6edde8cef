"""uazapi: webhooks as captured from it, and sending. The vendor's published specification differs."""

import hashlib
import hmac
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from falachefe.kernel.brazil import canonical_phone
from falachefe.kernel.errors import Unauthenticated
from falachefe.messaging.providers.base import (
    Accepted,
    ConnectionChanged,
    ConnectionState,
    DeliveryState,
    Ignored,
    InboundEvent,
    Json,
    MessageKind,
    MessageReceived,
    NotRead,
    OutgoingText,
    PersonAnswered,
    Refused,
    SendingChannel,
    SendOutcome,
    StatusChanged,
    Unknown,
    WebhookChannel,
    WebhookRequest,
)
from falachefe.messaging.providers.jids import canonical, kind_of, phone_of
from falachefe.messaging.providers.parsing import (
    LONGEST_NAME,
    digest_of,
    flag,
    identifier,
    moment,
    section,
    text,
    wrong,
)

SIGNATURE_HEADER: Final = "x-uaz-signature"
_KINDS: Final[Mapping[str, MessageKind]] = {
    "Conversation": "text",
    "ExtendedTextMessage": "text",
    "AudioMessage": "audio",
    "ImageMessage": "image",
    "DocumentMessage": "document",
    "DocumentWithCaptionMessage": "document",
    "VideoMessage": "video",
    "PtvMessage": "video",
    "ButtonsResponseMessage": "button",
    "TemplateButtonReplyMessage": "button",
    "ListResponseMessage": "list",
    "InteractiveResponseMessage": "button",
}
_STATES: Final[Mapping[str, DeliveryState]] = {
    "sent": "sent",
    "serverack": "sent",
    "delivered": "delivered",
    "deliveryack": "delivered",
    "read": "read",
    "readself": "read",
    "played": "read",
    "failed": "failed",
    "error": "failed",
}
_CONNECTIONS: Final[Mapping[str, ConnectionState]] = {
    "connected": "connected",
    "open": "connected",
    "connecting": "connecting",
    "disconnected": "disconnected",
    "close": "disconnected",
}
_NO_PHONE: Final = Ignored("no_phone")
NOTIFIED_FOR: Final = timedelta(hours=24)
"""Senders of older unread messages get no notice: they do not wait for an answer any more."""
_OTHER_EVENTS: Final = (
    *("history", "presence", "contacts", "groups", "labels", "chats", "chat_labels"),
    *("call", "blocks", "leads", "sender", "newsletter_messages"),
)
"""Other event types, to which no channel is subscribed; each gets its own reason in the metrics."""
_IGNORED_TYPES: Final[Mapping[str, str]] = {
    "ReactionMessage": "reaction",
    "EncReactionMessage": "reaction",
    "EditedMessage": "edited",
    "ProtocolMessage": "protocol",  # deletions, timers, keys: no written text
    "SenderKeyDistributionMessage": "protocol",
    "PinInChatMessage": "protocol",
    "KeepInChatMessage": "protocol",
    "PollUpdateMessage": "poll_vote",
    "CallLogMessage": "call",
}
_MOST_IDS: Final = 100
# 401 and 403: the instance's token is wrong until it is corrected; the message waits.
_REFUSED_FOR_NOW: Final = (401, 403, 500, 503)
_OUTCOME_UNKNOWN: Final = (408, 502, 504)


class Uaz:
    name = "uaz"
    proof_headers: tuple[str, ...] = (SIGNATURE_HEADER,)

    def authenticate(self, request: WebhookRequest, channel: WebhookChannel) -> None:
        """The instance's token in the payload, and a signature when the channel has a signing secret."""
        if channel.signing_secret is not None:
            _check_signature(request, channel.signing_secret())
        given = request.token_sha256 or digest_of(request.payload.get("token"))
        if not hmac.compare_digest(given, channel.token_sha256):
            raise Unauthenticated("O token da notificação não é o deste canal.", code="webhook_token")

    def challenge(self, query: Mapping[str, str], channel: WebhookChannel) -> str | None:  # noqa: ARG002
        return None

    def window_open(self, last_inbound_at: datetime | None, now: datetime) -> bool:  # noqa: ARG002
        return True

    def parse(self, payload: Json, channel: WebhookChannel, now: datetime) -> list[InboundEvent]:
        kind = text(payload, "EventType")
        if kind == "messages":
            return [_message(payload, channel, now)]
        if kind == "messages_update":
            return [_status(payload, now)]
        if kind == "connection":
            return [_connection(section(payload, "instance"), now)]
        return [Ignored(f"event_{kind}" if kind in _OTHER_EVENTS else "unknown_event")]

    def send_text(self, channel: SendingChannel, message: OutgoingText) -> SendOutcome:
        from falachefe.messaging.providers.http_post import Answered, post_json  # noqa: PLC0415  # the HTTP client, which the webhook does without

        outcome = post_json(
            f"{channel.base_url.rstrip('/')}/send/text",
            {
                "number": message.phone.removeprefix("+"),
                "text": message.text,
                "linkPreview": False,
                "track_source": "falachefe",
                "track_id": message.track_id,
            },
            {"token": channel.token},
        )
        return _send_outcome(outcome) if isinstance(outcome, Answered) else outcome


def _check_signature(request: WebhookRequest, secret: str) -> None:
    expected = hmac.new(secret.encode(), request.raw, hashlib.sha256).hexdigest()
    given = request.headers.get(SIGNATURE_HEADER, "").strip().lower().removeprefix("sha256=")
    if not hmac.compare_digest(expected.encode(), given.encode("utf-8", "replace")):
        raise Unauthenticated("A assinatura da notificação não confere.", code="webhook_signature")


def _message(payload: Json, channel: WebhookChannel, now: datetime) -> InboundEvent:
    message = section(payload, "message")
    person = _person(payload, message)
    ours = flag(message, "fromMe")
    echo = ours and flag(message, "wasSentByApi")
    if isinstance(person, Ignored) and not (echo and person == _NO_PHONE):
        return person
    message_id = identifier(message, "messageid") or identifier(message, "id").rpartition(":")[2]
    if not message_id:
        raise wrong("messageid")
    at = moment(message, "messageTimestamp", now)
    old = now - at > timedelta(seconds=channel.history_window_s)
    if isinstance(person, Ignored) or echo:
        phone = None if isinstance(person, Ignored) else canonical_phone(person)
        return StatusChanged(phone, (message_id,), "sent", at, identifier(message, "track_id") or None)
    reason = _ignored_reason(message) or ("history" if ours and old else None)
    if reason is not None:
        return Ignored(reason)
    phone = canonical_phone(person)
    if ours:
        return PersonAnswered(phone, message_id, _text_of(message), at)
    event = _from_a_person(message, phone, person, message_id, at)
    if not old or isinstance(event, Ignored):
        return event
    return NotRead(phone, message_id, "history", at) if now - at < NOTIFIED_FOR else Ignored("history")


def _person(payload: Json, message: Json) -> str | Ignored:
    """The number, unchanged, of the person whose chat it is; for other chats the reason why they are ignored.

    The chat decides, not the sender: a status or a newsletter has a person as its sender too.
    """
    chat, sender = identifier(message, "chatid"), identifier(message, "sender_pn")
    kind = "group" if flag(message, "isGroup") else kind_of(chat)
    if kind not in ("person", "hidden"):
        return Ignored("unknown_chat" if kind == "unknown" else kind)
    address = chat if kind == "person" else _numbered_chat(payload) if flag(message, "fromMe") else sender
    number = phone_of(address)
    if number is None:
        return _NO_PHONE
    return Ignored("own_number") if canonical_phone(number) == _own_number(payload) else number


def _numbered_chat(payload: Json) -> str:
    """The chat's address with a number, for a lid; in messages of the company the sender is the company itself."""
    chat = payload.get("chat")
    return identifier(chat, "wa_chatid") if isinstance(chat, dict) else ""


def _own_number(payload: Json) -> str | None:
    try:
        return canonical_phone(identifier(payload, "owner"))
    except ValueError:
        return None


def _ignored_reason(message: Json) -> str | None:
    """Why a message has no new text of a person, or None."""
    shape = text(message, "messageType")
    if text(message, "type") == "reaction":
        return "reaction"
    if identifier(message, "edited"):
        # The first version was processed under its own id: an edited expense must not be recorded twice.
        return "edited"
    return _IGNORED_TYPES.get(shape)


def _from_a_person(
    message: Json, phone: str, written_from: str, message_id: str, at: datetime
) -> MessageReceived | Ignored:
    row_id = identifier(message, "buttonOrListid") or None
    kind = _kind(text(message, "messageType"), text(message, "mediaType"), text(message, "type"), row_id)
    written = _text_of(message) or (text(message, "vote") if row_id else "")
    if kind == "text" and not written.strip():
        return Ignored("empty")
    return MessageReceived(
        phone=phone,
        provider_message_id=message_id,
        kind=kind,
        text=written,
        at=at,
        sender_name=text(message, "senderName", longest=LONGEST_NAME).strip() or None,
        reply_to=identifier(message, "quoted") or None,
        button_id=row_id,
        written_from=None if written_from == phone else written_from,
    )


def _kind(shape: str, media: str, coarse: str, row_id: str | None) -> MessageKind:
    if shape in _KINDS:
        return _KINDS[shape]
    if row_id:
        return "button"
    if media in ("ptt", "audio"):
        return "audio"
    return "text" if coarse == "text" else "other"


def _text_of(message: Json) -> str:
    """The visible text: `text`, else `content`, a string or an object depending on the type."""
    direct = text(message, "text")
    if direct.strip():
        return direct
    content = message.get("content")
    if content is None or isinstance(content, str):
        return text(message, "content")
    if not isinstance(content, dict):
        raise wrong("content")
    return text(content, "text") or text(content, "caption")


def _status(payload: Json, now: datetime) -> InboundEvent:
    event = section(payload, "event")
    chat = identifier(event, "Chat")
    kind = "group" if flag(event, "IsGroup") else kind_of(chat)
    if kind not in ("person", "hidden", "unknown"):
        return Ignored(kind)
    ids = _ids(event)
    state = _STATES.get((text(payload, "state") or text(event, "Type")).replace("_", "").lower())
    if state is None or not ids:
        return Ignored("unknown_status")
    return StatusChanged(canonical(phone_of(chat)), ids, state, moment(event, "Timestamp", now))


def _ids(event: Json) -> tuple[str, ...]:
    listed: Any = event.get("MessageIDs")
    if not isinstance(listed, list) or len(listed) > _MOST_IDS:
        raise wrong("MessageIDs")
    ids = [identifier({"MessageIDs": one}, "MessageIDs") for one in listed]
    return tuple(one for one in ids if one)


def _connection(instance: Json, now: datetime) -> InboundEvent:
    state = _CONNECTIONS.get(text(instance, "status").lower())
    return Ignored("unknown_connection") if state is None else ConnectionChanged(state, now)


def _send_outcome(answer: Any) -> SendOutcome:
    status, document = answer.status, answer.document
    if 200 <= status < 300:
        given = document.get("messageid")
        return Accepted(given if isinstance(given, str) and given else None)
    if document.get("error_source") == "whatsapp_server":
        return Refused("blocked_by_whatsapp", again=False)
    if status == 429:
        return Refused("rate_limited", again=True, retry_after_s=answer.retry_after_s)
    if status in _REFUSED_FOR_NOW:
        return Refused(f"provider_{status}", again=True, retry_after_s=answer.retry_after_s)
    if status in _OUTCOME_UNKNOWN:
        return Unknown(f"provider_{status}")
    return Refused(f"provider_{status}", again=False)
