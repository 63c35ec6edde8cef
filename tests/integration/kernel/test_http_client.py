"""The HTTP client against servers that fail at each step: it says what can have been received, and sends once."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field

import pytest

from falachefe.kernel.http_client import (
    MAX_RESPONSE_BYTES,
    Answer,
    AnswerTimedOut,
    NotSent,
    OutcomeUnknown,
    TimeLimits,
    request,
)

LIMITS = TimeLimits(connect_s=0.3, answer_s=0.3)
BODY = b'{"e": 1}'
OK = b"HTTP/1.1 200 OK\r\n"


@dataclass
class Server:
    """Answers each connection's request with bytes and closes; None says nothing until the test ends."""

    answer: bytes | None
    requests: list[bytes] = field(default_factory=list)
    ended: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port = self._listening.getsockname()[1]
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    def _serve(self) -> None:
        with suppress(OSError):
            while not self.ended.is_set():
                connection, _ = self._listening.accept()
                with connection:
                    self._one(connection)

    def _one(self, connection: socket.socket) -> None:
        got = connection.recv(65536)
        while got.startswith(b"POST") and not got.endswith(BODY) and (more := connection.recv(65536)):
            got += more  # closing with something unread would reset the connection
        if not got:
            return
        self.requests.append(got)
        if self.answer is not None:
            connection.sendall(self.answer)
        if self.answer is None or self.answer.endswith(b"..."):
            self.ended.wait(5)

    def close(self) -> None:
        self.ended.set()
        with suppress(OSError):
            self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()
        self._thread.join()


@pytest.fixture
def serving() -> Iterator[Callable[[bytes | None], Server]]:
    servers: list[Server] = []

    def serve(answer: bytes | None) -> Server:
        servers.append(Server(answer))
        return servers[-1]

    yield serve
    for server in servers:
        server.close()


def ask(server: Server, scheme: str = "http") -> Answer:
    return request("POST", f"{scheme}://127.0.0.1:{server.port}/a/b?c=d", BODY, {"X-Key": "k"}, LIMITS)


def test_the_request_is_sent_whole_and_the_answer_read(serving: Callable[[bytes], Server]) -> None:
    server = serving(OK + b'Retry-After: 7\r\nContent-Length: 9\r\n\r\n{"f": 21}')
    answer = ask(server)

    assert (answer.status, answer.json(), answer.headers.get("retry-after")) == (200, {"f": 21}, "7")
    (sent,) = server.requests
    assert sent.startswith(b"POST /a/b?c=d HTTP/1.1\r\n")
    assert {b"X-Key: k", b"Content-Length: 8", b"User-Agent: falachefe"} <= set(sent.split(b"\r\n"))


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:1/", "http:///path", "file:///etc/hosts", "ftp://127.0.0.1/", "", "http://[::1", "//x"]
)
def test_without_a_connection_nothing_was_sent(url: str) -> None:
    with pytest.raises(NotSent):
        request("POST", url, b"{}", {}, LIMITS)


@pytest.mark.parametrize("answer", [None, OK + b"\r\n"], ids=["silent", "no TLS"])
def test_a_handshake_that_fails_or_hangs_has_sent_nothing(
    serving: Callable[[bytes | None], Server], answer: bytes | None
) -> None:
    with pytest.raises(NotSent):
        ask(serving(answer), "https")


@pytest.mark.parametrize(
    "answer",
    [b"", b"HTTP/1.1 2", b"nonsense\r\n\r\n", OK + b"Content-Length: 90\r\n\r\n{}"],
    ids=["closed", "cut status", "no HTTP", "cut body"],
)
def test_after_the_connection_a_loss_leaves_the_outcome_unknown(
    serving: Callable[[bytes], Server], answer: bytes
) -> None:
    server = serving(answer)
    with pytest.raises(OutcomeUnknown) as lost:
        ask(server)
    assert not isinstance(lost.value, AnswerTimedOut)
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    "answer", [None, OK + b"Content-Length: 90\r\n\r\n..."], ids=["nothing", "the rest of the body"]
)
def test_an_answer_that_does_not_come_in_time_is_unknown_too(
    serving: Callable[[bytes | None], Server], answer: bytes | None
) -> None:
    server = serving(answer)
    with pytest.raises(AnswerTimedOut):
        ask(server)
    assert len(server.requests) == 1


@pytest.mark.parametrize("status", ["302 Found", "307 Temporary Redirect", "503 Service Unavailable"])
def test_nothing_is_followed_or_repeated(serving: Callable[[bytes], Server], status: str) -> None:
    other = serving(OK + b"Content-Length: 0\r\n\r\n")
    where = f"Location: http://127.0.0.1:{other.port}/\r\nRetry-After: 0\r\nContent-Length: 0\r\n\r\n"
    server = serving(f"HTTP/1.1 {status}\r\n{where}".encode())

    assert ask(server).status == int(status[:3])
    assert (len(server.requests), other.requests) == (1, [])


def test_each_request_has_a_connection_of_its_own(serving: Callable[[bytes], Server]) -> None:
    """A kept one may be closed, and then it would be unknown whether the next request was received."""
    server = serving(OK + b"Connection: keep-alive\r\nContent-Length: 2\r\n\r\n{}")
    assert [ask(server).status, ask(server).status] == [200, 200]


@pytest.mark.parametrize(("length", "kept"), [(MAX_RESPONSE_BYTES, MAX_RESPONSE_BYTES), (MAX_RESPONSE_BYTES + 1, 0)])
def test_an_answer_has_a_longest_length(serving: Callable[[bytes], Server], length: int, kept: int) -> None:
    answer = ask(serving(OK + f"Content-Length: {length}\r\n\r\n".encode() + b"1" * length))
    assert (answer.status, len(answer.body)) == (200, kept)


@pytest.mark.parametrize("body", [b"", b"<html>", b"\xff", b"[" * 100_000], ids=["empty", "html", "binary", "deep"])
def test_what_is_no_json_is_none(body: bytes) -> None:
    assert Answer(200, {}, body).json() is None
