"""A state machine of turns: messages are repeated, reordered, refused or lost and workers killed, in any order, while
people take over, the company is suspended or pauses its crew, and days pass.

Each run takes other steps; a failing one prints them and how to repeat it.
"""

from datetime import date, datetime, timedelta
from typing import Any

import hypothesis.strategies as st
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import select, update

from falachefe.companies.models import Company
from falachefe.crews.models import Crew
from falachefe.crews.turns import rules
from falachefe.crews.turns.finish import APOLOGY, APOLOGY_FOR_THE_REST
from falachefe.db.engine import Database
from falachefe.finance.models import Transaction
from falachefe.kernel.clock import local_date
from falachefe.kernel.ids import new_id
from falachefe.messaging.conversations.skipped import UNANSWERED
from falachefe.messaging.models import Conversation, Message
from tests.integration.crews.harness import Killed, TurnHarness

PEOPLE = 2
GIVES_UP_AFTER = 5
"""Deliveries of a queue message before the test drops it."""
AT_A_LOSS = rules.stay_text(wanted="hr", reason="already_had_it")
KINDS = ("gastei 10 reais com gasolina", "conversa", "recusa", "quebra", "passa:hr gastei", "passa:hr,financial sempre")


class TurnMachine(RuleBasedStateMachine):
    real: Database

    @initialize()
    def a_company(self) -> None:
        identifier = new_id()
        with self.real.tenant(identifier) as session:
            session.add(Company(id=identifier, name="Padaria do Chefe"))
        self.crew = TurnHarness(self.real, identifier, people=PEOPLE)
        self.sent: dict[str, tuple[str, int]] = {}
        """What the provider delivers until it is stored, by message id."""
        self.written: dict[str, datetime] = {}
        self.received: dict[object, int] = {}
        self.quiet: set[int] = set()
        """Conversations in which a person of the company answered."""
        self.closed = False
        """Whether the company was suspended at any time, or a day passed."""
        self.answers = 0

    # -- what happens

    @rule(kind=st.sampled_from(KINDS), contact=st.integers(0, PEOPLE - 1))
    def write(self, kind: str, contact: int) -> None:
        key = f"m{len(self.sent)}"
        self.sent[key] = (f"{kind} {key}", contact)
        self._run_until_killed(lambda: self._receive(key))

    @precondition(lambda self: self.sent)
    @rule(data=st.data())
    def deliver_again(self, data: st.DataObject) -> None:
        key = data.draw(st.sampled_from(sorted(self.sent)))
        self._run_until_killed(lambda: self._receive(key))

    @precondition(lambda self: self.crew.queues.agent_queue_messages)
    @rule(data=st.data(), keep=st.booleans())
    def work(self, data: st.DataObject, keep: bool) -> None:
        """Delivers any waiting queue message, so in any order; with `keep` it is delivered again."""
        position = data.draw(st.integers(0, len(self.crew.queues.agent_queue_messages) - 1))
        queue_message = self.crew.queues.agent_queue_messages[position]
        self.received[queue_message.id] = self.received.get(queue_message.id, 0) + 1
        given_up = self.received[queue_message.id] >= GIVES_UP_AFTER
        self._run_until_killed(lambda: self.crew.deliver(position, keep=keep and not given_up))

    @precondition(lambda self: self.crew.queues.agent_queue_messages)
    @rule(data=st.data())
    def lose_a_queue_message(self, data: st.DataObject) -> None:
        position = data.draw(st.integers(0, len(self.crew.queues.agent_queue_messages) - 1))
        self.crew.queues.agent_queue_messages.pop(position)

    @precondition(lambda self: self.sent)
    @rule(data=st.data())
    def write_during_the_next_turn(self, data: st.DataObject) -> None:
        key = data.draw(st.sampled_from(sorted(self.sent)))
        new = f"m{len(self.sent)}"
        self.sent[new] = (f"conversa {new}", self.sent[key][1])
        self.crew.agent.before_tools = lambda turn: self._run_until_killed(lambda: self._receive(new))

    @rule(boundary=st.integers(1, 25))
    def kill_soon(self, boundary: int) -> None:
        self.crew.boundaries.kill_at = self.crew.boundaries.passed + boundary

    @rule()
    def queues_go_down_or_up(self) -> None:
        self.crew.queues.down = not self.crew.queues.down

    @rule(times=st.integers(1, 4))
    def the_model_fails(self, times: int) -> None:
        self.crew.agent.failing = times

    @rule(seconds=st.sampled_from((1, 29, 31, 46, 61)))
    def time_passes(self, seconds: int) -> None:
        self.crew.wait(seconds)

    @rule(hours=st.sampled_from((3, 25)))
    def the_night_passes(self, hours: int) -> None:
        """Past midnight; after a day waiting messages are too old."""
        self.closed |= hours > 24
        self.crew.wait(hours * 3600)

    @rule(contact=st.integers(0, PEOPLE - 1))
    def a_person_takes_over(self, contact: int) -> None:
        self.quiet.add(contact)
        self.answers += 1
        self._run_until_killed(
            lambda: self.crew.process_inbound("takeover", "Deixa comigo", f"a{self.answers}", contact=contact)
        )

    @rule()
    def takeovers_end(self) -> None:
        self._set(update(Conversation).values(human_until=None))

    @rule(status=st.sampled_from(("suspended", "active")))
    def the_company_is(self, status: str) -> None:
        self.closed |= status == "suspended"
        self._set(update(Company).values(status=status))

    @rule(status=st.sampled_from(("paused", "active")))
    def the_crew_is(self, status: str) -> None:
        self._set(update(Crew).values(status=status))

    @rule()
    def sweep(self) -> None:
        self._run_until_killed(self.crew.sweep)

    # -- what always holds

    @invariant()
    def each_conversation_has_at_most_one_active_turn(self) -> None:
        active = [task.conversation_id for task in self.crew.active_tasks()]
        assert len(active) == len(set(active))

    @invariant()
    def each_conversation_refers_to_its_active_task(self) -> None:
        active = {task.conversation_id: task.id for task in self.crew.active_tasks()}
        for number, conversation_id in enumerate(self.crew.conversation_ids):
            assert self.crew.conversation(number).active_task_id == active.get(conversation_id)

    @invariant()
    def no_tool_is_applied_twice(self) -> None:
        assert set(self.crew.entry_counts().values()) <= {1}

    @invariant()
    def each_turn_has_at_most_one_reply(self) -> None:
        messages = [message for contact in range(PEOPLE) for message in self.crew.messages("out", contact)]
        tasks = [message.crew_task_id for message in messages if message.crew_task_id]
        assert len(tasks) == len(set(tasks))

    def teardown(self) -> None:
        crew = self.crew
        crew.agent.before_tools = lambda turn: None
        crew.boundaries.kill_at = None
        crew.queues.down = False
        self.takeovers_end()
        self.the_company_is("active")
        self.the_crew_is("active")
        for key in self.sent:  # the provider and the inbound queue repeat what was not accepted
            self._receive(key)
        crew.settle()
        crew.sweep()
        crew.settle()
        for contact in range(PEOPLE):
            self._every_message_was_answered(contact)
        self._entries_are_dated_on_days_with_messages()
        assert crew.rows(select(Message.id).where(Message.crew_metadata.has_key(UNANSWERED))) == []
        assert crew.queue_messages_left() == []
        assert all(crew.conversation(contact).active_task_id is None for contact in range(PEOPLE))

    def _every_message_was_answered(self, contact: int) -> None:
        tasks = {task.id: task for task in self.crew.tasks()}
        parents = {task.parent_task_id for task in tasks.values()}
        incoming = self.crew.messages("in", contact)
        assert {m.text for m in incoming} == {text for text, number in self.sent.values() if number == contact}
        replies = {m.crew_task_id: m.text for m in self.crew.messages("out", contact) if m.crew_task_id}
        mine = [t for t in tasks.values() if t.conversation_id == self.crew.conversation_ids[contact]]
        ended = {t.id for t in mine if t.id not in parents and t.status != "cancelled"}
        assert replies.keys() == ended, "every turn has its one reply"
        entry_counts = self.crew.entry_counts()
        for message in incoming:
            if message.status == "read":
                assert contact in self.quiet or self.closed, "nothing else sets a message aside"
                assert message.crew_task_id is not None or message.text not in entry_counts
                continue
            reply = replies[message.crew_task_id]
            if message.text.startswith(("gastei", "passa")):
                # A reply reports what was done; only an apology or a question may leave it undone.
                assert (f"Anotado: {message.text}" in reply) == (entry_counts.get(message.text) == 1)
                assert entry_counts.get(message.text) == 1 or reply.endswith((APOLOGY, APOLOGY_FOR_THE_REST, AT_A_LOSS))

    def _entries_are_dated_on_days_with_messages(self) -> None:
        days = {self._day(at) for at in self.written.values()}
        assert {row[0] for row in self.crew.rows(select(Transaction.occurred_on))} <= days

    # -- helpers

    def _receive(self, key: str) -> None:
        text, contact = self.sent[key]
        at = self.written.setdefault(key, self.crew.clock.now())
        self.crew.process_inbound(
            "message", text, key, contact=contact, at=max(at, self.crew.clock.now() - timedelta(hours=24))
        )

    @staticmethod
    def _day(at: datetime) -> date:
        return local_date(at, "America/Sao_Paulo")

    def _set(self, statement: Any) -> None:
        with self.real.tenant(self.crew.company_id) as session:
            session.execute(statement.execution_options(synchronize_session=False))

    @staticmethod
    def _run_until_killed(step: object) -> None:
        """Runs a step in which the process may be killed."""
        assert callable(step)
        try:
            step()
        except Killed:
            return


def test_no_message_is_lost_no_tool_runs_twice_and_every_turn_has_one_reply(database: Database) -> None:
    class Machine(TurnMachine):
        real = database

    run_state_machine_as_test(
        Machine,
        settings=settings(
            max_examples=20,
            stateful_step_count=25,
            deadline=None,
            print_blob=True,
            database=None,
            phases=[Phase.generate],  # shrinking takes minutes; the steps are printed either way
            suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much],
        ),
    )
