"""Optional parts of a declaration: row visibility, actions, parents, limits, deprecation."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest

from falachefe.app.rest import resource_api
from falachefe.db.engine import Database
from falachefe.finance.models import Supplier
from falachefe.finance.schemas import BudgetIn, BudgetOut, SupplierOut
from falachefe.finance.suppliers import SUPPLIERS
from falachefe.http.deprecation import Deprecation
from falachefe.http.principal import Principal
from falachefe.http.rate_limits.callers import Limit
from falachefe.http.unit_of_work import RequestUnitOfWork
from falachefe.kernel.errors import NotFound
from falachefe.kernel.ids import new_id
from falachefe.resources.declaration import Action, Parent, Resource
from falachefe.resources.schemas import Input
from falachefe.resources.specifications import Specification, starts_with
from tests.integration.callers import Answer, Caller

type AsRole = Callable[[Any, str], Caller]

ANY = {"If-Match": "*"}


def some(_: Principal, __: datetime) -> Specification:
    return starts_with("name", "Atacado")


NARROW = resource_api(replace(SUPPLIERS, visible_to=some)).handler()
WIDE = resource_api(SUPPLIERS).handler()


@pytest.fixture
def wide(as_role: AsRole) -> Caller:
    return as_role(WIDE, "admin")


@pytest.fixture
def narrow(wide: Caller) -> Caller:
    return wide.of(NARROW)


def made(call: Caller, name: str) -> str:
    return str(call("POST", "/suppliers", {"name": name}).json["id"])


# ---- row visibility


def test_list_and_total_include_only_visible_rows(wide: Caller, narrow: Caller) -> None:
    for name in ("Atacado Sul", "Moinho", "Atacado Norte"):
        made(wide, name)

    page = narrow("GET", "/suppliers").json
    assert [one["name"] for one in page["data"]] == ["Atacado Norte", "Atacado Sul"]
    assert page["pagination"]["total"] == 2
    assert narrow("GET", "/suppliers", name="Moinho").json["data"] == []
    assert narrow("GET", "/suppliers", page="9").json["pagination"]["total"] == 2


def test_invisible_row_can_be_neither_read_nor_written(wide: Caller, narrow: Caller) -> None:
    path = f"/suppliers/{made(wide, 'Moinho')}"
    requests: list[tuple[str, str, Any]] = [
        ("GET", path, None),
        ("PATCH", path, {"notes": "x"}),
        ("DELETE", path, None),
    ]

    assert [narrow(method, where, body, ANY).status for method, where, body in requests] == [404, 404, 404]
    wide("DELETE", path)
    assert narrow("POST", f"{path}/restore").status == 404
    assert narrow("GET", "/suppliers", include_deleted="true").json["data"] == []
    assert wide("POST", f"{path}/restore").json["version"] == 3


def test_batch_respects_row_visibility(wide: Caller, narrow: Caller) -> None:
    hidden, seen = made(wide, "Moinho"), made(wide, "Atacado Sul")
    operations = [
        {"op": "update", "id": hidden, "version": 1, "data": {"notes": "x"}},
        {"op": "delete", "id": hidden},
        {"op": "restore", "id": hidden},
        {"op": "delete", "id": seen},
    ]

    answer = narrow("POST", "/suppliers/batch", {"mode": "each", "operations": operations})
    assert [one["status"] for one in answer.json["results"]] == [404, 404, 404, 204]
    assert wide("GET", f"/suppliers/{hidden}").json["version"] == 1


def test_creator_gets_the_created_row(narrow: Caller) -> None:
    answer = narrow("POST", "/suppliers", {"name": "Moinho"})

    assert (answer.status, answer.json["name"]) == (201, "Moinho")
    assert narrow("GET", f"/suppliers/{answer.json['id']}").status == 404


# ---- actions

READ_ONLY = Resource[Supplier, Input, SupplierOut](
    name="suppliers",
    singular="supplier",
    context="finance",
    model=Supplier,
    read=SupplierOut,
    actions=frozenset({"read"}),
)


def routes(resource: Resource[Any, Any, Any]) -> set[tuple[str, str]]:
    return {(rule.method, rule.path) for rule in resource_api(resource).rules}


def test_a_resource_has_the_routes_of_its_actions_only() -> None:
    item = "/suppliers/<item_id>"
    looked_at = {("GET", "/suppliers"), ("GET", item)}
    of_actions: dict[frozenset[Action], set[tuple[str, str]]] = {
        frozenset({"read"}): looked_at,
        frozenset({"read", "delete"}): looked_at | {("DELETE", item)},
        frozenset({"read", "restore"}): looked_at | {("POST", f"{item}/restore")},
    }

    for actions, expected in of_actions.items():
        found = routes(replace(READ_ONLY, actions=actions))
        assert {route for route in found if not route[1].endswith("/exports")} == expected


@pytest.mark.parametrize(
    "changes",
    [
        {"actions": frozenset({"create", "update"})},
        {"actions": frozenset({"read"})},
        {"create": Input},
        {"update": Input},
        {"filter_by": ("nome",)},
        {"sort_by": ("nome",), "default_sort": "nome"},
        {"search_in": ("nome",)},
        {"default_sort": "name,-cnpj"},
        {"read": BudgetOut},
        {"create": BudgetIn},
        {"columns": {"notes": "remarks"}},
    ],
)
def test_a_declaration_that_contradicts_itself_or_its_model_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="suppliers: "):
        replace(SUPPLIERS, **changes)


# ---- nested lists


def test_a_list_under_a_row_holds_what_belongs_to_it(wide: Caller, database: Database) -> None:
    ours, strange = new_id(), new_id()

    def check(_: RequestUnitOfWork, parent: UUID) -> None:
        if parent == strange:
            raise NotFound("Não existe.")

    below = replace(READ_ONLY, parent=Parent("suppliers", "id", check))
    assert routes(below) == {("GET", "/suppliers/<id>/suppliers")}
    call = wide.of(resource_api(below).handler())
    key = made(wide, "Moinho")
    made(wide, "Atacado")

    def asked(parent: object) -> Answer:
        return call("GET", f"/suppliers/{parent}/suppliers")

    assert [one["name"] for one in asked(key).json["data"]] == ["Moinho"]
    assert (asked(ours).json["data"], asked(strange).status, asked("x").status) == ([], 404, 422)


# ---- limits and deprecation


def test_every_route_has_the_declaration_s_limit(wide: Caller) -> None:
    call = wide.of(resource_api(replace(SUPPLIERS, limit=Limit("suppliers", 2))).handler())

    assert [call("GET", "/suppliers").status for _ in range(3)] == [200, 200, 429]
    assert call("GET", f"/suppliers/{new_id()}").json["code"] == "rate_limited"
    assert wide("GET", "/suppliers").status == 200


def test_deprecated_resource_has_deprecation_headers(wide: Caller) -> None:
    ends = Deprecation(datetime(2026, 11, 1, tzinfo=UTC), datetime(2027, 2, 1, tzinfo=UTC))
    answer = wide.of(resource_api(replace(SUPPLIERS, deprecation=ends)).handler())("GET", "/suppliers")

    assert (answer.status, answer.headers["Deprecation"]) == (200, "@1793491200")
    assert answer.headers["Sunset"] == "Mon, 01 Feb 2027 00:00:00 GMT"
