"""What the simulator and the demo read about a conversation, from the product's own tables."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from uuid import UUID

import pytest
from sqlalchemy import Engine
from sqlalchemy.exc import ProgrammingError
from sqlalchemy.orm import Session

from falachefe.accounts.models import User
from falachefe.crews.models import Crew, CrewAgent, CrewTask, ToolCall
from falachefe.db.engine import Database
from falachefe.finance.models import Transaction
from falachefe.kernel.ids import new_id
from falachefe.messaging.models import (
    Channel,
    Contact,
    Conversation,
    Message,
)
from infra.local.demo.client import Ledger
from infra.local.front_door.conversation import Handoff, Journal, connect
from infra.local.front_door.stack import Company, Person, Stack
from infra.local.stack.postgres import PostgresAddress

PHONE = "+5511987654321"


@dataclass(frozen=True)
class Chat:
    """A conversation whose first agent may hand over to the second."""

    company_id: UUID
    channel_id: UUID
    crew_id: UUID
    conversation_id: UUID
    agents: dict[str, UUID]

    def task(self, role: str, parent: CrewTask | None = None, milliseconds: int = 5) -> CrewTask:
        return CrewTask(
            company_id=self.company_id,
            id=new_id(),
            crew_id=self.crew_id,
            agent_id=self.agents[role],
            role=role,
            conversation_id=self.conversation_id,
            parent_task_id=parent.id if parent else None,
            description="",
            status="completed",
            execution_time_ms=milliseconds,
        )

    def call(self, task: CrewTask, tool: str, **args: str) -> ToolCall:
        return ToolCall(
            company_id=self.company_id,
            task_id=task.id,
            tool_call_id=str(new_id()),
            tool=tool,
            args=args,
            result={},
            ok=True,
        )

    def message(self, direction: str, text: str, task: CrewTask | None, status: str) -> Message:
        return Message(
            company_id=self.company_id,
            id=new_id(),
            conversation_id=self.conversation_id,
            channel_id=self.channel_id,
            direction=direction,
            text=text,
            status=status,
            crew_task_id=task.id if task else None,
            created_at=datetime.now(UTC),
        )


@pytest.fixture
def chat(database: Database, company_id: UUID) -> Chat:
    made = Chat(company_id, new_id(), new_id(), new_id(), {"financial": new_id(), "hr": new_id()})
    contact_id = new_id()
    agents = [
        CrewAgent(
            company_id=company_id,
            id=one,
            crew_id=made.crew_id,
            name=role,
            role=role,
            goal="Cuidar do assunto",
            backstory="",
        )
        for role, one in made.agents.items()
    ]
    with database.tenant(company_id) as session:
        add(
            session,
            Channel(
                company_id=company_id, id=made.channel_id, name="Canal", provider="uaz", phone="+551140028922",
                base_url="http://127.0.0.1:9", secret_name="channel",
            ),
            Contact(company_id=company_id, id=contact_id, phone=PHONE),
            Crew(company_id=company_id, id=made.crew_id, name="Equipe"),
            *agents,
            Conversation(
                company_id=company_id, id=made.conversation_id, channel_id=made.channel_id, contact_id=contact_id,
                crew_id=made.crew_id,
            ),
        )  # fmt: skip
    return made


@pytest.fixture
def journal(postgres: PostgresAddress) -> Iterator[Journal]:
    made = Journal(lambda: Stack(apis={}, database_url=postgres.url("falachefe"), companies=()))
    yield made
    made.close()


@pytest.fixture
def reader(postgres: PostgresAddress) -> Iterator[Engine]:
    engine = connect(postgres.url("falachefe"))
    yield engine
    engine.dispose()


@pytest.fixture
def ledger(reader: Engine, journal: Journal, company_id: UUID) -> Ledger:
    return Ledger(reader, journal, str(company_id))


def add(session: Session, *rows: object) -> None:
    for row in rows:
        session.add(row)
        session.flush()


def test_a_reply_names_its_agent_its_tools_and_its_time(database: Database, chat: Chat, journal: Journal) -> None:
    task = chat.task("financial", milliseconds=21)
    with database.tenant(chat.company_id) as session:
        add(session, task, chat.call(task, "add_expense", amount="150.00"))
        add(session, chat.message("in", "gastei 150", task, "received"), chat.message("out", "Anotei", task, "sent"))
    asked, reply = journal.conversation(str(chat.company_id), "11 98765-4321")
    assert (asked.text, asked.answered, asked.turn) == ("gastei 150", True, None)
    assert reply.turn is not None
    assert (reply.turn.role, reply.turn.milliseconds, reply.turn.handoffs) == ("financial", 21, ())
    assert [(one.tool, one.args) for one in reply.turn.tools] == [("add_expense", {"amount": "150.00"})]


def test_a_handoff_that_said_nothing_brings_its_tools_to_the_reply(
    database: Database, chat: Chat, journal: Journal
) -> None:
    first = chat.task("financial", milliseconds=5)
    second = chat.task("hr", first, milliseconds=7)
    second.metadata_ = {"handoff": {"reason": "assunto de pessoal"}}
    with database.tenant(chat.company_id) as session:
        add(session, first, second, chat.call(first, "add_expense"), chat.call(second, "register_absence"))
        add(session, chat.message("out", "Registrei", second, "sent"))
    (reply,) = journal.conversation(str(chat.company_id), PHONE)
    assert reply.turn is not None
    assert reply.turn.handoffs == (Handoff("financial", "hr", "assunto de pessoal"),)
    assert [(one.role, one.tool) for one in reply.turn.tools] == [
        ("financial", "add_expense"),
        ("hr", "register_absence"),
    ]
    assert reply.turn.milliseconds == 12


def test_a_handoff_that_spoke_keeps_its_own_tools(database: Database, chat: Chat, journal: Journal) -> None:
    first = chat.task("financial")
    second = chat.task("hr", first)
    with database.tenant(chat.company_id) as session:
        add(session, first, second, chat.call(first, "add_expense"))
        add(session, chat.message("out", "Passei para o RH", first, "sent"), chat.message("out", "Oi!", second, "sent"))
    passed, reply = journal.conversation(str(chat.company_id), PHONE)
    assert passed.turn is not None
    assert reply.turn is not None
    assert [one.tool for one in passed.turn.tools] == ["add_expense"]
    assert reply.turn.tools == ()
    assert reply.turn.handoffs == (Handoff("financial", "hr", ""),)


def test_another_company_sees_nothing_of_it(database: Database, chat: Chat, journal: Journal) -> None:
    with database.tenant(chat.company_id) as session:
        add(session, chat.message("in", "oi", None, "received"))
    assert journal.conversation(str(new_id()), PHONE) == []


def test_without_a_database_the_conversation_is_empty() -> None:
    nowhere = Stack(apis={}, database_url="postgresql://postgres@127.0.0.1:9/x", companies=())
    assert Journal(lambda: nowhere).conversation(str(new_id()), PHONE) == []


def test_reading_cannot_change_anything(reader: Engine, chat: Chat) -> None:
    with reader.connect() as connection, pytest.raises(ProgrammingError, match="read-only"):
        connection.exec_driver_sql("delete from messages")


@pytest.mark.parametrize(
    ("direction", "status", "busy"),
    [
        ("in", "received", True),
        ("in", "held", False),
        ("out", "queued", True),
        ("out", "sending", True),
        ("out", "sent", False),
    ],
)
def test_a_phone_is_busy_while_a_message_is_on_its_way(
    database: Database, chat: Chat, ledger: Ledger, direction: str, status: str, busy: bool
) -> None:
    since = datetime.now(UTC)
    with database.tenant(chat.company_id) as session:
        add(session, chat.message(direction, "oi", None, status))
    assert ledger.is_busy(PHONE, since) is busy
    assert not ledger.is_busy(PHONE, datetime.now(UTC))


def test_new_rows_are_told_from_old_ones(database: Database, chat: Chat, ledger: Ledger) -> None:
    before = ledger.rows()
    entry = Transaction(
        company_id=chat.company_id,
        kind="expense",
        amount=Decimal(150),
        description="gasolina",
        category="combustivel",
        occurred_on=datetime.now(UTC).date(),
    )
    with database.tenant(chat.company_id) as session:
        add(session, entry)
    new = [row for key, row in ledger.rows().items() if key not in before]
    assert [(row.table, row.fields["category"]) for row in new] == [("transactions", "combustivel")]


def test_the_name_and_the_staff_of_a_company_come_from_its_rows(
    database: Database, company_id: UUID, journal: Journal
) -> None:
    staff = [("Bia", "+5511911110000", "user"), ("Ana", PHONE, "admin"), ("Sem telefone", None, "user")]
    with database.tenant(company_id) as session:
        add(session, *(User(company_id=company_id, name=name, phone=phone, role=role) for name, phone, role in staff))
    known = Company(str(company_id), "?", "key", "http://127.0.0.1:9", "t", PHONE, "+551140028922", None, ())
    found = journal.company(known)
    assert found.name == "Padaria do Chefe"
    assert [(one.name, one.role) for one in found.people] == [("Ana", "owner"), ("Bia", "user")]


def test_a_company_without_rows_stays_as_the_stack_file_has_it(journal: Journal) -> None:
    people = (Person("Dono", PHONE, "owner"),)
    known = Company(str(new_id()), "Demo", "key", "http://127.0.0.1:9", "t", PHONE, "+551140028922", None, people)
    assert journal.company(known) == known
