"""Notes to the company's admins on WhatsApp about events that need a person."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID, uuid5

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from falachefe.db.engine import Database
from falachefe.db.outbox import Publisher
from falachefe.db.unit_of_work import UnitOfWork, unit_of_work
from falachefe.kernel.clock import Clock
from falachefe.kernel.ids import new_id
from falachefe.messaging.conversations import contacts
from falachefe.messaging.conversations import service as conversations
from falachefe.messaging.conversations.contacts import DefaultCrew
from falachefe.messaging.conversations.staff_messages import first_channel
from falachefe.messaging.models import (
    CHANNEL_OF_CONVERSATION,
    CONTACT_OF_CONVERSATION,
    Channel,
    Contact,
    Conversation,
    Message,
)
from falachefe.phone_sign_in import people

_NOTES: Final[Mapping[str, str]] = {
    "crews.task_failed": "O atendimento de {who} falhou. A mensagem está guardada: vale responder direto do celular.",
    "crews.human_requested": "{who} pediu para falar com uma pessoa. Responda direto do celular da empresa.",
    "whatsapp.replies_too_old": "Algumas respostas não foram enviadas: o envio pelo WhatsApp ficou parado por mais de "
    "um dia. Elas aparecem como falhas nas conversas; vale responder direto do celular da empresa.",
    "whatsapp.channel_stopped": "Um número da empresa foi desligado com respostas por enviar. Elas não saíram e "
    "aparecem como falhas nas conversas.",
}


@dataclass(frozen=True, slots=True)
class StaffNotes:
    database: Database
    publisher: Publisher
    clock: Clock
    default_crew: DefaultCrew

    def __call__(self, event: Mapping[str, Any]) -> int:
        """Sends a note about an event to every admin with a phone, once per event; returns how many were sent."""
        note = _NOTES.get(event["name"])
        if note is None:
            return 0
        company_id, event_id = UUID(event["company_id"]), UUID(event["id"])
        with unit_of_work(self.database, self.publisher, company_id, now=self.clock.now()) as work:
            session = work.session
            subject = _subject(session, company_id, event["data"].get("conversation_id"))
            channel_id = subject.channel_id if subject else first_channel(session, company_id)
            if channel_id is None:
                return 0
            text = note.format(who=subject.who if subject else "Um cliente")
            sent = [
                self._send(work, channel_id, admin, text, message_id=uuid5(event_id, str(admin.id)))
                for admin in people.admins_with_phone(session, company_id)
                if subject is None or admin.phone != subject.phone
            ]
        return sum(sent)

    def _send(self, work: UnitOfWork, channel_id: UUID, admin: people.Staff, text: str, *, message_id: UUID) -> bool:
        session, company_id, now = work.session, work.company_id, work.now
        contact_id = contacts.contact_to_write_to(session, company_id, admin.phone, name=admin.name, user_id=admin.id)
        state = contacts.conversation_with(
            session,
            company_id,
            channel_id,
            admin.phone,
            contact_id=contact_id,
            default_crew=self.default_crew,
            now=now,
        )
        # The conversation is locked, so a repeated event finds the message that was stored first.
        sent = exists().where(
            Message.company_id == company_id,
            Message.crew_metadata["event"].astext == str(message_id),
            Message.conversation_id == state.id,
        )
        if session.scalar(select(sent)):
            return False
        conversations.queue_message(
            session, work.outbox, state, text, now=now, message_id=new_id(), crew_metadata={"event": str(message_id)}
        )
        return True


@dataclass(frozen=True, slots=True)
class _Subject:
    channel_id: UUID | None
    phone: str
    who: str


def _subject(session: Session, company_id: UUID, conversation_id: Any) -> _Subject | None:
    if not conversation_id:
        return None
    row = session.execute(
        select(Conversation.channel_id, Contact.phone, Contact.name, Channel.provider, Channel.status)
        .join(Contact, CONTACT_OF_CONVERSATION)
        .join(Channel, CHANNEL_OF_CONVERSATION)
        .where(Conversation.company_id == company_id, Conversation.id == UUID(str(conversation_id)))
    ).one_or_none()
    if row is None:
        return None
    off = row.provider == "api" or row.status == "disabled"
    channel_id = first_channel(session, company_id) if off else row.channel_id
    # The last digits are enough to recognize the chat.
    ending = f" (final {row.phone[-4:]})" if row.phone.startswith("+") else ""
    return _Subject(channel_id, row.phone, f"{row.name or 'Um cliente'}{ending}")
