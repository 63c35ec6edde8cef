from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, datetime
from uuid import UUID

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from falachefe.companies.service import create_company
from falachefe.db.engine import Database
from falachefe.db.outbox import Outbox
from falachefe.kernel.errors import InvalidInput
from falachefe.kernel.ids import new_id
from falachefe.support import service
from falachefe.support.models import Article
from falachefe.support.service import TicketView

NOW = datetime(2026, 11, 20, 15, 0, tzinfo=UTC)
ARTICLES = {
    "Qual é o horário de funcionamento?": "De segunda a sábado abrimos das 6h às 20h; domingos e feriados, até 13h.",
    "Onde fica a padaria? Qual é o endereço?": "Ficamos na Rua das Acácias, 120, Vila Mariana.",
    "Quais são as formas de pagamento?": "Aceitamos Pix, dinheiro, cartão de débito e de crédito.",
    "Vocês fazem entrega?": "Entregamos em até 3 km, com taxa de R$ 6,00.",
    "Como encomendar um bolo?": "Encomende com 48 horas de antecedência pelo WhatsApp.",
}
TITLES = list(ARTICLES)


@pytest.fixture
def session(database: Database, company_id: UUID) -> Iterator[Session]:
    with database.tenant(company_id) as opened:
        yield opened


@pytest.fixture
def published(session: Session, company_id: UUID) -> None:
    for question, text in ARTICLES.items():
        service.publish_article(session, company_id, question=question, answer=text, now=NOW)


@pytest.mark.usefixtures("published")
@pytest.mark.parametrize(
    ("asked", "title"),
    [
        ("Qual o horário de funcionamento?", 0),
        ("qual o horario de vcs", 0),
        ("oi bom dia, vcs abrem domingo?", 0),
        ("ABREM NO FERIADO??", 0),
        ("onde fica a padaria", 1),
        ("me passa o endereco por favor", 1),
        ("aceita cartao de credito?", 2),
        ("posso pagar com pix", 2),
        ("quais as formas de pagamento", 2),
        ("vocês entregam em casa?", 3),
        ("quanto é a taxa de entrega", 3),
        ("quero encomendar um bolo de aniversário", 4),
    ],
)
def test_a_question_finds_its_article_with_or_without_accents(
    session: Session, company_id: UUID, asked: str, title: int
) -> None:
    found = service.answer(session, company_id, asked)

    assert found is not None
    assert found.question == TITLES[title]


@pytest.mark.usefixtures("published")
@pytest.mark.parametrize(
    "asked",
    ["vocês vendem seguro de vida?", "qual o telefone do prefeito", "kkkk", "😀", "", "' or 1=1 --", "a & | ! ( )"],
)
def test_a_question_without_a_published_answer_is_not_answered(session: Session, company_id: UUID, asked: str) -> None:
    assert service.answer(session, company_id, asked) is None


def test_publishing_the_same_question_again_replaces_its_answer(session: Session, company_id: UUID) -> None:
    first = service.publish_article(session, company_id, question="Tem estacionamento?", answer="Não.", now=NOW)
    second = service.publish_article(session, company_id, question="Tem estacionamento?", answer="Sim.", now=NOW)

    assert first.id == second.id
    assert session.scalars(select(Article.answer).where(Article.published)).all() == ["Sim."]


def open_one(session: Session, company_id: UUID, subject: str = "Pedido errado") -> TicketView:
    return service.open_ticket(
        session, company_id, subject=subject, description="Veio o bolo errado.", contact_id=None, now=NOW
    )


def test_tickets_are_numbered_from_one_in_each_company(database: Database, company_id: UUID) -> None:
    other = new_id()
    with database.tenant(other) as session:
        create_company(session, other, name="Salão da Bia")
        assert open_one(session, other).number == 1
    with database.tenant(company_id) as session:
        assert [open_one(session, company_id).number for _ in range(3)] == [1, 2, 3]


def test_tickets_opened_concurrently_have_consecutive_numbers(database: Database, company_id: UUID) -> None:
    def one(_: int) -> int:
        with database.tenant(company_id) as session:
            return open_one(session, company_id).number

    with ThreadPoolExecutor(4) as pool:
        numbers = list(pool.map(one, range(12)))

    assert sorted(numbers) == list(range(1, 13))


def test_a_ticket_that_was_rolled_back_leaves_no_gap(database: Database, company_id: UUID) -> None:
    with suppress(ZeroDivisionError), database.tenant(company_id) as session:
        open_one(session, company_id)
        raise ZeroDivisionError
    with database.tenant(company_id) as session:
        assert open_one(session, company_id).number == 1


def test_the_event_of_a_ticket_has_its_number_but_not_its_text(session: Session, company_id: UUID) -> None:
    outbox = Outbox(company_id)

    service.open_ticket(
        session, company_id, subject="Bolo", description="Veio errado", contact_id=None, now=NOW, outbox=outbox
    )

    (queue_message,) = outbox.queue_messages
    assert queue_message.payload["data"]["number"] == 1
    assert "Veio errado" not in str(queue_message.payload)


def test_a_ticket_without_a_subject_is_refused(session: Session, company_id: UUID) -> None:
    with pytest.raises(InvalidInput) as refused:
        open_one(session, company_id, " \x00 ")

    assert refused.value.code == "subject_empty"


def test_the_newest_tickets_are_listed_first(session: Session, company_id: UUID) -> None:
    for subject in ("Primeiro", "Segundo"):
        open_one(session, company_id, subject)

    assert [t.subject for t in service.list_tickets(session, company_id)] == ["Segundo", "Primeiro"]
