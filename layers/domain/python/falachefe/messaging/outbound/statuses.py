"""Applying the provider's status reports to our messages, found by the provider's id or by ours."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, and_, exists, func, literal, or_, select, update
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Session
from sqlalchemy.types import Text

from falachefe.db.outbox import Outbox
from falachefe.kernel.errors import Unavailable
from falachefe.kernel.events import DomainEvent
from falachefe.messaging.conversations.service import announce
from falachefe.messaging.models import CONTACT_OF_CONVERSATION, CONVERSATION_OF_MESSAGE, Contact, Conversation, Message
from falachefe.messaging.outbound.parts import Progress, part_of
from falachefe.messaging.outbound.status_rules import forward

WAITS_FOR_SENDER: Final = 4
"""Up to this delivery of a report, a send may still be about to store the provider's id."""


@dataclass(frozen=True, slots=True)
class Report:
    provider_message_ids: tuple[str, ...]
    state: str
    at: datetime
    track_id: str | None
    phone: str | None


def apply_report(
    session: Session, outbox: Outbox, channel_id: UUID, report: Report, *, deliveries: int, now: datetime
) -> str:
    """Updates the messages that a report is about. A report about messages that are not ours changes nothing.

    Raises `Unavailable` while a send to this phone is under way: the report may be about it, and is delivered again.
    """
    rows = _reported(session, outbox.company_id, channel_id, report)
    if not rows:
        if deliveries < WAITS_FOR_SENDER and _send_under_way(session, outbox.company_id, channel_id, report.phone):
            raise Unavailable("Há um envio em andamento para este número.")
        return "unknown_message"
    moved = [_apply(session, outbox, row, report, now) for row in rows]
    return "moved" if any(moved) else "no_news"


def _reported(session: Session, company_id: UUID, channel_id: UUID, report: Report) -> list[Any]:
    ids = list(report.provider_message_ids)
    tracked = part_of(report.track_id)
    named: ColumnElement[bool] = Message.provider_message_id.in_(ids)
    if tracked is not None:
        named = or_(named, Message.id == tracked.message_id)
    found = _select(session, company_id, channel_id, named)
    if found or report.phone is None:
        return found
    # An earlier part of a split message: its id is only in the metadata.
    listed = Message.crew_metadata["provider_ids"].op("?|")(literal(ids, ARRAY(Text)))
    of_phone = Message.conversation_id.in_(_conversation_ids(company_id, channel_id, report.phone))
    return _select(session, company_id, channel_id, and_(of_phone, listed))


def _select(session: Session, company_id: UUID, channel_id: UUID, condition: Any) -> list[Any]:
    statement = (
        select(
            Message.id,
            Message.status,
            Message.provider_message_id,
            Message.crew_metadata,
            Message.conversation_id,
            Message.channel_id,
            Contact.phone,
        )
        .join(Conversation, CONVERSATION_OF_MESSAGE)
        .join(Contact, CONTACT_OF_CONVERSATION)
        .where(
            Message.company_id == company_id,
            Message.channel_id == channel_id,
            Message.direction == "out",
            condition,
        )
        .with_for_update(of=Message)
    )
    return list(session.execute(statement).all())


def _conversation_ids(company_id: UUID, channel_id: UUID, phone: str) -> Any:
    return (
        select(Conversation.id)
        .join(Contact, CONTACT_OF_CONVERSATION)
        .where(
            Conversation.company_id == company_id,
            Conversation.channel_id == channel_id,
            Contact.phone == phone,
            Contact.deleted_at.is_(None),
        )
    )


def _send_under_way(session: Session, company_id: UUID, channel_id: UUID, phone: str | None) -> bool:
    if phone is None:
        return False
    under_way = exists().where(
        Message.company_id == company_id,
        Message.conversation_id.in_(_conversation_ids(company_id, channel_id, phone)),
        Message.direction == "out",
        Message.status == "sending",
    )
    return bool(session.scalar(select(under_way)))


def _apply(session: Session, outbox: Outbox, row: Any, report: Report, now: datetime) -> bool:
    progress = Progress.read(row.crew_metadata)
    tracked = part_of(report.track_id)
    if tracked is not None and tracked.message_id == row.id and report.state != "failed":
        settled = progress.accepted(tracked.part, report.provider_message_ids[0])
        if settled != progress:
            return _record_accepted(session, outbox, row, settled, report)
    if report.state == "failed":
        return _apply_status(session, outbox, row, report, now)
    # The status of a message is that of its last part.
    if not progress.complete or row.provider_message_id not in report.provider_message_ids:
        return False
    return _apply_status(session, outbox, row, report, now)


def _record_accepted(session: Session, outbox: Outbox, row: Any, progress: Progress, report: Report) -> bool:
    """The provider accepted a part whose send had an unknown outcome: the message is sent, or its next part queued."""
    values: dict[str, Any] = {
        "crew_metadata": _merged(progress.document()),
        "provider_message_id": progress.last_id or row.provider_message_id,
        "provider_at": report.at,
    }
    if progress.complete:
        values["status"] = forward(row.status, report.state) or row.status
    elif row.status == "uncertain":
        values["status"] = "queued"
        announce(outbox, row.channel_id, row.phone, row.id, again=f"part{progress.sent}")
    _write(session, outbox.company_id, row.id, values)
    return True


def _apply_status(session: Session, outbox: Outbox, row: Any, report: Report, now: datetime) -> bool:
    status = forward(row.status, report.state)
    if status is None:
        return False
    values: dict[str, Any] = {"status": status, "provider_at": report.at}
    if status == "failed":
        values["error_code"] = "provider_reported"
        data = {"message_id": str(row.id), "conversation_id": str(row.conversation_id), "code": "provider_reported"}
        outbox.record(DomainEvent("whatsapp.message_failed", outbox.company_id, now, data))
    _write(session, outbox.company_id, row.id, values)
    return True


def _merged(document: Mapping[str, Any]) -> Any:
    return Message.crew_metadata.op("||")(literal(dict(document), JSONB))


def _write(session: Session, company_id: UUID, message_id: UUID, values: Mapping[str, Any]) -> None:
    session.execute(
        update(Message)
        .where(Message.company_id == company_id, Message.id == message_id)
        .values(**values, updated_at=func.now())
        .execution_options(synchronize_session=False)
    )
