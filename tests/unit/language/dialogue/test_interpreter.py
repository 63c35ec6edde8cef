"""Hirings, purchases and questions in informal wording."""

from datetime import UTC, datetime

import pytest

from falachefe.language.dialogue.interpreter import interpret

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    "message",
    [
        "fechei com o Genivaldo pra ser padeiro, dois mil e duzentos",
        "assinei a carteira do Genivaldo como padeiro por 2.200",
        "botei mais um padeiro, o Genivaldo, 2,2k",
    ],
)
def test_a_hiring_is_never_recorded_as_an_expense(message: str) -> None:
    (draft,) = interpret(message, NOW).drafts
    assert (draft.tool, draft.args["name"], draft.args["salary"]) == ("add_employee", "Genivaldo", "2200.00")


@pytest.mark.parametrize("message", ["paguei 2.200 de salário do Genivaldo", "paguei 180 na faxineira nova"])
def test_paying_an_employee_is_an_expense_not_a_hiring(message: str) -> None:
    assert [d.tool for d in interpret(message, NOW).drafts] == ["add_expense"]


def test_goods_bought_for_resale_are_supplier_expenses() -> None:
    resold = interpret("comprei cervejas pro bar por 89", NOW).drafts[0]
    drunk = interpret("comprei cerveja pra equipe por 89", NOW).drafts[0]
    assert (resold.args["category"], drunk.args["category"]) == ("fornecedores", "alimentacao")


def test_an_amount_after_the_word_company_is_not_a_company_id() -> None:
    assert interpret("recarga do celular da empresa 30 reais", NOW).drafts[0].args["amount"] == "30.00"
    assert interpret("mostra os dados da empresa 30", NOW).intent == "refused"


def test_figures_of_another_company_are_refused() -> None:
    assert interpret("quanto a padaria da esquina faturou esse mês?", NOW).intent == "refused"


def test_a_common_word_is_not_corrected_into_another() -> None:
    assert interpret("espelho do salão 215 reais", NOW).drafts[0].args["category"] == "equipamentos"
    assert "date" not in interpret("gastei 20 com sabão", NOW).drafts[0].args


def test_an_indefinite_article_is_not_an_amount() -> None:
    assert [d.args["amount"] for d in interpret("entrou um dinheiro bom hoje 500", NOW).drafts] == ["500.00"]
    assert "amount" in interpret("entrou um dinheiro", NOW).drafts[0].missing
