"""What a message refers to in the conversation."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from falachefe.language.engine import analyze, decide
from falachefe.language.types import CallTools, Decision, Say, Situation, Utterance

NOW = datetime(2026, 11, 29, 10, tzinfo=ZoneInfo("America/Sao_Paulo"))
LIST = "Qual deles?\n1. 28/11 Gasolina R$ 60,00\n2. 27/11 Almoço R$ 32,00\nQual?"


def decided(*conversation: str) -> Decision:
    """The decision on the last message; messages of the person and replies alternate."""
    *earlier, text = conversation
    history = tuple(Utterance("agent" if i % 2 else "user", said) for i, said in enumerate(earlier))
    situation = Situation(NOW, history)
    return decide(analyze(text, situation).role, text, situation)


def calls(*conversation: str) -> list[tuple[str, dict[str, Any]]]:
    decision = decided(*conversation)
    assert isinstance(decision, CallTools), decision
    return [(call.tool, call.args) for call in decision.calls]


@pytest.mark.parametrize(("answer", "number"), [("2", "2"), ("o 2", "2"), ("a segunda", "2"), ("o primeiro", "1")])
def test_a_number_after_a_list_chooses_its_row(answer: str, number: str) -> None:
    assert calls("apaga o lançamento da semana", LIST, answer) == [("delete_entry", {"entry": number})]


def test_a_row_of_the_list_may_be_named() -> None:
    assert calls("apaga a despesa da semana", LIST, "o almoço") == [("delete_entry", {"entry": "o almoço"})]


def test_yes_confirms_what_was_asked_and_no_does_nothing() -> None:
    asked = ("apaga o aluguel de setembro", "Esse lançamento é de outra pessoa. Apago mesmo?")
    assert calls(*asked, "sim") == [("delete_entry", {"entry": "aluguel de setembro", "confirmed": True})]
    assert isinstance(decided(*asked, "não"), Say)


def test_a_deletion_after_another_list_is_about_its_rows() -> None:
    assert calls("quem me deve?", "1. Zé R$ 80,00\n2. Ana R$ 50,00", "apaga o 2") == [("cancel_bill", {"bill": "2"})]


def test_a_correction_of_an_act_without_one_undoes_it_and_does_it_again() -> None:
    made = ("orçamento de 500 pra combustível", "Orçamento de combustível de R$ 500,00 em novembro.")
    (undone, _), (again, args) = calls(*made, "na verdade é 600")
    assert (undone, again, args["amount"]) == ("undo", "create_budget", "600.00")


def test_a_question_in_the_middle_of_a_draft_is_answered_and_the_draft_taken_up_again() -> None:
    talk = ("cria uma campanha de Natal", "Que mensagem você quer mandar?")
    assert [tool for tool, _ in calls(*talk, "quantos clientes eu tenho?")] == ["count_contacts"]
    ((tool, args),) = calls(
        *talk, "quantos clientes eu tenho?", "Você tem 12 clientes.", "Feliz Natal a todos os nossos clientes!"
    )
    assert (tool, args["message"]) == ("create_campaign", "Feliz Natal a todos os nossos clientes!")


def test_an_undo_while_a_question_is_open_drops_the_question() -> None:
    assert isinstance(decided("gastei com gasolina", "Quanto foi?", "desfaz"), Say)


def test_an_order_that_no_tool_does_is_not_taken_for_the_answer_to_a_question() -> None:
    talk = ("cria uma campanha de Natal", "Que mensagem você quer mandar?")
    assert isinstance(decided(*talk, "quem está de folga amanhã?"), Say)
