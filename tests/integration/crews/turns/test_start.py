"""Starting a turn: which messages share it, and when the crew is paused or silent."""

from datetime import timedelta

from sqlalchemy import update

from falachefe.crews.models import Crew
from falachefe.crews.turns import rules
from falachefe.crews.turns.start import PAUSED_TEXT
from falachefe.crews.turns.types import TurnInput
from falachefe.messaging.models import Conversation
from tests.integration.crews.rig import World


def test_messages_before_the_agent_starts_share_one_turn(world: World) -> None:
    world.receive("gastei 10 com pão", "m1")
    world.receive("e 20 com leite", "m2")
    world.drain()
    assert world.replies() == ["Anotado: gastei 10 com pão; Anotado: e 20 com leite"]


def test_a_message_during_a_turn_gets_the_next_turn(world: World) -> None:
    def meanwhile(turn: TurnInput) -> None:
        if "gastei 10 com pão" in turn.texts:
            world.receive("e 20 com leite", "m2")

    world.agent.before_tools = meanwhile
    world.receive("gastei 10 com pão", "m1")
    world.drain()
    assert world.replies() == ["Anotado: gastei 10 com pão", "Anotado: e 20 com leite"]
    assert world.noted() == {"gastei 10 com pão": 1, "e 20 com leite": 1}


def test_a_paused_crew_says_so_once_and_answers_afterwards(world: World) -> None:
    _set_crew(world, "paused")
    assert [world.receive(text, key).opening for text, key in (("a", "m1"), ("b", "m2"))] == [  # type: ignore[union-attr]
        rules.Opening.PAUSED_NOTICE,
        rules.Opening.PAUSED_SILENT,
    ]
    assert world.replies() == [PAUSED_TEXT]
    _set_crew(world, "active")
    world.wait(60)
    world.sweep()
    world.drain()
    assert world.replies() == [PAUSED_TEXT, "Anotado: a; Anotado: b"]


def test_a_second_pause_is_told_of_again(world: World) -> None:
    for key in ("m1", "m2"):
        _set_crew(world, "paused")
        world.receive("oi", key)
        _set_crew(world, "active")
    assert world.replies() == [PAUSED_TEXT, PAUSED_TEXT]


def _set_crew(world: World, status: str) -> None:
    with world.real.tenant(world.company_id) as session:
        session.execute(update(Crew).values(status=status))


def test_the_crew_is_silent_while_a_person_talks(world: World) -> None:
    with world.real.tenant(world.company_id) as session:
        session.execute(update(Conversation).values(human_until=world.clock.now() + timedelta(hours=1)))
    decision = world.receive("oi", "m1")
    assert decision is not None
    assert decision.opening is rules.Opening.SILENT
    assert world.tasks() == []
