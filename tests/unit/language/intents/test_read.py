"""Hirings, purchases and requests told without the word that the form would use."""

from datetime import date

import pytest

from falachefe.language.intents.read import read

TODAY = date(2026, 11, 23)


@pytest.mark.parametrize(
    "told",
    [
        "fechei com o Genivaldo pra ser padeiro, dois mil e duzentos",
        "assinei a carteira do Genivaldo como padeiro por 2.200",
        "botei mais um padeiro, o Genivaldo, 2,2k",
    ],
)
def test_a_hiring_is_never_booked_as_money_moved(told: str) -> None:
    (draft,) = read(told, TODAY).drafts
    assert (draft.tool, draft.args["name"], draft.args["salary"]) == ("add_employee", "Genivaldo", "2200.00")


@pytest.mark.parametrize("told", ["paguei 2.200 de salário do Genivaldo", "paguei 180 na faxineira nova"])
def test_paying_somebody_hires_nobody(told: str) -> None:
    assert [d.tool for d in read(told, TODAY).drafts] == ["add_expense"]


def test_what_is_bought_to_be_sold_comes_from_a_supplier_whatever_it_is() -> None:
    resold = read("comprei cervejas pro bar por 89", TODAY).drafts[0]
    drunk = read("comprei cerveja pra equipe por 89", TODAY).drafts[0]
    assert (resold.args["category"], drunk.args["category"]) == ("fornecedores", "alimentacao")


def test_an_amount_after_the_company_is_no_company_number() -> None:
    assert read("recarga do celular da empresa 30 reais", TODAY).drafts[0].args["amount"] == "30.00"
    assert read("mostra os dados da empresa 30", TODAY).intent == "refused"


def test_figures_of_another_shop_are_refused() -> None:
    assert read("quanto a padaria da esquina faturou esse mês?", TODAY).intent == "refused"


def test_a_word_that_stands_for_itself_is_not_mended_into_another() -> None:
    assert read("espelho do salão 215 reais", TODAY).drafts[0].args["category"] == "equipamentos"
    assert "date" not in read("gastei 20 com sabão", TODAY).drafts[0].args


def test_some_money_is_not_one_real() -> None:
    assert [d.args["amount"] for d in read("entrou um dinheiro bom hoje 500", TODAY).drafts] == ["500.00"]
    assert "amount" in read("entrou um dinheiro", TODAY).drafts[0].missing
