"""What a tool is called with, where no turn is behind it."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from falachefe.crews.tools.spec import ToolContext
from falachefe.db.outbox import Outbox
from falachefe.kernel.ids import new_id


def tool_context(
    session: Session, company_id: UUID, permissions: frozenset[str], *, now: datetime, **more: Any
) -> ToolContext:
    """A context of somebody without a user, in a conversation that is not there."""
    return ToolContext(
        session=session,
        outbox=Outbox(company_id),
        company_id=company_id,
        user_id=None,
        contact_id=None,
        conversation_id=new_id(),
        task_id=new_id(),
        now=now,
        time_zone="America/Sao_Paulo",
        permissions=permissions,
        **more,
    )
