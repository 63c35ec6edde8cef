"""Registering channels and known contacts, and the plan's limit of channels."""

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
    """Inserts or updates the channel.

    Raises `PlanLimitReached` beyond the plan's limit. The caller stores the credentials in the secret `secret_name`,
    and the webhook key in the channels table (`channel_item`).
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
    outbox = Outbox(company_id)  # a disabled channel is active again: `channels.states` updates the webhook's item
    outbox.record(DomainEvent("whatsapp.channel_updated", company_id, now, {"channel_id": str(channel_id)}))
    outbox.save(session)


def check_channel_limit(session: Session, company_id: UUID, now: datetime) -> None:
    """Checks the plan before a channel is added or enabled again. Raises `PlanLimitReached`.

    The lock makes concurrent calls in a company see each other's channels.
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
    """Inserts a contact whose phone the company has verified; an existing one stays unchanged."""
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
    """Whether the company disabled the channel."""
    return _is_disabled.read(bool, company_id=company_id, id=channel_id)


@prepared
def _is_disabled() -> Select[Any]:
    channel = cast(Table, Channel.__table__).c
    return select(channel.id).where(
        channel.company_id == bindparam("company_id"), channel.id == bindparam("id"), channel.status == "disabled"
    )


def count_channels(session: Session, company_id: UUID) -> int:
    """The company's WhatsApp numbers in use; the API channel does not count."""
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
