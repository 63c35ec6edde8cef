"""Sending: claim, call the provider with no transaction open, keep what came of it. No send is repeated blindly."""

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
    neutralised,
    split,
    track_id,
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
QUEUED_FOR: Final = timedelta(hours=24)
"""What could not be sent for longer is said to staff and not sent: its reader would take it for an answer of today."""
LEAST_S: Final = 15
"""One part takes 11 s at the most (3 to connect, 8 for the answer) and two transactions."""
TOO_OLD: Final = "too_old"
CHANNEL_DISABLED: Final = "channel_disabled"

_TOLD: Final[Mapping[str, str]] = {TOO_OLD: "replies_too_old", CHANNEL_DISABLED: "channel_stopped"}
"""Which event tells staff why a reply was not sent."""


@dataclass(frozen=True, slots=True)
class Claimed:
    """A message that this worker, and no other, may send now."""

    id: UUID
    company_id: UUID
    conversation_id: UUID
    text: str
    metadata: Mapping[str, Any]
    created_at: datetime
    phone: str
    number: str
    """The phone in the form that WhatsApp knows."""
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
        """Sends one message of the outbound queue and says what became of it.

        What was queued before it in its conversation goes out first, also when the queue has lost it: people read in
        order. Raises `LimitExceeded` or `Unavailable` when it is to be tried again later; the message is queued then.
        A message that is not queued any more is left alone. Between two parts a message is queued, so that a worker
        that dies there, or has no time left for another part, is followed by one that goes on with the next part.
        """
        company_id, message_id = UUID(queue_message["company_id"]), UUID(queue_message["message_id"])
        while True:
            if seconds_left() < LEAST_S:
                raise Unavailable("O resto é enviado em seguida.", code="out_of_time", retry_after=1)
            self._pace(company_id)
            claimed = self._claim(company_id, message_id)
            if claimed is None:
                return self._not_queued(company_id, message_id)
            result = self._send_part(claimed)
            self.count("whatsapp_outbound_total", self.clock.now(), provider=claimed.provider, result=result)
            if claimed.id == message_id and result != "queued":
                return result

    def _claim(self, company_id: UUID, message_id: UUID) -> Claimed | None:
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
        return None if row is None else Claimed(**row._mapping)

    def _not_queued(self, company_id: UUID, message_id: UUID) -> str:
        """A group's messages are handed out one after the other: a message that is being sent has lost its worker."""
        with self.database.tenant(company_id) as session:
            result = session.execute(
                update(Message)
                .where(Message.company_id == company_id, Message.id == message_id, Message.status == "sending")
                .values(status="uncertain", error_code="worker_lost")
                .execution_options(synchronize_session=False)
            )
        return "uncertain" if cast("CursorResult[Any]", result).rowcount else "done_before"

    def _send_part(self, claimed: Claimed) -> str:
        """Sends the next part; `queued` says that there is a further one."""
        if claimed.channel_status == "disabled":  # the company switched it off: nothing goes out by it, now or later
            return self._give_up(claimed, CHANNEL_DISABLED)
        if claimed.created_at < self.clock.now() - QUEUED_FOR:
            return self._give_up(claimed, TOO_OLD)
        try:
            text = self._text(claimed)
            provider, channel = self._way(claimed)
        except Exception:
            self._write(claimed, {"status": "queued"})  # nothing has gone out
            raise
        parts = split(neutralised(text)) if text is not None else []
        if not parts:
            return self._give_up(claimed, "code_expired" if text is None else "empty")
        if not provider.window_open(claimed.last_inbound_at, self.clock.now()):
            return self._give_up(claimed, "window_closed")
        progress = Progress.read({**claimed.metadata, "parts": len(parts)})
        message = OutgoingText(claimed.number, parts[progress.sent], track_id(claimed.id, progress.sent))
        outcome = provider.send_text(channel, message)
        if isinstance(outcome, Accepted):
            return self._keep(claimed, progress.accepted(progress.sent, outcome.provider_message_id))
        return self._not_sent(claimed, outcome)

    def _text(self, claimed: Claimed) -> str | None:
        """What to send; None when it is a code that has run out meanwhile."""
        if claimed.metadata.get("template") != CODE_TEMPLATE:
            return claimed.text
        if datetime.fromisoformat(claimed.metadata["expires_at"]) <= self.clock.now():
            return None
        shown = self.codes().shown(claimed.company_id, claimed.phone, claimed.metadata["nonce"])
        return claimed.text.replace(MASK, shown)

    def _way(self, claimed: Claimed) -> tuple[Provider, SendingChannel]:
        token = self.secret(claimed.secret_name).get("instance_token")
        if not token:
            raise Unavailable("O canal não tem credencial.", code="channel_without_token")
        return self.providers(claimed.provider), SendingChannel(claimed.base_url, str(token))

    def _pace(self, company_id: UUID) -> None:
        now = self.clock.now()
        verdict = self.limits.hit(f"out#{company_id}", limit=REQUESTS_A_MINUTE, window_s=60, now=now)
        if not verdict.allowed:
            self.count("whatsapp_rate_limit_hits_total", now, scope="outbound")
            raise LimitExceeded("Envios demais em um minuto.", retry_after=verdict.retry_after_s)

    def _not_sent(self, claimed: Claimed, outcome: Refused | Unknown) -> str:
        if isinstance(outcome, Unknown):
            self._write(claimed, {"status": "uncertain", "error_code": outcome.code})
            return "uncertain"
        if not outcome.again:
            return self._give_up(claimed, outcome.code)
        self._write(claimed, {"status": "queued"})
        self.count("whatsapp_outbound_refused_total", self.clock.now(), provider=claimed.provider, code=outcome.code)
        raise Unavailable("O provedor recusou por enquanto.", code=outcome.code, retry_after=outcome.retry_after_s)

    def _keep(self, claimed: Claimed, progress: Progress) -> str:
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

    def _write(self, claimed: Claimed, values: Mapping[str, Any]) -> None:
        """Changes the message if it is still this worker's: a webhook may have settled it already."""
        with self.database.tenant(claimed.company_id) as session:
            _change(session, claimed, {"updated_at": self.clock.now(), **values})

    def _give_up(self, claimed: Claimed, code: str) -> str:
        """The message cannot go out, now or later."""
        data = {"message_id": str(claimed.id), "conversation_id": str(claimed.conversation_id), "code": code}
        with unit_of_work(self.database, self.publisher, claimed.company_id, now=self.clock.now()) as work:
            work.record("whatsapp.message_failed", data)
            if code in _TOLD and "event" not in claimed.metadata:  # staff need not know that a note to them was late
                work.outbox.record(_not_sent_event(_TOLD[code], claimed.company_id, work.now))
            _change(work.session, claimed, {"status": "failed", "error_code": code})
        return "failed"


def _change(session: Session, claimed: Claimed, values: Mapping[str, Any]) -> None:
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
    """The oldest message that waits in the conversation of this one, this one included."""
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
    """The same event however many messages of a day it is about: staff is told once a day."""
    return DomainEvent(f"whatsapp.{name}", company_id, now, id=uuid5(company_id, f"{name}#{now.date().isoformat()}"))


def mark_stuck(session: Session, company_id: UUID, before: datetime) -> int:
    """Sends that began before that and never ended: nobody knows whether they went out."""
    result = session.execute(
        update(Message)
        .where(Message.company_id == company_id, Message.status == "sending", Message.updated_at < before)
        .values(status="uncertain", error_code="worker_lost")
        .execution_options(synchronize_session=False)
    )
    return cast("CursorResult[Any]", result).rowcount
