"""Endpoints whose handlers do not use the resolver, declared again for the OpenAPI document."""

from collections.abc import Iterator
from typing import Annotated

from aws_lambda_powertools.event_handler.openapi.params import Header

from falachefe.app.rest import rest_api
from falachefe.health.schemas import Liveness, Readiness
from falachefe.http.api import Api
from falachefe.messaging.webhook.schemas import Received, UazNotification


def bare_apis() -> Iterator[Api]:
    yield _health()
    yield _webhook()


def _health() -> Api:
    api = rest_api("platform")

    @api.get("/health/live", public="it reports only that functions run", summary="Check that functions run")
    def live() -> Liveness:
        raise NotImplementedError

    shown = {200: {"description": "Ready, possibly degraded", "content": {"application/json": {"model": Readiness}}}}

    @api.get(
        "/health/ready",
        public="it reports only the state of each dependency",
        summary="Check the dependencies",
        responses=shown,
    )
    def ready() -> Readiness:
        raise NotImplementedError

    return api


def _webhook() -> Api:
    api = rest_api("whatsapp")

    @api.post(
        "/webhooks/uaz/<channel_key>",
        public="the provider authenticates by channel key, token and signature",
        summary="Receive a notification from the provider",
        refuses={
            401: "The token or the signature is wrong",
            404: "No such channel",
            429: "Too many messages from this phone or for this company",
        },
    )
    def receive(
        channel_key: str,
        body: UazNotification,
        signature: Annotated[
            str | None, Header(alias="X-Uaz-Signature", description="`sha256=` followed by the HMAC of the body in hex")
        ] = None,
    ) -> Received:
        raise NotImplementedError

    return api
