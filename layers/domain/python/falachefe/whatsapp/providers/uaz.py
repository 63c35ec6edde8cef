"""uazapi: webhooks as they were captured, and sending. The specification that the vendor publishes says otherwise."""

import hashlib
import hmac
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from falachefe.kernel.br import canonical_phone
from falachefe.kernel.errors import Unauthenticated
from falachefe.whatsapp.providers.base import (
    Accepted,
    ConnectionChanged,
    ConnectionState,
    DeliveryState,
    Ignored,
    InboundEvent,
    Json,
    MessageKind,
    MessageReceived,
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
from falachefe.whatsapp.providers.reading import (
    LONGEST_NAME,
    flag,
    identifier,
    moment,
    section,
    text,
    wrong,
)

SIGNATURE_HEADER: Final = "x-uaz-signature"
_PERSON: Final = "@s.whatsapp.net"
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
_MOST_IDS: Final = 100
# 401 and 403: the instance's token is wrong until somebody puts it right; the message can wait for that.
_REFUSED_FOR_NOW: Final = (401, 403, 500, 503)
_NOBODY_KNOWS: Final = (408, 502, 504)


class Uaz:
    name = "uaz"

    def authenticate(self, request: WebhookRequest, channel: WebhookChannel) -> None:
        """The instance's token in the payload, and a signature when the channel has a signing secret."""
        if channel.signing_secret is not None:
            _check_signature(request, channel.signing_secret())
        token = request.payload.get("token")
        given = token.encode("utf-8", "replace") if isinstance(token, str) else b""
        if not hmac.compare_digest(hashlib.sha256(given).hexdigest(), channel.token_sha256):
            raise Unauthenticated("O token da notificação não é o deste canal.", code="webhook_token")

    def challenge(self, query: Mapping[str, str], channel: WebhookChannel) -> str | None:  # noqa: ARG002
        return None

    def window_open(self, last_inbound_at: datetime | None, now: datetime) -> bool:  # noqa: ARG002
        return True

    def parse(self, payload: Json, channel: WebhookChannel, now: datetime) -> list[InboundEvent]:
        kind = text(payload, "EventType")
        if kind == "messages":
            return [_message(section(payload, "message"), channel, now)]
        if kind == "messages_update":
            return [_status(payload, now)]
        if kind == "connection":
            return [_connection(section(payload, "instance"), now)]
        return [Ignored("unknown_event")]

    def send_text(self, channel: SendingChannel, message: OutgoingText) -> SendOutcome:
        from falachefe.whatsapp.providers.http_once import Answered, post_json

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
        return _sent(outcome) if isinstance(outcome, Answered) else outcome


def _check_signature(request: WebhookRequest, secret: str) -> None:
    expected = hmac.new(secret.encode(), request.raw, hashlib.sha256).hexdigest()
    given = request.headers.get(SIGNATURE_HEADER, "").strip().lower().removeprefix("sha256=")
    if not hmac.compare_digest(expected.encode(), given.encode("utf-8", "replace")):
        raise Unauthenticated("A assinatura da notificação não confere.", code="webhook_signature")


def _message(message: Json, channel: WebhookChannel, now: datetime) -> InboundEvent:
    chat = identifier(message, "chatid")
    if flag(message, "isGroup") or chat.endswith("@g.us"):
        return Ignored("group")
    message_id = identifier(message, "messageid") or identifier(message, "id").rpartition(":")[2]
    if not message_id:
        raise wrong("messageid")
    at = moment(message, "messageTimestamp", now)
    from_the_company = flag(message, "fromMe")
    phone = _phone(chat) if from_the_company else _phone(identifier(message, "sender_pn")) or _phone(chat)
    if phone is None:
        return Ignored("no_phone")
    if from_the_company and flag(message, "wasSentByApi"):
        return StatusChanged(phone, (message_id,), "sent", at, identifier(message, "track_id") or None)
    if now - at > timedelta(seconds=channel.history_window_s):
        return Ignored("history")
    if from_the_company:
        return PersonAnswered(phone, message_id, _written(message), at)
    return _from_a_person(message, phone, message_id, at)


def _from_a_person(message: Json, phone: str, message_id: str, at: datetime) -> InboundEvent:
    shape = text(message, "messageType")
    if text(message, "type") == "reaction" or shape == "ReactionMessage":
        return Ignored("reaction")
    if identifier(message, "edited"):
        # The first version was processed under its own id: an edited expense must not be booked twice.
        return Ignored("edited")
    row_id = identifier(message, "buttonOrListid") or None
    kind = _kind(shape, text(message, "mediaType"), text(message, "type"), row_id)
    written = _written(message) or (text(message, "vote") if row_id else "")
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
    )


def _kind(shape: str, media: str, coarse: str, row_id: str | None) -> MessageKind:
    if shape in _KINDS:
        return _KINDS[shape]
    if row_id:
        return "button"
    if media in ("ptt", "audio"):
        return "audio"
    return "text" if coarse == "text" else "other"


def _written(message: Json) -> str:
    """What a person reads of the message: `text`, else the content, which is a string or an object by its type."""
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
    if flag(event, "IsGroup") or chat.endswith("@g.us"):
        return Ignored("group")
    ids = _ids(event)
    state = _STATES.get((text(payload, "state") or text(event, "Type")).replace("_", "").lower())
    if state is None or not ids:
        return Ignored("unknown_status")
    return StatusChanged(_phone(chat), ids, state, moment(event, "Timestamp", now))


def _ids(event: Json) -> tuple[str, ...]:
    listed: Any = event.get("MessageIDs")
    if not isinstance(listed, list) or len(listed) > _MOST_IDS:
        raise wrong("MessageIDs")
    ids = [identifier({"MessageIDs": one}, "MessageIDs") for one in listed]
    return tuple(one for one in ids if one)


def _connection(instance: Json, now: datetime) -> InboundEvent:
    state = _CONNECTIONS.get(text(instance, "status").lower())
    return Ignored("unknown_connection") if state is None else ConnectionChanged(state, now)


def _phone(jid: str) -> str | None:
    """The phone in `5511987654321@s.whatsapp.net` (also with a device, `…:12@…`); None for `@lid` and the like."""
    user, at_sign, server = jid.partition("@")
    digits = user.partition(":")[0]
    if at_sign + server != _PERSON or not digits.isascii() or not digits.isdigit():
        return None
    try:
        return canonical_phone(digits)
    except ValueError:
        return None


def _sent(answer: Any) -> SendOutcome:
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
    if status in _NOBODY_KNOWS:
        return Unknown(f"provider_{status}")
    return Refused(f"provider_{status}", again=False)
