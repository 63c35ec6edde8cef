"""Evaluation runs messages as production does, without effects."""

from falachefe.crews.agents.evaluation import handle
from falachefe.language import engine
from falachefe.language.types import Handoff, ToolCall, Utterance
from tests.unit.crews.agents.support import NOW, HandsOffEngine, ScriptedEngine, offline_chain


def test_evaluation_records_tool_calls_with_validated_arguments() -> None:
    handled = handle("gastei 150 de gasolina", NOW, (), offline_chain(engine))

    assert handled.agent == "financial"
    (call,) = handled.calls
    assert (call.tool, call.args["category"], call.args["date"]) == ("add_expense", "combustivel", "2026-11-10")


def test_evaluation_follows_handoffs_to_the_answering_agent() -> None:
    handled = handle("gastei com o marketing", NOW, (), offline_chain(HandsOffEngine()))

    assert (handled.agent, handled.calls) == ("marketing", ())
    assert handled.text == "Entendi: gastei com o marketing."


def test_a_message_that_is_handed_over_repeatedly_is_answered_in_the_end() -> None:
    rounds = ScriptedEngine()
    targets = iter(("hr", "marketing", "financial", "hr", "marketing"))
    rounds.decide = lambda *_: Handoff(next(targets), "não é comigo")  # type: ignore[method-assign,arg-type]

    handled = handle("gastei 150 de gasolina", NOW, (), offline_chain(rounds))

    assert handled.calls == ()
    assert "não posso ajudar" in handled.text


def test_an_answer_to_a_question_completes_the_call() -> None:
    history = (Utterance("user", "gastei com gasolina"), Utterance("agent", "De quanto foi a despesa?"))

    handled = handle("150", NOW, history, offline_chain(engine))

    assert [call.tool for call in handled.calls] == ["add_expense"]
    assert isinstance(handled.calls[0], ToolCall)
    assert str(handled.calls[0].args["amount"]).startswith("150")
