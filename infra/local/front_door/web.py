"""A small threaded HTTP server over the standard library: requests and responses are plain values."""

import json
import sys
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass, field
from email.message import Message
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, override
from urllib.parse import parse_qs, urlsplit

# Above the 10 MB of API Gateway, so that the product and not this process answers a body that is too large.
MAX_BODY = 16 * 1024 * 1024

type Headers = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Request:
    """One request; `target` is the raw path with its query."""

    method: str
    target: str
    headers: Message
    body: bytes

    @property
    def path(self) -> str:
        return urlsplit(self.target).path

    def query(self, name: str) -> str | None:
        """The first value of a query parameter."""
        values = parse_qs(urlsplit(self.target).query).get(name)
        return values[0] if values else None

    def json(self) -> dict[str, Any]:
        """The body as a JSON object; raises ValueError when it is anything else."""
        document = json.loads(self.body)
        if not isinstance(document, dict):
            raise ValueError("not a JSON object")  # noqa: TRY004 - one error for every unreadable body
        return document


@dataclass(frozen=True)
class Response:
    """One answer; `hang_up` closes the connection with no answer at all."""

    status: int
    body: bytes = b""
    headers: Headers = field(default=())
    hang_up: bool = False


type App = Callable[[Request], Response]


def json_response(document: object, status: int = HTTPStatus.OK) -> Response:
    body = json.dumps(document, ensure_ascii=False).encode()
    headers = (("Content-Type", "application/json; charset=utf-8"), ("Cache-Control", "no-store"))
    return Response(status, body, headers)


def problem(status: HTTPStatus, code: str, detail: str) -> Response:
    """An RFC 9457 problem; `detail` is read by a person."""
    document = {"type": "about:blank", "title": status.phrase, "status": status.value, "code": code, "detail": detail}
    body = json.dumps(document, ensure_ascii=False).encode()
    return Response(status.value, body, (("Content-Type", "application/problem+json"),))


class _UnreadableBodyError(Exception):
    """The body cannot be read as its headers announce it."""

    def __init__(self, answer: Response) -> None:
        super().__init__(answer.status)
        self.answer = answer


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    # Requests of a burst of webhooks must wait, not be refused.
    request_queue_size = 512

    def __init__(self, address: tuple[str, int], app: App, *, quiet: bool) -> None:
        self.app = app
        self.quiet = quiet
        super().__init__(address, _Handler)

    @override
    def handle_error(self, request: Any, client_address: Any) -> None:
        if not isinstance(sys.exception(), ConnectionError | TimeoutError):
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version = "falachefe-local"
    sys_version = ""
    # Without it a keep-alive answer in two writes waits 40 ms for the client's acknowledgement.
    disable_nagle_algorithm = True
    timeout = 120
    server: _Server

    def _serve(self) -> None:
        started = time.monotonic()
        try:
            response = self._call(Request(self.command, self.path, self.headers, self._read_body()))
        except _UnreadableBodyError as unreadable:
            response = unreadable.answer
            self.close_connection = True
        self._send(response)
        self._note(response, time.monotonic() - started)

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = do_HEAD = do_OPTIONS = _serve  # noqa: N815 - http.server looks them up

    def _call(self, request: Request) -> Response:
        try:
            return self.server.app(request)
        except Exception:  # noqa: BLE001 - one broken request must not end the process
            traceback.print_exc()
            return problem(
                HTTPStatus.INTERNAL_SERVER_ERROR, "front_door_failed", "A porta de entrada local falhou; veja o log."
            )

    def _read_body(self) -> bytes:
        if "chunked" in self.headers.get("Transfer-Encoding", "").lower():
            return self._read_chunks()
        try:
            length = int(self.headers.get("Content-Length", "0"))
        except ValueError:
            raise _UnreadableBodyError(_bad_length()) from None
        if not 0 <= length <= MAX_BODY:
            raise _UnreadableBodyError(_bad_length() if length < 0 else _too_large())
        return self.rfile.read(length)

    def _read_chunks(self) -> bytes:
        body = bytearray()
        while True:
            try:
                size = int(self.rfile.readline(64).partition(b";")[0], 16)
            except ValueError:
                raise _UnreadableBodyError(_bad_length()) from None
            if size < 0 or len(body) + size > MAX_BODY:
                raise _UnreadableBodyError(_too_large())
            body += self.rfile.read(size)
            self.rfile.readline(1024)
            if size == 0:
                return bytes(body)

    def _send(self, response: Response) -> None:
        if response.hang_up:
            self.close_connection = True
            return
        self.send_response_only(response.status)
        for name, value in response.headers:
            self.send_header(name, value)
        if not any(name.lower() == "content-length" for name, _ in response.headers):
            self.send_header("Content-Length", str(len(response.body)))
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(response.body)

    def _note(self, response: Response, seconds: float) -> None:
        if not self.server.quiet:
            # Neither the query (it may hold a phone) nor the channel key of a webhook belongs in a log.
            shown = self.path.partition("?")[0].partition("/webhooks/")
            path = f"{shown[0]}{shown[1]}{shown[2].partition('/')[0]}"
            status = "closed" if response.hang_up else response.status
            print(f"{time.strftime('%H:%M:%S')} {self.command} {path} {status} {seconds * 1000:.0f} ms", flush=True)

    @override
    def log_message(self, format: str, *args: Any) -> None:
        """Silent: `_note` writes the one line of a request."""


def make_server(host: str, port: int, app: App, *, quiet: bool = False) -> ThreadingHTTPServer:
    """A server that is bound and not yet serving; port 0 takes a free one."""
    return _Server((host, port), app, quiet=quiet)


def _bad_length() -> Response:
    return problem(HTTPStatus.BAD_REQUEST, "bad_body_length", "O tamanho do corpo da requisição está errado.")


def _too_large() -> Response:
    return problem(
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "body_too_large", "O corpo da requisição passa do limite da máquina local."
    )
