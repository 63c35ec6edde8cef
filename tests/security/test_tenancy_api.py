"""No company reaches another one's rows through the API: not by an id, not in a list, not by a reference in a body.

The tests walk all routes. A route whose parameter is not known to name a row of some table fails in `reach.table_of`.
"""

import json
from collections.abc import Iterator
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st
from schemathesis.core import NOT_SET
from sqlalchemy import Engine

from falachefe.auth.permissions import PLATFORM
from falachefe.data.engine import Database
from falachefe.kernel.clock import FixedClock
from falachefe.kernel.ids import new_id
from tests.integration.api.described import operation_of
from tests.integration.api.gateway import Answer, Route, routes
from tests.integration.api.surroundings import functions_surroundings
from tests.security.neighbours import Neighbour, neighbour, state_of
from tests.security.reach import table_of

NAMING = [route for route in routes() if route.parameters]
"""Routes whose path names a row."""
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
def theirs(database: Database, clock: FixedClock) -> Neighbour:
    return neighbour(database, clock)


@pytest.fixture
def ours(database: Database, clock: FixedClock) -> Neighbour:
    return neighbour(database, clock)


def label(route: Route) -> str:
    return f"{route.rule.method} {route.path}"


def told(answer: Answer) -> tuple[int, Any]:
    """What an answer says, without what is another one in every answer."""
    if not answer.body:
        return answer.status, None
    document = json.loads(answer.body)
    return answer.status, {k: v for k, v in document.items() if k not in ("instance", "request_id")}


def bodies(route: Route) -> st.SearchStrategy[bytes]:
    """Bodies that the document allows."""
    cases: st.SearchStrategy[Any] = operation_of(route).as_strategy()
    return cases.map(lambda case: b"" if case.body is NOT_SET else json.dumps(case.body).encode())


@pytest.mark.parametrize("route", NAMING, ids=label)
def test_another_company_s_row_is_as_unknown_as_one_that_never_was(
    superuser: Engine, ours: Neighbour, theirs: Neighbour, route: Route
) -> None:
    table = table_of(route)
    before = state_of(superuser, theirs.company_id)
    by = "superadmin" if route.rule.permission in PLATFORM else "admin"
    statuses: dict[str, set[int]] = {"theirs": set(), "unknown": set(), "ours": set()}

    def answer(key: UUID, body: bytes) -> Answer:
        target = route.path.format_map(dict.fromkeys(route.parameters, key))
        return ours.ask(route.rule.method, target, by=by, body=body)

    @a_few
    @given(body=bodies(route))
    @example(body=b"{}")
    def ask(body: bytes) -> None:
        keys = {"theirs": theirs.rows[table], "unknown": new_id(), "ours": ours.rows[table]}
        answers = {whose: answer(key, body) for whose, key in keys.items()}
        assert told(answers["theirs"]) == told(answers["unknown"])
        for whose, found in answers.items():
            statuses[whose].add(found.status)

    ask()

    assert 404 in statuses["theirs"] <= {404, 422}
    assert statuses["ours"] - {404, 422}, "the route must be one that finds what is there"
    assert state_of(superuser, theirs.company_id) == before
