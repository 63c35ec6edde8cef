"""The parts of Postgres's wire protocol that a proxy needs, and a threaded server for it on the loopback interface."""

import contextlib
import socket
import ssl
import struct
import threading
from collections.abc import Callable
from dataclasses import dataclass, field

SSL_REQUEST = 80877103


class Gone(Exception):
    """The other side has closed the connection."""


@dataclass(eq=False)
class Wire:
    """One connection: whole messages in, bytes out."""

    socket: socket.socket
    closing: Callable[[], None] | None = None
    """Closes the connection, if it is not done by closing the socket."""
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def exactly(self, size: int) -> bytes:
        found = bytearray()
        while len(found) < size:
            try:
                piece = self.socket.recv(size - len(found))
            except OSError as error:
                raise Gone from error
            if not piece:
                raise Gone
            found += piece
        return bytes(found)

    def startup(self) -> bytes:
        """The first message of a session, which has no type."""
        return self.exactly(struct.unpack("!i", self.exactly(4))[0] - 4)

    def message(self) -> tuple[bytes, bytes]:
        kind, size = struct.unpack("!ci", self.exactly(5))
        return kind, self.exactly(size - 4)

    def send(self, data: bytes) -> None:
        try:
            with self._lock:
                self.socket.sendall(data)
        except OSError as error:
            raise Gone from error

    def close(self) -> None:
        with contextlib.suppress(OSError):
            self.socket.shutdown(socket.SHUT_RDWR)
        (self.closing or self.socket.close)()


def packed(kind: bytes, body: bytes) -> bytes:
    return kind + struct.pack("!i", len(body) + 4) + body


def fatal(code: str, message: str) -> bytes:
    fields = {"S": "FATAL", "V": "FATAL", "C": code, "M": message}
    return packed(b"E", b"".join(f"{name}{value}\0".encode() for name, value in fields.items()) + b"\0")


def options_of(startup: bytes) -> dict[str, str]:
    words = startup[4:].rstrip(b"\0").decode().split("\0")
    return dict(zip(words[::2], words[1::2], strict=True))


class Server:
    """Accepts on the loopback, does the TLS handshake of the protocol, and hands each connection to `serve`.

    Without `tls`, clients that request TLS are told that it is not supported; with it, plain connections are refused.
    """

    def __init__(self, serve: Callable[[Wire, bytes], None], tls: ssl.SSLContext | None = None) -> None:
        self._serve = serve
        self._tls = tls
        self.silent = threading.Event()
        """While it is set, connections are accepted but not answered."""
        self._wires: set[Wire] = set()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        while True:
            try:
                accepted, _ = self._listener.accept()
            except OSError:
                return
            accepted.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            threading.Thread(target=self._one, args=(accepted,), daemon=True).start()

    def _one(self, accepted: socket.socket) -> None:
        wire = Wire(accepted)
        self._wires.add(wire)
        with contextlib.suppress(Gone):
            if startup := self._begun(wire):
                self._serve(wire, startup)
        self._wires.discard(wire)
        wire.close()

    def _begun(self, wire: Wire) -> bytes | None:
        startup = wire.startup()
        if self.silent.is_set():
            wire.exactly(1)  # until the client gives up
        asks_for_tls = struct.unpack("!i", startup[:4])[0] == SSL_REQUEST
        if asks_for_tls and self._tls is None:
            wire.send(b"N")
            return wire.startup()
        if self._tls is None:
            return startup
        if not asks_for_tls:
            wire.send(fatal("28000", "This connection requires TLS"))
            return None
        wire.send(b"S")
        try:
            wire.socket = self._tls.wrap_socket(wire.socket, server_side=True)
        except OSError as error:
            raise Gone from error
        return wire.startup()

    def drop_clients(self) -> None:
        for wire in list(self._wires):
            wire.close()

    def close(self) -> None:
        self._listener.close()
        self.drop_clients()
