"""Webhook payloads in uazapi's format, for the stand-in, the simulator, the demo and the tests."""

import hashlib
import hmac
import secrets
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

from infra.local.front_door.phones import digits_of

type Payload = dict[str, Any]
type Kind = Literal[
    "text",
    "extended_text",
    "button_reply",
    "list_reply",
    "voice",
    "image",
    "document",
    "group",
    "from_me",
    "echo",
    "history",
    "status",
    "connection",
    "unknown",
]

BASE_URL = "https://falachefe.uazapi.example"
INSTANCE = "falachefe-demo"
CHANNEL_PHONE = "+551140028922"
# Older than any channel's history window, whose default is ten minutes.
_HISTORY_AGE = timedelta(hours=3)


def new_message_id() -> str:
    """An id like WhatsApp's own: the prefix of its web clients and 18 hexadecimal digits."""
    return "3EB0" + secrets.token_hex(9).upper()


def signature(secret: str, body: bytes) -> str:
    """The value of `x-uaz-signature` for a channel that has a signing secret."""
    return "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def webhook_payload(
    kind: Kind,
    phone: str,
    text: str = "",
    *,
    token: str,
    message_id: str | None = None,
    at: datetime | None = None,
    sender_name: str = "Contato",
    channel_phone: str = CHANNEL_PHONE,
    instance: str = INSTANCE,
    track_id: str = "",
    row_id: str = "",
    state: str = "Delivered",
) -> Payload:
    """One webhook of the given kind.

    `phone` is the other side of the chat, in any way of writing it; `text` is what was said, or the title of
    the row that was chosen; `state` is the status (`Delivered`, `Read`) or the connection's state.
    """
    chat = _Chat(phone, channel_phone, sender_name, message_id or new_message_id(), at or datetime.now(UTC))
    envelope = _envelope(kind, chat, instance, token)
    if kind == "status":
        return envelope | chat.status(state)
    if kind == "connection":
        return envelope | {"instance": {"name": instance, "status": state.lower()}}
    if kind == "unknown":
        return envelope | {"event": {"From": chat.jid, "Media": "audio"}}
    return envelope | {
        "chat": chat.summary(),
        "chatSource": "updated",
        "message": chat.message(kind, text, track_id, row_id),
    }


class _Chat:
    """The values that all parts of one webhook repeat."""

    def __init__(self, phone: str, channel_phone: str, name: str, message_id: str, at: datetime) -> None:
        self.digits = digits_of(phone)
        self.jid = f"{self.digits}@s.whatsapp.net"
        # WhatsApp's private id of the contact: it looks like a phone number but is none.
        self.lid = f"{int(hashlib.sha256(self.digits.encode()).hexdigest(), 16) % 10**15:015d}@lid"
        self.owner = digits_of(channel_phone)
        self.name = name
        self.message_id = message_id
        self.at = at

    def summary(self) -> Payload:
        return {
            "id": f"r{hashlib.sha256(self.jid.encode()).hexdigest()[:14]}",
            "phone": f"+{self.digits}",
            "name": self.name,
            "wa_chatid": self.jid,
            "wa_contactName": self.name,
            "wa_isGroup": False,
            "wa_unreadCount": 1,
            "owner": self.owner,
        }

    def message(self, kind: Kind, text: str, track_id: str, row_id: str) -> Payload:
        at = self.at - _HISTORY_AGE if kind == "history" else self.at
        from_me = kind in {"from_me", "echo"}
        shared: Payload = {
            "id": f"{self.owner}:{self.message_id}",
            "messageid": self.message_id,
            "chatid": self.jid,
            "chatlid": self.lid,
            "sender": f"{self.owner}@s.whatsapp.net" if from_me else self.lid,
            "sender_pn": f"{self.owner}@s.whatsapp.net" if from_me else self.jid,
            "sender_lid": "" if from_me else self.lid,
            "senderName": "Falachefe" if from_me else self.name,
            "fromMe": from_me,
            "isGroup": False,
            "wasSentByApi": kind == "echo",
            "type": "text",
            "messageType": "Conversation",
            "mediaType": "",
            "text": text,
            "content": text,
            "quoted": "",
            "edited": "",
            "reaction": "",
            "vote": "",
            "buttonOrListid": "",
            "messageTimestamp": int(at.timestamp() * 1000),
            "status": "Sent" if from_me else "",
            "source": "web" if from_me else "android",
            "track_id": track_id,
            "track_source": "falachefe" if track_id else "",
        }
        return shared | _differences(kind, self, text, row_id)

    def status(self, state: str) -> Payload:
        # Captured webhooks hold IsFromMe as a boolean or as the string "False": both are sent.
        from_me: bool | str = "False" if state == "Read" else False
        return {
            "type": "ReadReceipt",
            "state": state,
            "event": {
                "Chat": self.jid,
                "Sender": self.jid,
                "IsFromMe": from_me,
                "IsGroup": False,
                "MessageIDs": [self.message_id],
                "Timestamp": int(self.at.timestamp()),
                "Type": state,
            },
        }


def _envelope(kind: Kind, chat: _Chat, instance: str, token: str) -> Payload:
    events = {"status": "messages_update", "connection": "connection", "unknown": "call"}
    return {
        "BaseUrl": BASE_URL,
        "EventType": events.get(kind, "messages"),
        "instanceName": instance,
        "owner": chat.owner,
        "token": token,
    }


def _differences(kind: Kind, chat: _Chat, text: str, row_id: str) -> Payload:
    """What a kind of message changes in a plain conversation text."""
    if kind in {"extended_text", "echo"}:
        return {"messageType": "ExtendedTextMessage", "content": {"text": text, "contextInfo": {}}}
    if kind == "button_reply":
        content: Payload = {"selectedButtonID": row_id, "Response": {"SelectedDisplayText": text}}
        return _choice("ButtonsResponseMessage", row_id, text, content)
    if kind == "list_reply":
        content = {"title": text, "listType": 1, "singleSelectReply": {"selectedRowID": row_id}}
        return _choice("ListResponseMessage", row_id, text, content)
    if kind in {"voice", "image", "document"}:
        return _media(kind, text)
    if kind == "group":
        return {"isGroup": True, "chatid": f"120363{chat.digits[-12:]}@g.us", "groupName": "Turma da obra"}
    return {}


def _choice(message_type: str, row_id: str, title: str, content: Payload) -> Payload:
    return {"messageType": message_type, "buttonOrListid": row_id, "vote": title, "text": "", "content": content}


def _media(kind: Kind, caption: str) -> Payload:
    shapes: dict[str, tuple[str, str, Payload]] = {
        "voice": ("AudioMessage", "ptt", {"mimetype": "audio/ogg; codecs=opus", "seconds": 7, "PTT": True}),
        "image": ("ImageMessage", "image", {"mimetype": "image/jpeg", "caption": caption}),
        "document": ("DocumentMessage", "document", {"mimetype": "application/pdf", "fileName": "nota.pdf"}),
    }
    message_type, media_type, content = shapes[kind]
    # Like the provider's own, the address is of an encrypted file and useless without the key.
    located: Payload = {"URL": "https://mmg.whatsapp.example/v/t62/encrypted.enc", "fileLength": 18234}
    located.update(content)
    return {"type": "media", "messageType": message_type, "mediaType": media_type, "content": located}
