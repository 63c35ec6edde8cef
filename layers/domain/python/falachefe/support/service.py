"""Use cases of articles and tickets. Every function runs in the caller's transaction of one company."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, insert, select, text, update
from sqlalchemy.orm import Session

from falachefe.db.advisory_locks import take_advisory_lock
from falachefe.db.outbox import Outbox
from falachefe.db.row_versions import write_version
from falachefe.kernel.events import DomainEvent, Json
from falachefe.kernel.ids import new_id
from falachefe.support import rules
from falachefe.support.models import Article, Ticket

# Any word may match, because people ask in whole sentences; `rules.best_article` decides which article fits.
_SEARCH = text("""
    with question as materialized (
        select tsvector_to_array(to_tsvector('portuguese', :asked)) as words,
               replace(plainto_tsquery('portuguese', :asked)::text, '&', '|')::tsquery as query
    )
    select a.id, a.question, a.answer,
           (select count(*) from unnest(q.words) w where w = any (tsvector_to_array(ts_filter(a.search, '{a}')))),
           (select count(*) from unnest(q.words) w where w = any (tsvector_to_array(a.search))),
           ts_rank(a.search, q.query),
           cardinality(q.words) as asked
    from articles a, question q
    where a.company_id = :company_id and a.published and a.deleted_at is null and a.search @@ q.query
""")


@dataclass(frozen=True, slots=True)
class ArticleView:
    id: UUID
    question: str
    answer: str


@dataclass(frozen=True, slots=True)
class TicketView:
    """A ticket; `number` counts from 1 in the company."""

    id: UUID
    number: int
    subject: str
    description: str
    status: str
    status_label: str
    contact_id: UUID | None
    created_at: datetime


def publish_article(session: Session, company_id: UUID, *, question: str, answer: str, now: datetime) -> ArticleView:
    """Publishes an answer, replacing an existing one to the same question."""
    title, body = rules.article_texts(question, answer)
    known = session.execute(
        update(Article)
        .where(Article.company_id == company_id, Article.question == title, Article.deleted_at.is_(None))
        .values(answer=body, published=True, updated_at=now, version=Article.version + 1)
        .returning(Article.id)
    ).scalars()
    article_id = next(iter(known.all()), None)
    if article_id is None:
        article_id = new_id()
        session.execute(
            insert(Article).values(
                company_id=company_id, id=article_id, question=title, answer=body, created_at=now, updated_at=now
            )
        )
    return ArticleView(article_id, title, body)


def answer(session: Session, company_id: UUID, question: str) -> ArticleView | None:
    """The published answer to `question`, matched by Portuguese word stems without accents, or None."""
    asked = rules.words_asked(question)
    rows = session.execute(_SEARCH, {"company_id": company_id, "asked": asked}).all()
    if not rows:
        return None
    best = rules.best_article(rows[0].asked, [rules.Candidate(*row[:6]) for row in rows])
    return ArticleView(best.id, best.question, best.answer) if best else None


def open_ticket(
    session: Session,
    company_id: UUID,
    *,
    subject: str,
    description: str,
    contact_id: UUID | None,
    now: datetime,
    outbox: Outbox | None = None,
) -> TicketView:
    """Opens a ticket with the company's next number; an advisory lock keeps numbers unique."""
    title = rules.ticket_subject(subject)
    body = rules.ticket_description(description, title)
    take_advisory_lock(session, f"tickets:{company_id}")
    ticket_id = new_id()
    next_number = (
        select(func.coalesce(func.max(Ticket.number), 0) + 1).where(Ticket.company_id == company_id).scalar_subquery()
    )
    number = session.execute(
        insert(Ticket)
        .values(
            company_id=company_id,
            id=ticket_id,
            number=next_number,
            subject=title,
            description=body,
            contact_id=contact_id,
            created_at=now,
            updated_at=now,
        )
        .returning(Ticket.number)
    ).scalar_one()
    if outbox is not None:
        data: dict[str, Json] = {"ticket_id": str(ticket_id), "number": number}
        outbox.record(DomainEvent("support.ticket_opened", company_id, now, data))
    return TicketView(ticket_id, number, title, body, "open", rules.STATUS_LABELS["open"], contact_id, now)


def withdraw_ticket(
    session: Session, company_id: UUID, ticket_id: UUID, *, version: int, now: datetime, outbox: Outbox | None = None
) -> None:
    """Deletes a ticket that still has this version. Raises `Conflict` otherwise."""
    values = {"deleted_at": now}
    written = write_version(session, Ticket, company_id, ticket_id, version=version, values=values, now=now)
    if outbox is not None:
        data: dict[str, Json] = {"ticket_id": str(ticket_id), "version": written}
        outbox.record(DomainEvent("support.ticket_deleted", company_id, now, data))


def list_tickets(session: Session, company_id: UUID, *, limit: int = 50) -> list[TicketView]:
    """The newest tickets first. For the crew's tool of that name, which is not there yet."""
    rows = session.execute(
        select(Ticket.id, Ticket.number, Ticket.subject, Ticket.description, Ticket.status)
        .add_columns(Ticket.contact_id, Ticket.created_at)
        .where(Ticket.company_id == company_id, Ticket.deleted_at.is_(None))
        .order_by(Ticket.number.desc())
        .limit(limit)
    )
    return [TicketView(**row._mapping, status_label=rules.STATUS_LABELS[row.status]) for row in rows]
