"""No company reaches another one's rows through the API: not by an id, not in a list, not by a reference in a body.

The tests walk all routes. A route whose parameter is not known to name a row of some table fails in `reach.table_of`.
"""

import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

import pytest
from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st
from schemathesis.core import NOT_SET
from sqlalchemy import Engine, insert

from falachefe.access.permissions import PLATFORM
from falachefe.app.schema import metadata
from falachefe.db.engine import Database
from falachefe.kernel.clock import FixedClock
from falachefe.kernel.ids import new_id
from falachefe.resources.http import ResourceApi
from tests.integration.api.described import body_of, described, operation_of, query_of
from tests.integration.api.gateway import Answer, Route, routes
from tests.integration.api.surroundings import functions_surroundings
from tests.security.example_rows import values_for
from tests.security.row_references import ACCEPTED, identifiers, parameters, referred_table, table_of
from tests.security.two_companies import SignedInCompany, signed_in_company, state_of

OF_COMPANIES = [route for route in routes() if route.rule.public is None and route.rule.permission not in PLATFORM]
"""Routes for users of a company; the permissions of `PLATFORM` are for the operator, over all companies."""
NAMING = [(route, name) for route in OF_COMPANIES for name in parameters(route)]
LISTING = [route for route in OF_COMPANIES if route.rule.method == "GET" and not route.parameters]
REFERRING = [
    (route, name)
    for route in OF_COMPANIES
    for name in sorted(identifiers(body_of(route), described()["components"]["schemas"]))
]
IN_BATCHES = [
    route.api.resource for route in OF_COMPANIES if isinstance(route.api, ResourceApi) and "/batch" in route.path
]
a_few = settings(
    max_examples=5,
    derandomize=True,
    database=None,
    deadline=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)


@pytest.fixture(scope="module")
def clock(database: Database) -> Iterator[FixedClock]:
    with functions_surroundings(database) as clock:
        yield clock


@pytest.fixture(scope="module")
def theirs(database: Database, clock: FixedClock) -> SignedInCompany:
    return signed_in_company(database, clock)


@pytest.fixture
def ours(database: Database, clock: FixedClock) -> SignedInCompany:
    return signed_in_company(database, clock)


def label(route: Route) -> str:
    return f"{route.rule.method} {route.path}"


def stable_content(answer: Answer) -> tuple[int, Any]:
    """Status and body of a response, without the fields that differ in each response."""
    return answer.status, _lasting(json.loads(answer.body)) if answer.body else None


def _lasting(document: Any) -> Any:
    if isinstance(document, list):
        return [_lasting(item) for item in document]
    if isinstance(document, dict):
        return {k: _lasting(v) for k, v in document.items() if k not in ("instance", "request_id", "at")}
    return document


def own_ids(ours: SignedInCompany, route: Route) -> dict[str, UUID]:
    return {name: ours.rows[table_of(route, name)] for name in parameters(route)}


def bodies(route: Route) -> st.SearchStrategy[bytes]:
    """Bodies that the OpenAPI document allows, and a fully valid one where random bodies hardly ever are."""
    cases: st.SearchStrategy[Any] = operation_of(route).as_strategy()
    found = cases.map(lambda case: b"" if case.body is NOT_SET else json.dumps(case.body).encode())
    accepted = ACCEPTED.get(route.path)
    return st.just(json.dumps(accepted).encode()) | found if accepted else found


@pytest.mark.parametrize(("route", "name"), NAMING, ids=lambda item: item if isinstance(item, str) else label(item))
def test_a_row_of_another_company_gets_the_same_response_as_an_unknown_id(
    superuser: Engine, ours: SignedInCompany, theirs: SignedInCompany, route: Route, name: str
) -> None:
    table = table_of(route, name)
    before = state_of(superuser, theirs.company_id)
    statuses: dict[str, set[int]] = {"theirs": set(), "unknown": set(), "ours": set()}

    def answer(key: UUID, body: bytes) -> Answer:
        target = route.path.format_map(own_ids(ours, route) | {name: key})
        ours.people.wait()
        return ours.ask(route.rule.method, target, body=body)

    @a_few
    @given(body=bodies(route))
    @example(body=b"{}")
    def ask(body: bytes) -> None:
        keys = {"theirs": theirs.rows[table], "unknown": new_id(), "ours": ours.rows[table]}
        answers = {whose: answer(key, body) for whose, key in keys.items()}
        assert stable_content(answers["theirs"]) == stable_content(answers["unknown"])
        for whose, found in answers.items():
            statuses[whose].add(found.status)

    ask()

    assert 404 in statuses["theirs"] <= {404, 422}
    assert statuses["ours"] - {404, 422}, "the route must find the company's own row"
    assert state_of(superuser, theirs.company_id) == before


# ---- lists


@pytest.mark.parametrize("route", LISTING, ids=label)
def test_lists_and_counts_are_unaffected_by_other_companies_rows(
    database: Database, clock: FixedClock, ours: SignedInCompany, route: Route
) -> None:
    targets = [f"{route.path}?{urlencode(query)}" for query in queries(route, ours)]
    before = [stable_content(asked(ours, target)) for target in targets]
    other = signed_in_company(database, clock)
    answers = [asked(ours, target) for target in targets]

    assert [stable_content(answer) for answer in answers] == before
    assert 200 in {answer.status for answer in answers}
    known = {str(key) for key in (other.company_id, *other.rows.values())}
    assert not [answer.text for answer in answers if any(key in answer.text for key in known)]


def asked(ours: SignedInCompany, target: str) -> Answer:
    ours.people.wait()
    return ours.ask("GET", target)


def queries(route: Route, ours: SignedInCompany) -> list[dict[str, str]]:
    """The plain list, and every parameter once with a value that matches the row of each company."""
    fitting = {"boolean": "true", "integer": "1", "string": "texto de exemplo"}
    by_name = {"start": "2026-11-01", "end": "2026-11-30", "user_id": str(ours.rows["users"])}
    plain, each = {}, {}
    for parameter in query_of(route):
        name, schema = parameter["name"], parameter["schema"]
        each[name] = by_name.get(name) or fitting.get(schema.get("type", ""), "texto de exemplo")
        if parameter.get("required"):
            plain[name] = each[name]
    return [plain, *(plain | {name: value} for name, value in each.items() if name not in plain)]


# ---- references


@pytest.mark.parametrize(("route", "name"), REFERRING, ids=lambda item: item if isinstance(item, str) else label(item))
def test_a_body_cannot_refer_to_a_row_of_another_company(
    superuser: Engine, ours: SignedInCompany, theirs: SignedInCompany, route: Route, name: str
) -> None:
    table = referred_table(name)
    before = state_of(superuser, theirs.company_id)
    own_of_path = own_ids(ours, route)
    target = route.path.format_map(own_of_path)
    # A row cannot be its own parent, and a user cannot become an employee twice.
    taken = ours.rows[table] in own_of_path.values() or name == "user_id"
    own = one_more(ours, table) if taken else ours.rows[table]
    statuses = set()

    def answer(body: bytes, key: UUID) -> Answer:
        ours.people.wait()
        return ours.ask(route.rule.method, target, body=json.dumps(json.loads(body) | {name: str(key)}).encode())

    @a_few
    @given(body=bodies(route))
    def ask(body: bytes) -> None:
        refused = answer(body, theirs.rows[table])
        assert 400 <= refused.status < 500
        assert stable_content(refused) == stable_content(answer(body, new_id()))
        statuses.add(answer(body, own).status)

    ask()

    assert statuses & {200, 201, 202}, "a row of one's own must do"
    assert state_of(superuser, theirs.company_id) == before


def one_more(ours: SignedInCompany, table: str) -> UUID:
    """One more row of a table with unique names."""
    values = values_for(metadata.tables[table], ours.company_id, ours.rows) | {"name": "mais um"}
    with ours.people.database.tenant(ours.company_id) as session:
        session.execute(insert(metadata.tables[table]).values(values))
    return UUID(str(values["id"]))


# ---- many at once


@pytest.mark.parametrize("resource", IN_BATCHES, ids=lambda resource: resource.name)
@pytest.mark.parametrize("mode", ["each", "all"])
def test_a_batch_reads_and_changes_no_row_of_another_company(
    superuser: Engine, ours: SignedInCompany, theirs: SignedInCompany, resource: Any, mode: str
) -> None:
    before = state_of(superuser, theirs.company_id)
    target = f"/v1/{resource.domain}/{resource.name}/batch"

    def answer(key: UUID) -> Answer:
        operations: list[dict[str, Any]] = [
            {"op": op, "id": str(key), "version": 1, "data": {}} for op in ("update", "delete", "restore")
        ]
        return ours.ask("POST", target, body=json.dumps({"mode": mode, "operations": operations}).encode())

    table = resource.model.__tablename__
    refused = stable_content(answer(theirs.rows[table]))

    assert refused == stable_content(answer(new_id())) != stable_content(answer(ours.rows[table]))
    if mode == "each":
        assert [result["status"] for result in refused[1]["results"]] == [404, 404, 404]
    else:
        assert refused[0] == 404
    assert state_of(superuser, theirs.company_id) == before
