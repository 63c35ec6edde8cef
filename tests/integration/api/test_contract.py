"""Whatever is sent to any route, in anybody's name, is answered as the OpenAPI document says.

Schemathesis makes data that the document allows and data that it does not; each piece of it is sent in the name of
nobody and of every role. `FALACHEFE_CONTRACT_EXAMPLES=200` looks deeper than the suite has time for.
"""

import os
from collections.abc import Iterator
from contextlib import nullcontext, suppress
from itertools import groupby
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import FailureGroup
from schemathesis.specs.openapi import checks as openapi_checks
from sqlalchemy import text

from falachefe.db.engine import Database
from falachefe.kernel.clock import FixedClock
from tests.integration.api.described import operations
from tests.integration.api.gateway import NO_SUCH_ROUTE, routes
from tests.integration.api.people import CALLERS
from tests.integration.api.surroundings import functions_surroundings
from tests.security.example_rows import APPEND_ONLY
from tests.security.row_references import OWN_SESSIONS, USER_SESSIONS, parameters, table_of
from tests.security.two_companies import SignedInCompany, signed_in_company

EXAMPLES = int(os.environ.get("FALACHEFE_CONTRACT_EXAMPLES", "2"))
CHECKS = [
    not_a_server_error,
    openapi_checks.status_code_conformance,
    openapi_checks.content_type_conformance,
    openapi_checks.response_headers_conformance,
    openapi_checks.response_schema_conformance,
    openapi_checks.positive_data_acceptance,
]
REFUSED = openapi_checks.negative_data_rejection
"""Only of what was sent as it was made: a row of ours can take the place of what was wrong in the path. And not of
batches, which answer 200 with what they think of each operation."""
each_way = settings(
    max_examples=EXAMPLES,
    derandomize=True,
    database=None,
    deadline=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)


def _family(operation: Any) -> str:
    return "/".join(operation.path.split("/")[2:4])


FAMILIES = {name: list(members) for name, members in groupby(sorted(operations(), key=_family), key=_family)}


@pytest.fixture(scope="module")
def clock(database: Database) -> Iterator[FixedClock]:
    with functions_surroundings(database) as clock:
        yield clock


@pytest.fixture
def company(database: Database, clock: FixedClock) -> SignedInCompany:
    return signed_in_company(database, clock)


@pytest.mark.parametrize("family", FAMILIES)
def test_every_route_answers_as_the_document_says(company: SignedInCompany, family: str) -> None:
    broken = [
        promise
        for operation in FAMILIES[family]
        for mode in GenerationMode
        if mode.is_positive or takes_anything(operation)
        for promise in broken_promises(company, operation, mode)
    ]

    assert not broken, "\n" + "\n".join(broken)


def takes_anything(operation: Any) -> bool:
    return bool(operation.body) or any(True for _ in operation.iter_parameters())


def broken_promises(company: SignedInCompany, operation: Any, mode: GenerationMode) -> list[str]:
    found: dict[str, str] = {}
    batch = operation.path.endswith("/batch")

    @each_way
    @given(case=operation.as_strategy(generation_mode=mode), of_ours=st.booleans())
    def run(case: Any, of_ours: bool) -> None:
        if of_ours:
            case.path_parameters = {**(case.path_parameters or {}), **own_row(company, operation)}
        for caller in CALLERS:
            company.people.wait()
            answer = case.call(headers=company.people.headers(caller))
            if answer.status_code == NO_SUCH_ROUTE and "x-request-id" not in answer.headers:
                continue  # the path was none of ours once it was written down
            try:
                case.validate_response(answer, checks=CHECKS if of_ours or batch else [*CHECKS, REFUSED])
            except FailureGroup as failed:
                for failure in failed.exceptions:
                    line = f"{operation.label} by {caller}: {failure.title}: {failure.message}".replace("\n", " ")
                    found.setdefault(f"{caller} {failure.title}", f"{line} <- {case!r} {answer.text}")

    # Some operations take anything at all: nothing can be wrong with what is sent to them.
    with nullcontext() if mode.is_positive else suppress(Unsatisfiable):
        run()
    return list(found.values())


def own_row(company: SignedInCompany, operation: Any) -> dict[str, str]:
    """The path's parameters, naming rows of the company's own as they were before anybody deleted them."""
    route = next(
        route for route in routes() if (route.rule.method.lower(), route.path) == (operation.method, operation.path)
    )
    tables = {name: table_of(route, name) for name in parameters(route)}
    with company.people.database.tenant(company.company_id) as session:
        for table in set(tables.values()) - {OWN_SESSIONS, USER_SESSIONS} - APPEND_ONLY:
            session.execute(text(f"update {table} set deleted_at = null where id = :key"), {"key": company.rows[table]})
    return {name: str(company.rows[table]) for name, table in tables.items()}
