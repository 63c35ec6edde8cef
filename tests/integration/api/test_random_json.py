"""Random JSON in every field of every body, and nonsense in paths and queries: refused with a problem, or understood.

No answer is a 5xx, and nothing that a person reads of a refusal is pydantic's English.
"""

import json
import os
import re
from collections.abc import Iterator
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from falachefe.db.engine import Database
from falachefe.http.validation import MESSAGES
from falachefe.kernel.clock import FixedClock
from tests.integration.api.described import body_of, described, query_of
from tests.integration.api.gateway import Answer, Request, Route, routes, send
from tests.integration.api.json_text import NASTY, bodies
from tests.integration.api.surroundings import functions_surroundings
from tests.security.row_references import parameters, table_of
from tests.security.two_companies import SignedInCompany, signed_in_company

EXAMPLES = int(os.environ.get("FALACHEFE_CONTRACT_EXAMPLES", "6"))
ENGLISH = re.compile(
    r"input should|field required|extra inputs|value error|assertion failed|unable to|should (be|have|match)|"
    r"is not permitted|must be|invalid (character|format)|\bvalid (string|integer|number|date|boolean)",
    re.IGNORECASE,
)
once_each = settings(
    max_examples=EXAMPLES,
    deadline=None,
    database=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)
DESCRIBED = [route for route in routes() if route.path in described()["paths"]]
WITH_BODY = [route for route in DESCRIBED if body_of(route)]
ASKED = [route for route in DESCRIBED if route.parameters or query_of(route)]


def name(route: Route) -> str:
    return f"{route.rule.method} {route.path}"


@pytest.fixture(scope="module")
def clock(database: Database) -> Iterator[FixedClock]:
    with functions_surroundings(database) as clock:
        yield clock


@pytest.fixture
def company(database: Database, clock: FixedClock) -> SignedInCompany:
    return signed_in_company(database, clock)


def sent(company: SignedInCompany, route: Route, target: str, body: bytes, **headers: str) -> None:
    company.people.wait()
    caller = {**company.people.headers("superadmin"), "If-Match": "*", **headers}
    answer = send(Request(route.rule.method, target, list(caller.items()), body))
    assert answer.status < 500, (target, body[:500], answer.text)
    if answer.status >= 400:
        check_problem(answer, target)


def check_problem(answer: Answer, target: str) -> None:
    found = json.loads(answer.text)
    assert answer.header("content-type") == "application/problem+json"
    assert found["instance"].startswith("/v1/")
    assert len(answer.body) < 64_000
    said = [found["title"], found["detail"], *(one["message"] for one in found.get("errors", ()))]
    assert not [text for text in said if ENGLISH.search(text)], (target, said)


def path_of(company: SignedInCompany, route: Route) -> str:
    rows = {one: str(company.rows.get(table_of(route, one), company.company_id)) for one in parameters(route)}
    return route.path.format(**(dict.fromkeys(route.parameters, "nada") | {"code": "pro"} | rows))


@pytest.mark.parametrize("route", WITH_BODY, ids=name)
def test_no_json_makes_a_route_fail(company: SignedInCompany, route: Route) -> None:
    content = described()["paths"][route.path][route.rule.method.lower()]["requestBody"]["content"]
    example = content["application/json"].get("example", {})
    fields = sorted(body_of(route).get("properties", {}))
    target = path_of(company, route)

    @once_each
    @given(body=bodies(example, fields))
    def run(body: str) -> None:
        sent(company, route, target, body.encode("utf-8", "surrogatepass"), **{"Content-Type": "application/json"})

    run()


TEXTS = st.sampled_from([one.text.strip('"') for one in NASTY if len(one.text) < 6_000]) | st.text(max_size=40)


@pytest.mark.parametrize("route", ASKED, ids=name)
def test_no_path_or_query_makes_a_route_fail(company: SignedInCompany, route: Route) -> None:
    names = [one["name"] for one in query_of(route)] or ["nada"]
    good = path_of(company, route)

    @once_each
    @given(
        keys=st.fixed_dictionaries(dict.fromkeys(route.parameters, TEXTS)),
        own=st.booleans(),
        query=st.dictionaries(st.sampled_from(names) | st.text(max_size=5), TEXTS, max_size=3),
    )
    def run(keys: dict[str, str], own: bool, query: dict[str, str]) -> None:
        path = good if own else route.path.format(**{one: written(text) for one, text in keys.items()})
        asked = "&".join(f"{written(key)}={written(value)}" for key, value in query.items())
        sent(company, route, f"{path}?{asked}", b"")

    run()


def written(text: str) -> str:
    """As it stands in a request's first line; a slash would make another path of it."""
    return quote(text.replace("/", "|").encode("utf-8", "surrogatepass"), safe="") or "-"


def test_the_sentences_hold_no_english() -> None:
    assert not [text for text in MESSAGES.values() if ENGLISH.search(text)]
