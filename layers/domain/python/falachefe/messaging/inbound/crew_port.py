"""Messaging's port to the crews, a higher layer: `falachefe.crews.turns.messaging_adapter` implements it."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from sqlalchemy.orm import Session

from falachefe.db.outbox import Outbox
from falachefe.db.statements import Query
from falachefe.messaging.conversations.contacts import DefaultCrew
from falachefe.messaging.conversations.service import ConversationState, PastMessage


class ConversationCrew(Protocol):
    """The crew of one conversation, read by `query` in one round trip with the caller's other queries."""

    @property
    def query(self) -> Query[Any]: ...

    @property
    def works(self) -> bool:
        """Whether it answers at the moment. Available once `query` has run."""
        ...

    def open_or_join(
        self,
        session: Session,
        outbox: Outbox,
        state: ConversationState,
        text: str,
        history: Sequence[PastMessage],
        *,
        now: datetime,
        time_zone: str,
        written_at: datetime,
    ) -> str:
        """Opens a turn for a stored message or lets it join the running one; returns which. Only after `query` has run.

        The conversation is locked by the caller, who saves the outbox and publishes it after the commit.
        """
        ...


class Crews(Protocol):
    @property
    def default_crew(self) -> DefaultCrew: ...

    def of_conversation(self, company_id: UUID, crew_id: UUID) -> ConversationCrew: ...
