"""Which arguments the tools accept, and how the others are refused."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, ValidationError

from falachefe.crews.tools.argument_types import Nothing
from falachefe.crews.tools.financial import arguments as financial
from falachefe.crews.tools.marketing import arguments as marketing
from falachefe.crews.tools.registry import TOOLS, refusal_of
from falachefe.crews.tools.support import arguments as support
from falachefe.http.validation import INVALID
from falachefe.language.dialogue.references import CONFIRMED
from falachefe.language.types import TOOLS as ENGINE_TOOLS

EXPENSE: dict[str, Any] = {
    "amount": "150",
    "description": "gasolina",
    "category": "combustivel",
    "date": "2026-11-10",
}


def test_tools_and_roles_match_the_offline_engines() -> None:
    assert {name: spec.role for name, spec in TOOLS.items()} == ENGINE_TOOLS


def test_the_engine_confirms_the_tools_that_ask_for_a_confirmation() -> None:
    assert {name for name, spec in TOOLS.items() if "confirmed" in spec.arguments.model_fields} == CONFIRMED


@pytest.mark.parametrize(
    ("tool", "names", "permission"),
    [
        ("add_expense", "amount description category date reference", "finance.write"),
        ("add_income", "amount description category date reference", "finance.write"),
        ("list_entries", "start end kind category text limit", "finance.read"),
        ("spending_report", "start end kind category text person", "finance.read"),
        ("correct_entry", "entry amount date category description kind", "finance.write"),
        ("delete_entry", "entry confirmed", "finance.write"),
        ("add_bill", "direction amount description due counterparty repeats instalments reference", "finance.write"),
        ("settle_bill", "bill amount date", "finance.write"),
        ("cancel_bill", "bill", "finance.write"),
        ("list_bills", "direction until counterparty overdue", "finance.read"),
        ("cash_flow_report", "start end", "finance.read"),
        ("create_budget", "category amount month", "finance.write"),
        ("analyze_trends", "months", "finance.read"),
        ("create_campaign", "name message segment", "marketing.write"),
        ("list_campaigns", "", "marketing.read"),
        ("campaign_results", "name", "marketing.read"),
        ("suggest_post", "topic", "marketing.read"),
        ("send_campaign", "name at", "marketing.send"),
        ("cancel_campaign", "name", "marketing.send"),
        ("count_contacts", "segment", "marketing.read"),
        ("add_employee", "name position salary", "hr.write"),
        ("list_employees", "", "hr.read"),
        ("request_time_off", "start end employee", "hr.request"),
        ("register_absence", "employee date reason", "hr.write"),
        ("answer_question", "question", None),
        ("open_ticket", "subject description", None),
        ("talk_to_human", "reason", None),
        ("greet", "", None),
        ("help", "", None),
        ("remind", "text at repeats", None),
        ("list_reminders", "", None),
        ("cancel_reminder", "reminder", None),
        ("undo", "whole_message", None),
    ],
)
def test_names_and_permissions_are_the_contract(tool: str, names: str, permission: str | None) -> None:
    assert set(TOOLS[tool].arguments.model_fields) == set(names.split())
    assert TOOLS[tool].permission == permission


@pytest.mark.parametrize("amount", ["150", "150.5", "1234.56", 150, 150.25, "0.01"])
def test_an_amount_is_accepted_to_the_cent(amount: Any) -> None:
    assert financial.AddExpense.model_validate({**EXPENSE, "amount": amount}).amount == Decimal(str(amount))


@pytest.mark.parametrize("amount", ["0", "-1", "NaN", "Infinity", "1.234,56", "150.001", "1e12", "", None, True, "mil"])
def test_an_invalid_amount_is_refused(amount: Any) -> None:
    with pytest.raises(ValidationError):
        financial.AddExpense.model_validate({**EXPENSE, "amount": amount})


@pytest.mark.parametrize("day", ["10/11/2026", "2026-13-01", "2026-02-30", "2026-11-10T00:00:00", 1762732800, "hoje"])
def test_only_an_iso_date_is_accepted(day: Any) -> None:
    with pytest.raises(ValidationError):
        financial.AddExpense.model_validate({**EXPENSE, "date": day})


@pytest.mark.parametrize("month", ["2026-00", "2026-13", "11/2026", "2026-1", "2026-11-01"])
def test_a_month_is_year_and_month(month: str) -> None:
    with pytest.raises(ValidationError):
        financial.CreateBudget.model_validate({"category": "marketing", "amount": "10", "month": month})


@pytest.mark.parametrize(
    ("model", "values"),
    [
        (financial.AddExpense, {**EXPENSE, "category": "vendas"}),
        (financial.AddIncome, {**EXPENSE, "category": "aluguel"}),
        (financial.AddExpense, {**EXPENSE, "company_id": "another"}),
        (financial.CashFlowReport, {"start": "2026-11-10", "end": "2026-11-09"}),
        (marketing.CreateCampaign, {"name": "x", "message": "y", "segment": "everyone"}),
        (marketing.CreateCampaign, {"name": "x", "message": "y" * 4001, "segment": "all"}),
        (financial.AnalyzeTrends, {"months": 0}),
        (financial.AnalyzeTrends, {"months": 25}),
        (Nothing, {"extra": 1}),
    ],
)
def test_unknown_or_missing_arguments_are_refused(model: type[BaseModel], values: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        model.model_validate(values)


def test_a_description_is_one_clean_line_of_bounded_length() -> None:
    taken = financial.AddExpense.model_validate({**EXPENSE, "description": f"  a\x00b\u202ec\n\td  {'x' * 500}"})

    assert taken.description.startswith("a bc d xxx")
    assert len(taken.description) == 200
    assert taken.description.endswith("…")


@given(st.text())
def test_no_accepted_text_has_a_control_character(text: str) -> None:
    try:
        taken = support.OpenTicket.model_validate({"subject": text, "description": text})
    except ValidationError:
        return
    assert all(c == "\n" or c.isprintable() or not c.isascii() for c in taken.subject + taken.description)
    assert "\n" not in taken.subject
    assert len(taken.subject) <= 200
    taken.description.encode()


FITTING: dict[str, Any] = {
    "amount": "10",
    "date": "2026-11-10",
    "start": "2026-11-10",
    "end": "2026-11-11",
    "month": "2026-11",
    "months": 3,
    "segment": "all",
    "at": "2026-12-05T09:00",
    "salary": "10",
    "category": "outros",
    "direction": "payable",
    "due": "2026-12-05",
    "until": "2026-12-05",
    "repeats": "monthly",
    "instalments": 3,
    "overdue": True,
    "whole_message": True,
    "confirmed": True,
    "kind": "expense",
    "limit": 5,
}
UNFITTING: dict[str, tuple[Any, ...]] = {
    "amount": ("0", "-5", "1.999", "99999999999", "1e400", "NaN", "mil", None, [], True),
    "salary": ("0", "-5", "1.999", "99999999999", "1e400", "mil", []),
    "date": ("10/11/2026", "2026-02-30", "amanhã", 5, None),
    "start": ("10/11/2026", "2026-02-30", 5, None),
    "end": ("10/11/2026", "2026-11-09", 5, None),
    "month": ("2026-13", "novembro", "1999-01", 5, None),
    "months": (0, -1, 25, 10**30, "dois", None),
    "segment": ("todos", "", 5, None),
    "category": ("nada", "", 5, None),
    "direction": ("devendo", "", 5),
    "due": ("05/12/2026", "2026-02-30", 5, None),
    "until": ("05/12/2026", "2026-02-30", 5),
    "repeats": ("hourly", "", 5),
    "instalments": (0, -1, 121, "três"),
    "overdue": ("talvez", 5, []),
    "whole_message": ("tudo", "", 5, None),
    "confirmed": ("claro", "", 5, None),
    "kind": ("despesa", "", 5),
    "limit": (0, 11, "dez", None),
}
"""Invalid values of text arguments: empty, too long, or not a string."""
WRONG_TEXTS: tuple[Any, ...] = ("", "  ", 5, [])


def fitting(tool: str) -> dict[str, Any]:
    return {name: FITTING.get(name, "texto") for name in TOOLS[tool].arguments.model_fields}


def may_be_left_out(tool: str, name: str) -> bool:
    field = TOOLS[tool].arguments.model_fields[name]
    return not field.is_required() and field.default is None


def unfitting() -> list[tuple[str, str, Any]]:
    return [
        (tool, name, value)
        for tool in TOOLS
        for name in fitting(tool)
        for value in UNFITTING.get(name, (*WRONG_TEXTS, *(("x" * 4001,) if name in ("message",) else ())))
        if value is not None or not may_be_left_out(tool, name)
    ]


@pytest.mark.parametrize("tool", sorted(TOOLS))
def test_a_tool_accepts_valid_arguments(tool: str) -> None:
    assert refusal_of(tool, fitting(tool)) is None


@pytest.mark.parametrize(("tool", "name", "value"), unfitting())
def test_a_refusal_says_which_argument_is_wrong_and_why(tool: str, name: str, value: Any) -> None:
    said = refusal_of(tool, fitting(tool) | {name: value})

    assert said is not None
    start, reason = said.split(". ", 1)
    assert start == f"Não consegui {TOOLS[tool].action}"
    assert reason.endswith(".")
    assert INVALID not in reason
    assert not {"Input", "should", "use one of"} & set(reason.split())


@pytest.mark.parametrize(
    ("tool", "changed", "reason"),
    [
        ("add_expense", {"amount": "-5"}, "O valor precisa ser maior que zero."),
        ("add_expense", {"amount": "1.999"}, "O valor vai até os centavos: no máximo duas casas decimais."),
        ("add_income", {"category": "nada"}, "Categoria desconhecida para receita."),
        ("analyze_trends", {"months": 25}, "Escolha de 1 a 24 meses."),
        ("cash_flow_report", {"end": "2026-11-09"}, "O fim do período vem antes do começo."),
        ("request_time_off", {"end": "2026-11-09"}, "O fim do período vem antes do começo."),
        ("create_campaign", {"message": "x" * 4001}, "Mensagem: use no máximo 4000 caractere(s)."),
    ],
)
def test_a_domain_rules_message_is_used_unchanged(tool: str, changed: dict[str, Any], reason: str) -> None:
    assert reason in (refusal_of(tool, fitting(tool) | changed) or "")
