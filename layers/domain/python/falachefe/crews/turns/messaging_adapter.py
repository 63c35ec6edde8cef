"""Implements messaging's port to the crews (`falachefe.messaging.inbound.crew_port`)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from falachefe.crews import service
from falachefe.crews.turns import start
from falachefe.db.outbox import Outbox
from falachefe.db.statements import Query
from falachefe.messaging.conversations.contacts import DefaultCrew
from falachefe.messaging.conversations.service import ConversationState, PastMessage


@dataclass(frozen=True, slots=True)
class TurnsOfCrew:
    query: Query[start.CrewState]

    @property
    def works(self) -> bool:
        return self.query.result.works

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
        crew = self.query.result
        decision = start.open_or_join(
            session, outbox, state, text, history, now=now, time_zone=time_zone, crew=crew, written_at=written_at
        )
        return str(decision.opening)


@dataclass(frozen=True, slots=True)
class CrewsForMessaging:
    default_crew: DefaultCrew = service.default_crew

    def of_conversation(self, company_id: UUID, crew_id: UUID) -> TurnsOfCrew:
        return TurnsOfCrew(start.crew_query(company_id, crew_id))
