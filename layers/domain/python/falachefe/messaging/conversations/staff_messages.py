"""Messages to a member of staff that answer none of theirs, such as reminders and decisions on their requests."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from uuid import UUID

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from falachefe.db.unit_of_work import UnitOfWork
from falachefe.messaging.conversations import api_channel, contacts
from falachefe.messaging.conversations.contacts import DefaultCrew
from falachefe.messaging.conversations.sent_notices import send_notice
from falachefe.messaging.models import Channel, Contact, Conversation, Message
from falachefe.messaging.providers.base import Provider
from falachefe.phone_sign_in.people import Member


class Way(Enum):
    """How a message goes to a person."""

    WHATSAPP = "whatsapp"
    """It is queued for their phone."""
    API = "api"
    """It is stored in their conversation over the API, since there is no phone or no number to write from."""
    WAITS = "waits"
    """Nothing was written: the provider allows free text only for some time after they wrote."""


@dataclass(frozen=True, slots=True)
class StaffMessages:
    default_crew: DefaultCrew
    providers: Callable[[str], Provider]

    def write(self, work: UnitOfWork, member: Member, text: str, *, notice: str) -> Way:
        """Writes to the person in the open transaction; `notice` names the kind of message in its metadata."""
        session, company_id = work.session, work.company_id
        channel_id = None if member.phone is None else _channel_to(session, company_id, member.phone)
        if channel_id is None or member.phone is None:
            self._store(work, member, text, notice)
            return Way.API
        if not self._window_open(work, channel_id, member.phone):
            return Way.WAITS
        contact_id = contacts.contact_to_write_to(
            session, company_id, member.phone, name=member.name, user_id=member.id
        )
        state = contacts.conversation_with(
            session,
            company_id,
            channel_id,
            member.phone,
            contact_id=contact_id,
            default_crew=self.default_crew,
            now=work.now,
        )
        send_notice(session, work.outbox, state, notice, text, now=work.now)
        return Way.WHATSAPP

    def _window_open(self, work: UnitOfWork, channel_id: UUID, phone: str) -> bool:
        name = work.session.scalar(
            select(Channel.provider).where(Channel.company_id == work.company_id, Channel.id == channel_id)
        )
        last_inbound_at = work.session.scalar(
            select(Contact.last_message_at).where(
                Contact.company_id == work.company_id, Contact.phone == phone, Contact.deleted_at.is_(None)
            )
        )
        return self.providers(str(name)).window_open(last_inbound_at, work.now)

    def _store(self, work: UnitOfWork, member: Member, text: str, notice: str) -> None:
        session, company_id, now = work.session, work.company_id, work.now
        crew_id = self.default_crew(session, company_id, now)
        conversation_id = api_channel.conversation_of(session, company_id, member.id, crew_id)
        channel_id = session.scalar(
            select(Conversation.channel_id).where(
                Conversation.company_id == company_id, Conversation.id == conversation_id
            )
        )
        session.execute(
            insert(Message).values(
                company_id=company_id,
                conversation_id=conversation_id,
                channel_id=channel_id,
                direction="out",
                text=text,
                status="sent",
                provider_at=now,
                created_at=now,
                crew_metadata={"notice": notice},
            )
        )


def _channel_to(session: Session, company_id: UUID, phone: str) -> UUID | None:
    """The channel on which the phone wrote last, else the company's first one."""
    return contacts.last_channel_of(session, company_id, phone) or first_channel(session, company_id)


def first_channel(session: Session, company_id: UUID) -> UUID | None:
    """The company's first WhatsApp number that is not disabled."""
    return session.scalar(
        select(Channel.id)
        .where(
            Channel.company_id == company_id,
            Channel.provider != "api",
            Channel.status != "disabled",
            Channel.deleted_at.is_(None),
        )
        .order_by(Channel.id)
        .limit(1)
    )
