"""What messaging needs of the crews, which stand above it: `falachefe.crews.turns.messaging_adapter` implements it."""

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
    """The crew of one conversation, read by `query` together with whatever else the caller reads."""

    @property
    def query(self) -> Query[Any]: ...

    @property
    def works(self) -> bool:
        """Whether it answers at the moment; after `query` ran."""
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
        """Opens a turn for a stored message, or lets the running one take it, and says which; after `query` ran.

        The conversation is locked by the caller, who saves the outbox and publishes it after the commit.
        """
        ...


class Crews(Protocol):
    @property
    def default_crew(self) -> DefaultCrew: ...

    def of_conversation(self, company_id: UUID, crew_id: UUID) -> ConversationCrew: ...
