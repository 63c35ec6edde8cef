"""Reading conversations and messages, newest first, a page at a time. Pages are keyset: new rows shift nothing."""

import base64
import binascii
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import and_, func, select, tuple_
from sqlalchemy.orm import Session

from falachefe.kernel.errors import FieldError, InvalidInput, NotFound
from falachefe.whatsapp.models import Contact, Conversation, Message


@dataclass(frozen=True, slots=True)
class Page:
    items: list[Any]
    next_cursor: str | None


def conversations_page(session: Session, company_id: UUID, *, limit: int, cursor: str | None) -> Page:
    at = func.coalesce(Conversation.last_message_at, Conversation.created_at)
    statement = (
        select(
            Conversation.id,
            Conversation.channel_id,
            Conversation.contact_id,
            Contact.phone,
            Contact.name,
            Contact.user_id,
            Conversation.current_agent_id,
            Conversation.active_task_id,
            Conversation.human_until,
            at.label("last_message_at"),
        )
        .join(Contact, and_(Contact.company_id == Conversation.company_id, Contact.id == Conversation.contact_id))
        .where(Conversation.company_id == company_id, Conversation.deleted_at.is_(None))
    )
    if cursor is not None:
        statement = statement.where(tuple_(at, Conversation.id) < tuple_(*_read(cursor)))
    rows = session.execute(statement.order_by(at.desc(), Conversation.id.desc()).limit(limit + 1)).all()
    return _page(rows, limit, lambda row: (row.last_message_at, row.id))


def messages_page(session: Session, company_id: UUID, conversation_id: UUID, *, limit: int, cursor: str | None) -> Page:
    """Raises `NotFound` when the company has no such conversation."""
    known = select(Conversation.id).where(Conversation.company_id == company_id, Conversation.id == conversation_id)
    if session.scalar(known) is None:
        raise NotFound("Conversa não encontrada.", code="conversation_not_found")
    statement = select(
        Message.id,
        Message.direction,
        Message.kind,
        Message.text,
        Message.status,
        Message.error_code,
        Message.crew_task_id,
        Message.created_at,
    ).where(Message.company_id == company_id, Message.conversation_id == conversation_id, Message.deleted_at.is_(None))
    if cursor is not None:
        statement = statement.where(Message.id < _read(cursor)[1])
    rows = session.execute(statement.order_by(Message.id.desc()).limit(limit + 1)).all()
    return _page(rows, limit, lambda row: (row.created_at, row.id))


def _page(rows: Any, limit: int, key: Any) -> Page:
    shown = [{name: _plain(value) for name, value in row._mapping.items()} for row in rows[:limit]]
    return Page(shown, _cursor(*key(rows[limit - 1])) if len(rows) > limit else None)


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    return str(value) if isinstance(value, UUID) else value


def _cursor(at: datetime, row_id: UUID) -> str:
    return base64.urlsafe_b64encode(f"{at.astimezone(UTC).isoformat()}|{row_id}".encode()).decode().rstrip("=")


def _read(cursor: str) -> tuple[datetime, UUID]:
    try:
        text = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode()
        at, _, row_id = text.partition("|")
        moment = datetime.fromisoformat(at)
        return moment.astimezone(UTC), UUID(row_id)
    except (ValueError, binascii.Error, OverflowError) as error:
        message = "O cursor não é de uma página anterior."
        raise InvalidInput(message, code="cursor_invalid", errors=(FieldError("cursor", message),)) from error
