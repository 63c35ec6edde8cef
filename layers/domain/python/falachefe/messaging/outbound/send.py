"""Sending: claims a message, calls the provider without an open transaction, stores the outcome.

A send with an unknown outcome is never repeated.
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, cast
from uuid import UUID, uuid5

from sqlalchemy import CursorResult, and_, func, literal, select, update
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Session, aliased

from falachefe.aws.rate_limit import SlidingLimit
from falachefe.db.engine import Database
from falachefe.db.outbox import Publisher
from falachefe.db.unit_of_work import unit_of_work
from falachefe.kernel.clock import Clock
from falachefe.kernel.errors import LimitExceeded, Unavailable
from falachefe.kernel.events import DomainEvent
from falachefe.messaging.models import (
    Channel,
    Contact,
    Conversation,
    Message,
)
from falachefe.messaging.notices import CODE_TEMPLATE, MASK
from falachefe.messaging.outbound.parts import (
    Progress,
    split,
    track_id,
    without_placeholders,
)
from falachefe.messaging.providers.base import (
    Accepted,
    OutgoingText,
    Provider,
    Refused,
    SendingChannel,
    Unknown,
)
from falachefe.messaging.webhook.receive import Count
from falachefe.phone_sign_in.codes import Codes

REQUESTS_A_MINUTE: Final = 1_000
MAX_QUEUE_AGE: Final = timedelta(hours=24)
"""A message that could not be sent for longer fails, and staff get a notice: an old answer would be misleading."""
MIN_SECONDS_LEFT: Final = 15
"""One part takes at most 11 s (3 to connect, 8 for the response) and two transactions."""
TOO_OLD: Final = "too_old"
CHANNEL_DISABLED: Final = "channel_disabled"

_STAFF_EVENTS: Final[Mapping[str, str]] = {TOO_OLD: "replies_too_old", CHANNEL_DISABLED: "channel_stopped"}
"""The event that notifies staff of the failure, by error code."""


@dataclass(frozen=True, slots=True)
class ClaimedMessage:
    """A message that only this worker may send now."""

    id: UUID
    company_id: UUID
    conversation_id: UUID
    text: str
    metadata: Mapping[str, Any]
    created_at: datetime
    phone: str
    number: str
    """The phone in the form that WhatsApp uses."""
    last_inbound_at: datetime | None
    provider: str
    base_url: str
    secret_name: str
    channel_status: str


@dataclass(frozen=True, slots=True)
class Sender:
    database: Database
    publisher: Publisher
    providers: Callable[[str], Provider]
    secret: Callable[[str], dict[str, Any]]
    codes: Callable[[], Codes]
    limits: SlidingLimit
    clock: Clock
    count: Count

    def __call__(
        self, queue_message: Mapping[str, Any], *, seconds_left: Callable[[], float] = lambda: math.inf
    ) -> str:
        """Sends one message of the outbound queue; returns the result for the metrics.

        Earlier queued messages of its conversation are sent first, even if their queue messages were lost, to keep the
        order. Raises `LimitExceeded` or `Unavailable` when sending is to be retried later; the message stays queued.
        A message that is not queued any more is not sent. Between two parts it is queued, so that after a worker that
        dies or has no time left the next one continues with the next part.
        """
        company_id, message_id = UUID(queue_message["company_id"]), UUID(queue_message["message_id"])
        while True:
            if seconds_left() < MIN_SECONDS_LEFT:
                raise Unavailable("O resto é enviado em seguida.", code="out_of_time", retry_after=1)
            self._check_rate_limit(company_id)
            claimed = self._claim(company_id, message_id)
            if claimed is None:
                return self._not_queued(company_id, message_id)
            result = self._send_part(claimed)
            self.count("whatsapp_outbound_total", self.clock.now(), provider=claimed.provider, result=result)
            if claimed.id == message_id and result != "queued":
                return result

    def _claim(self, company_id: UUID, message_id: UUID) -> ClaimedMessage | None:
        with self.database.tenant(company_id) as session:
            row = session.execute(
                update(Message)
                .where(
                    Message.company_id == company_id,
                    Message.id == _first_queued(company_id, message_id),
                    Message.status == "queued",
                    and_(Conversation.company_id == company_id, Conversation.id == Message.conversation_id),
                    and_(Contact.company_id == company_id, Contact.id == Conversation.contact_id),
                    and_(Channel.company_id == company_id, Channel.id == Message.channel_id),
                )
                .values(status="sending", updated_at=self.clock.now())
                .returning(
                    Message.id,
                    Message.company_id,
                    Message.conversation_id,
                    Message.text,
                    Message.crew_metadata.label("metadata"),
                    Message.created_at,
                    Contact.phone,
                    func.coalesce(Contact.whatsapp_number, Contact.phone).label("number"),
                    Contact.last_message_at.label("last_inbound_at"),
                    Channel.provider,
                    Channel.base_url,
                    Channel.secret_name,
                    Channel.status.label("channel_status"),
                )
                .execution_options(synchronize_session=False)
            ).one_or_none()
        return None if row is None else ClaimedMessage(**row._mapping)

    def _not_queued(self, company_id: UUID, message_id: UUID) -> str:
        """A group's messages are delivered one after the other, so a message still in `sending` has lost its worker."""
        with self.database.tenant(company_id) as session:
            result = session.execute(
                update(Message)
                .where(Message.company_id == company_id, Message.id == message_id, Message.status == "sending")
                .values(status="uncertain", error_code="worker_lost")
                .execution_options(synchronize_session=False)
            )
        return "uncertain" if cast("CursorResult[Any]", result).rowcount else "done_before"

    def _send_part(self, claimed: ClaimedMessage) -> str:
        """Sends the next part; returns `queued` when another one follows."""
        if claimed.channel_status == "disabled":  # disabled by the company: nothing is sent over it any more
            return self._give_up(claimed, CHANNEL_DISABLED)
        if claimed.created_at < self.clock.now() - MAX_QUEUE_AGE:
            return self._give_up(claimed, TOO_OLD)
        try:
            text = self._text(claimed)
            provider, channel = self._provider_channel(claimed)
        except Exception:
            self._write(claimed, {"status": "queued"})  # nothing was sent
            raise
        parts = split(without_placeholders(text)) if text is not None else []
        if not parts:
            return self._give_up(claimed, "code_expired" if text is None else "empty")
        if not provider.window_open(claimed.last_inbound_at, self.clock.now()):
            return self._give_up(claimed, "window_closed")
        progress = Progress.read({**claimed.metadata, "parts": len(parts)})
        message = OutgoingText(claimed.number, parts[progress.sent], track_id(claimed.id, progress.sent))
        outcome = provider.send_text(channel, message)
        if isinstance(outcome, Accepted):
            return self._record_accepted(claimed, progress.accepted(progress.sent, outcome.provider_message_id))
        return self._not_sent(claimed, outcome)

    def _text(self, claimed: ClaimedMessage) -> str | None:
        """The text to send; None for a code that has expired."""
        if claimed.metadata.get("template") != CODE_TEMPLATE:
            return claimed.text
        if datetime.fromisoformat(claimed.metadata["expires_at"]) <= self.clock.now():
            return None
        shown = self.codes().shown(claimed.company_id, claimed.phone, claimed.metadata["nonce"])
        return claimed.text.replace(MASK, shown)

    def _provider_channel(self, claimed: ClaimedMessage) -> tuple[Provider, SendingChannel]:
        token = self.secret(claimed.secret_name).get("instance_token")
        if not token:
            raise Unavailable("O canal não tem credencial.", code="channel_without_token")
        return self.providers(claimed.provider), SendingChannel(claimed.base_url, str(token))

    def _check_rate_limit(self, company_id: UUID) -> None:
        now = self.clock.now()
        verdict = self.limits.hit(f"out#{company_id}", limit=REQUESTS_A_MINUTE, window_s=60, now=now)
        if not verdict.allowed:
            self.count("whatsapp_rate_limit_hits_total", now, scope="outbound")
            raise LimitExceeded("Envios demais em um minuto.", retry_after=verdict.retry_after_s)

    def _not_sent(self, claimed: ClaimedMessage, outcome: Refused | Unknown) -> str:
        if isinstance(outcome, Unknown):
            self._write(claimed, {"status": "uncertain", "error_code": outcome.code})
            return "uncertain"
        if not outcome.again:
            return self._give_up(claimed, outcome.code)
        self._write(claimed, {"status": "queued"})
        self.count("whatsapp_outbound_refused_total", self.clock.now(), provider=claimed.provider, code=outcome.code)
        raise Unavailable("O provedor recusou por enquanto.", code=outcome.code, retry_after=outcome.retry_after_s)

    def _record_accepted(self, claimed: ClaimedMessage, progress: Progress) -> str:
        status = "sent" if progress.complete else "queued"
        values: dict[str, Any] = {
            "crew_metadata": Message.crew_metadata.op("||")(literal(progress.document(), JSONB)),
            "provider_at": self.clock.now(),
            "status": status,
        }
        if progress.complete:
            values |= {"provider_message_id": progress.last_id, "error_code": None}
        self._write(claimed, values)
        return status

    def _write(self, claimed: ClaimedMessage, values: Mapping[str, Any]) -> None:
        """Updates the message if it is still in `sending`: a webhook may have changed it already."""
        with self.database.tenant(claimed.company_id) as session:
            _change(session, claimed, {"updated_at": self.clock.now(), **values})

    def _give_up(self, claimed: ClaimedMessage, code: str) -> str:
        """Fails a message that cannot be sent, now or later."""
        data = {"message_id": str(claimed.id), "conversation_id": str(claimed.conversation_id), "code": code}
        with unit_of_work(self.database, self.publisher, claimed.company_id, now=self.clock.now()) as work:
            work.record("whatsapp.message_failed", data)
            if code in _STAFF_EVENTS and "event" not in claimed.metadata:  # no notice about a notice to staff
                work.outbox.record(_not_sent_event(_STAFF_EVENTS[code], claimed.company_id, work.now))
            _change(work.session, claimed, {"status": "failed", "error_code": code})
        return "failed"


def _change(session: Session, claimed: ClaimedMessage, values: Mapping[str, Any]) -> None:
    session.execute(
        update(Message)
        .where(
            Message.company_id == claimed.company_id,
            Message.id == claimed.id,
            Message.status == "sending",
        )
        .values(**values)
        .execution_options(synchronize_session=False)
    )


def _first_queued(company_id: UUID, message_id: UUID) -> Any:
    """The oldest queued message of the message's conversation, up to and including the message itself."""
    asked, older = aliased(Message), aliased(Message)
    conversation = select(asked.conversation_id).where(asked.company_id == company_id, asked.id == message_id)
    return (
        select(older.id)
        .where(
            older.company_id == company_id,
            older.conversation_id == conversation.scalar_subquery(),
            older.direction == "out",
            older.status == "queued",
            older.id <= message_id,
        )
        .order_by(older.id)
        .limit(1)
        .scalar_subquery()
    )


def _not_sent_event(name: str, company_id: UUID, now: datetime) -> DomainEvent:
    """One event a day, by its id, for any number of messages: staff get one notice a day."""
    return DomainEvent(f"whatsapp.{name}", company_id, now, id=uuid5(company_id, f"{name}#{now.date().isoformat()}"))


def mark_stuck(session: Session, company_id: UUID, before: datetime) -> int:
    """Marks sends that began before that time and did not end as uncertain."""
    result = session.execute(
        update(Message)
        .where(Message.company_id == company_id, Message.status == "sending", Message.updated_at < before)
        .values(status="uncertain", error_code="worker_lost")
        .execution_options(synchronize_session=False)
    )
    return cast("CursorResult[Any]", result).rowcount
