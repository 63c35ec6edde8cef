"""Filters read a value as the input does: what was written by POST is found by asking for the same."""

import unicodedata
from collections.abc import Callable
from datetime import timedelta
from itertools import count
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from falachefe.db.engine import Database
from falachefe.kernel.clock import FixedClock
from falachefe.resources.declaration import Resource
from falachefe.resources.http import ResourceApi
from falachefe.resources.lists.paging import like_pattern
from falachefe.resources.schemas import is_text
from functions.admin import auth_logs, users
from functions.business import suppliers
from functions.whatsapp import contacts
from tests.integration.api.described import described
from tests.integration.api.gateway import Route, routes
from tests.integration.callers import Caller

CREATED = {
    route.api.resource.name: route
    for route in routes()
    if isinstance(route.api, ResourceApi) and "create" in route.api.resource.actions
}
WRITTEN = [
    (name, field)
    for name, route in CREATED.items()
    for field in route.api.resource.filter_by  # type: ignore[attr-defined]  # as the line above found
    if field in route.api.resource.create.model_fields  # type: ignore[attr-defined]
    and is_text(route.api.resource.read.model_fields[field].annotation)  # type: ignore[attr-defined]
]
often = settings(
    max_examples=8, deadline=None, phases=[Phase.generate], suppress_health_check=[HealthCheck.function_scoped_fixture]
)

BLANKS = st.sampled_from(["", " ", "  ", "\t", "\u00a0"])
WORDS = st.text("abcçéñÃzÔ,'%_\\+&=#", min_size=1, max_size=8)


@st.composite
def lines(draw: st.DrawFn) -> str:
    """Words as people type them: blanks around and between, accents composed or not."""
    words = [f"Ana{draw(st.integers(0, 10**9))}", draw(WORDS), draw(WORDS)]
    text = draw(BLANKS) + (draw(BLANKS) or " ").join(words) + draw(BLANKS)
    return unicodedata.normalize(draw(st.sampled_from(["NFC", "NFD"])), text)


def cnpj(root: int) -> str:
    digits = f"{root:012}"
    for weights in ((5, 4, 3, 2, 9, 8, 7, 6, 5, 4, 3, 2), (6, 5, 4, 3, 2, 9, 8, 7, 6, 5, 4, 3, 2)):
        rest = sum(int(d) * w for d, w in zip(digits, weights, strict=True)) % 11
        digits += str(0 if rest < 2 else 11 - rest)
    return digits


def punctuated(digits: str) -> st.SearchStrategy[str]:
    dotted = f"{digits[:2]}.{digits[2:5]}.{digits[5:8]}/{digits[8:12]}-{digits[12:]}"
    return st.sampled_from([digits, dotted, f" {dotted} ", dotted.replace(".", " ")])


def typed(number: int) -> st.SearchStrategy[str]:
    a, b = f"9{number:08}"[:5], f"9{number:08}"[5:]
    return st.sampled_from([f"(11) {a}-{b}", f"+55 11 {a}-{b}", f"+5511{a}{b}", f"11 {a} {b}", f"+55 (11) {a}{b}"])


FIELDS: dict[str, st.SearchStrategy[str]] = {
    "category": st.sampled_from(["energia", "combustivel"]),
    "cnpj": st.integers(10_000_000_000, 99_999_999_999).map(cnpj).flatmap(punctuated),
    "email": st.integers(0, 10**9).flatmap(
        lambda n: st.sampled_from([f"Ana{n}@Padaria.Example", f" ana{n}@padaria.example ", f"ANA{n}@PADARIA.EXAMPLE"])
    ),
    "phone": st.integers(60_000_000, 99_999_999).flatmap(typed),
    "reference": st.integers(0, 10**9).map(lambda n: f"pix:{n}"),
    "slug": st.integers(0, 10**9).map(lambda n: f"novo-horario-{n}"),
    "username": st.integers(0, 10**9).map(lambda n: f"Ana.{n}"),
}


_PHONES = count(30_000_000)


@pytest.fixture
def root(as_role: Callable[[Any, str], Caller]) -> Caller:
    return as_role(suppliers.handler, "superadmin")


def body_of(route: Route) -> dict[str, Any]:
    """What must be sent, as the document's example has it."""
    resource: Resource[Any, Any, Any] = route.api.resource  # type: ignore[attr-defined]
    content = described()["paths"][f"/v1/{resource.domain}/{resource.name}"]["post"]["requestBody"]["content"][
        "application/json"
    ]
    needed = {name for name, field in resource.create.model_fields.items() if field.is_required()}
    body = {name: value for name, value in content["example"].items() if name in needed}
    return body | ({"phone": f"+55119{next(_PHONES)}"} if resource.name == "users" else {})


@pytest.mark.parametrize(("name", "field"), WRITTEN)
@often
@given(data=st.data())
def test_what_was_written_is_found_by_what_was_written(
    root: Caller, clock: FixedClock, name: str, field: str, data: st.DataObject
) -> None:
    route = CREATED[name]
    call = root.of(route.handler)
    raw = data.draw(FIELDS.get(field, lines()))
    if field == "name" and name in ("roles", "crews"):
        raw = raw[:40]
    clock.at += timedelta(seconds=15)  # or it is too often
    month = {"month": f"{data.draw(st.integers(2027, 2030))}-{data.draw(st.integers(1, 12)):02}"}
    made = call("POST", f"/{name}", body_of(route) | (month if name == "budgets" else {}) | {field: raw})
    if made.status == 409:
        return  # written by an example before
    assert made.status == 201, made.body
    quoted = raw.replace('"', '""')
    listed = f'"{quoted}"' if field in FIELDS else f'"x,y","{quoted}"'
    for query in ({field: raw}, {f"{field}__in": listed}):
        found = call("GET", f"/{name}", **query)
        assert found.status == 200, (query, found.body)
        assert made.json["id"] in [one["id"] for one in found.json["data"]], query


def test_the_fields_are_found_from_the_declarations() -> None:
    assert {("suppliers", "cnpj"), ("users", "email"), ("users", "phone"), ("employees", "name")} <= set(WRITTEN)
    assert len(WRITTEN) >= 12


# ---- phones, which are written in many ways


@pytest.mark.parametrize(
    "asked", ["+5511987654321", " 5511987654321", "(11) 98765-4321", "11 98765 4321", "551187654321"]
)
def test_a_phone_is_found_however_it_is_written(root: Caller, database: Database, company_id: UUID, asked: str) -> None:
    with database.tenant(company_id) as session:
        session.connection().exec_driver_sql(
            "insert into contacts (company_id, id, phone, name) values"
            f" ('{company_id}', '{company_id}', '+5511987654321', 'Ana')"
        )
    call = root.of(contacts.handler)

    assert [one["name"] for one in call("GET", "/contacts", phone=asked).json["data"]] == ["Ana"]
    assert call("GET", "/contacts", phone="nada").json["errors"][0]["message"] == "Use um telefone com DDD."
    assert call.of(auth_logs.handler)("GET", "/auth-logs", phone=asked).status == 200


def test_what_no_input_could_hold_is_refused(root: Caller) -> None:
    assert root("GET", "/suppliers", cnpj="11.222.333/0001-00").status == 422
    assert root("GET", "/suppliers", cnpj__gte="11.2").status == 200
    assert root("GET", "/suppliers", name__in='"Ana').status == 422
    assert root.of(users.handler)("GET", "/users", email="ninguém").status == 422


@pytest.mark.parametrize(
    ("asked", "pattern"),
    [
        ("ana", "%ana%"),
        ("ana%", "ana%"),
        (r"100\%", r"%100\%%"),
        (r"100\% de%", r"100\% de%"),
        ("a_b", r"%a\_b%"),
        ("a\\b", r"%a\\b%"),
        (r"a\\%", r"a\\%"),
        ("\\", r"%\\%"),
    ],
)
def test_a_percent_sign_may_mean_itself(asked: str, pattern: str) -> None:
    assert like_pattern(asked) == pattern


def test_patterns_find_what_they_say(root: Caller) -> None:
    create_names = ("Desconto 100% real", "Desconto 1000 reais", "barra\\invertida", "sub_traço")
    for name in create_names:
        assert root("POST", "/suppliers", {"name": name}).status == 201

    def found(asked: str) -> list[str]:
        return [one["name"] for one in root("GET", "/suppliers", name__like=asked).json["data"]]

    assert found(r"100\% r") == ["Desconto 100% real"]
    assert found("%100%r%") == ["Desconto 100% real", "Desconto 1000 reais"]
    assert (found("a\\i"), found("b_t")) == (["barra\\invertida"], ["sub_traço"])
    assert [one["name"] for one in root("GET", "/suppliers", name__in='"a,b", "x",sub_traço').json["data"]] == [
        "sub_traço"
    ]


# ---- weak tags


@pytest.mark.parametrize(
    ("tag", "code"), [('W/"1"', "etag_weak"), ('W/"7"', "version_stale"), ('"7"', "version_stale")]
)
def test_a_weak_tag_is_told_what_is_the_matter_with_it(root: Caller, tag: str, code: str) -> None:
    made = root("POST", "/suppliers", {"name": "Atacado"}).json
    answer = root("PATCH", f"/suppliers/{made['id']}", {"notes": "x"}, {"If-Match": tag})

    assert (answer.status, answer.json["code"]) == (412, code)
    assert ("fraco" in answer.json["detail"]) == (code == "etag_weak")
