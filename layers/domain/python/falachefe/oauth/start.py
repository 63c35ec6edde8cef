"""The start of a sign-in with Google or GitHub. It needs no database, so it does not import SQLAlchemy."""

from dataclasses import dataclass
from datetime import datetime

from falachefe.kernel.display_names import name_problem
from falachefe.kernel.errors import invalid_field
from falachefe.oauth.flows import Flow, Flows
from falachefe.oauth.providers import AuthorizationRequest, OAuthProvider
from falachefe.oauth.rules import Provider, landing


@dataclass(frozen=True, slots=True)
class Started:
    address: str
    """The provider's authorization URL."""
    browser: str
    """The cookie that binds the flow to this browser."""


def start(
    flows: Flows,
    provider: OAuthProvider,
    name: Provider,
    *,
    app_url: str,
    callback: str,
    page: str | None,
    company: str | None,
    challenge: str | None,
    now: datetime,
) -> Started:
    """Begins a sign-in that ends on a page of the app.

    Raises `InvalidInput` for a page that is not the app's or a company name that is not allowed.
    """
    ends = landing(app_url, page)
    if ends is None:
        message = "Esse destino não é uma página do aplicativo."
        raise invalid_field("return_to", message, "return_to_invalid")
    if company is not None and (problem := name_problem(company)) is not None:
        raise invalid_field("company", problem, "name_invalid")
    flow = flows.begin(name, callback=callback, landing=ends, company=company, challenge=challenge or "", now=now)
    return Started(provider.address(authorization_request(flows, flow), now), flow.browser)


def authorization_request(flows: Flows, flow: Flow) -> AuthorizationRequest:
    return AuthorizationRequest(flow.callback, flow.state, flows.verifier(flow), flows.nonce(flow))
