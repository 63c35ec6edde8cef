"""Starting a turn: which messages share it, and when the crew is paused or silent."""

from datetime import timedelta

from sqlalchemy import update

from falachefe.crews.models import Crew
from falachefe.crews.turns import rules
from falachefe.crews.turns.start import PAUSED_TEXT
from falachefe.crews.turns.types import TurnInput
from falachefe.messaging.models import Conversation
from tests.integration.crews.harness import TurnHarness


def test_messages_that_arrive_before_the_agent_starts_share_one_turn(crew: TurnHarness) -> None:
    crew.receive("gastei 10 com pão", "m1")
    crew.receive("e 20 com leite", "m2")
    crew.drain()
    assert crew.replies() == ["Anotado: gastei 10 com pão; Anotado: e 20 com leite"]


def test_a_message_during_a_turn_gets_the_next_turn(crew: TurnHarness) -> None:
    def meanwhile(turn: TurnInput) -> None:
        if "gastei 10 com pão" in turn.texts:
            crew.receive("e 20 com leite", "m2")

    crew.agent.before_tools = meanwhile
    crew.receive("gastei 10 com pão", "m1")
    crew.drain()
    assert crew.replies() == ["Anotado: gastei 10 com pão", "Anotado: e 20 com leite"]
    assert crew.entry_counts() == {"gastei 10 com pão": 1, "e 20 com leite": 1}


def test_a_paused_crew_sends_one_notice_and_answers_afterwards(crew: TurnHarness) -> None:
    _set_crew(crew, "paused")
    assert [crew.receive(text, key).opening for text, key in (("a", "m1"), ("b", "m2"))] == [  # type: ignore[union-attr]
        rules.Opening.PAUSED_NOTICE,
        rules.Opening.PAUSED_SILENT,
    ]
    assert crew.replies() == [PAUSED_TEXT]
    _set_crew(crew, "active")
    crew.wait(60)
    crew.sweep()
    crew.drain()
    assert crew.replies() == [PAUSED_TEXT, "Anotado: a; Anotado: b"]


def test_a_second_pause_sends_another_notice(crew: TurnHarness) -> None:
    for key in ("m1", "m2"):
        _set_crew(crew, "paused")
        crew.receive("oi", key)
        _set_crew(crew, "active")
    assert crew.replies() == [PAUSED_TEXT, PAUSED_TEXT]


def _set_crew(crew: TurnHarness, status: str) -> None:
    with crew.real.tenant(crew.company_id) as session:
        session.execute(update(Crew).values(status=status))


def test_the_crew_is_silent_during_a_takeover(crew: TurnHarness) -> None:
    with crew.real.tenant(crew.company_id) as session:
        session.execute(update(Conversation).values(human_until=crew.clock.now() + timedelta(hours=1)))
    decision = crew.receive("oi", "m1")
    assert decision is not None
    assert decision.opening is rules.Opening.SILENT
    assert crew.tasks() == []
