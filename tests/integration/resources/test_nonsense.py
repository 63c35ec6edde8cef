"""Any input to a resource gets a response that its OpenAPI document allows, never a 500."""

from collections.abc import Callable
from functools import cache
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator, FormatChecker  # type: ignore[import-untyped]

from falachefe.finance.resources import BUDGETS, TRANSACTIONS
from falachefe.finance.suppliers import SUPPLIERS
from falachefe.hr.resources import EMPLOYEES, TIME_OFF
from falachefe.marketing.resources import CAMPAIGNS
from falachefe.resources.declaration import Resource
from falachefe.support.resources import TICKETS
from functions.business import budgets, campaigns, employees, suppliers, tickets, time_off, transactions
from infra.local.openapi.document import document
from tests.integration.callers import Answer, Caller

SERVED: list[tuple[Resource[Any, Any, Any], Any]] = [
    (BUDGETS, budgets.handler),
    (CAMPAIGNS, campaigns.handler),
    (EMPLOYEES, employees.handler),
    (SUPPLIERS, suppliers.handler),
    (TICKETS, tickets.handler),
    (TIME_OFF, time_off.handler),
    (TRANSACTIONS, transactions.handler),
]
VALID: dict[str, dict[str, Any]] = {
    "budgets": {"category": "energia", "month": "2026-11", "amount": "10.00"},
    "campaigns": {"name": "Natal", "message": "Panetone!"},
    "employees": {"name": "Ana", "position": "Padeira", "hired_on": "2026-11-01"},
    "suppliers": {"name": "Atacado"},
    "tickets": {"subject": "Forno"},
    "time-off": {"start": "2026-12-01", "end": "2026-12-02"},
    "transactions": {
        "kind": "expense",
        "amount": "10.00",
        "description": "Conta",
        "category": "energia",
        "date": "2026-11-01",
    },
}
TEXT = st.text(st.characters(exclude_categories=()), max_size=30)  # lone surrogates and control characters too
PLAUSIBLE: list[Any] = [
    "9999-12-31T23:59:59-14:00",
    "2026-11-01", "0001-01-01", "9999-12-31", "2026-11", "0001-01", "10.00", "1e400", "-0", 10**30, "expense", "income",
    "energia", "vendas", "all", "Ana", "closed", "approved", "00000000-0000-0000-0000-000000000000", "\ud800", "a\x00b",
]  # fmt: skip
VALUES = st.one_of(
    st.sampled_from(PLAUSIBLE),
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | TEXT,
    st.lists(TEXT, max_size=2),
)
each = pytest.mark.parametrize(("resource", "handler"), SERVED, ids=[resource.name for resource, _ in SERVED])
often = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def bodies(schema: Any, valid: dict[str, Any]) -> st.SearchStrategy[dict[str, Any]]:
    """A valid body with some of its fields gone wrong, or any fields at all."""
    fields = dict.fromkeys(schema.model_fields, VALUES)
    wrong = st.dictionaries(st.sampled_from(sorted(fields)), VALUES, max_size=2)
    return wrong.map(lambda changes: valid | changes) | st.fixed_dictionaries({}, optional=fields)


@cache
def described() -> dict[str, Any]:
    return document()


def check(method: str, path: str, answer: Answer) -> None:
    """The answer is one that the document promises: its status, its type and the shape of its body."""
    responses = described()["paths"][f"/v1/business{path}"][method.lower()]["responses"]
    assert str(answer.status) in responses, (method, path, answer.status, answer.body)
    assert answer.status < 500, answer.body
    content = responses[str(answer.status)].get("content")
    if content is None:
        assert answer.body == ""
        return
    ((media_type, promised),) = content.items()
    assert answer.headers["Content-Type"].startswith(media_type)
    schema = promised["schema"] | {"components": described()["components"]}
    Draft202012Validator(schema, format_checker=FormatChecker()).validate(answer.json)


@pytest.fixture
def admin(as_role: Callable[[Any, str], Caller]) -> Caller:
    return as_role(transactions.handler, "admin")


@each
@often
@given(data=st.data())
def test_no_body_causes_a_server_error(
    admin: Caller, resource: Resource[Any, Any, Any], handler: Any, data: st.DataObject
) -> None:
    call = admin.of(handler)
    body = data.draw(bodies(resource.create, VALID[resource.name]) | st.dictionaries(TEXT, VALUES, max_size=3) | VALUES)
    patch = data.draw(bodies(resource.update, {}))  # drawn whatever the answer to the first request will be
    headers = {"If-Match": data.draw(st.sampled_from(['"1"', "*", "nada", ""]))}
    made = call("POST", f"/{resource.name}", body)
    check("POST", f"/{resource.name}", made)
    if made.status == 201:
        answer = call("PATCH", f"/{resource.name}/{made.json['id']}", patch, headers)
        check("PATCH", f"/{resource.name}/{{item_id}}", answer)


@each
@often
@given(data=st.data())
def test_no_query_causes_a_server_error(
    admin: Caller, resource: Resource[Any, Any, Any], handler: Any, data: st.DataObject
) -> None:
    call = admin.of(handler)
    names = [f"{field}{suffix}" for field in resource.filter_by for suffix in ("", "__gte", "__lte", "__in", "__like")]
    names += ["search", "sort", "page", "limit", "fields", "cursor", "total", "include_deleted"]
    texts = st.sampled_from([str(value) for value in PLAUSIBLE]) | TEXT
    query = data.draw(st.dictionaries(st.sampled_from(names), texts, max_size=3))
    answer = call("GET", f"/{resource.name}", **query)
    check("GET", f"/{resource.name}", answer)


@each
@often
@given(data=st.data())
def test_no_batch_causes_a_server_error(
    admin: Caller, resource: Resource[Any, Any, Any], handler: Any, data: st.DataObject
) -> None:
    call = admin.of(handler)
    operation = st.fixed_dictionaries(
        {"op": st.sampled_from(["create", "update", "delete", "restore"])},
        optional={"data": bodies(resource.create, VALID[resource.name]), "id": VALUES, "version": VALUES},
    )
    body = {"mode": "each", "operations": data.draw(st.lists(operation, min_size=1, max_size=4))}
    answer = call("POST", f"/{resource.name}/batch", body)
    check("POST", f"/{resource.name}/batch", answer)
    if answer.status == 200:
        assert all(result["status"] < 500 for result in answer.json["results"])
