"""The turn's state machine: whatever is repeated, reordered, refused, lost or killed, in any order, while people take
over, the company is suspended or pauses its crew, and days pass.

Each run walks other ways; a failing one prints its steps and what repeats it.
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
from tests.integration.crews.rig import Killed, World

PEOPLE = 2
GIVES_UP_AFTER = 5
"""So often the queue hands a message out."""
AT_A_LOSS = rules.stay_text(wanted="hr", reason="already_had_it")
KINDS = ("gastei 10 reais com gasolina", "conversa", "recusa", "quebra", "passa:hr gastei", "passa:hr,financial sempre")


class TurnMachine(RuleBasedStateMachine):
    real: Database

    @initialize()
    def a_company(self) -> None:
        identifier = new_id()
        with self.real.tenant(identifier) as session:
            session.add(Company(id=identifier, name="Padaria do Chefe"))
        self.world = World(self.real, identifier, people=PEOPLE)
        self.sent: dict[str, tuple[str, int]] = {}
        """What the provider delivers until it was stored, by its message id."""
        self.written: dict[str, datetime] = {}
        self.received: dict[object, int] = {}
        self.quiet: set[int] = set()
        """Conversations in which a person of the company answered."""
        self.closed = False
        """Whether the company was suspended at any time, or a day went by."""
        self.answers = 0

    # -- what happens

    @rule(kind=st.sampled_from(KINDS), talk=st.integers(0, PEOPLE - 1))
    def write(self, kind: str, talk: int) -> None:
        key = f"m{len(self.sent)}"
        self.sent[key] = (f"{kind} {key}", talk)
        self._survive(lambda: self._receive(key))

    @precondition(lambda self: self.sent)
    @rule(data=st.data())
    def deliver_again(self, data: st.DataObject) -> None:
        key = data.draw(st.sampled_from(sorted(self.sent)))
        self._survive(lambda: self._receive(key))

    @precondition(lambda self: self.world.queues.agent_queue_messages)
    @rule(data=st.data(), keep=st.booleans())
    def work(self, data: st.DataObject, keep: bool) -> None:
        """Any waiting queue message, so in any order; `keep` is an at-least-once queue at its worst."""
        position = data.draw(st.integers(0, len(self.world.queues.agent_queue_messages) - 1))
        queue_message = self.world.queues.agent_queue_messages[position]
        self.received[queue_message.id] = self.received.get(queue_message.id, 0) + 1
        given_up = self.received[queue_message.id] >= GIVES_UP_AFTER
        self._survive(lambda: self.world.deliver(position, keep=keep and not given_up))

    @precondition(lambda self: self.world.queues.agent_queue_messages)
    @rule(data=st.data())
    def lose_a_queue_message(self, data: st.DataObject) -> None:
        position = data.draw(st.integers(0, len(self.world.queues.agent_queue_messages) - 1))
        self.world.queues.agent_queue_messages.pop(position)

    @precondition(lambda self: self.sent)
    @rule(data=st.data())
    def write_during_the_next_turn(self, data: st.DataObject) -> None:
        key = data.draw(st.sampled_from(sorted(self.sent)))
        new = f"m{len(self.sent)}"
        self.sent[new] = (f"conversa {new}", self.sent[key][1])
        self.world.agent.before_tools = lambda turn: self._survive(lambda: self._receive(new))

    @rule(boundary=st.integers(1, 25))
    def kill_soon(self, boundary: int) -> None:
        self.world.boundaries.kill_at = self.world.boundaries.passed + boundary

    @rule()
    def queues_go_down_or_up(self) -> None:
        self.world.queues.down = not self.world.queues.down

    @rule(times=st.integers(1, 4))
    def the_model_fails(self, times: int) -> None:
        self.world.agent.failing = times

    @rule(seconds=st.sampled_from((1, 29, 31, 46, 61)))
    def time_passes(self, seconds: int) -> None:
        self.world.wait(seconds)

    @rule(hours=st.sampled_from((3, 25)))
    def the_night_passes(self, hours: int) -> None:
        """Past midnight; after a day what waits is too old."""
        self.closed |= hours > 24
        self.world.wait(hours * 3600)

    @rule(talk=st.integers(0, PEOPLE - 1))
    def a_person_takes_over(self, talk: int) -> None:
        self.quiet.add(talk)
        self.answers += 1
        self._survive(lambda: self.world.hears("takeover", "Deixa comigo", f"a{self.answers}", talk=talk))

    @rule()
    def people_give_back(self) -> None:
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
        self._survive(self.world.sweep)

    # -- what always holds

    @invariant()
    def one_active_turn_a_conversation(self) -> None:
        active = [task.conversation_id for task in self.world.active_tasks()]
        assert len(active) == len(set(active))

    @invariant()
    def the_conversation_knows_its_active_task(self) -> None:
        active = {task.conversation_id: task.id for task in self.world.active_tasks()}
        for number, talk in enumerate(self.world.talks):
            assert self.world.conversation(number).active_task_id == active.get(talk)

    @invariant()
    def no_tool_is_applied_twice(self) -> None:
        assert set(self.world.noted().values()) <= {1}

    @invariant()
    def at_most_one_reply_a_turn(self) -> None:
        messages = [message for talk in range(PEOPLE) for message in self.world.messages("out", talk)]
        tasks = [message.crew_task_id for message in messages if message.crew_task_id]
        assert len(tasks) == len(set(tasks))

    def teardown(self) -> None:
        world = self.world
        world.agent.before_tools = lambda turn: None
        world.boundaries.kill_at = None
        world.queues.down = False
        self.people_give_back()
        self.the_company_is("active")
        self.the_crew_is("active")
        for key in self.sent:  # the provider, and the inbound queue, repeat what was not taken
            self._receive(key)
        world.settle()
        world.sweep()
        world.settle()
        for talk in range(PEOPLE):
            self._every_message_was_answered(talk)
        self._nothing_was_dated_on_a_day_on_which_nobody_wrote()
        assert world.rows(select(Message.id).where(Message.crew_metadata.has_key(UNANSWERED))) == []
        assert world.queue_messages_left() == []
        assert all(world.conversation(talk).active_task_id is None for talk in range(PEOPLE))

    def _every_message_was_answered(self, talk: int) -> None:
        tasks = {task.id: task for task in self.world.tasks()}
        parents = {task.parent_task_id for task in tasks.values()}
        incoming = self.world.messages("in", talk)
        assert {m.text for m in incoming} == {text for text, number in self.sent.values() if number == talk}
        replies = {m.crew_task_id: m.text for m in self.world.messages("out", talk) if m.crew_task_id}
        mine = [t for t in tasks.values() if t.conversation_id == self.world.talks[talk]]
        ended = {t.id for t in mine if t.id not in parents and t.status != "cancelled"}
        assert replies.keys() == ended, "every turn has its one reply"
        noted = self.world.noted()
        for message in incoming:
            if message.status == "read":
                assert talk in self.quiet or self.closed, "nothing else sets a message aside"
                assert message.crew_task_id is not None or message.text not in noted
                continue
            reply = replies[message.crew_task_id]
            if message.text.startswith(("gastei", "passa")):
                # What was told is what was done; only an apology, or agents at a loss, may leave it undone.
                assert (f"Anotado: {message.text}" in reply) == (noted.get(message.text) == 1)
                assert noted.get(message.text) == 1 or reply.endswith((APOLOGY, APOLOGY_FOR_THE_REST, AT_A_LOSS))

    def _nothing_was_dated_on_a_day_on_which_nobody_wrote(self) -> None:
        days = {self._day(at) for at in self.written.values()}
        assert {row[0] for row in self.world.rows(select(Transaction.occurred_on))} <= days

    # -- helpers

    def _receive(self, key: str) -> None:
        text, talk = self.sent[key]
        at = self.written.setdefault(key, self.world.clock.now())
        self.world.hears("message", text, key, talk=talk, at=max(at, self.world.clock.now() - timedelta(hours=24)))

    @staticmethod
    def _day(at: datetime) -> date:
        return local_date(at, "America/Sao_Paulo")

    def _set(self, statement: Any) -> None:
        with self.real.tenant(self.world.company_id) as session:
            session.execute(statement.execution_options(synchronize_session=False))

    @staticmethod
    def _survive(step: object) -> None:
        """The process may die in there; the next one starts afresh."""
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
