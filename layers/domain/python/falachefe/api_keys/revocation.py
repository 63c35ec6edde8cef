"""Revokes all API keys that a user created, in the caller's transaction."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import update
from sqlalchemy.orm import Session

from falachefe.api_keys.models import ApiKey


def revoke_keys_of(session: Session, company_id: UUID, user_id: UUID, now: datetime) -> None:
    session.execute(
        update(ApiKey)
        .where(ApiKey.company_id == company_id, ApiKey.created_by == user_id, ApiKey.revoked_at.is_(None))
        .values(revoked_at=now, updated_at=now, version=ApiKey.version + 1)
        .execution_options(synchronize_session=False)
    )
