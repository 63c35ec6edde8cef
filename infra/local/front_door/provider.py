"""The uazapi stand-in: accepts and stores sends, and reports their status by webhooks as uazapi does."""

import math
import re
import time
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from threading import Lock
from typing import Any

from infra.local.front_door.deliveries import Delivery
from infra.local.front_door.faults import Fault, Faults
from infra.local.front_door.payloads import CHANNEL_PHONE, Kind, new_message_id, webhook_payload
from infra.local.front_door.phones import canonical, digits_of, same_phone
from infra.local.front_door.stack import Company, Stack

_KEPT_SENDS = 20_000
# Takes the seconds to wait and the webhook to post then.
type Schedule = Callable[[float, Delivery], None]

_PLACEHOLDER = re.compile(r"\{\{\s*([\w.]+)\s*\}\}")


@dataclass(frozen=True)
class Pace:
    """Seconds after a send at which its echo and its statuses are posted; nothing is `read` when that is None."""

    echo: float = 0.05
    delivered: float = 0.4
    read: float | None = 1.2


@dataclass(frozen=True)
class Instance:
    """A WhatsApp number at the provider; without a webhook address nothing is reported back."""

    token: str
    webhook_url: str | None
    phone: str = CHANNEL_PHONE
    signing_secret: str | None = None


@dataclass(frozen=True)
class Sent:
    """One message that a phone has received."""

    phone: str
    text: str
    at: datetime
    messageid: str
    track_id: str
    kind: str
    owner: str
    status: str = "sent"


@dataclass(frozen=True)
class Answer:
    """The provider's response; with `hang_up` the connection is closed without one, so the outcome stays unknown."""

    status: int
    document: Mapping[str, Any]
    hang_up: bool = False
    retry_after: int | None = None


class Provider:
    """All state of the stand-in, in memory, safe to use from many threads."""

    def __init__(
        self,
        read_stack: Callable[[], Stack],
        schedule: Schedule,
        pace: Pace | None = None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.faults = Faults()
        self._read_stack = read_stack
        self._schedule = schedule
        self._pace = pace or Pace()
        self._sleep = sleep
        self._lock = Lock()
        self._registered: dict[str, Instance] = {}
        self._sent: deque[Sent] = deque(maxlen=_KEPT_SENDS)

    def register(self, instance: Instance) -> None:
        """Registers a further instance, for tests with a webhook address of their own."""
        with self._lock:
            self._registered[instance.token] = instance

    def instance(self, token: str | None) -> Instance | None:
        """The instance that a `token` header belongs to."""
        if not token:
            return None
        with self._lock:
            registered = self._registered.get(token)
        if registered is not None:
            return registered
        companies = self._read_stack().companies
        return next((_instance_of(one) for one in companies if one.instance_token == token), None)

    def sent_to(self, phone: str | None) -> list[Sent]:
        """What was sent to a phone, oldest first; to every phone when none is given."""
        with self._lock:
            kept = list(self._sent)
        return kept if phone is None else [one for one in kept if same_phone(one.phone, phone)]

    def send(self, instance: Instance, kind: str, document: Mapping[str, Any]) -> Answer:
        """Accepts a send, or applies the next fault for it."""
        phone = canonical(str(document.get("number") or ""))
        text = str(document.get("text") or "")
        if len(phone) < 12 or not (text or document.get("file")):
            return Answer(400, {"error": "Missing or invalid required fields: number, text"})
        fault = self.faults.take(phone)
        if fault is not None and (refusal := _refusal(fault)) is not None:
            return refusal
        sent = self._accept(instance, kind, phone, text, str(document.get("track_id") or ""))
        if fault is not None and fault.kind == "stall":
            self._sleep(fault.seconds)
        return Answer(200, _accepted(instance, sent), hang_up=fault is not None and fault.kind == "drop_after_accept")

    def _accept(self, instance: Instance, kind: str, phone: str, text: str, track_id: str) -> Sent:
        shown = _expand(text, phone)
        sent = Sent(f"+{phone}", shown, datetime.now(UTC), new_message_id(), track_id, kind, instance.phone)
        with self._lock:
            self._sent.append(sent)
        self._report(instance, sent, "echo", self._pace.echo)
        self._report(instance, sent, "status", self._pace.delivered, "Delivered")
        if self._pace.read is not None:
            self._report(instance, sent, "status", self._pace.read, "Read")
        return sent

    def _report(self, instance: Instance, sent: Sent, kind: Kind, delay: float, state: str = "Delivered") -> None:
        if instance.webhook_url is None:
            return
        payload = webhook_payload(
            kind,
            sent.phone,
            sent.text,
            token=instance.token,
            message_id=sent.messageid,
            channel_phone=instance.phone,
            track_id=sent.track_id,
            state=state,
        )
        self._schedule(delay, Delivery(instance.webhook_url, payload, instance.signing_secret))

    def statuses(self, phone: str) -> list[Sent]:
        """Like `sent_to`, each with its current status according to the pace."""
        now = datetime.now(UTC)
        return [replace(one, status=self._status_at(one, now)) for one in self.sent_to(phone)]

    def _status_at(self, sent: Sent, now: datetime) -> str:
        age = (now - sent.at).total_seconds()
        if self._pace.read is not None and age >= self._pace.read:
            return "read"
        return "delivered" if age >= self._pace.delivered else "sent"


def _instance_of(company: Company) -> Instance:
    return Instance(company.instance_token, company.webhook_url, company.channel_phone, company.signing_secret)


def _refusal(fault: Fault) -> Answer | None:
    """The answer of a fault that keeps the message from being accepted."""
    refusals = {
        "fail500": Answer(500, {"error": "Internal server error"}),
        "reject429": Answer(429, {"error": "Too many requests"}, retry_after=math.ceil(fault.seconds) or None),
        # The provider passes on a block by WhatsApp: only `error_source` distinguishes it from an outage.
        "blocked": Answer(
            500, {"error": "message refused by WhatsApp", "code": 463, "error_source": "whatsapp_server"}
        ),
    }
    return refusals.get(fault.kind)


def _expand(text: str, phone: str) -> str:
    """Puts contact data where `{{…}}` stands, as the provider does, so that a missing neutralisation shows."""
    contact = {
        "name": f"Contato {phone[-4:]}",
        "first_name": "Contato",
        "wa_name": f"Contato {phone[-4:]}",
        "wa_contactName": f"Contato {phone[-4:]}",
        "phone": f"+{phone}",
        "lead_name": f"Contato {phone[-4:]}",
        "lead_email": f"contato{phone[-4:]}@exemplo.com.br",
        "lead_personalid": "123.456.789-09",
    }
    return _PLACEHOLDER.sub(lambda found: contact.get(found[1], ""), text)


def _accepted(instance: Instance, sent: Sent) -> dict[str, Any]:
    owner = digits_of(instance.phone)
    return {
        "id": f"{owner}:{sent.messageid}",
        "messageid": sent.messageid,
        "chatid": f"{digits_of(sent.phone)}@s.whatsapp.net",
        "fromMe": True,
        "isGroup": False,
        "wasSentByApi": True,
        "messageType": "ExtendedTextMessage" if sent.kind == "text" else "MediaMessage",
        "messageTimestamp": int(sent.at.timestamp() * 1000),
        "owner": owner,
        "sender": f"{owner}@s.whatsapp.net",
        "status": "Pending",
        "text": sent.text,
        "track_id": sent.track_id,
        "response": {"status": "success", "message": "Message sent successfully"},
    }
