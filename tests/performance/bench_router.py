"""Routing and validation of one request in process, compared with FastAPI and Mangum."""

import json
import statistics
from collections.abc import Callable
from typing import Any
from unittest.mock import create_autospec
from uuid import uuid4

from pydantic import BaseModel, ConfigDict, Field

from falachefe.http.api import Api
from falachefe.http.principal import Principal
from falachefe.http.services import Services
from tests.performance.report import Row, microseconds, show, timed

ROUNDS = 30
REQUESTS = 200


class Entry(BaseModel):
    model_config = ConfigDict(extra="forbid")
    kind: str = Field(pattern="^(expense|income)$")
    amount: float = Field(gt=0)
    description: str = Field(min_length=1, max_length=200)


def our_handler() -> Callable[[dict[str, Any], Any], Any]:
    who = Principal(uuid4(), uuid4(), "admin", frozenset({"finance.write"}), "bench")
    api = Api("business", create_autospec(Services, instance=True), authenticate=lambda _: who, meter=lambda *_: None)

    @api.post("/transactions", permission="finance.write")
    def create(entry: Entry) -> dict[str, Any]:
        return {"kind": entry.kind, "amount": entry.amount}

    return api.handler()


def peer_handler() -> Callable[[dict[str, Any], Any], Any]:
    from fastapi import FastAPI
    from mangum import Mangum

    app = FastAPI()

    async def create(entry: Entry) -> dict[str, Any]:
        return {"kind": entry.kind, "amount": entry.amount}

    app.post("/transactions")(create)
    return Mangum(app, lifespan="off")


def event() -> dict[str, Any]:
    return {
        "httpMethod": "POST",
        "path": "/transactions",
        "resource": "/transactions",
        "headers": {"Content-Type": "application/json", "Host": "localhost"},
        "multiValueHeaders": {"Content-Type": ["application/json"], "Host": ["localhost"]},
        "queryStringParameters": None,
        "multiValueQueryStringParameters": None,
        "pathParameters": None,
        "body": json.dumps({"kind": "expense", "amount": 150.0, "description": "gasolina"}),
        "isBase64Encoded": False,
        "requestContext": {"requestId": "bench", "stage": "v1", "identity": {"sourceIp": "127.0.0.1"}},
    }


def main() -> None:
    ours, peer, request = our_handler(), peer_handler(), event()
    for handle in (ours, peer):
        answer = handle(request, None)
        if answer["statusCode"] != 200:
            raise RuntimeError(f"a benchmark of refusals says nothing: {answer}")

    def burst(handle: Callable[[dict[str, Any], Any], Any]) -> float:
        return timed(lambda: [handle(request, None) for _ in range(REQUESTS)]) / REQUESTS

    pairs = [(burst(ours), burst(peer)) for _ in range(ROUNDS)]
    mine, theirs = (statistics.median(column) for column in zip(*pairs, strict=True))
    ratio = statistics.median(a / b for a, b in pairs)
    row = Row("POST with a body of three fields", microseconds(mine), microseconds(theirs), f"{ratio:.2f}", "<= 80 µs")
    show("Router and validation per request, in process (peer: FastAPI + Mangum)", [row])


if __name__ == "__main__":
    main()
