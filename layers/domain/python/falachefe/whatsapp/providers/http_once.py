"""One POST, sent at most once, that says how far it got.

Neither a pool nor a retry stands in between: a kept connection may have died, and the caller must know whether
the request can have been received. `http.client` tells connecting and sending apart; its richer relatives do not.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection
from ssl import SSLContext
from typing import Any
from urllib.parse import urlsplit

from falachefe.whatsapp.providers.base import Refused, Unknown

CONNECT_TIMEOUT_S = 3
ANSWER_TIMEOUT_S = 8
_LONGEST_ANSWER = 1024 * 1024
_LONGEST_WAIT_S = 900


@dataclass(frozen=True, slots=True)
class Answered:
    status: int
    document: Mapping[str, Any]
    """Empty when the answer was no JSON object."""
    retry_after_s: int | None


def post_json(url: str, document: Mapping[str, Any], headers: Mapping[str, str]) -> Answered | Refused | Unknown:
    """`Refused` when nothing can have reached the other side, `Unknown` when something may have."""
    parts = urlsplit(url)
    body = json.dumps(document, ensure_ascii=False).encode()
    connection = _connection(parts.scheme, parts.hostname or "", parts.port)
    try:
        try:
            connection.connect()
        except OSError:
            return Refused("unreachable", again=True)
        if connection.sock is not None:
            connection.sock.settimeout(ANSWER_TIMEOUT_S)
        accepted = {"Content-Type": "application/json", "Accept": "application/json"}
        connection.request("POST", parts.path or "/", body, {**accepted, **headers})
        return _read(connection.getresponse())
    except TimeoutError:
        return Unknown("no_answer_in_time")
    except (OSError, HTTPException):
        return Unknown("connection_lost")
    finally:
        connection.close()


def _connection(scheme: str, host: str, port: int | None) -> HTTPConnection:
    if scheme == "https":
        return HTTPSConnection(host, port, timeout=CONNECT_TIMEOUT_S, context=_verified())
    return HTTPConnection(host, port, timeout=CONNECT_TIMEOUT_S)


@cache
def _verified() -> SSLContext:
    import ssl

    return ssl.create_default_context()


def _read(response: HTTPResponse) -> Answered:
    try:
        document = json.loads(response.read(_LONGEST_ANSWER))
    except (ValueError, RecursionError):
        document = {}
    wait = response.headers.get("Retry-After", "")
    retry_after = min(int(wait), _LONGEST_WAIT_S) if wait.isascii() and wait.isdigit() else None
    return Answered(response.status, document if isinstance(document, dict) else {}, retry_after)
