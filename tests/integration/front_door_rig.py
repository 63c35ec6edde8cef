"""A front door on a free port, with a stand-in where the deployed APIs would be."""

import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from http.client import HTTPConnection
from http.server import ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from infra.local.front_door.app import FrontDoor
from infra.local.front_door.provider import Pace
from infra.local.front_door.stack import StackFile
from infra.local.front_door.web import App, Request, Response, make_server

TOKEN = "demo-token"


def serving(app: App) -> ThreadingHTTPServer:
    server = make_server("127.0.0.1", 0, app, quiet=True)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    return server


@dataclass
class Emulator:
    """Stands where the APIs are and keeps what reaches it."""

    seen: list[Request]
    answer: Response
    arrived: threading.Condition

    def __call__(self, request: Request) -> Response:
        with self.arrived:
            self.seen.append(request)
            self.arrived.notify_all()
        return self.answer

    def wait_for(self, count: int) -> list[Request]:
        with self.arrived:
            assert self.arrived.wait_for(lambda: len(self.seen) >= count, timeout=20)
            return list(self.seen)


@dataclass
class Door:
    port: int
    emulator: Emulator
    stack_path: Path

    def ask(self, method: str, path: str, body: bytes | None = None, headers: dict[str, str] | None = None) -> Any:
        connection = HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            connection.request(method, path, body, headers or {})
            response = connection.getresponse()
            return response, response.read()
        finally:
            connection.close()

    def json(self, method: str, path: str, document: object = None, headers: dict[str, str] | None = None) -> Any:
        body = None if document is None else json.dumps(document).encode()
        response, answered = self.ask(method, path, body, headers)
        return response.status, json.loads(answered) if answered else None


@pytest.fixture
def door(tmp_path: Path) -> Iterator[Door]:
    emulator = Emulator([], Response(200, b"{}", (("Content-Type", "application/json"),)), threading.Condition())
    upstream = serving(emulator)
    stack_path = tmp_path / "stack.json"
    front_door = FrontDoor(StackFile(stack_path), Pace(0.0, 0.01, 0.02))
    server = serving(front_door)
    write_stack(stack_path, upstream.server_port, server.server_port)
    yield Door(server.server_port, emulator, stack_path)
    for one in (server, upstream):
        one.shutdown()
        one.server_close()
    front_door.close()


def write_stack(path: Path, upstream_port: int, door_port: int) -> None:
    demo = {
        "company_id": "01990000-0000-7000-8000-000000000001",
        "company_name": "Padaria do Zé",
        "owner_phone": "+5511987654321",
        "channel_key": "k3y",
        "webhook_url": f"http://127.0.0.1:{door_port}/v1/whatsapp/webhooks/uaz/k3y",
        "instance_token": TOKEN,
    }
    apis = {"whatsapp": f"http://127.0.0.1:{upstream_port}/_aws/execute-api/abc/v1"}
    path.write_text(json.dumps({"apis": apis, "demo": demo}))
