"""Composition of the endpoints of sign-in by WhatsApp."""

from falachefe.app import runtime
from falachefe.aws.emf import emit
from falachefe.http.api import Api
from falachefe.messaging.inbound.code_requests import SignInRequests
from falachefe.phone_sign_in.codes import Codes
from falachefe.phone_sign_in.people import Origin, origin_of
from falachefe.phone_sign_in.service import SignIn


def code_requests() -> SignInRequests:
    return SignInRequests(
        database=runtime.database(),
        publisher=runtime.publisher(),
        sign_in=SignIn(runtime.table("AUTH_TABLE"), lambda: Codes(runtime.pepper())),
        clock=runtime.clock(),
        count=emit,
    )


def origin(api: Api) -> Origin:
    """The request's origin, for the log of sign-ins."""
    return origin_of(api.event.request_context.identity.source_ip, api.event.headers.get("user-agent"))
