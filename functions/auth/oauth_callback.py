"""GET /v1/auth/oauth/{provider}/callback: the return from Google or GitHub; redirects to the app."""

from functools import partial
from typing import Annotated

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.params import Query

from falachefe.accounts.responses import actor_of
from falachefe.api_keys.revocation import revoke_keys_of
from falachefe.app import auth_wiring, oauth_wiring, runtime
from falachefe.app.rest import rest_api
from falachefe.oauth import callback as oauth_callback
from falachefe.oauth.callback import Returned
from falachefe.oauth.rules import Provider
from falachefe.onboarding.registration import register_by_identity

api = rest_api("auth")

_Returned = Annotated[str, Query(max_length=2048)]


@api.get(
    "/oauth/<provider>/callback",
    public="the provider redirects here; state and cookie are the credential",
    summary="Complete a sign-in with Google or GitHub",
    status_code=302,
    refuses={
        401: "The account is not active",
        403: "Not authorized at the provider, or the e-mail is not confirmed there",
        404: "This deployment is not registered with the provider",
        429: "Too many sign-ins from this IP address",
        502: "The provider's response is invalid",
    },
)
def callback(provider: Provider, state: _Returned = "", code: _Returned = "", error: _Returned = "") -> Response[str]:
    auth_wiring.limit_oauth(api, "callback")
    address = oauth_callback.finish(
        runtime.database(),
        oauth_wiring.flows(),
        oauth_wiring.provider_of(provider),
        name=provider,
        returned=Returned(state, code if not error else "", oauth_wiring.browser_of(api)),
        revoke_keys=revoke_keys_of,
        by=actor_of(api),
        register=partial(register_by_identity, runtime.database(), runtime.publisher()),
        before_registration=lambda: auth_wiring.limit_registrations(api),
        now=runtime.clock().now(),
    )
    return Response(302, body="", headers={"Location": address})


handler = api.handler()
