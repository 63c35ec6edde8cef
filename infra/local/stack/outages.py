"""Parts of a running instance that are taken away for a while, for tests of what waits and for trying by hand.

with outages.without_postgres(Instance()): ...
"""

import json
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from infra.local.stack.instance import Instance

_NOBODY = "http://127.0.0.1:9"
"""Nothing listens on the port `discard`: a connection is refused at once."""


@contextmanager
def without_postgres(instance: Instance) -> Iterator[None]:
    """Postgres is stopped, and started again on the port that it had."""
    postgres = Instance(instance.directory).postgres  # knows the port by now
    postgres.stop()
    try:
        yield
    finally:
        postgres.start()


@contextmanager
def without_dynamodb(instance: Instance, functions: Sequence[str]) -> Iterator[None]:
    """DynamoDB refuses these functions' connections; they start anew, without what they remembered."""
    client = instance.emulator.client("lambda")
    before = {name: _variables(client, name) for name in functions}
    for name, variables in before.items():
        _set(client, name, variables | {"AWS_ENDPOINT_URL_DYNAMODB": _NOBODY})
    try:
        yield
    finally:
        for name, variables in before.items():
            _set(client, name, variables)


@contextmanager
def provider_refuses(front_door: str, kind: str = "fail500", **fault: Any) -> Iterator[None]:
    """The provider's stand-in refuses every send (`kind`, `seconds` and `phone` as `front_door.faults` has them)."""
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
