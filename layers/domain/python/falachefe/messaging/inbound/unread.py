"""Messages that the crew does not read, too old at arrival or too many: their sender gets a notice once an hour."""

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from falachefe.db.outbox import Outbox
from falachefe.messaging import notices
from falachefe.messaging.conversations.sent_notices import last_sent, send_notice
from falachefe.messaging.conversations.service import ConversationState
from falachefe.messaging.models import CONTACTS, Message

NOTICE_INTERVAL: Final = timedelta(hours=1)


def notify(
    session: Session, outbox: Outbox, state: ConversationState, *, reason: str, provider_message_id: str, now: datetime
) -> str:
    """Sends the notice to a known sender; returns the result for the metrics. The conversation is locked."""
    if state.human_until is not None and state.human_until > now:
        return "human"
    if not _is_known(session, state):
        return "unknown_sender"
    if _was_read(session, state, provider_message_id):  # a reconnected phone sends earlier messages again
        return "repeated"
    told_at = last_sent(session, state, reason)
    if told_at is not None and now - told_at < NOTICE_INTERVAL:
        return "told_before"
    send_notice(session, outbox, state, reason, notices.NOT_READ[reason], now=now)
    return "told"


def _is_known(session: Session, state: ConversationState) -> bool:
    if state.user_id is not None:
        return True
    proved = select(CONTACTS.c.verified_at).where(
        CONTACTS.c.company_id == state.company_id, CONTACTS.c.id == state.contact_id
    )
    return session.scalar(proved) is not None


def _was_read(session: Session, state: ConversationState, provider_message_id: str) -> bool:
    known = exists().where(
        Message.company_id == state.company_id,
        Message.channel_id == state.channel_id,
        Message.provider_message_id == provider_message_id,
    )
    return bool(session.scalar(select(known)))
