"""Messages to contacts that answer none of theirs, such as those of a campaign, and what became of them."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal
from uuid import UUID

from sqlalchemy import Subquery, and_, exists, func, select, update
from sqlalchemy.orm import Session, aliased

from falachefe.db.unit_of_work import UnitOfWork
from falachefe.kernel.ids import new_id
from falachefe.messaging.conversations import contacts
from falachefe.messaging.conversations import service as conversations
from falachefe.messaging.conversations.contacts import DefaultCrew
from falachefe.messaging.conversations.staff_messages import first_channel
from falachefe.messaging.models import Channel, Contact, Message
from falachefe.messaging.providers.base import Provider

type Refusal = Literal["opted_out", "window_closed", "no_channel", "gone"]

ANSWERED_WITHIN: Final = timedelta(days=3)
"""A message from the contact within this time counts as an answer."""
CANCELLED: Final = "cancelled"


@dataclass(frozen=True, slots=True)
class Outcomes:
    """Of the messages of one broadcast: how many the provider took, and what it reported of them."""

    sent: int = 0
    delivered: int = 0
    read: int = 0
    replied: int = 0
    queued: int = 0
    failed: int = 0


@dataclass(frozen=True, slots=True)
class Broadcasts:
    default_crew: DefaultCrew
    providers: Callable[[str], Provider]

    def write(self, work: UnitOfWork, contact_id: UUID, text: str, *, subject: dict[str, str]) -> UUID | Refusal:
        """Queues a message to a contact in the open transaction; returns its id, or why none may be sent.

        `subject` goes into the message's metadata.
        """
        session, company_id = work.session, work.company_id
        contact = session.execute(
            select(Contact.phone, Contact.opted_out_at, Contact.last_message_at).where(
                Contact.company_id == company_id, Contact.id == contact_id, Contact.deleted_at.is_(None)
            )
        ).one_or_none()
        if contact is None:
            return "gone"
        if contact.opted_out_at is not None:
            return "opted_out"
        channel_id = contacts.last_channel_of(session, company_id, contact.phone) or first_channel(session, company_id)
        if channel_id is None:
            return "no_channel"
        provider = session.scalar(
            select(Channel.provider).where(Channel.company_id == company_id, Channel.id == channel_id)
        )
        if not self.providers(str(provider)).window_open(contact.last_message_at, work.now):
            return "window_closed"
        state = contacts.conversation_with(
            session,
            company_id,
            channel_id,
            contact.phone,
            contact_id=contact_id,
            default_crew=self.default_crew,
            now=work.now,
        )
        return conversations.queue_message(
            session, work.outbox, state, text, now=work.now, message_id=new_id(), crew_metadata=subject
        )


def can_send(session: Session, company_id: UUID) -> bool:
    """Whether the company has a WhatsApp number to send from."""
    return first_channel(session, company_id) is not None


def withdraw(session: Session, company_id: UUID, message_ids: Collection[UUID], now: datetime) -> list[UUID]:
    """Takes back messages that no worker has begun to send; returns these."""
    if not message_ids:
        return []
    withdrawn = (
        update(Message)
        .where(Message.company_id == company_id, Message.id.in_(message_ids), Message.status == "queued")
        .values(status="failed", error_code=CANCELLED, updated_at=now)
        .returning(Message.id)
        .execution_options(synchronize_session=False)
    )
    return list(session.scalars(withdrawn))


def outcomes(session: Session, company_id: UUID, written: Subquery) -> dict[UUID, Outcomes]:
    """By broadcast: `written` has the columns `broadcast_id` and `message_id`."""
    answer = aliased(Message)
    answered = exists().where(
        answer.company_id == company_id,
        answer.conversation_id == Message.conversation_id,
        answer.direction == "in",
        answer.id > Message.id,
        answer.created_at <= Message.created_at + ANSWERED_WITHIN,
    )
    accepted = Message.status.in_(("sent", "delivered", "read"))
    rows = session.execute(
        select(
            written.c.broadcast_id,
            func.count().filter(accepted),
            func.count().filter(Message.status.in_(("delivered", "read"))),
            func.count().filter(Message.status == "read"),
            func.count().filter(and_(accepted, answered)),
            func.count().filter(Message.status.in_(("queued", "sending", "uncertain"))),
            func.count().filter(and_(Message.status == "failed", Message.error_code.is_distinct_from(CANCELLED))),
        )
        .join_from(written, Message, and_(Message.company_id == company_id, Message.id == written.c.message_id))
        .group_by(written.c.broadcast_id)
    )
    return {row[0]: Outcomes(*row[1:]) for row in rows}
