"""HTTP requests to the emulator's APIs and to the webhooks of companies."""

from http.client import HTTPConnection, HTTPException, HTTPSConnection
from urllib.parse import quote, urlsplit

from infra.local.front_door.web import Headers, Response

_SAFE = "%/:=&?~#+!$,;'@()*[]-._"


def call(method: str, url: str, headers: Headers, body: bytes, timeout: float) -> Response:
    """Sends exactly these headers and bytes and returns what came back.

    Raises OSError (TimeoutError among them) when no whole answer came.
    """
    parts = urlsplit(url)
    connect = HTTPSConnection if parts.scheme == "https" else HTTPConnection
    connection = connect(parts.hostname or "", parts.port, timeout=timeout)
    target = f"{parts.path or '/'}?{parts.query}" if parts.query else parts.path or "/"
    try:
        # A new connection each time: one from a pool may be closed, and a POST must not be repeated.
        connection.putrequest(
            method, quote(target, safe=_SAFE, encoding="latin-1"), skip_accept_encoding=True, skip_host=True
        )
        connection.putheader("Host", parts.netloc)
        for name, value in headers:
            connection.putheader(name, value.encode("latin-1", "replace"))
        connection.putheader("Content-Length", str(len(body)))
        connection.endheaders(body)
        answer = connection.getresponse()
        return Response(answer.status, answer.read(), tuple(answer.getheaders()))
    except HTTPException as broken:
        raise ConnectionError(str(broken)) from broken
    finally:
        connection.close()
