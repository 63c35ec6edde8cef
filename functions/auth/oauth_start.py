"""GET /v1/auth/oauth/{provider}/start: redirects to Google or GitHub."""

from typing import Annotated

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.params import Query

from falachefe.app import auth_wiring, oauth_wiring, runtime
from falachefe.app.oauth_wiring import OAuthSettings
from falachefe.app.rest import rest_api
from falachefe.oauth import start as oauth
from falachefe.oauth.rules import Provider

api = rest_api("auth")


@api.get(
    "/oauth/<provider>/start",
    public="it is part of signing in",
    summary="Start a sign-in with Google or GitHub",
    status_code=302,
    refuses={404: "This deployment is not registered with the provider", 429: "Too many sign-ins from this IP address"}
    | {502: "The provider's response is invalid"},
)
def start(
    provider: Provider,
    return_to: Annotated[str | None, Query(max_length=200, description="Page of the app to return to")] = None,
    company: Annotated[
        str | None, Query(min_length=2, max_length=120, description="Name of the company, if one is registered")
    ] = None,
    code_challenge: Annotated[
        str | None,
        Query(
            pattern=r"^[A-Za-z0-9_-]{43}$",
            description="S256 challenge of the `code_verifier` that is sent to exchange the code",
        ),
    ] = None,
) -> Response[str]:
    auth_wiring.limit_oauth(api, "start")
    callback = oauth_wiring.callback_of(api, provider)
    started = oauth.start(
        oauth_wiring.flows(),
        oauth_wiring.provider_of(provider),
        provider,
        app_url=OAuthSettings.from_env().app_url,
        callback=callback,
        page=return_to,
        company=company,
        challenge=code_challenge,
        now=runtime.clock().now(),
    )
    headers = {"Location": started.address, "Set-Cookie": oauth_wiring.cookie_for(started.browser, callback)}
    return Response(302, body="", headers=headers)


handler = api.handler()
