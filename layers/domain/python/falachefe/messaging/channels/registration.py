"""Channels and known contacts of a company, entered by those who set it up rather than by a message."""

from datetime import datetime
from typing import Any, cast
from uuid import UUID

from sqlalchemy import Select, Table, bindparam, func, select
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.orm import Session

from falachefe.db.advisory_locks import take_advisory_lock
from falachefe.db.outbox import Outbox
from falachefe.db.statements import Query, fetch, prepared
from falachefe.kernel.brazil import canonical_phone
from falachefe.kernel.events import DomainEvent
from falachefe.kernel.ids import new_id
from falachefe.kernel.text import one_line
from falachefe.messaging.models import Channel, Contact
from falachefe.plans.limits import check_channels


def register_channel(
    session: Session,
    company_id: UUID,
    *,
    channel_id: UUID,
    name: str,
    provider: str,
    phone: str,
    base_url: str,
    secret_name: str,
    now: datetime,
) -> None:
    """Writes the channel, or brings it up to date.

    Raises `PlanLimitReached` for one more than the company's plan allows. Its credentials belong into the secret
    `secret_name`, and its webhook key into the channels table (`channel_item`).
    """
    if not _is_in_use(session, company_id, channel_id):
        check_channel_limit(session, company_id, now)
    changed = {
        "name": one_line(name),
        "provider": provider,
        "phone": canonical_phone(phone),
        "base_url": base_url,
        "secret_name": secret_name,
        "status": "connected",
        "updated_at": now,
    }
    statement = upsert(Channel).values(company_id=company_id, id=channel_id, created_at=now, **changed)
    session.execute(
        statement.on_conflict_do_update(
            index_elements=[Channel.company_id, Channel.id],
            set_={**changed, "version": Channel.version + 1},
        )
    )
    outbox = Outbox(company_id)  # one that was switched off is on again: `channel_states` tells the webhook
    outbox.record(DomainEvent("whatsapp.channel_updated", company_id, now, {"channel_id": str(channel_id)}))
    outbox.save(session)


def check_channel_limit(session: Session, company_id: UUID, now: datetime) -> None:
    """Before a channel comes into use, new or switched on again. Raises `PlanLimitReached`.

    One after the other in a company: of two at once the second sees the first.
    """
    take_advisory_lock(session, f"channels#{company_id}")
    check_channels(session, company_id, now, count=count_channels)


def _is_in_use(session: Session, company_id: UUID, channel_id: UUID) -> bool:
    known = select(Channel.id).where(
        Channel.company_id == company_id,
        Channel.id == channel_id,
        Channel.status != "disabled",
        Channel.deleted_at.is_(None),
    )
    return session.scalar(known) is not None


def register_contact(
    session: Session,
    company_id: UUID,
    *,
    phone: str,
    name: str,
    verified_at: datetime,
    last_message_at: datetime | None = None,
) -> None:
    """Enters a customer whose phone the company has verified before; one that is known already stays as it is."""
    session.execute(
        upsert(Contact)
        .values(
            company_id=company_id,
            id=new_id(),
            phone=canonical_phone(phone),
            name=one_line(name),
            verified_at=verified_at,
            last_message_at=last_message_at,
            created_at=verified_at,
        )
        .on_conflict_do_nothing(index_elements=["company_id", "phone"], index_where=Contact.deleted_at.is_(None))
    )


def is_disabled_query(company_id: UUID, channel_id: UUID) -> Query[bool]:
    """Whether the company switched the channel off."""
    return _is_disabled.read(bool, company_id=company_id, id=channel_id)


@prepared
def _is_disabled() -> Select[Any]:
    channel = cast(Table, Channel.__table__).c
    return select(channel.id).where(
        channel.company_id == bindparam("company_id"), channel.id == bindparam("id"), channel.status == "disabled"
    )


def count_channels(session: Session, company_id: UUID) -> int:
    """WhatsApp numbers that the company has in use; people who talk to the crew by the API need none."""
    return fetch(session, channel_count_query(company_id))


def channel_count_query(company_id: UUID) -> Query[int]:
    return _in_use.read(lambda rows: int(rows[0].number), company_id=company_id)


@prepared
def _in_use() -> Select[Any]:
    channel = cast(Table, Channel.__table__).c
    return select(func.count().label("number")).where(
        channel.company_id == bindparam("company_id"),
        channel.provider != "api",
        channel.status != "disabled",
        channel.deleted_at.is_(None),
    )
