"""Simulates outages of parts of a running instance, for tests and for trying by hand.

with outages.without_postgres(Instance()): ...
"""

import json
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from infra.local.stack.instance import Instance

_REFUSED = "http://127.0.0.1:9"
"""Nothing listens on the port `discard`, so connections are refused at once."""


@contextmanager
def without_postgres(instance: Instance) -> Iterator[None]:
    """Stops Postgres, and starts it again on the same port."""
    postgres = Instance(instance.directory).postgres  # reads the port that is in use
    postgres.stop()
    try:
        yield
    finally:
        postgres.start()


@contextmanager
def without_dynamodb(instance: Instance, functions: Sequence[str]) -> Iterator[None]:
    """DynamoDB refuses these functions' connections. The functions restart with empty caches."""
    client = instance.emulator.client("lambda")
    before = {name: _variables(client, name) for name in functions}
    for name, variables in before.items():
        _set(client, name, variables | {"AWS_ENDPOINT_URL_DYNAMODB": _REFUSED})
    try:
        yield
    finally:
        for name, variables in before.items():
            _set(client, name, variables)


@contextmanager
def provider_refuses(front_door: str, kind: str = "fail500", **fault: Any) -> Iterator[None]:
    """The provider's stand-in refuses every send (`kind`, `seconds` and `phone` as in `front_door.faults`)."""
    _call("POST", f"{front_door}/provider/faults", {"kind": kind, "count": 10_000, **fault})
    try:
        yield
    finally:
        _call("DELETE", f"{front_door}/provider/faults")


def _variables(client: Any, name: str) -> dict[str, str]:
    found: dict[str, str] = client.get_function_configuration(FunctionName=name)["Environment"]["Variables"]
    return dict(found)


def _set(client: Any, name: str, variables: dict[str, str]) -> None:
    client.update_function_configuration(FunctionName=name, Environment={"Variables": variables})


def _call(method: str, url: str, document: dict[str, Any] | None = None) -> None:
    body = None if document is None else json.dumps(document).encode()
    request = urllib.request.Request(url, body, {"Content-Type": "application/json"}, method=method)
    with urllib.request.urlopen(request, timeout=10):  # our own front door
        pass
