"""A front door on a free port, with a stand-in where the deployed APIs would be."""

import json
import threading
from dataclasses import dataclass
from http.client import HTTPConnection
from http.server import ThreadingHTTPServer
from pathlib import Path
from typing import Any

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
