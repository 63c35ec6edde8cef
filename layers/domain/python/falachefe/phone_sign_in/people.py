"""Staff by phone, and the records of their sign-ins over WhatsApp."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from ipaddress import ip_address
from typing import Any, cast
from uuid import UUID

from sqlalchemy import ARRAY, Select, Table, Text, any_, bindparam, insert, select, update
from sqlalchemy.orm import Session

from falachefe.accounts import audit_entries
from falachefe.accounts.models import User
from falachefe.accounts.users import SessionKey
from falachefe.db.statements import Query, fetch, prepared
from falachefe.kernel.actors import Actor
from falachefe.kernel.brazil import mask_phone, phone_variants
from falachefe.kernel.ids import new_id
from falachefe.kernel.text import one_line
from falachefe.phone_sign_in.models import WhatsappAuthLog

_MAX_USER_AGENT_LENGTH = 200


@dataclass(frozen=True, slots=True)
class Staff:
    id: UUID
    name: str
    phone: str
    sessions_valid_from: datetime | None = None
    """Sessions opened before this time have ended."""
    sessions_ended: Collection[UUID] = ()
    """Sessions that were ended one by one."""

    def has_ended(self, session_id: str, opened: datetime) -> bool:
        """Whether a mark on the user's row ended a session over WhatsApp. `opened` is stored in whole seconds."""
        if any(session_id == str(ended) for ended in self.sessions_ended):
            return True
        return self.sessions_valid_from is not None and opened < self.sessions_valid_from.replace(microsecond=0)


@dataclass(frozen=True, slots=True)
class Origin:
    """Address and user agent of a sign-in; both are None for one in the chat."""

    ip_address: str | None = None
    user_agent: str | None = None


CHAT = Origin()


def origin_of(source_ip: str | None, user_agent: str | None) -> Origin:
    """The origin of a request; an invalid address becomes None."""
    try:
        address = str(ip_address(source_ip or ""))
    except ValueError:
        address = None
    return Origin(address, one_line(user_agent)[:_MAX_USER_AGENT_LENGTH] if user_agent else None)


def staff_of(session: Session, company_id: UUID, phone: str) -> Staff | None:
    """The active member of staff with this phone, with or without its ninth digit."""
    return fetch(session, staff_query(company_id, phone))


def staff_query(company_id: UUID, phone: str) -> Query[Staff | None]:
    return _by_phone.read(_staff_if_any, company_id=company_id, phones=list(phone_variants(phone)))


def _staff_if_any(rows: list[Any]) -> Staff | None:
    return Staff(*rows[0]) if rows else None


@prepared
def _by_phone() -> Select[Any]:
    user = cast(Table, User.__table__).c
    return (
        select(user.id, user.name, user.phone, user.sessions_valid_from, user.sessions_ended)
        .where(
            user.company_id == bindparam("company_id"),
            user.phone == any_(bindparam("phones", type_=ARRAY(Text()))),
            user.status == "active",
            user.deleted_at.is_(None),
        )
        .order_by(user.phone.desc())
        .limit(1)
    )


def admins_with_phone(session: Session, company_id: UUID) -> list[Staff]:
    rows = session.execute(
        select(User.id, User.name, User.phone)
        .where(
            User.company_id == company_id,
            User.role == "admin",
            User.phone.is_not(None),
            User.status == "active",
            User.deleted_at.is_(None),
        )
        .order_by(User.id)
    )
    return [Staff(row.id, row.name, row.phone) for row in rows]


@dataclass(frozen=True, slots=True)
class Member:
    """A member of staff who is written to; many sign in by e-mail only, and have no phone."""

    id: UUID
    name: str
    phone: str | None


def active_member(session: Session, company_id: UUID, user_id: UUID) -> Member | None:
    """The user, as long as they are active."""
    row = session.execute(
        select(User.id, User.name, User.phone).where(
            User.company_id == company_id, User.id == user_id, User.status == "active", User.deleted_at.is_(None)
        )
    ).one_or_none()
    return None if row is None else Member(*row)


def mark_verified(session: Session, company_id: UUID, user_id: UUID, now: datetime) -> None:
    session.execute(
        update(User)
        .where(User.company_id == company_id, User.id == user_id)
        .values(whatsapp_verified_at=now)
        .execution_options(synchronize_session=False)
    )


def record_sign_in_over_whatsapp(
    session: Session, company_id: UUID, user_id: UUID, session_id: str, *, origin: Origin, now: datetime
) -> None:
    """Writes the audit entry of a session over WhatsApp, sent with the next statement or with the commit."""
    by = Actor("user", user_id, address=origin.ip_address, user_agent=origin.user_agent)
    audit_entries.record_sign_in(session, SessionKey(company_id, user_id, UUID(session_id)), "whatsapp", by=by, now=now)


def log_attempt(
    session: Session,
    company_id: UUID,
    *,
    phone: str,
    method: str,
    success: bool,
    user_id: UUID | None = None,
    error_code: str | None = None,
    origin: Origin = CHAT,
) -> None:
    """Writes one row of `whatsapp_auth_logs`, with the phone masked. `method` is a value of its `auth_method`."""
    session.execute(
        insert(WhatsappAuthLog).values(
            company_id=company_id,
            id=new_id(),
            masked_phone=mask_phone(phone),
            user_id=user_id,
            auth_method=method,
            success=success,
            error_code=error_code,
            ip_address=origin.ip_address,
            user_agent=origin.user_agent,
        )
    )
