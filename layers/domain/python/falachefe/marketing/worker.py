"""The worker of campaigns: each minute, starts those that are due and writes a batch of the ones under way.

A recipient's message and state are one transaction, and a contact is one row of a campaign: nothing is sent twice or
lost by a crash, and workers at the same time skip each other's campaigns.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.orm import Session

from falachefe.companies.due_rows import TIME_BUDGET, due_rows
from falachefe.db.engine import Database
from falachefe.db.outbox import Publisher
from falachefe.db.unit_of_work import UnitOfWork, unit_of_work
from falachefe.kernel.clock import Clock
from falachefe.kernel.ids import new_id
from falachefe.kernel.observability.logs import logger
from falachefe.marketing import rules
from falachefe.marketing.models import Campaign, CampaignRecipient
from falachefe.messaging.conversations.audience import audience
from falachefe.messaging.conversations.broadcasts import Broadcasts

BATCH: Final = 50
"""Messages of one campaign in a run: a new number that sends faster is soon blocked, and replies go out in between."""


@dataclass(slots=True)
class Run:
    """The counts of a run, for its log line."""

    campaigns: int = 0
    written: int = 0
    skipped: int = 0
    held: int = 0
    """Those whose audience has grown beyond what was allowed: drafts again."""
    errors: list[str] = field(default_factory=list)
    """Class names; an error with one campaign does not stop the others."""


@dataclass(frozen=True, slots=True)
class SendCampaigns:
    database: Database
    publisher: Publisher
    clock: Clock
    messages: Broadcasts

    def __call__(self, deadline: datetime | None = None) -> Run:
        """Begins none after `deadline`, by default `TIME_BUDGET` from now. Safe to run concurrently and to repeat."""
        now, run = self.clock.now(), Run()
        deadline = deadline or now + TIME_BUDGET
        for company_id, campaigns in due_rows(self.database, "companies_with_due_campaigns", now, self._due):
            for campaign_id in campaigns:
                if self.clock.now() > deadline:
                    return run
                self._advance(company_id, campaign_id, run)
        return run

    def _due(self, session: Session, company_id: UUID) -> Sequence[UUID]:
        due = select(Campaign.id).where(*self._is_due(company_id)).order_by(Campaign.scheduled_for, Campaign.id)
        return session.scalars(due).all()

    def _is_due(self, company_id: UUID) -> tuple[Any, ...]:
        return (
            Campaign.company_id == company_id,
            Campaign.deleted_at.is_(None),
            Campaign.status.in_(("scheduled", "sending")),
            Campaign.scheduled_for <= self.clock.now(),
        )

    def _advance(self, company_id: UUID, campaign_id: UUID, run: Run) -> None:
        try:
            with unit_of_work(self.database, self.publisher, company_id, now=self.clock.now()) as work:
                row = work.session.execute(
                    select(Campaign.id, Campaign.status, Campaign.segment, Campaign.message, Campaign.most_people)
                    .where(*self._is_due(company_id), Campaign.id == campaign_id)
                    .with_for_update(skip_locked=True)
                ).one_or_none()
                if row is None:  # another worker has it, or it was cancelled meanwhile
                    return
                run.campaigns += 1
                if row.status == "scheduled" and not _start(work, row, run):
                    return
                self._write_batch(work, row, run)
        except Exception as error:  # noqa: BLE001  # counted, and the handler fails after the last one
            logger().exception("a campaign was not sent", company_id=str(company_id), error=type(error).__name__)
            run.errors.append(type(error).__name__)

    def _write_batch(self, work: UnitOfWork, row: Any, run: Run) -> None:
        pending = _pending(work, row.id, BATCH)
        for recipient_id, contact_id in pending:
            subject = {"campaign": str(row.id)}
            outcome = self.messages.write(work, contact_id, rules.text_to_send(row.message), subject=subject)
            if isinstance(outcome, UUID):
                run.written += 1
                _mark(work, recipient_id, {"status": "written", "message_id": outcome})
            else:
                run.skipped += 1
                _mark(work, recipient_id, {"status": "skipped", "skipped_because": outcome})
        if not _pending(work, row.id, 1):
            _set(work, row.id, {"status": "sent"})
            work.record("marketing.campaign_sent", {"campaign_id": str(row.id)})


def _start(work: UnitOfWork, row: Any, run: Run) -> bool:
    """Writes down who gets it. An audience that has grown beyond what was allowed makes it a draft again."""
    people = audience(work.session, work.company_id, row.segment, work.now)
    if row.most_people is not None and len(people) > row.most_people:
        run.held += 1
        _set(work, row.id, {"status": "draft", "scheduled_for": None, "audience": len(people)})
        work.record("marketing.campaign_held", {"campaign_id": str(row.id), "audience": len(people)})
        return False
    if people:
        recipients = [
            {"company_id": work.company_id, "id": new_id(), "campaign_id": row.id, "contact_id": contact_id}
            for contact_id in people
        ]
        work.session.execute(upsert(CampaignRecipient).on_conflict_do_nothing(), recipients)
    _set(work, row.id, {"status": "sending", "audience": len(people)})
    work.record("marketing.campaign_started", {"campaign_id": str(row.id), "audience": len(people)})
    return True


def _pending(work: UnitOfWork, campaign_id: UUID, most: int) -> list[Any]:
    return list(
        work.session.execute(
            select(CampaignRecipient.id, CampaignRecipient.contact_id)
            .where(
                CampaignRecipient.company_id == work.company_id,
                CampaignRecipient.campaign_id == campaign_id,
                CampaignRecipient.status == "pending",
            )
            .order_by(CampaignRecipient.id)
            .limit(most)
        ).all()
    )


def _mark(work: UnitOfWork, recipient_id: UUID, values: Mapping[str, Any]) -> None:
    work.session.execute(
        update(CampaignRecipient)
        .where(CampaignRecipient.company_id == work.company_id, CampaignRecipient.id == recipient_id)
        .values(**values, updated_at=work.now)
        .execution_options(synchronize_session=False)
    )


def _set(work: UnitOfWork, campaign_id: UUID, values: Mapping[str, Any]) -> None:
    """The row is locked."""
    work.session.execute(
        update(Campaign)
        .where(Campaign.company_id == work.company_id, Campaign.id == campaign_id)
        .values(**values, updated_at=work.now, version=Campaign.version + 1)
        .execution_options(synchronize_session=False)
    )
