"""Storing a turn's reply: for a phone it is queued to be sent, for an API client the stored message is all."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from falachefe.db.outbox import Outbox
from falachefe.messaging.conversations import api_channel
from falachefe.messaging.conversations import service as conversations
from falachefe.messaging.conversations.service import ConversationState


def deliver(
    session: Session,
    outbox: Outbox,
    state: ConversationState,
    text: str,
    *,
    task_id: UUID,
    now: datetime,
    agent_response: Mapping[str, Any] | None = None,
    token_usage: Mapping[str, Any] | None = None,
    processing_time_ms: int = 0,
    confidence: Decimal | None = None,
) -> UUID:
    """Stores the reply in the open transaction and returns its message id."""
    queue = api_channel.store_reply if api_channel.is_api(state) else conversations.queue_reply
    return queue(
        session,
        outbox,
        state,
        text,
        task_id=task_id,
        now=now,
        agent_response=dict(agent_response or {}),
        token_usage=dict(token_usage or {}),
        processing_time_ms=processing_time_ms,
        confidence=confidence,
    )
