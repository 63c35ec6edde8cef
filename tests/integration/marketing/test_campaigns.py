from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import insert
from sqlalchemy.orm import Session

from falachefe.accounts.models import User
from falachefe.db.engine import Database
from falachefe.db.outbox import Outbox
from falachefe.kernel.errors import Conflict, InvalidInput, NotFound
from falachefe.kernel.ids import new_id
from falachefe.marketing import service
from falachefe.marketing.service import CampaignView
from falachefe.messaging.models import Contact

NOW = datetime(2026, 11, 20, 15, 0, tzinfo=UTC)


def days_ago(days: float) -> datetime:
    return NOW - timedelta(days=days)


@pytest.fixture
def session(database: Database, company_id: UUID) -> Iterator[Session]:
    with database.tenant(company_id) as opened:
        yield opened


def contact(
    session: Session,
    company_id: UUID,
    *,
    verified: float | None,
    wrote: float | None = None,
    opted_out: bool = False,
    user_id: UUID | None = None,
) -> None:
    session.execute(
        insert(Contact).values(
            company_id=company_id,
            id=new_id(),
            phone=f"+{new_id().int % 10**13}",
            user_id=user_id,
            verified_at=None if verified is None else days_ago(verified),
            last_message_at=None if wrote is None else days_ago(wrote),
            opted_out_at=NOW if opted_out else None,
        )
    )


def draft(session: Session, company_id: UUID, name: str = "Natal", segment: str = "all") -> CampaignView:
    return service.draft_campaign(
        session,
        company_id,
        name=name,
        message="Panetone com 20% de desconto!",
        segment=segment,
        created_by=None,
        now=NOW,
    )


@pytest.mark.parametrize(("segment", "audience"), [("all", 6), ("active", 2), ("inactive", 2), ("new", 2)])
def test_the_audience_is_the_verified_contacts_of_the_segment(
    session: Session, company_id: UUID, segment: str, audience: int
) -> None:
    contact(session, company_id, verified=400, wrote=30)  # active
    contact(session, company_id, verified=5, wrote=1)  # active and new
    contact(session, company_id, verified=400, wrote=45)  # neither
    contact(session, company_id, verified=29.9, wrote=45)  # new
    contact(session, company_id, verified=400, wrote=61)  # inactive
    contact(session, company_id, verified=61)  # inactive: verified and never wrote again
    contact(session, company_id, verified=1, wrote=1, opted_out=True)
    contact(session, company_id, verified=None, wrote=1)
    user_id = new_id()
    session.execute(insert(User).values(company_id=company_id, id=user_id, name="Maria"))
    contact(session, company_id, verified=1, wrote=1, user_id=user_id)

    assert draft(session, company_id, segment=segment).audience == audience


def test_a_draft_is_stored_and_nothing_is_sent(session: Session, company_id: UUID) -> None:
    outbox = Outbox(company_id)
    drafted = service.draft_campaign(
        session,
        company_id,
        name=" Semana do  pão ",
        message="Pão quentinho!",
        segment="active",
        created_by=None,
        now=NOW,
        outbox=outbox,
    )

    assert (drafted.name, drafted.status, drafted.status_label) == ("Semana do pão", "draft", "rascunho")
    assert drafted.segment_label == "contatos ativos"
    assert service.list_campaigns(session, company_id) == [drafted]
    assert [queue_message.destination for queue_message in outbox.queue_messages] == ["events"]


def test_a_campaigns_name_is_unique_regardless_of_case(session: Session, company_id: UUID) -> None:
    draft(session, company_id, "Natal")

    with pytest.raises(Conflict) as refused:
        draft(session, company_id, "NATAL")

    assert refused.value.code == "campaign_exists"


def test_an_unknown_segment_is_refused(session: Session, company_id: UUID) -> None:
    with pytest.raises(InvalidInput) as refused:
        draft(session, company_id, segment="vip")

    assert refused.value.code == "segment_unknown"


def test_a_campaign_is_found_by_a_part_of_its_name_when_only_one_has_it(session: Session, company_id: UUID) -> None:
    for name in ("Promoção de Natal", "Promoção de Páscoa"):
        draft(session, company_id, name)

    assert service.campaign_results(session, company_id, "pascoa").campaign.name == "Promoção de Páscoa"
    with pytest.raises(Conflict, match="Promoção de Natal"):
        service.campaign_results(session, company_id, "promocao")
    with pytest.raises(NotFound):
        service.campaign_results(session, company_id, "carnaval")
    with pytest.raises(NotFound):
        service.campaign_results(session, company_id, "")
