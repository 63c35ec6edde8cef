"""Sends an HTTP request at most once; the exception tells whether the server can have received it.

urllib3's pool does not distinguish a timeout of the TLS handshake from one of the response, and may reuse a dead
connection. Its bare connection separates connecting from sending and neither retries nor follows redirects; each one
is used for a single request.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from http.client import HTTPException
from ssl import SSLContext
from typing import Any, Final

from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import HTTPError
from urllib3.exceptions import TimeoutError as Urllib3TimeoutError
from urllib3.util import Url, parse_url

MAX_RESPONSE_BYTES: Final = 1024 * 1024
_HEADERS: Final = {"Accept": "application/json", "User-Agent": "falachefe"}
_SCHEMES: Final = ("http", "https")


class RequestFailed(Exception):
    """No response was received."""


class NotSent(RequestFailed):
    """No connection was made (DNS, refused, invalid certificate): the server cannot have received the request."""


class OutcomeUnknown(RequestFailed):
    """The connection was made: the server may have received and processed the request."""


class AnswerTimedOut(OutcomeUnknown):
    """The outcome is unknown because the response timed out."""


@dataclass(frozen=True, slots=True)
class TimeLimits:
    """Seconds for connecting with the TLS handshake, and for every later read or write."""

    connect_s: float
    answer_s: float


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    headers: Mapping[str, str]
    """Case-insensitive."""
    body: bytes
    """Empty when it was longer than `MAX_RESPONSE_BYTES`."""

    def json(self) -> Any:
        """None when the body is not JSON."""
        try:
            return json.loads(self.body)
        except (ValueError, RecursionError):
            return None


def request(method: str, url: str, body: bytes | None, headers: Mapping[str, str], limits: TimeLimits) -> Answer:
    """The response, whatever its status. Raises `NotSent` or `OutcomeUnknown`."""
    address = _parsed(url)
    connection = _connection(address, limits.connect_s)
    try:
        _connect(connection)
        connection.timeout = limits.answer_s
        connection.request(method, address.request_uri, body, {**_HEADERS, **headers}, preload_content=False)
        response = connection.getresponse()
        raw = response.read(MAX_RESPONSE_BYTES + 1)
        return Answer(response.status, response.headers, raw if len(raw) <= MAX_RESPONSE_BYTES else b"")
    except (TimeoutError, Urllib3TimeoutError) as error:
        raise AnswerTimedOut from error
    except (OSError, HTTPException, HTTPError) as error:
        raise OutcomeUnknown from error
    finally:
        connection.close()


def _parsed(url: str) -> Url:
    try:
        address = parse_url(url)
    except HTTPError as error:
        raise NotSent from error
    if address.scheme not in _SCHEMES or not address.host:
        raise NotSent
    return address


def _connection(address: Url, timeout_s: float) -> HTTPConnection:
    host = (address.host or "").strip("[]")
    if address.scheme == "https":
        return HTTPSConnection(host, address.port, timeout=timeout_s, ssl_context=_verified())
    return HTTPConnection(host, address.port, timeout=timeout_s)


def _connect(connection: HTTPConnection) -> None:
    try:
        connection.connect()
    except (OSError, HTTPError) as error:
        raise NotSent from error


@cache
def _verified() -> SSLContext:
    import ssl  # noqa: PLC0415  # 10 ms, paid by the first call

    return ssl.create_default_context()
