"""The messages of the inbound queue: payload, message group and deduplication id."""

import hashlib
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from falachefe.kernel.observability.tracing import with_trace
from falachefe.messaging.providers.base import (
    ConnectionChanged,
    MessageReceived,
    NotRead,
    PersonAnswered,
    StatusChanged,
    WebhookChannel,
)

type QueuedEvent = MessageReceived | StatusChanged | PersonAnswered | ConnectionChanged | NotRead


@dataclass(frozen=True, slots=True)
class InboundQueueMessage:
    """One message for `inbound.fifo`."""

    body: str
    group_id: str
    deduplication_id: str


def inbound_queue_message(channel: WebhookChannel, event: QueuedEvent, now: datetime) -> InboundQueueMessage:
    """`event` as a queue message. It contains only data of the event: no token and no key."""
    kind, phone, message = _content(event)
    payload = {
        "kind": kind,
        "company_id": channel.company_id,
        "channel_id": channel.channel_id,
        "phone": phone,
        "message": message,
        "received_at": now.isoformat(),
    }
    return InboundQueueMessage(
        json.dumps(with_trace(payload), ensure_ascii=False, separators=(",", ":")),
        _group(kind, channel.key, phone),
        _deduplication_id(kind, channel.key, message),
    )


def verified_queue_message(company_id: str, channel_id: str, phone: str, now: datetime) -> tuple[dict[str, Any], str]:
    """The payload and group of the queue message that releases held messages after a code was given to the API.

    The group is not the webhook's, whose key the API does not know, so a message may be held at the same time:
    `Inbound` then checks again whether its sender has signed in.
    """
    payload = {
        "kind": "verified",
        "company_id": company_id,
        "channel_id": channel_id,
        "phone": phone,
        "message": {},
        "received_at": now.isoformat(),
    }
    return payload, conversation_group(channel_id, phone)


def conversation_group(channel_id: str, phone: str) -> str:
    return f"{channel_id}#{phone}"


def moment_of(value: Any) -> datetime:
    return datetime.fromisoformat(value).astimezone(UTC)


def _content(event: QueuedEvent) -> tuple[str, str | None, dict[str, Any]]:
    match event:
        case MessageReceived():
            return "message", event.phone, _message(event)
        case StatusChanged():
            return "status", event.phone, _status(event)
        case PersonAnswered():
            return "takeover", event.phone, _takeover(event)
        case NotRead():
            return "unread", event.phone, _unread(event)
        case ConnectionChanged():
            return "connection", None, {"state": event.state, "provider_at": event.at.isoformat()}


def _message(event: MessageReceived) -> dict[str, Any]:
    return {
        "provider_message_id": event.provider_message_id,
        "kind": event.kind,
        "text": event.text,
        "reply_to": event.reply_to,
        "button_id": event.button_id,
        "provider_at": event.at.isoformat(),
        "sender_name": event.sender_name,
        "written_from": event.written_from,
    }


def _status(event: StatusChanged) -> dict[str, Any]:
    return {
        "provider_message_ids": list(event.provider_message_ids),
        "state": event.state,
        "track_id": event.track_id,
        "provider_at": event.at.isoformat(),
    }


def _takeover(event: PersonAnswered) -> dict[str, Any]:
    return {
        "provider_message_id": event.provider_message_id,
        "text": event.text,
        "provider_at": event.at.isoformat(),
    }


def _unread(event: NotRead) -> dict[str, Any]:
    return {
        "provider_message_id": event.provider_message_id,
        "reason": event.reason,
        "provider_at": event.at.isoformat(),
    }


def _group(kind: str, key: str, phone: str | None) -> str:
    """By the webhook's key, as the channel may not be known yet (`unverified`) and both must be in one order.

    Only the provider and we may know the key, so its digest is used.
    """
    address = hashlib.sha256(key.encode()).hexdigest()[:32]
    if kind == "connection" or phone is None:
        return f"{address}#{kind}"
    # A status may have to wait for a send to end; messages must not wait with it.
    return f"{address}#{phone}#status" if kind == "status" else conversation_group(address, phone)


def _deduplication_id(kind: str, key: str, message: dict[str, Any]) -> str:
    """The same id for every delivery of the same event: SQS drops repetitions for five minutes, Postgres for ever."""
    identity = (
        [message["provider_message_id"]]
        if "provider_message_id" in message
        else [message["state"], *(message.get("provider_message_ids") or [message["provider_at"]])]
    )
    return hashlib.sha256("\x1f".join([kind, key, *identity]).encode()).hexdigest()
