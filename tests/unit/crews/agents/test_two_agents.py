"""A text with requests for two agents: both do their part, and the user gets one answer."""

import pytest

from falachefe.crews.agents.evaluation import handle
from falachefe.crews.agents.run import run_agent
from falachefe.language import engine
from tests.unit.crews.agents.support import (
    NOW,
    Crash,
    MemoryJournal,
    MemoryToolbox,
    handed,
    offline_chain,
    replied,
    turn,
)


def test_a_text_for_two_agents_is_handled_by_both_and_answered_once() -> None:
    message = "gastei 50 de gasolina e a Maria faltou hoje"
    toolbox = MemoryToolbox()
    handoff = handed(run_agent(turn(message), MemoryJournal(), toolbox, offline_chain(engine)))

    assert toolbox.tools == ["add_expense"]
    assert (handoff.to, handoff.summary) == ("hr", "Feito: add_expense.")

    child = turn(message, role="hr", open_args=handoff.open_args, hops=1)
    theirs = MemoryToolbox()
    reply = replied(run_agent(child, MemoryJournal(), theirs, offline_chain(engine)))

    assert theirs.tools == ["register_absence"]
    assert reply.text == "Feito: add_expense.\nFeito: register_absence."


@pytest.mark.parametrize("crash", [{"before": 0}, {"after": 0}])
def test_after_a_crash_each_call_runs_once_and_the_handoff_is_repeated(crash: dict[str, int]) -> None:
    message = "gastei 50 de gasolina e a Maria faltou hoje"
    journal, toolbox = MemoryJournal(), MemoryToolbox(crash_before=crash.get("before"), crash_after=crash.get("after"))
    with pytest.raises(Crash):
        run_agent(turn(message), journal, toolbox, offline_chain(engine))
    toolbox.crash_before = toolbox.crash_after = None

    handoff = handed(run_agent(turn(message), journal, toolbox, offline_chain(engine)))

    assert toolbox.tools == ["add_expense"]
    assert (handoff.to, handoff.summary) == ("hr", "Feito: add_expense.")


def test_an_open_question_is_carried_to_the_next_agent() -> None:
    message = "gastei com almoço e a Maria faltou hoje"
    handoff = handed(run_agent(turn(message), MemoryJournal(), MemoryToolbox(), offline_chain(engine)))
    child = turn(message, role="hr", open_args=handoff.open_args, hops=1)

    reply = replied(run_agent(child, MemoryJournal(), MemoryToolbox(), offline_chain(engine)))

    assert "valor" in reply.text
    assert reply.text.endswith("Feito: register_absence.")


def test_the_part_for_an_unavailable_agent_is_answered() -> None:
    active = frozenset({"financial", "support"})
    message = "gastei 50 de gasolina e a Maria faltou hoje"

    reply = replied(
        run_agent(turn(message, active_roles=active), MemoryJournal(), MemoryToolbox(), offline_chain(engine))
    )

    assert reply.text.startswith("Feito: add_expense.\nIsso é com o RH")


def test_evaluation_reports_the_first_agent_and_all_tools() -> None:
    handled = handle("gastei 50 de gasolina e a Maria faltou hoje", NOW, (), offline_chain(engine))

    assert handled.agent == "financial"
    assert [call.tool for call in handled.calls] == ["add_expense", "register_absence"]
