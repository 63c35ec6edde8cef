"""A harness for turns: real Postgres, a clock that the test sets, queues in memory, and an agent that does what the
message says. A worker can be killed at any boundary between two steps."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import func, insert, select
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.orm import Session

from falachefe.accounts.models import User
from falachefe.crews import service
from falachefe.crews.models import CrewTask, ToolCall
from falachefe.crews.tools.spec import ToolContext, ToolResult
from falachefe.crews.turns import start
from falachefe.crews.turns.finish import Outcome
from falachefe.crews.turns.messaging_adapter import CrewsForMessaging
from falachefe.crews.turns.run import TaskDependencies, run_task
from falachefe.crews.turns.sweep import Swept, overdue_companies, sweep_company
from falachefe.crews.turns.types import HandoffRequest, Journal, Reply, Toolbox, TurnInput
from falachefe.db.engine import Database
from falachefe.db.outbox import Outbox, OutboxRow, QueueMessage
from falachefe.finance.models import Transaction
from falachefe.kernel.clock import FixedClock
from falachefe.kernel.ids import new_id
from falachefe.messaging.conversations import service as conversations
from falachefe.messaging.inbound.process import Inbound
from falachefe.messaging.models import (
    Channel,
    Contact,
    Conversation,
    Message,
)
from falachefe.phone_sign_in.service import Opened, subject_of


class Killed(BaseException):
    """Stands for the death of the process: nothing after it runs."""


class Boundaries:
    """Counts the boundaries between two steps, and kills at the chosen one."""

    def __init__(self) -> None:
        self.passed = 0
        self.kill_at: int | None = None

    def step(self) -> None:
        self.passed += 1
        if self.kill_at is not None and self.passed >= self.kill_at:
            self.kill_at = None
            raise Killed


class KillableDatabase(Database):
    """A database whose client may be killed before a transaction, before its commit and after it."""

    def __init__(self, real: Database, boundaries: Boundaries) -> None:
        super().__init__(lambda: real.engine)
        self._boundaries = boundaries

    @contextmanager
    def tenant(self, company_id: UUID) -> Iterator[Session]:
        self._boundaries.step()
        with super().tenant(company_id) as session:
            yield session
            self._boundaries.step()
        self._boundaries.step()


@dataclass
class Queues:
    """Keeps queue messages until the test delivers them. `down` refuses everything, as in an outage."""

    company_id: UUID
    boundaries: Boundaries
    agent_queue_messages: list[QueueMessage] = field(default_factory=list)
    sent: list[QueueMessage] = field(default_factory=list)
    events: list[QueueMessage] = field(default_factory=list)
    down: bool = False
    seen: set[tuple[str, str]] = field(default_factory=set)

    def publish(self, queue_messages: Sequence[QueueMessage]) -> Sequence[UUID]:
        self.boundaries.step()
        if self.down:
            return []
        # A sweep processes all companies, also those of other tests.
        ours = [queue_message for queue_message in queue_messages if queue_message.company_id == self.company_id]
        for queue_message in ours:
            self._take(queue_message)
        self.boundaries.step()
        return [queue_message.id for queue_message in ours]

    def _take(self, queue_message: QueueMessage) -> None:
        key = (queue_message.destination, queue_message.deduplication_id)
        if key in self.seen:
            return
        self.seen.add(key)
        if queue_message.destination.startswith("agent-"):
            self.agent_queue_messages.append(queue_message)
        elif queue_message.destination == "outbound":
            self.sent.append(queue_message)
        else:
            self.events.append(queue_message)


def fake_tool(name: str, args: Mapping[str, Any], context: ToolContext) -> ToolResult:
    """Inserts a row at each call, so that a second application can be seen."""
    if name == "refuse":
        _write_entry(context, args["what"])
        return ToolResult(False, "Não pode.", code="forbidden")
    if name == "break":
        _write_entry(context, args["what"])
        raise RuntimeError("the tool broke")
    _write_entry(context, args["what"])
    return ToolResult(True, f"Anotado: {args['what']}", {"what": args["what"]})


def _write_entry(context: ToolContext, what: str) -> None:
    context.session.execute(
        insert(Transaction).values(
            company_id=context.company_id,
            id=new_id(),
            kind="expense",
            amount=Decimal(10),
            description=what,
            category="outros",
            occurred_on=context.today,
            source="agent",
        )
    )


@dataclass
class ScriptedAgent:
    """Calls the tool `note` for every message; each model response has call ids of its own, as with real models.

    A message `passa:<role> …` leads to a handoff by the first agent, or by each one if it contains `sempre`.
    `recusa …` calls a tool that is refused, `quebra …` one that fails, `conversa …` none.
    """

    model_calls: int = 0
    before_tools: Callable[[TurnInput], None] = lambda turn: None
    failing: int = 0
    """The number of model calls from now that fail."""

    def __call__(
        self, turn: TurnInput, journal: Journal, toolbox: Toolbox, llm_config: Mapping[str, Any]
    ) -> Reply | HandoffRequest:
        self.last_turn = turn
        handoff = self._handoff(turn)
        if handoff:
            return handoff
        calls = self._calls(turn, journal)
        self.before_tools(turn)
        said = [toolbox.call(call["tool"], call["id"], {"what": call["what"]}).message for call in calls]
        said += [text for text in turn.texts if text.startswith("conversa")]
        return Reply(
            text="; ".join(said),
            confidence=Decimal("0.90"),
            tools=tuple(call["tool"] for call in calls),
            usage={"input": 10, "output": 5, "total": 15, "requests": 1},
            cost_usd=Decimal("0.000100"),
            model="scripted",
            degraded=False,
        )

    def _calls(self, turn: TurnInput, journal: Journal) -> list[dict[str, str]]:
        recorded = list(journal.load())
        known = {call["what"] for call in recorded}
        fresh = [text for text in turn.texts if text not in known]
        if recorded and not fresh:
            return recorded
        self.model_calls += 1
        if self.failing:
            self.failing -= 1
            raise ConnectionError("the model did not answer")
        tools = {"recusa": "refuse", "quebra": "break"}
        calls = recorded + [
            {"id": str(new_id()), "tool": tools.get(text.split()[0], "note"), "what": text}
            for text in fresh
            if not text.startswith("conversa")
        ]
        journal.save(calls)
        return calls

    def _handoff(self, turn: TurnInput) -> HandoffRequest | None:
        for text in turn.texts:
            if text.startswith("passa:"):
                wanted = text.split()[0].removeprefix("passa:").split(",")
                target = wanted[turn.hops] if turn.hops < len(wanted) else None
                if "sempre" in text:
                    target = wanted[turn.hops % len(wanted)]
                if target:
                    return HandoffRequest(target, "assunto de outro", "resumo", {"amount": "10"}, model="scripted")  # type: ignore[arg-type]
        return None


@dataclass(frozen=True)
class AlwaysSignedIn:
    """A sign-in in which every phone has a session."""

    user_id: UUID

    def subjects(self, *_: Any) -> dict[str, list[Opened]]:
        opened = Opened(str(new_id()), datetime(2100, 1, 1, tzinfo=UTC))
        return {subject: [opened] for subject in (subject_of(self.user_id), subject_of(None))}


def _count(name: str, now: datetime, /, **dimensions: str) -> None:
    """The metrics are not checked."""


class TurnHarness:
    """One company with a crew, a channel and contacts; the first one is staff."""

    def __init__(self, real: Database, company_id: UUID, *, people: int = 1) -> None:
        self.company_id = company_id
        self.real = real
        self.boundaries = Boundaries()
        self.database = KillableDatabase(real, self.boundaries)
        self.queues = Queues(company_id, self.boundaries)
        self.clock = FixedClock(datetime.now(UTC))
        self.agent = ScriptedAgent()
        self.dependencies = TaskDependencies(self.database, self.queues, self.clock, self.agent, fake_tool)
        with real.tenant(company_id) as session:
            self.crew_id = service.default_crew(session, company_id, self.clock.now())
            self.user_id = new_id()
            phone = "+5511900000000"  # of the first contact
            session.add(User(company_id=company_id, id=self.user_id, name="Ana", role="admin", phone=phone))
            self.channel_id = new_id()
            session.add(
                Channel(
                    company_id=company_id,
                    id=self.channel_id,
                    name="Loja",
                    provider="uaz",
                    phone="+5511912345678",
                    base_url="http://127.0.0.1",
                    secret_name="s",
                )
            )
            session.flush()
            self.conversation_ids = [self._person(session, number) for number in range(people)]

    def _person(self, session: Session, number: int) -> UUID:
        contact = Contact(
            company_id=self.company_id,
            id=new_id(),
            phone=f"+551190000{number:04d}",
            verified_at=self.clock.now(),
            name="Ana",
            user_id=self.user_id if number == 0 else None,
        )
        session.add(contact)
        session.flush()
        conversation = Conversation(
            company_id=self.company_id,
            id=new_id(),
            channel_id=self.channel_id,
            contact_id=contact.id,
            crew_id=self.crew_id,
        )
        session.add(conversation)
        session.flush()
        return conversation.id

    # -- what contacts, queues and time do

    def receive(self, text: str, key: str, *, contact: int = 0) -> start.TurnDecision | None:
        """What processing does with a message of a known contact; None when it is stored already."""
        outbox = Outbox(self.company_id)
        with self.database.tenant(self.company_id) as session:
            stored = session.execute(
                upsert(Message)
                .values(
                    company_id=self.company_id,
                    id=new_id(),
                    conversation_id=self.conversation_ids[contact],
                    channel_id=self.channel_id,
                    direction="in",
                    text=text,
                    status="received",
                    provider_message_id=key,
                )
                .on_conflict_do_nothing()
                .returning(Message.id)
            ).scalar()
            if stored is None:
                return None
            state = conversations.lock(session, self.company_id, self.conversation_ids[contact])
            past = conversations.history(session, self.company_id, state.id, before_task=state.active_task_id)
            decision = start.open_or_join(
                session, outbox, state, text, past, now=self.clock.now(), time_zone="America/Sao_Paulo"
            )
            outbox.save(session)
        outbox.publish(self.database, self.queues)
        return decision

    def process_inbound(self, kind: str, text: str, key: str, *, contact: int = 0, at: datetime | None = None) -> str:
        """Processes a queue message of a known contact: a message, or a person's answer (`takeover`)."""
        now = self.clock.now()
        queue_message = {
            "kind": kind,
            "company_id": str(self.company_id),
            "channel_id": str(self.channel_id),
            "phone": f"+551190000{contact:04d}",
            "message": {
                "provider_message_id": key,
                "kind": "text",
                "text": text,
                "provider_at": (at or now).isoformat(),
                "sender_name": "Ana",
            },
            "received_at": now.isoformat(),
        }
        signed_in: Any = AlwaysSignedIn(self.user_id)
        return Inbound(self.database, self.queues, signed_in, self.clock, _count, CrewsForMessaging())(queue_message)

    def deliver(self, position: int = 0, *, keep: bool = False) -> Outcome:
        """Delivers one queue message to its agent; with `keep` it may be delivered again."""
        queue_message = self.queues.agent_queue_messages[position]
        outcome = self.run(queue_message)
        if not keep:
            self.queues.agent_queue_messages.remove(queue_message)
        return outcome

    def run(self, queue_message: QueueMessage, dependencies: TaskDependencies | None = None) -> Outcome:
        return run_task(
            queue_message.payload,
            dependencies or self.dependencies,
            role=queue_message.destination.removeprefix("agent-"),
        )

    def drain(self) -> list[Outcome]:
        outcomes = []
        while self.queues.agent_queue_messages:
            outcomes.append(self.deliver())
        return outcomes

    def wait(self, seconds: float) -> None:
        self.clock.at += timedelta(seconds=seconds)

    def sweep(self) -> Swept:
        """Sweeps this company only: other tests' companies are in the same database."""
        swept, now = Swept(), self.clock.now()
        if self.company_id in overdue_companies(self.real, now):
            sweep_company(self.database, self.queues, self.company_id, now=now, swept=swept)
        return swept

    def settle(self, rounds: int = 12) -> None:
        """Without further kills or outages: sweeps and deliveries until nothing is left to do."""
        self.boundaries.kill_at = None
        self.queues.down = False
        self.agent.failing = 0
        for _ in range(rounds):
            self.drain()
            self.wait(61)
            swept = self.sweep()
            assert not swept.errors
            if not self.queues.agent_queue_messages and not self.active_tasks() and not self.queue_messages_left():
                return
        raise AssertionError("work is left after all rounds")

    # -- what is stored

    def rows(self, statement: Any) -> list[Any]:
        with self.real.tenant(self.company_id) as session:
            return list(session.execute(statement).all())

    def messages(self, direction: str, contact: int = 0) -> list[Any]:
        return self.rows(
            select(Message.text, Message.crew_task_id, Message.status)
            .where(Message.direction == direction, Message.conversation_id == self.conversation_ids[contact])
            .order_by(Message.id)
        )

    def replies(self, contact: int = 0) -> list[str]:
        return [row.text for row in self.messages("out", contact)]

    def entry_counts(self) -> dict[str, int]:
        counted = self.rows(select(Transaction.description, func.count()).group_by(Transaction.description))
        return {row[0]: row[1] for row in counted}

    def tasks(self) -> list[Any]:
        return self.rows(
            select(
                CrewTask.id,
                CrewTask.role,
                CrewTask.status,
                CrewTask.attempts,
                CrewTask.parent_task_id,
                CrewTask.conversation_id,
                CrewTask.error_message,
                CrewTask.result,
                CrewTask.cost_usd,
                CrewTask.token_usage,
                CrewTask.execution_time_ms,
                CrewTask.lease_until,
                CrewTask.metadata_.label("metadata"),
            ).order_by(CrewTask.id)
        )

    def active_tasks(self) -> list[Any]:
        return [task for task in self.tasks() if task.status in ("pending", "in_progress")]

    def tool_calls(self) -> list[Any]:
        return self.rows(select(ToolCall.tool, ToolCall.args, ToolCall.ok, ToolCall.result).order_by(ToolCall.id))

    def queue_messages_left(self) -> list[Any]:
        return self.rows(select(OutboxRow.destination, OutboxRow.payload))

    def conversation(self, contact: int = 0) -> Any:
        return self.rows(
            select(
                Conversation.active_task_id,
                Conversation.current_agent_id,
                Conversation.handoff_history,
            ).where(Conversation.id == self.conversation_ids[contact])
        )[0]

    def event_names(self) -> list[str]:
        return [queue_message.payload["name"] for queue_message in self.queues.events]
