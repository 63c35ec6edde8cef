"""Stand-in for RDS Proxy in front of a real Postgres, as strict as RDS Proxy.

Unknown options end a session at its start. Clients share a few server connections, and get a different one for each
transaction. Statements for which RDS Proxy would pin a session are recorded, and their client keeps its connection
until it disconnects (Amazon RDS User Guide, "Avoiding pinning an RDS Proxy").
"""

import queue
import re
import select
import socket
import ssl
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

from falachefe.db.address import DatabaseAddress
from falachefe.db.driver import OneTripConnection
from infra.local.standins.postgres_wire import Gone, Server, Wire, fatal, options_of, packed

_KNOWN_OPTIONS: Final = frozenset({"user", "database", "client_encoding", "application_name"})
_LONGEST_STATEMENT: Final = 16 * 1024
_WORD: Final = r"(?:^|;)\s*"
_PINS: Final = {
    "SET": re.compile(_WORD + r"(?:set|reset)\b(?!\s+transaction\b)", re.I),
    "a prepared statement": re.compile(_WORD + r"(?:prepare|execute|deallocate|discard)\b", re.I),
    "set_config for the session": re.compile(r"\bset_config\s*\([^()]*,\s*false\s*\)", re.I),
    "a temporary object": re.compile(r"\bcreate\s+(?:temp|temporary)\b", re.I),
    "a cursor": re.compile(_WORD + r"declare\b", re.I),
    "LISTEN": re.compile(_WORD + r"listen\b", re.I),
    "a library": re.compile(_WORD + r"load\b", re.I),
    "a sequence": re.compile(r"\b(?:nextval|setval|currval|lastval)\s*\(", re.I),
    "an advisory lock of the session": re.compile(r"\bpg_(?:try_)?advisory_lock(?:_shared)?\s*\(", re.I),
}


@dataclass(frozen=True, slots=True)
class Pin:
    reason: str
    statement: str


def pin_of(statement: str, name: str = "") -> Pin | None:
    """Why RDS Proxy would pin a session that sends this, or None."""
    if name:
        return Pin("a named prepared statement", statement[:200])
    if len(statement.encode()) > _LONGEST_STATEMENT:
        return Pin("a statement over 16 KB", statement[:200])
    return next((Pin(reason, statement[:200]) for reason, pattern in _PINS.items() if pattern.search(statement)), None)


class RdsProxy:
    """`login` is the proxy's secret: clients sign in to the proxy with it, and the proxy to the server."""

    def __init__(
        self,
        login: DatabaseAddress,
        *,
        connections: int = 4,
        borrow_s: float = 4,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self.login = login
        self._borrow_s = borrow_s
        self.pins: list[Pin] = []
        self.statements = 0
        self.refused: list[str] = []
        self.mute = threading.Event()
        """While it is set, statements reach the server, but responses do not reach the client."""
        self._free: queue.Queue[Wire | None] = queue.Queue()
        for _ in range(connections):
            self._free.put(None)
        self._server = Server(self._serve, tls)

    @property
    def port(self) -> int:
        return self._server.port

    @property
    def silent(self) -> threading.Event:
        return self._server.silent

    def drop_clients(self) -> None:
        self._server.drop_clients()

    def close(self) -> None:
        self._server.close()
        while not self._free.empty():
            if wire := self._free.get():
                wire.close()

    def _serve(self, client: Wire, startup: bytes) -> None:
        options = options_of(startup)
        if unknown := sorted(options.keys() - _KNOWN_OPTIONS):
            self.refused += unknown
            what = "command-line options" if unknown[0] == "options" else f"the option {unknown[0]}"
            client.send(fatal("0A000", f"Feature not supported: RDS Proxy currently doesn't support {what}"))
            return
        if not self._signed_in(client, options["user"]):
            client.send(fatal("28P01", "The password that was provided for the role is wrong."))
            return
        statuses = {"client_encoding": "UTF8", "TimeZone": "UTC", "standard_conforming_strings": "on"}
        client.send(
            packed(b"R", struct.pack("!i", 0))
            + b"".join(packed(b"S", f"{name}\0{value}\0".encode()) for name, value in statuses.items())
            + packed(b"K", struct.pack("!ii", 1, 1))
            + packed(b"Z", b"I")
        )
        _Client(self, client).run()

    def _signed_in(self, client: Wire, user: str) -> bool:
        client.send(packed(b"R", struct.pack("!i", 3)))  # the password in clear: TLS is around it
        _, password = client.message()
        return (user, password.rstrip(b"\0").decode()) == (self.login.username, self.login.password)

    @contextmanager
    def borrowed(self) -> Iterator["_Loan"]:
        """Borrows the connection that has been free longest."""
        try:
            wire = self._free.get(timeout=self._borrow_s) or self._connected()
        except queue.Empty as error:
            raise TimeoutError from error
        loan = _Loan(wire)
        try:
            yield loan
        except BaseException:
            loan.broken = True
            raise
        finally:
            if loan.broken:
                wire.close()
            self._free.put(None if loan.broken else wire)

    def _connected(self) -> Wire:
        """Signs in with the driver, and takes over its socket."""
        at = self.login
        session = OneTripConnection(
            user=at.username, host=at.host, port=at.port, database=at.dbname, password=at.password, ssl_context=False
        )
        return Wire(session.socket, session.close)


@dataclass
class _Loan:
    wire: Wire
    broken: bool = False


class _Client:
    """One session: borrows a connection for each transaction, or for good once it is pinned."""

    def __init__(self, proxy: RdsProxy, wire: Wire) -> None:
        self._proxy = proxy
        self._wire = wire
        self._pinned = False

    def run(self) -> None:
        while True:
            first = self._wire.message()
            if first[0] == b"X":
                return
            try:
                with self._proxy.borrowed() as loan:
                    if not self._lent(loan, first):
                        return
            except TimeoutError:
                self._wire.send(fatal("53300", "Timed-out waiting to acquire database connection"))
                return

    def _lent(self, loan: _Loan, message: tuple[bytes, bytes]) -> bool:
        """Passes messages on until the end of a transaction. False when the client has disconnected."""
        idle, waiting = True, bytearray()
        while True:
            kind, body = message
            if kind == b"X":
                loan.broken = not idle or self._pinned  # RDS Proxy resets or closes such a session
                return False
            self._look(kind, body)
            waiting += packed(kind, body)
            if kind in (b"Q", b"S"):
                loan.wire.send(bytes(waiting))
                waiting.clear()
                idle = self._answered(loan.wire)
                if idle and not self._pinned:
                    return True
            elif kind == b"H":
                raise NotImplementedError("the stand-in answers at Sync only")
            message = self._wire.message()

    def _look(self, kind: bytes, body: bytes) -> None:
        if kind == b"Q":
            pin = pin_of(body.rstrip(b"\0").decode())
        elif kind == b"P":
            name, _, rest = body.partition(b"\0")
            pin = pin_of(rest.partition(b"\0")[0].decode(), name.decode())
        else:
            return
        self._proxy.statements += 1
        if pin is not None:
            self._proxy.pins.append(pin)
            self._pinned = True

    def _answered(self, server: Wire) -> bool:
        """Passes responses on until the server is ready. Returns whether no transaction is open."""
        passed = bytearray()
        while True:
            kind, body = server.message()
            passed += packed(kind, body)
            if kind == b"Z":
                break
            if kind == b"E" and b"\0VFATAL\0" in body:  # the server ended the session
                self._wire.send(bytes(passed))
                raise Gone
        if self._proxy.mute.is_set():
            self._wire.message()  # the client gives up first
            raise Gone
        self._wire.send(bytes(passed))
        return body == b"I"


class TlsFront:
    """Adds TLS to a Postgres that was built without it; passes all bytes on, including options."""

    def __init__(self, host: str, port: int, tls: ssl.SSLContext | None) -> None:
        self._at = (host, port)
        self._server = Server(self._serve, tls)

    @property
    def port(self) -> int:
        return self._server.port

    def close(self) -> None:
        self._server.close()

    def _serve(self, client: Wire, startup: bytes) -> None:
        server = Wire(socket.create_connection(self._at))
        try:
            server.send(struct.pack("!i", len(startup) + 4) + startup)
            _pass_on(client, server)
        finally:
            server.close()


def _pass_on(one: Wire, other: Wire) -> None:
    """Copies in both directions until a side closes, in one thread, because two must not share a TLS connection."""
    pairs = {one.socket: other, other.socket: one}
    while True:
        try:
            ready, _, _ = select.select(list(pairs), [], [])
        except (OSError, ValueError):  # another thread closed a side before the wait began: its descriptor is -1
            return
        for source in ready:
            try:
                data = source.recv(65536)
                while isinstance(source, ssl.SSLSocket) and source.pending():
                    data += source.recv(source.pending())
            except OSError:
                return
            if not data:
                return
            pairs[source].send(data)
