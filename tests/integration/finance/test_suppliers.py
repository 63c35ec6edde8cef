"""Suppliers, added as described in the guide; the toolkit's own tests cover the rest."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from functions.business import suppliers
from tests.integration.callers import Caller

SUPPLIER = {"name": "Atacado  São Jorge", "cnpj": "11.222.333/0001-81"}


def test_a_supplier_is_created_found_and_updated(as_role: Callable[[Any, str], Caller]) -> None:
    call = as_role(suppliers.handler, "admin")
    made = call("POST", "/suppliers", SUPPLIER)

    assert (made.status, made.json["name"], made.json["cnpj"]) == (201, "Atacado São Jorge", "11222333000181")
    assert call("POST", "/suppliers", {"name": "ATACADO são jorge"}).json["code"] == "already_exists"
    assert call("POST", "/suppliers", {"name": "Outro", "cnpj": "11.222.333/0001-82"}).status == 422
    assert call("POST", "/suppliers", {"name": " \x00"}).status == 422
    patched = call("PATCH", f"/suppliers/{made.json['id']}", {"cnpj": None}, {"If-Match": '"1"'})
    assert (patched.status, patched.json["cnpj"]) == (200, None)
    assert call("GET", "/suppliers", search="sao jorge").json["pagination"]["total"] == 1
    assert as_role(suppliers.handler, "user")("GET", "/suppliers").status == 403


@pytest.mark.parametrize(
    ("sample", "status"), [("suppliers_create", 201), ("suppliers_update", 404), ("suppliers_batch", 200)]
)
def test_the_sample_events_are_valid(as_role: Callable[[Any, str], Caller], sample: str, status: int) -> None:
    event = json.loads(Path(f"events/business/{sample}.json").read_text())
    token = {"Authorization": f"Bearer {as_role(suppliers.handler, 'admin').token}"}
    event["headers"] |= token
    event["multiValueHeaders"] |= {name: [value] for name, value in token.items()}

    assert suppliers.handler(event, None)["statusCode"] == status
