"""Building APIs: export routes, authentication, and no dependencies before a request."""

from dataclasses import replace
from typing import Any

import pytest

from falachefe.app import runtime
from falachefe.app.rest import resource_api, rest_api
from falachefe.finance.resources import TRANSACTIONS
from falachefe.http.api import Api
from falachefe.kernel.errors import Unauthenticated
from falachefe.sessions import authenticator
from tests.unit.http.test_api import event


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """How the authenticator was asked; it authenticates no one. The runtime has a clock and nothing else."""
    found: list[dict[str, Any]] = []

    def authenticate(*_: Any, **how: Any) -> None:
        found.append(how)
        raise Unauthenticated("Entre para continuar.", code="token_missing")

    monkeypatch.setattr(authenticator, "principal_of", authenticate)
    for name in ("database", "publisher", "limits", "table", "sessions"):
        monkeypatch.setattr(runtime, name, None)
    return found


def routes(api: Api) -> set[tuple[str, str]]:
    return {(rule.method, rule.path) for rule in api.rules}


@pytest.mark.parametrize(("domain", "own"), [("auth", True), ("business", False)])
def test_ones_account_is_ones_own_in_whatever_company_one_is(
    asked: list[dict[str, Any]], domain: str, own: bool
) -> None:
    api = rest_api(domain)
    api.get("/things", permission="things.read")(dict)

    assert api.handler()(event("GET", "/things"), None)["statusCode"] == 401
    assert asked == [{"own_company_only": own}]


def test_a_list_that_can_be_exported_has_the_route_for_it_and_its_function_the_power() -> None:
    exported, other = resource_api(TRANSACTIONS), resource_api(replace(TRANSACTIONS, name="entries"))

    assert routes(exported) - {("POST", "/transactions/exports")} == {
        (method, path.replace("entries", "transactions")) for method, path in routes(other)
    }
    assert ("POST", "/transactions/exports") in routes(exported)
    assert (exported.needs, other.needs) == (("exports",), ())
