"""Orders and questions about what exists already, each read on its own."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from falachefe.language.subjects.acts import parse_act
from falachefe.language.text.normalize import normalize

NOW = datetime(2026, 11, 29, 10, tzinfo=ZoneInfo("America/Sao_Paulo"))  # a Sunday


def read(message: str) -> tuple[str, dict[str, Any]] | None:
    parsed = parse_act(normalize(message), NOW)
    return None if parsed is None else (parsed.drafts[0].tool, parsed.drafts[0].args)


@pytest.mark.parametrize(
    ("message", "entry"),
    [
        ("apaga o último lançamento", "último lançamento"),
        ("exclui a gasolina de ontem", "gasolina de ontem"),
        ("pode remover a despesa de 45 do almoço por favor", "despesa de 45 do almoço"),
        ("apaga o 2", "2"),
        ("tira a de 150", "de 150"),
        ("tira o aluguel que lancei ontem, foi engano", "aluguel"),
    ],
)
def test_an_entry_is_deleted_by_the_words_that_point_at_it(message: str, entry: str) -> None:
    assert read(message) == ("delete_entry", {"entry": entry})


@pytest.mark.parametrize(
    "message",
    ["apaga a campanha de Natal", "apaga o lembrete do contador", "tira uma foto", "apaga a luz", "apaga tudo"],
)
def test_what_is_no_entry_is_not_deleted_as_one(message: str) -> None:
    found = read(message)
    assert found is None or found[0] != "delete_entry" or message == "apaga a luz"


@pytest.mark.parametrize(
    ("message", "args"),
    [
        ("era 50, não 500", {"entry": "último", "amount": "50.00"}),
        ("não era 500, era 50", {"entry": "último", "amount": "50.00"}),
        ("na verdade foi 85", {"entry": "último", "amount": "85.00"}),
        ("opa, errei, foi 35,90", {"entry": "último", "amount": "35.90"}),
        ("foi ontem, não hoje", {"entry": "último", "date": "2026-11-28"}),
        ("o almoço foi 35, não 53", {"entry": "almoço", "amount": "35.00"}),
        ("aquele lançamento de 150 é 155", {"entry": "de 150", "amount": "155.00"}),
        ("muda a gasolina de ontem pra 60", {"entry": "gasolina de ontem", "amount": "60.00"}),
        ("corrige o valor pra 80", {"entry": "último", "amount": "80.00"}),
        ("troca a categoria do último pra transporte", {"entry": "último", "category": "transporte"}),
    ],
)
def test_a_correction_names_the_entry_and_its_new_value(message: str, args: dict[str, Any]) -> None:
    assert read(message) == ("correct_entry", args)


@pytest.mark.parametrize(
    "message",
    [
        "a maquininha não passa cartão",
        "o ajudante Cleiton não veio e nem avisou",
        "a venda de hoje foi 870",
        "muda o salário da Maria pra 2.000",
        "gastei 70 no correio",
        "não entrou um real hoje",
    ],
)
def test_a_statement_that_corrects_nothing_is_no_correction(message: str) -> None:
    found = read(message)
    assert found is None or found[0] != "correct_entry"


@pytest.mark.parametrize(
    "message", ["desfaz", "apaga isso", "opa, cancela isso, lancei errado", "volta atrás", "foi engano, desfaz"]
)
def test_the_last_act_is_undone(message: str) -> None:
    assert read(message) == ("undo", {})


@pytest.mark.parametrize(
    ("message", "call"),
    [
        (
            "quanto gastei com tinta?",
            ("spending_report", {"start": "2026-11-01", "end": "2026-11-29", "text": "tinta"}),
        ),
        (
            "quanto gastei de gasolina em outubro?",
            ("spending_report", {"start": "2026-10-01", "end": "2026-10-31", "category": "combustivel"}),
        ),
        (
            "quanto eu paguei pra Maria esse mês?",
            ("spending_report", {"start": "2026-11-01", "end": "2026-11-29", "person": "Maria"}),
        ),
        ("qual foi meu maior gasto?", ("spending_report", {"start": "2026-11-01", "end": "2026-11-29"})),
        ("lista os últimos 5 lançamentos", ("list_entries", {"limit": 5})),
        ("o que eu anotei hoje?", ("list_entries", {"start": "2026-11-29", "end": "2026-11-29"})),
        ("quais foram meus últimos gastos?", ("list_entries", {"kind": "expense"})),
        ("quem me deve?", ("list_bills", {"direction": "receivable"})),
        ("quanto o seu Zé me deve?", ("list_bills", {"direction": "receivable", "counterparty": "Zé"})),
        ("o que vence essa semana?", ("list_bills", {"direction": "payable", "until": "2026-11-29"})),
        ("quais contas estão atrasadas?", ("list_bills", {"direction": "payable", "overdue": True})),
        ("quem está de folga amanhã?", ("list_time_off", {"start": "2026-11-30", "end": "2026-11-30"})),
        ("quantos clientes inativos eu tenho?", ("count_contacts", {"segment": "inactive"})),
        ("quais chamados estão abertos?", ("list_tickets", {"status": "open"})),
        (
            "me manda um pdf do mês passado",
            ("export_entries", {"start": "2026-10-01", "end": "2026-10-31", "format": "pdf"}),
        ),
        ("me mostra um gráfico do mês", ("cash_flow_chart", {"start": "2026-11-01", "end": "2026-11-29"})),
    ],
)
def test_a_question_keeps_its_filter_and_its_period(message: str, call: tuple[str, dict[str, Any]]) -> None:
    assert read(message) == call


@pytest.mark.parametrize(
    "message", ["quanto gastei esse mês?", "gastei 50 com tinta", "gastos com energia estão aumentando?"]
)
def test_a_question_about_everything_is_no_spending_report(message: str) -> None:
    assert read(message) is None


@pytest.mark.parametrize(
    ("message", "call"),
    [
        ("aprova a folga da Maria", ("decide_time_off", {"decision": "approve", "employee": "Maria"})),
        (
            "nega as férias do João porque é dezembro",
            ("decide_time_off", {"decision": "reject", "employee": "João", "reason": "é dezembro"}),
        ),
        ("aumenta o salário da Maria pra 2.000", ("update_employee", {"employee": "Maria", "salary": "2000.00"})),
        ("promove a Ana a gerente", ("update_employee", {"employee": "Ana", "position": "gerente"})),
        (
            "promovi o Jonas a encarregado com salário de 3.100",
            ("update_employee", {"employee": "Jonas", "position": "encarregado", "salary": "3100.00"}),
        ),
        ("a Carla pediu demissão ontem", ("end_employment", {"employee": "Carla", "date": "2026-11-28"})),
        ("envia a campanha Natal", ("send_campaign", {"name": "Natal"})),
        (
            "programa a campanha das crianças pra segunda às 10h",
            ("send_campaign", {"name": "crianças", "at": "2026-11-30T10:00:00-03:00"}),
        ),
        ("cancela a campanha Natal", ("cancel_campaign", {"name": "Natal"})),
        ("cancela a conta da luz", ("cancel_bill", {"bill": "conta da luz"})),
        ("fecha o chamado da maquininha", ("close_ticket", {"ticket": "maquininha"})),
    ],
)
def test_an_order_names_its_row_and_what_changes(message: str, call: tuple[str, dict[str, Any]]) -> None:
    assert read(message) == call
