"""The response that shows a new key: only to the request that created it, not to its repetitions."""

import json
from collections.abc import Callable

from falachefe.api_keys.schemas import ShownApiKey
from falachefe.api_keys.service import API_KEYS, CreatedKey
from falachefe.http.api import Api
from falachefe.http.unit_of_work import RequestUnitOfWork, request_unit_of_work
from falachefe.resources import crud
from falachefe.resources.idempotency import Answer, once_for
from falachefe.resources.preconditions import etag


def key_response(api: Api, create: Callable[[RequestUnitOfWork], CreatedKey]) -> ShownApiKey:
    """Runs `create` in a transaction. With `Idempotency-Key`, the response stored for repetitions lacks the key."""
    whole: list[ShownApiKey] = []

    def answer() -> Answer:
        with request_unit_of_work(api) as work:
            made = create(work)
            document = crud.get(work, API_KEYS, made.id)
        whole.append(ShownApiKey.model_validate({**document, "key": made.text}))
        return Answer(201, json.dumps({**document, "key": None}), {})

    kept = once_for(api, answer)
    if kept.replayed:
        api.add_header("Idempotency-Replayed", "true")
    shown = whole[0] if whole else ShownApiKey.model_validate_json(kept.body)
    api.add_header("ETag", etag(shown.version))
    api.add_header("Location", f"/v1/admin/{API_KEYS.name}/{shown.id}")
    return shown
