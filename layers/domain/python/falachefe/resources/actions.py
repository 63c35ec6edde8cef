"""Answering an action on a row that is none of the toolkit's own, such as settling a bill."""

from collections.abc import Callable
from typing import Any

from pydantic import BaseModel

from falachefe.http.api import Api
from falachefe.http.unit_of_work import RequestUnitOfWork, request_unit_of_work
from falachefe.resources.http import json_text
from falachefe.resources.idempotency import Answer, once_for
from falachefe.resources.preconditions import etag


def answered[Shown: BaseModel](
    api: Api, shown: type[Shown], act: Callable[[RequestUnitOfWork], dict[str, Any]]
) -> Shown:
    """The document that `act` returns, in a transaction and once for each `Idempotency-Key`."""

    def answer() -> Answer:
        with request_unit_of_work(api) as work:
            return Answer(200, json_text(act(work)), {})

    kept = once_for(api, answer)
    if kept.replayed:
        api.add_header("Idempotency-Replayed", "true")
    document = shown.model_validate_json(kept.body)
    api.add_header("ETag", etag(str(document.model_dump()["version"])))
    return document
