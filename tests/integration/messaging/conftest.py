"""A company with a channel and an owner, on a test clock; AWS by moto, real Postgres, queues in memory."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from botocore.session import Session as BotoSession
from moto import mock_aws
from sqlalchemy import Row, select, text, update

from falachefe.accounts.models import User
from falachefe.aws.rate_limit import SlidingLimit
from falachefe.aws.tables import Table
from falachefe.crews.turns.messaging_adapter import CrewsForMessaging
from falachefe.db.engine import Database
from falachefe.db.outbox import QueueMessage
from falachefe.kernel.clock import FixedClock
from falachefe.kernel.ids import new_id
from falachefe.kernel.observability.logs import logger
from falachefe.messaging.inbound.process import Inbound
from falachefe.messaging.models import Channel, Message
from falachefe.messaging.outbound.send import Sender
from falachefe.messaging.providers.base import (
    Accepted,
    OutgoingText,
    SendingChannel,
    SendOutcome,
)
from falachefe.messaging.providers.uaz import Uaz
from falachefe.phone_sign_in.codes import Codes
from falachefe.phone_sign_in.service import SignIn, subject_of
from tests.tables import create_table

PEPPER = "pepper-only-for-tests"
NOW = datetime(2026, 11, 20, 14, 0, tzinfo=UTC)
OWNER_PHONE = "+5511987654321"
UNKNOWN_PHONE = "+5511912345678"


class Queues:
    """Accepts queue messages as SQS does: each deduplication id once."""

    def __init__(self) -> None:
        self.queue_messages: list[QueueMessage] = []
        self.down = False

    def publish(self, queue_messages: Sequence[QueueMessage]) -> Sequence[UUID]:
        if self.down:
            return ()
        known = {(one.destination, one.deduplication_id) for one in self.queue_messages}
        self.queue_messages += [one for one in queue_messages if (one.destination, one.deduplication_id) not in known]
        return [one.id for one in queue_messages]

    def of(self, destination: str) -> list[QueueMessage]:
        return [one for one in self.queue_messages if one.destination.startswith(destination)]


@dataclass
class FakeProvider(Uaz):
    """A provider that keeps what it accepts; the outcomes in `answers` come first, then everything is accepted."""

    sent: list[OutgoingText] = field(default_factory=list)
    answers: list[SendOutcome | Exception] = field(default_factory=list)

    def send_text(self, channel: SendingChannel, message: OutgoingText) -> SendOutcome:
        answer = self.answers.pop(0) if self.answers else Accepted(f"3EB0{len(self.sent):018X}")
        if isinstance(answer, Exception):
            raise answer
        if isinstance(answer, Accepted):
            self.sent.append(message)
        return answer

    def sent_to(self, phone: str) -> list[str]:
        return [one.text for one in self.sent if one.phone == phone]


@dataclass
class WhatsAppHarness:
    """One company and the dependencies of its WhatsApp functions."""

    company_id: UUID
    channel_id: UUID
    owner_id: UUID
    database: Database
    clock: FixedClock
    queues: Queues
    sign_in: SignIn
    provider: FakeProvider
    limits: SlidingLimit
    counted: list[tuple[str, Mapping[str, str]]]
    table: Table
    """The table of sessions."""
    sent_queue_messages: int = 0

    def count(self, name: str, now: datetime, /, **dimensions: str) -> None:
        self.counted.append((name, dimensions))

    def inbound(self) -> Inbound:
        return Inbound(self.database, self.queues, self.sign_in, self.clock, self.count, CrewsForMessaging())

    def sender(self) -> Sender:
        return Sender(
            database=self.database,
            publisher=self.queues,
            providers=lambda _: self.provider,
            secret=lambda _: {"instance_token": "instance-token"},
            codes=lambda: Codes(PEPPER),
            limits=self.limits,
            clock=self.clock,
            count=self.count,
        )

    def queue_message(self, kind: str, phone: str | None, message: dict[str, Any]) -> dict[str, Any]:
        return {
            "kind": kind,
            "company_id": str(self.company_id),
            "channel_id": str(self.channel_id),
            "phone": phone,
            "message": {"provider_at": self.clock.now().isoformat(), **message},
            "received_at": self.clock.now().isoformat(),
        }

    def receive(self, phone: str, said: str, *, kind: str = "text", message_id: str | None = None) -> str:
        message = {
            "provider_message_id": message_id or f"3EB0{new_id().hex[:18].upper()}",
            "kind": kind,
            "text": said,
            "sender_name": "Bia",
        }
        return self.inbound()(self.queue_message("message", phone, message))

    def send_queued(self) -> list[str]:
        """Processes the outbound queue; returns the texts that were sent."""
        before = len(self.provider.sent)
        queue_messages = self.queues.of("outbound")[self.sent_queue_messages :]
        self.sent_queue_messages += len(queue_messages)
        for queue_message in queue_messages:
            self.sender()(queue_message.payload)
        return [one.text for one in self.provider.sent[before:]]

    def advance(self, **delta: float) -> None:
        self.clock.at += timedelta(**delta)

    def messages(self, **equal: Any) -> list[Row[Any]]:
        with self.database.tenant(self.company_id) as session:
            statement = select(Message.__table__).where(Message.company_id == self.company_id).order_by(Message.id)
            for name, value in equal.items():
                statement = statement.where(getattr(Message, name) == value)
            return list(session.execute(statement).all())

    def rows(self, statement: str) -> list[Row[Any]]:
        with self.database.tenant(self.company_id) as session:
            return list(session.execute(text(statement)).all())

    def finish_turns(self) -> None:
        """Ends the running turns without a reply."""
        with self.database.tenant(self.company_id) as session:
            session.execute(
                text(
                    "update messages set crew_task_id = c.active_task_id from conversations c "
                    "where c.id = messages.conversation_id and direction = 'in' and crew_task_id is null "
                    "and messages.status = 'received'"
                )
            )
            session.execute(text("update crew_tasks set status = 'completed'"))
            session.execute(text("update conversations set active_task_id = null"))

    def set_owner(self, **values: Any) -> None:
        with self.database.tenant(self.company_id) as session:
            session.execute(update(User).where(User.id == self.owner_id).values(**values))


@pytest.fixture
def tables() -> Iterator[dict[str, Table]]:
    with mock_aws():
        client: Any = BotoSession().create_client("dynamodb", region_name="sa-east-1")
        made = {}
        for name in ("auth", "limits", "channels"):
            create_table(client, name)
            made[name] = Table(client, name)
        yield made


@pytest.fixture
def whatsapp(database: Database, company_id: UUID, tables: dict[str, Table]) -> WhatsAppHarness:
    channel_id, owner_id = new_id(), new_id()
    with database.tenant(company_id) as session:
        session.add(
            Channel(
                company_id=company_id,
                id=channel_id,
                name="Principal",
                provider="uaz",
                phone="+551140028922",
                base_url="http://127.0.0.1:9",
                secret_name="falachefe/test/channel/1",
            )
        )
        session.add(
            User(
                company_id=company_id,
                id=owner_id,
                name="Ana Chefe",
                email=f"ana-{owner_id}@padaria.com.br",
                phone=OWNER_PHONE,
                role="admin",
            )
        )
    return WhatsAppHarness(
        company_id=company_id,
        channel_id=channel_id,
        owner_id=owner_id,
        database=database,
        clock=FixedClock(NOW),
        queues=Queues(),
        sign_in=SignIn(tables["auth"], lambda: Codes(PEPPER)),
        table=tables["auth"],
        provider=FakeProvider(),
        limits=SlidingLimit(tables["limits"]),
        counted=[],
    )


@pytest.fixture
def signed_in(whatsapp: WhatsAppHarness) -> WhatsAppHarness:
    """The harness with the owner signed in."""
    whatsapp.sign_in.create_session(whatsapp.company_id, OWNER_PHONE, subject=subject_of(whatsapp.owner_id), now=NOW)
    return whatsapp


class _Lines:
    """A log stream of this test only: the handler may hold the captured output of an earlier test."""

    def __init__(self) -> None:
        self.kept: list[str] = []

    def write(self, line: str) -> None:
        self.kept.append(line)

    def flush(self) -> None:
        """Nothing is buffered."""


@pytest.fixture
def printed(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Callable[[], str]:
    """Returns all that was printed or logged."""
    lines = _Lines()
    monkeypatch.setattr(logger().registered_handler, "stream", lines)
    return lambda: "".join([*capsys.readouterr(), *lines.kept])
