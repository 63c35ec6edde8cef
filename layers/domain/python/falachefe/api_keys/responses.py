"""The answer that shows a key: to the request that made it, and to no repetition of it."""

import json
from collections.abc import Callable

from falachefe.api_keys.schemas import ShownApiKey
from falachefe.api_keys.service import API_KEYS, MadeKey
from falachefe.http.api import Api
from falachefe.http.unit_of_work import RequestUnitOfWork, request_unit_of_work
from falachefe.resources import crud
from falachefe.resources.idempotency import Answer, once_for
from falachefe.resources.preconditions import etag


def shown_once(api: Api, deed: Callable[[RequestUnitOfWork], MadeKey]) -> ShownApiKey:
    """Does the deed in a transaction of its own. With `Idempotency-Key`, what is kept for a repetition has no key."""
    whole: list[ShownApiKey] = []

    def answer() -> Answer:
        with request_unit_of_work(api) as work:
            made = deed(work)
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
