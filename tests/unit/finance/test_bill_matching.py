"""Which open bills a short text means."""

from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from falachefe.finance.bills.matching import fitting, narrowed, of_one_customer, pointer_of
from falachefe.finance.bills.service import BillView
from falachefe.kernel.ids import new_id

SERIES = UUID(int=7)


def bill(description: str, **other: Any) -> BillView:
    amount = Decimal(str(other.pop("amount", 100)))
    values: dict[str, Any] = {
        "id": new_id(),
        "direction": "payable",
        "amount": amount,
        "paid": Decimal(0),
        "left": amount,
        "description": description,
        "due": date(2026, 12, 5),
        "counterparty": None,
        "category": "outros",
        "category_label": "Outros",
        "status": "open",
        "overdue": False,
        "repeats": None,
        "instalment": None,
        "instalments": None,
        "series_id": None,
        "version": 1,
    }
    return BillView(**values | other)


LIGHT = bill("Energia de novembro", category="energia", category_label="Energia", amount=320)
WATER = bill("Conta de água", category="agua", category_label="Água", due=date(2026, 12, 10))
RENT = bill(
    "Aluguel da loja", category="aluguel", category_label="Aluguel", amount=1500, due=date(2026, 11, 5), overdue=True
)
TAX = bill("DAS do mês", category="impostos", category_label="Impostos", amount="75.90")
ZE = bill("Fiado", counterparty="Seu Zé", direction="receivable", category="vendas", category_label="Vendas", amount=80)
CIDA = bill("Pão e leite", counterparty="Dona Cida", direction="receivable", category="vendas", amount="23.5")
FRIDGE = [
    bill("Geladeira", instalment=place, instalments=3, series_id=SERIES, amount=200, due=due)
    for place, due in enumerate((date(2026, 12, 20), date(2027, 1, 20), date(2027, 2, 20)), 1)
]
ALL = [LIGHT, WATER, RENT, TAX, ZE, CIDA, *FRIDGE]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a luz", [LIGHT]),
        ("a conta de luz", [LIGHT]),
        ("ÁGUA", [WATER]),
        ("o aluguel", [RENT]),
        ("aluguéis", []),
        ("o das", [TAX]),
        ("o imposto", [TAX]),
        ("seu Zé", [ZE]),
        ("o Zé", [ZE]),
        ("a dona Cida", [CIDA]),
        ("a de 1.500", [RENT]),
        ("a de 320,00", [LIGHT]),
        ("a de R$ 75,90", [TAX]),
        ("a do dia 10", [WATER]),
        ("10/12", [WATER]),
        ("a que está atrasada", [RENT]),
        ("o aluguel de novembro", [RENT]),
        ("o aluguel de dezembro", []),
        ("a geladeira", FRIDGE),
        ("parcela 2 da geladeira", FRIDGE[1:2]),
        ("geladeira 3/3", FRIDGE[2:]),
        ("a internet", []),
        ("a conta", []),
        ("", []),
        ("gelad", FRIDGE),
        ("zezinho", []),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_everything_said_has_to_fit(text: str, expected: list[BillView]) -> None:
    assert fitting(ALL, pointer_of(text)) == expected


def test_of_one_series_the_earliest_is_meant() -> None:
    assert narrowed(FRIDGE, None) == FRIDGE[:1]


def test_of_several_the_one_of_the_paid_amount_is_meant() -> None:
    assert narrowed([LIGHT, RENT], Decimal(1500)) == [RENT]
    assert narrowed([LIGHT, RENT], Decimal(7)) == [LIGHT, RENT]


def test_a_tab_is_the_receivables_of_one_person() -> None:
    assert of_one_customer([ZE, bill("Mais fiado", counterparty="seu ze", direction="receivable")])
    assert not of_one_customer([ZE, CIDA])
    assert not of_one_customer([bill("Frete", counterparty="Seu Zé")])
    assert not of_one_customer([bill("Bolo", direction="receivable")])
