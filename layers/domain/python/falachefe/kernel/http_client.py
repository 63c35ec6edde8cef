"""One HTTP request, sent at most once, that says how far it got.

urllib3's pool would take a time-out of the TLS handshake for one of the answer, and may send on a connection that was
kept and has died. Its connection tells connecting from sending, neither repeats nor follows redirects, and is used
for one request here: the caller must know whether the request can have been received.
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

LONGEST_ANSWER: Final = 1024 * 1024
_HEADERS: Final = {"Accept": "application/json", "User-Agent": "falachefe"}
_SCHEMES: Final = ("http", "https")


class RequestFailed(Exception):
    """No answer came."""


class NotSent(RequestFailed):
    """No connection was made (no address, refused, no valid certificate): nothing can have been received."""


class OutcomeUnknown(RequestFailed):
    """The connection was there: the request may have been received and acted upon."""


class AnswerTimedOut(OutcomeUnknown):
    """The same, because the time was up."""


@dataclass(frozen=True, slots=True)
class TimeLimits:
    """Seconds for each step: connecting with the TLS handshake, and every wait for the other side after it."""

    connect_s: float
    answer_s: float


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    headers: Mapping[str, str]
    """Names in any case."""
    body: bytes
    """Empty when it was longer than `LONGEST_ANSWER`."""

    def json(self) -> Any:
        """None when the body is no JSON."""
        try:
            return json.loads(self.body)
        except (ValueError, RecursionError):
            return None


def request(method: str, url: str, body: bytes | None, headers: Mapping[str, str], limits: TimeLimits) -> Answer:
    """Whatever status was answered. Raises `NotSent` or `OutcomeUnknown`."""
    address = _parsed(url)
    connection = _connection(address, limits.connect_s)
    try:
        _connect(connection)
        connection.timeout = limits.answer_s
        connection.request(method, address.request_uri, body, {**_HEADERS, **headers}, preload_content=False)
        response = connection.getresponse()
        raw = response.read(LONGEST_ANSWER + 1)
        return Answer(response.status, response.headers, raw if len(raw) <= LONGEST_ANSWER else b"")
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
    import ssl

    return ssl.create_default_context()
