"""The turn's state machine: whatever is repeated, reordered, refused, lost or killed, in any order."""

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

from falachefe.crews import rules
from falachefe.crews.finish import APOLOGY, APOLOGY_FOR_THE_REST
from falachefe.data.engine import Database
from falachefe.kernel.ids import new_id
from falachefe.tenancy.models import Company
from tests.integration.crews.rig import Killed, World

PEOPLE = 2
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

    @precondition(lambda self: self.world.queues.agent_letters)
    @rule(data=st.data(), keep=st.booleans())
    def work(self, data: st.DataObject, keep: bool) -> None:
        """Any waiting letter, so in any order; `keep` is an at-least-once queue at its worst."""
        position = data.draw(st.integers(0, len(self.world.queues.agent_letters) - 1))
        self._survive(lambda: self.world.deliver(position, keep=keep))

    @precondition(lambda self: self.world.queues.agent_letters)
    @rule(data=st.data())
    def lose_a_letter(self, data: st.DataObject) -> None:
        position = data.draw(st.integers(0, len(self.world.queues.agent_letters) - 1))
        self.world.queues.agent_letters.pop(position)

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
        tasks = [message.crew_task_id for talk in range(PEOPLE) for message in self.world.messages("out", talk)]
        assert len(tasks) == len(set(tasks))

    def teardown(self) -> None:
        world = self.world
        world.agent.before_tools = lambda turn: None
        world.boundaries.kill_at = None
        for key in self.sent:  # the provider, and the inbound queue, repeat what was not taken
            self._receive(key)
        world.settle()
        for talk in range(PEOPLE):
            self._every_message_was_answered(talk)
        assert world.letters_left() == []
        assert all(world.conversation(talk).active_task_id is None for talk in range(PEOPLE))

    def _every_message_was_answered(self, talk: int) -> None:
        tasks = {task.id: task for task in self.world.tasks()}
        parents = {task.parent_task_id for task in tasks.values()}
        incoming = self.world.messages("in", talk)
        assert {m.text for m in incoming} == {text for text, number in self.sent.values() if number == talk}
        replies = {message.crew_task_id: message.text for message in self.world.messages("out", talk)}
        ended = {t.id for t in tasks.values() if t.conversation_id == self.world.talks[talk] and t.id not in parents}
        assert replies.keys() == ended, "every turn has its one reply"
        noted = self.world.noted()
        for message in incoming:
            reply = replies[message.crew_task_id]
            if message.text.startswith(("gastei", "passa")):
                # What was told is what was done; only an apology, or agents at a loss, may leave it undone.
                assert (f"Anotado: {message.text}" in reply) == (noted.get(message.text) == 1)
                assert noted.get(message.text) == 1 or reply.endswith((APOLOGY, APOLOGY_FOR_THE_REST, AT_A_LOSS))

    # -- helpers

    def _receive(self, key: str) -> None:
        text, talk = self.sent[key]
        self.world.receive(text, key, talk=talk)

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
            max_examples=25,
            stateful_step_count=25,
            deadline=None,
            derandomize=True,
            phases=[Phase.generate],  # shrinking takes minutes; the steps are printed either way
            suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much],
        ),
    )
