"""GET /v1/auth/oauth/{provider}/start: the way to Google or GitHub."""

from typing import Annotated

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.params import Query

from falachefe import runtime
from falachefe.auth import doors, oauth_doors
from falachefe.auth import oauth_start as oauth
from falachefe.auth.oauth_doors import OAuthSettings
from falachefe.auth.oauth_rules import Provider
from falachefe.http.api import Api

api = Api("auth")


@api.get(
    "/oauth/<provider>/start",
    public="this is how one signs in",
    summary="Go to another provider to sign in",
    status_code=302,
    refuses={404: "This deployment is not registered with the provider", 429: "Too many sign-ins from this address"}
    | {502: "The provider answers nonsense"},
)
def start(
    provider: Provider,
    return_to: Annotated[str | None, Query(max_length=200, description="Page of the app that goes on")] = None,
    company: Annotated[str | None, Query(min_length=2, max_length=120, description="Name, if one begins")] = None,
    code_challenge: Annotated[
        str | None,
        Query(pattern=r"^[A-Za-z0-9_-]{43}$", description="S256 of the verifier that the code is exchanged with"),
    ] = None,
) -> Response[str]:
    doors.limit_oauth(api, "start")
    callback = oauth_doors.callback_of(api, provider)
    started = oauth.start(
        oauth_doors.flows(),
        oauth_doors.provider_of(provider),
        provider,
        app_url=OAuthSettings.from_env().app_url,
        callback=callback,
        page=return_to,
        company=company,
        challenge=code_challenge,
        now=runtime.clock().now(),
    )
    headers = {"Location": started.address, "Set-Cookie": oauth_doors.cookie_for(started.browser, callback)}
    return Response(302, body="", headers=headers)


handler = api.handler()
