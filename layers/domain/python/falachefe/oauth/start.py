"""Signing in with Google or GitHub: the way there, which asks nothing of the database and loads none of its library."""

from dataclasses import dataclass
from datetime import datetime

from falachefe.kernel.display_names import name_problem
from falachefe.kernel.errors import invalid_field
from falachefe.oauth.flows import Flow, Flows
from falachefe.oauth.providers import OAuthProvider, Trip
from falachefe.oauth.rules import Provider, landing


@dataclass(frozen=True, slots=True)
class Started:
    address: str
    """Of the provider, where the browser goes now."""
    browser: str
    """For the cookie of the browser that began."""


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
    """Begins a sign-in that ends on a page of the app. Raises `InvalidInput` for a page that is not the app's."""
    ends = landing(app_url, page)
    if ends is None:
        message = "Esse destino não é uma página do aplicativo."
        raise invalid_field("return_to", message, "return_to_invalid")
    if company is not None and (objection := name_problem(company)) is not None:
        raise invalid_field("company", objection, "name_invalid")
    flow = flows.begin(name, callback=callback, landing=ends, company=company, challenge=challenge or "", now=now)
    return Started(provider.address(trip_of(flows, flow), now), flow.browser)


def trip_of(flows: Flows, flow: Flow) -> Trip:
    return Trip(flow.callback, flow.state, flows.verifier(flow), flows.nonce(flow))
