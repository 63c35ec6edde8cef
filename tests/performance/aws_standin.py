"""Stand-ins for DynamoDB and SQS with a fixed response time, so that the function is measured, not an emulator."""

import hashlib
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    item: dict[str, Any]
    delay_s: float

    def do_POST(self) -> None:
        request = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        operation = self.headers["X-Amz-Target"].rsplit(".", 1)[1]
        time.sleep(self.delay_s)
        answer: dict[str, Any] = {}
        if operation == "GetItem":
            answer = {"Item": self.item}
        elif operation == "UpdateItem":
            answer = {"Attributes": {**request["Key"], "win": {"N": "0"}, "prev": {"N": "0"}, "n": {"N": "1"}}}
        elif operation == "SendMessage":
            digest = hashlib.md5(request["MessageBody"].encode(), usedforsecurity=False).hexdigest()
            answer = {"MessageId": "00000000-0000-0000-0000-000000000000", "MD5OfMessageBody": digest}
        body = json.dumps(answer).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/x-amz-json-1.0")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    disable_nagle_algorithm = True


@contextmanager
def aws_standin(item: dict[str, Any], *, delay_s: float) -> Iterator[str]:
    """The endpoint's address; every GetItem returns `item` (in DynamoDB's notation)."""
    handler = type("Handler", (_Handler,), {"item": item, "delay_s": delay_s, "disable_nagle_algorithm": True})
    server = _Server(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
