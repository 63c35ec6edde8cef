"""How much storage a company's exports take in the files' bucket."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from falachefe.exports.models import Export
from falachefe.exports.service import RETENTION


def stored_bytes(session: Session, company_id: UUID, now: datetime) -> int:
    """Of the exports that can still be fetched."""
    total = select(func.coalesce(func.sum(Export.byte_count), 0)).where(
        Export.company_id == company_id,
        Export.status == "done",
        Export.finished_at > now - RETENTION,
        Export.deleted_at.is_(None),
    )
    return int(session.scalar(total) or 0)
