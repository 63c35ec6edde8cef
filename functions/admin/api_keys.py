"""/v1/admin/api-keys: credentials for programs."""

from datetime import timedelta
from uuid import UUID

from aws_lambda_powertools.event_handler import Response

from falachefe.api_keys import service as keys
from falachefe.api_keys.responses import key_response
from falachefe.api_keys.schemas import ApiKeyIn, RotationIn, ShownApiKey
from falachefe.app import runtime
from falachefe.app.rest import resource_api
from falachefe.http.rate_limits.callers import Limit
from falachefe.http.unit_of_work import request_unit_of_work

LIMIT = Limit("admin-api-keys", 20)
"""Requests a minute: people create keys, one at a time."""
FULL = {409: "The company has the maximum number of keys, or the request's Idempotency-Key is in use"}
GONE = {404: "No such key"}

api = resource_api(keys.API_KEYS)


@api.post(
    "/api-keys", permission="api_keys.create", limit=LIMIT, status_code=201, summary="Create an API key", refuses=FULL
)
def create(body: ApiKeyIn) -> ShownApiKey:
    """Only this response contains the key itself."""
    return key_response(api, lambda work: keys.create(work, body, stage=_stage()))


@api.post(
    "/api-keys/<item_id>/rotate",
    permission="api_keys.create",
    limit=LIMIT,
    status_code=201,
    summary="Rotate an API key",
    refuses={**GONE, 409: "The key is revoked, replaced or expired, or the request's Idempotency-Key is in use"},
)
def rotate(item_id: UUID, body: RotationIn) -> ShownApiKey:
    """A new key with the same scopes, in the caller's name. The old key stays valid for the overlap."""
    return key_response(api, lambda work: keys.rotate(work, item_id, timedelta(seconds=body.overlap_s), stage=_stage()))


@api.delete(
    "/api-keys/<item_id>",
    permission="api_keys.delete",
    limit=LIMIT,
    status_code=204,
    summary="Revoke an API key",
    refuses={**GONE, 412: "The key has changed since it was read"},
)
def revoke(item_id: UUID) -> Response[str]:
    """The key is refused everywhere within 30 seconds."""
    with request_unit_of_work(api) as work:
        keys.revoke(work, item_id, api.event.headers.get("If-Match"))
    return Response(204, body="")


def _stage() -> str:
    return runtime.StageSettings.from_env().stage


handler = api.handler()
