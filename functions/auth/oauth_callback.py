"""GET /v1/auth/oauth/{provider}/callback: back from Google or GitHub, and on to the app."""

from typing import Annotated

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.params import Query

from falachefe import runtime
from falachefe.auth import doors, oauth, oauth_doors
from falachefe.auth.oauth import Returned
from falachefe.auth.oauth_rules import Provider
from falachefe.auth.views import actor_of
from falachefe.http.api import Api

api = Api("auth")

_Told = Annotated[str, Query(max_length=2048)]


@api.get(
    "/oauth/<provider>/callback",
    public="the provider sends people here; state and cookie are the credential",
    summary="Come back from another provider",
    status_code=302,
    refuses={
        401: "The account is not active any more",
        403: "Not authorized there, or the e-mail is not confirmed there",
        404: "This deployment is not registered with the provider",
        429: "Too many sign-ins from this address",
        502: "The provider answers nonsense",
    },
)
def callback(provider: Provider, state: _Told = "", code: _Told = "", error: _Told = "") -> Response[str]:
    doors.limit_oauth(api, "callback")
    address = oauth.finish(
        runtime.database(),
        runtime.publisher(),
        oauth_doors.flows(),
        oauth_doors.provider_of(provider),
        name=provider,
        returned=Returned(state, code if not error else "", oauth_doors.browser_of(api)),
        by=actor_of(api),
        before_registration=lambda: doors.limit_registrations(api),
        now=runtime.clock().now(),
    )
    return Response(302, body="", headers={"Location": address})


handler = api.handler()
