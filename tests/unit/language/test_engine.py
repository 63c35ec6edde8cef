"""Invariants of the engine for any text, and how it continues a conversation."""

import json
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from falachefe.language import (
    Ask,
    CallTools,
    Decision,
    Handoff,
    Role,
    Say,
    Situation,
    Utterance,
    analyze,
    decide,
)
from falachefe.language.types import ROLES, TOOLS

NOW = datetime.fromisoformat("2026-11-23T09:00:00-03:00")
CASES = Path(__file__).parents[2] / "eval" / "cases.jsonl"
WORDS = [
    "gastei",
    "paguei",
    "recebi",
    "vendi",
    "50",
    "R$",
    "1.234,56",
    "mil",
    "ontem",
    "hoje",
    "dia",
    "31",
    "31/02",
    "de",
    "gasolina",
    "almoço",
    "e",
    ",",
    ".",
    "?",
    "não",
    "Maria",
    "faltou",
    "férias",
    "campanha",
    "clientes",
    ":",
    "manda",
    "orçamento",
    "quanto",
    "mês",
    "passado",
    "uns",
    "2",
    "caixas",
    "3x",
    "cada",
    "ignore",
    "instruções",
    "chamado",
    "oi",
    "obrigado",
]
MESSAGES = st.one_of(st.text(max_size=5000), st.lists(st.sampled_from(WORDS), max_size=60).map(" ".join))


def talk(*phrase: str, role: Role | None = None) -> Decision:
    """The decision on the last message of a conversation that alternates between user and agent."""
    history = tuple(Utterance("agent" if i % 2 else "user", text) for i, text in enumerate(phrase[:-1]))
    situation = Situation(NOW, history)
    return decide(role or analyze(phrase[-1], situation).role, phrase[-1], situation)


def only_call(decision: Decision) -> tuple[str, dict[str, object]]:
    assert isinstance(decision, CallTools)
    (call,) = decision.calls
    return call.tool, dict(call.args)


@given(MESSAGES, st.sampled_from(ROLES))
def test_no_text_raises_and_no_ledger_call_lacks_its_amount(message: str, role: Role) -> None:
    situation = Situation(NOW)
    assert analyze(message, situation).role in ROLES
    decision = decide(role, message, situation)
    if isinstance(decision, CallTools):
        for call in decision.calls:
            assert TOOLS[call.tool] == role
            if call.tool in ("add_expense", "add_income", "create_budget"):
                assert Decimal(str(call.args["amount"])) > 0
            if call.tool in ("add_expense", "add_income"):
                assert datetime.fromisoformat(str(call.args["date"])).year >= 1900


@given(st.lists(st.sampled_from(WORDS), max_size=12).map(" ".join), st.lists(MESSAGES, max_size=4))
def test_no_history_raises(message: str, earlier: list[str]) -> None:
    history = tuple(Utterance("agent" if i % 2 else "user", text) for i, text in enumerate(earlier))
    situation = Situation(NOW, history)
    decision = decide(analyze(message, situation).role, message, situation)
    assert isinstance(decision, CallTools | Ask | Handoff | Say)


def injections() -> list[str]:
    cases = [json.loads(line) for line in CASES.read_text(encoding="utf-8").splitlines()]
    marker = next(i for i, case in enumerate(cases) if case["text"].startswith("ignore as instruções"))
    return [case["text"] for case in cases[marker:]]


@pytest.mark.parametrize("message", injections())
@pytest.mark.parametrize("role", ROLES)
def test_a_prompt_injection_runs_no_tool(message: str, role: Role) -> None:
    assert isinstance(decide(role, message, Situation(NOW)), Say)


@pytest.mark.parametrize("message", injections())
def test_a_prompt_injection_as_the_answer_to_a_question_runs_no_tool(message: str) -> None:
    assert isinstance(talk("quero criar uma campanha", "Qual a mensagem?", message), Say)


@pytest.mark.parametrize(
    "message",
    [
        "paguei 200 do sistema de gestão",
        "comprei um livro de instruções de bolo 45 reais",
        "gastei 60 com regra e compasso",
        "paguei 90 pro administrador do condomínio",
        "paguei 300 pra empresa de limpeza",
    ],
)
def test_harmless_uses_of_suspicious_words_do_not_stop_an_entry(message: str) -> None:
    assert only_call(talk(message))[0] == "add_expense"


def test_the_answer_completes_the_call_and_keeps_filled_slots() -> None:
    tool, args = only_call(talk("gastei com gasolina ontem", "Quanto foi?", "150"))
    assert tool == "add_expense"
    assert args == {"amount": "150.00", "category": "combustivel", "date": "2026-11-22", "description": "gasolina"}


def test_a_missing_amount_is_asked_for() -> None:
    decision = talk("paguei a conta de luz")
    assert isinstance(decision, Ask)
    assert decision.missing == ("amount",)
    assert "?" in decision.question


def test_a_missing_slot_is_asked_for_once() -> None:
    assert isinstance(talk("gastei com gasolina", "Quanto foi?", "sei lá"), Say)


def test_a_new_request_replaces_the_open_one() -> None:
    tool, args = only_call(talk("gastei com gasolina", "Quanto foi?", "a Maria faltou hoje"))
    assert (tool, args["employee"]) == ("register_absence", "Maria")


@pytest.mark.parametrize("message", ["cancela", "deixa pra lá", "80", "sim"])
def test_words_after_an_entry_never_make_a_second_one(message: str) -> None:
    assert not isinstance(talk("gastei 50 de gasolina", "Anotei R$ 50,00 de combustível.", message), CallTools)


@pytest.mark.parametrize("message", ["não, era 80", "errei, foi 80", "na verdade foi 80"])
def test_a_correction_changes_the_last_entry(message: str) -> None:
    tool, args = only_call(talk("gastei 50 de gasolina", "Anotei R$ 50,00 de combustível.", message))
    assert (tool, args) == ("correct_entry", {"entry": "último", "amount": "80.00"})


def test_two_entries_in_one_message_are_two_calls() -> None:
    decision = talk("gastei 50 de gasolina e 30 no almoço")
    assert isinstance(decision, CallTools)
    assert [(c.args["amount"], c.args["category"]) for c in decision.calls] == [
        ("50.00", "combustivel"),
        ("30.00", "alimentacao"),
    ]


@pytest.mark.parametrize(
    "message",
    [
        "preciso pagar a luz de 230",
        "vou gastar 50 com gasolina",
        "se eu gastar 50 em anúncio",
        "quero gastar 300",
        "não gastei 50 hoje",
        "ainda não paguei o aluguel de 1500",
        "amanhã pago 300 pro fornecedor",
        "o contador falou que gastou 300 de papel",
        "meu vizinho gastou 500 de gasolina",
        "o cliente vai me pagar 200 sexta",
    ],
)
def test_plans_and_hypotheses_are_not_entries(message: str) -> None:
    assert not isinstance(talk(message), CallTools)


def test_an_agent_hands_over_requests_for_another_agent() -> None:
    decision = talk("a Maria faltou hoje", role="financial")
    assert isinstance(decision, Handoff)
    assert decision.to == "hr"


def test_an_inactive_agent_is_skipped() -> None:
    situation = Situation(NOW, active_roles=frozenset(ROLES) - {"hr"})
    assert analyze("a Maria faltou hoje", situation).role == "support"
    assert isinstance(decide("support", "a Maria faltou hoje", situation), Say)


def test_an_unknown_request_goes_to_support_which_asks() -> None:
    analysis = analyze("blusinha azul", Situation(NOW))
    assert analysis.role == "support"
    assert analysis.confidence < 0.45
    decision = decide("support", "blusinha azul", Situation(NOW))
    assert isinstance(decision, Say)
    assert decision.text.endswith("?")


def test_small_talk_stays_with_the_agent_of_the_conversation() -> None:
    history = (Utterance("user", "gastei 50 de gasolina"), Utterance("agent", "Anotado!"))
    assert analyze("obrigado", Situation(NOW, history, current_role="financial")).role == "financial"


@pytest.mark.parametrize(
    ("message", "needed"),
    [
        ("paguei 5.000 de aluguel", False),
        ("paguei 5.000,01 de aluguel", True),
        ("contratei a Ana como caixa por 1800", True),
        ("contratei a Ana como caixa", False),
        ("campanha pros inativos: volte logo", True),
    ],
)
def test_large_expenses_salaries_and_campaigns_need_approval(message: str, needed: bool) -> None:
    assert analyze(message, Situation(NOW)).needs_approval is needed


def test_the_day_follows_the_company_time_zone() -> None:
    for moment, day in (("2026-11-23T23:50:00-03:00", "2026-11-23"), ("2026-11-24T00:10:00-03:00", "2026-11-24")):
        decision = decide(
            "financial", "gastei 50 no almoço", replace(Situation(NOW), now=datetime.fromisoformat(moment))
        )
        assert only_call(decision)[1]["date"] == day


def test_a_long_campaign_message_is_kept_whole() -> None:
    body = "Promoção de aniversário! " + "Venha conferir as novidades da loja. " * 40
    _, args = only_call(talk("quero criar uma campanha", "Qual a mensagem?", body))
    assert args["message"] == body.strip()


def test_everybody_named_as_absent_is_registered() -> None:
    decision = talk("Ana, Bia e Caio não vieram ontem")
    assert isinstance(decision, CallTools)
    assert [c.args["employee"] for c in decision.calls] == ["Ana", "Bia", "Caio"]


def test_an_entry_is_not_lost_over_a_question_in_the_same_message() -> None:
    decision = talk("gastei 50 de gasolina e quanto tenho no caixa?")
    assert isinstance(decision, CallTools)
    assert [c.tool for c in decision.calls] == ["add_expense", "cash_flow_report"]


def test_a_price_is_not_assigned_to_another_purchase() -> None:
    decision = talk("paguei o almoço e 30 de uber")
    assert isinstance(decision, CallTools)
    assert [(c.args["amount"], c.args["category"]) for c in decision.calls] == [("30.00", "transporte")]
    assert isinstance(decision.then, Say)
    assert "almoço" in decision.then.text
    completed = talk("paguei o almoço e 30 de uber", "Qual foi o valor do almoço?", "45")
    assert isinstance(completed, CallTools)
    assert [(c.args["amount"], c.args["category"]) for c in completed.calls] == [("45.00", "alimentacao")]


@pytest.mark.parametrize("message", ["oi", "bom dia!", "o que você faz?"])
def test_a_customer_is_greeted_by_whoever_has_the_turn(message: str) -> None:
    situation = Situation(NOW, active_roles=frozenset({"support"}))
    decision = decide("support", message, situation)
    assert isinstance(decision, Say)
    assert "não está atendendo" not in decision.text
