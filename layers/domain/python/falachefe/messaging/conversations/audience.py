"""The contacts that a campaign reaches."""

from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import ColumnElement, and_, func, or_, select, true
from sqlalchemy.orm import Session

from falachefe.messaging.models import Contact

ACTIVE_WITHIN: Final = timedelta(days=30)
"""Contacts who wrote within this time are active."""
INACTIVE_AFTER: Final = timedelta(days=60)
"""Contacts who have not written for longer (or since they were verified, if they never wrote) are inactive."""
NEW_WITHIN: Final = timedelta(days=30)
"""Contacts verified within this time are new."""


def audience_size(session: Session, company_id: UUID, segment: str, now: datetime) -> int:
    """How many verified contacts a segment (all, active, inactive or new) has, without staff and opt-outs."""
    statement = select(func.count()).select_from(Contact).where(*_reached(company_id, segment, now))
    return session.scalars(statement).one()


def audience(session: Session, company_id: UUID, segment: str, now: datetime) -> list[UUID]:
    """The contacts that `audience_size` counts, those who have been known longest first."""
    statement = select(Contact.id).where(*_reached(company_id, segment, now)).order_by(Contact.id)
    return list(session.scalars(statement))


def _reached(company_id: UUID, segment: str, now: datetime) -> tuple[ColumnElement[bool], ...]:
    return (
        Contact.company_id == company_id,
        Contact.deleted_at.is_(None),
        Contact.opted_out_at.is_(None),
        Contact.verified_at.is_not(None),
        Contact.user_id.is_(None),
        _in_segment(segment, now),
    )


def _in_segment(segment: str, now: datetime) -> ColumnElement[bool]:
    conditions: dict[str, ColumnElement[bool]] = {
        "all": true(),
        "active": Contact.last_message_at >= now - ACTIVE_WITHIN,
        "inactive": or_(
            Contact.last_message_at < now - INACTIVE_AFTER,
            and_(Contact.last_message_at.is_(None), Contact.verified_at < now - INACTIVE_AFTER),
        ),
        "new": Contact.verified_at >= now - NEW_WITHIN,
    }
    return conditions[segment]
