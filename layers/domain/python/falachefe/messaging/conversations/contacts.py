"""Contacts and their conversations, created when someone writes for the first time."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Protocol
from uuid import UUID

from sqlalchemy import bindparam, case, func, select, update
from sqlalchemy import text as sql
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.orm import Session

from falachefe.db.statements import Query, fetch, prepared
from falachefe.kernel.ids import new_id
from falachefe.kernel.text import one_line
from falachefe.messaging.conversations.service import ConversationState, lock_by_phone
from falachefe.messaging.models import (
    CHANNEL_OF_CONVERSATION,
    CONTACT_OF_CONVERSATION,
    CONTACTS,
    CONVERSATION_OF_MESSAGE,
    Channel,
    Contact,
    Conversation,
    Message,
)

_LONGEST_NAME: Final = 80


class DefaultCrew(Protocol):
    """Returns the crew of a company's new conversations, created when it has none yet."""

    def __call__(self, session: Session, company_id: UUID, now: datetime) -> UUID: ...


@dataclass(frozen=True, slots=True)
class ContactState:
    """The contact with a phone that wrote."""

    id: UUID
    user_id: UUID | None
    verified_at: datetime | None
    opted_out_at: datetime | None = None


def upsert_contact(
    session: Session, company_id: UUID, phone: str, *, name: str | None, user_id: UUID | None, now: datetime
) -> ContactState:
    """The contact with this phone, created if it is new, with `user_id` and the time of the last message updated.

    `name` is the user's for staff, else the one in the WhatsApp profile, which does not replace a known name.
    """
    return fetch(session, upsert_contact_query(company_id, phone, name=name, user_id=user_id, now=now))


def upsert_contact_query(
    company_id: UUID, phone: str, *, name: str | None, user_id: UUID | None, now: datetime, number: str | None = None
) -> Query[ContactState]:
    """`number` is the phone as WhatsApp uses it, when that differs; replies are sent to it."""
    return _upsert_contact.read(
        _contact_state,
        company_id=company_id,
        id=new_id(),
        phone=phone,
        name=one_line(name)[:_LONGEST_NAME] if name else None,
        user_id=user_id,
        last_message_at=now,
        whatsapp_number=number,
    )


def _contact_state(rows: list[Any]) -> ContactState:
    return ContactState(*rows[0])


@prepared
def _upsert_contact() -> Any:
    columns = ("company_id", "id", "phone", "name", "user_id", "last_message_at", "whatsapp_number")
    statement = upsert(CONTACTS).values({name: bindparam(name) for name in columns})
    known, given = CONTACTS.c, statement.excluded
    return statement.on_conflict_do_update(
        index_elements=["company_id", "phone"],
        index_where=sql("deleted_at is null"),
        set_={
            "user_id": given.user_id,
            "name": case(
                (given.user_id.is_not(None), func.coalesce(given.name, known.name)),
                else_=func.coalesce(known.name, given.name),
            ),
            "last_message_at": given.last_message_at,
            "whatsapp_number": given.whatsapp_number,
            "updated_at": func.now(),
        },
    ).returning(known.id, known.user_id, known.verified_at, known.opted_out_at)


def contact_to_write_to(session: Session, company_id: UUID, phone: str, *, name: str, user_id: UUID) -> UUID:
    """The contact of a staff member to be written to; does not count as a message from them."""
    statement = upsert(Contact).values(company_id=company_id, id=new_id(), phone=phone, name=name, user_id=user_id)
    statement = statement.on_conflict_do_update(
        index_elements=["company_id", "phone"],
        index_where=sql("deleted_at is null"),
        set_={"user_id": user_id, "updated_at": func.now()},
    )
    return session.execute(statement.returning(Contact.id)).scalar_one()


def conversation_with(
    session: Session,
    company_id: UUID,
    channel_id: UUID,
    phone: str,
    *,
    contact_id: UUID,
    default_crew: DefaultCrew,
    now: datetime,
) -> ConversationState:
    """The conversation with a contact on a channel, locked; created with the default crew if it is new."""
    found = lock_by_phone(session, company_id, channel_id, phone)
    if found is not None:
        return found
    # Two phones that write to a new company concurrently must not create two crews.
    session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(f"default-crew#{company_id}", 0))))
    session.execute(
        upsert(Conversation)
        .values(
            company_id=company_id,
            id=new_id(),
            channel_id=channel_id,
            contact_id=contact_id,
            crew_id=default_crew(session, company_id, now),
        )
        .on_conflict_do_nothing(index_elements=["company_id", "channel_id", "contact_id"])
    )
    made = lock_by_phone(session, company_id, channel_id, phone)
    assert made is not None, "the conversation was just created"
    return made


def mark_verified(session: Session, company_id: UUID, phone: str, now: datetime) -> bool:
    """Records that the phone was verified; True when it was not before."""
    row = session.execute(
        update(Contact)
        .where(Contact.company_id == company_id, Contact.phone == phone, Contact.deleted_at.is_(None))
        .values(verified_at=func.coalesce(Contact.verified_at, now))
        .returning(Contact.verified_at)
        .execution_options(synchronize_session=False)
    ).one_or_none()
    return row is not None and row.verified_at == now


def channels_with_held(session: Session, company_id: UUID, phone: str) -> list[UUID]:
    """The channels with messages of this phone that are held for its sign-in."""
    rows = session.scalars(
        select(Message.channel_id)
        .distinct()
        .join(Conversation, CONVERSATION_OF_MESSAGE)
        .join(Contact, CONTACT_OF_CONVERSATION)
        .where(
            Message.company_id == company_id,
            Message.status == "held",
            Contact.phone == phone,
            Contact.deleted_at.is_(None),
        )
    )
    return list(rows)


def last_channel_of(session: Session, company_id: UUID, phone: str) -> UUID | None:
    """The channel of this phone's last message."""
    return session.scalar(
        select(Conversation.channel_id)
        .join(Contact, CONTACT_OF_CONVERSATION)
        .join(Channel, CHANNEL_OF_CONVERSATION)
        .where(
            Conversation.company_id == company_id,
            Contact.phone == phone,
            Contact.deleted_at.is_(None),
            Channel.provider != "api",
            Channel.status != "disabled",
        )
        .order_by(Conversation.last_message_at.desc().nulls_last())
        .limit(1)
    )
