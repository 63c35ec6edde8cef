"""GET /v1/platform/health/ready while a dependency accepts connections and does not answer."""

import json
import os
import signal
import socket
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from sqlalchemy import text

from falachefe.app import runtime
from falachefe.db.engine import Database
from functions.platform import health_ready
from infra.local.stack.postgres import PostgresAddress
from tests.integration.conftest import APPLICATION_PASSWORD

SERVICES = ("DYNAMODB", "SQS", "SECRETS_MANAGER")
QUEUES = ("INBOUND", "OUTBOUND", "ORCHESTRATOR", "FINANCIAL", "MARKETING", "HR", "SUPPORT")


class _Aws(BaseHTTPRequestHandler):
    """Answers the three calls of the probes."""

    secret = json.dumps({"username": "falachefe_app", "password": APPLICATION_PASSWORD})

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        operation = self.headers["X-Amz-Target"].rpartition(".")[2]
        answers: Mapping[str, dict[str, Any]] = {
            "GetItem": {},
            "GetQueueAttributes": {"Attributes": {"ApproximateNumberOfMessages": "0"}},
            "GetSecretValue": {"Name": "secret", "SecretString": self.secret},
        }
        body = json.dumps(answers[operation]).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/x-amz-json-1.0")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        pass


@contextmanager
def _silent() -> Iterator[int]:
    """A port that accepts connections and never answers."""
    with socket.create_server(("127.0.0.1", 0), backlog=64) as server:
        yield server.getsockname()[1]


@pytest.fixture
def services(
    database: Database, postgres: PostgresAddress, monkeypatch: pytest.MonkeyPatch
) -> Iterator[pytest.MonkeyPatch]:
    """All services are available: Postgres is real, AWS is a server of this test."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Aws)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    address = f"http://127.0.0.1:{server.server_port}"
    for service in SERVICES:
        monkeypatch.setenv(f"AWS_ENDPOINT_URL_{service}", address)
    for name, value in {
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_REGION": "sa-east-1",
        "CHANNELS_TABLE": "channels",
        "DATABASE_SECRET_ARN": "database",
        "DATABASE_ENDPOINT": _endpoint(postgres.host, postgres.port),
        "MODEL_SECRET_ARN": "model",
        **{f"{queue}_QUEUE_URL": f"{address}/{queue.lower()}" for queue in QUEUES},
    }.items():
        monkeypatch.setenv(name, value)
    _forget()
    yield monkeypatch
    runtime.database().dispose()
    _forget()
    server.shutdown()
    server.server_close()


def _forget() -> None:
    runtime.forget()
    health_ready.readiness.cache_clear()


def _endpoint(host: str, port: int) -> str:
    return f"postgresql://{host}:{port}/falachefe?ssl=false"


def _ready() -> tuple[int, dict[str, Any]]:
    answer = health_ready.handler({"requestContext": {"requestId": "r-1"}}, None)
    return answer["statusCode"], json.loads(answer["body"])


def _down(checks: Mapping[str, str]) -> set[str]:
    return {name for name, state in checks.items() if state != "ok"}


def test_with_all_services_available_the_product_is_ready(services: pytest.MonkeyPatch) -> None:
    status, said = _ready()
    assert (status, said["status"], _down(said["checks"])) == (200, "ok", set())


@pytest.mark.parametrize(
    ("service", "status", "named"),
    [
        ("DYNAMODB", "down", {"dynamodb"}),
        ("SQS", "down", {"inbound", "agents", "provider"}),
        ("SECRETS_MANAGER", "down", {"secrets", "postgres", "model"}),  # a new runtime has no way to Postgres then
    ],
)
def test_a_service_that_hangs_is_named(
    services: pytest.MonkeyPatch, service: str, status: str, named: set[str]
) -> None:
    with _silent() as port:
        services.setenv(f"AWS_ENDPOINT_URL_{service}", f"http://127.0.0.1:{port}")
        for queue in QUEUES if service == "SQS" else ():
            services.setenv(f"{queue}_QUEUE_URL", f"http://127.0.0.1:{port}/{queue.lower()}")
        code, said = _ready()

    assert (code, said["status"], _down(said["checks"])) == (503, status, named)


def test_a_postgres_that_accepts_connections_and_never_answers_is_down(services: pytest.MonkeyPatch) -> None:
    with _silent() as port:
        services.setenv("DATABASE_ENDPOINT", _endpoint("127.0.0.1", port))
        code, said = _ready()

    assert (code, said["status"], _down(said["checks"])) == (503, "down", {"postgres"})


def test_a_postgres_that_stops_during_an_open_connection_is_down_until_it_resumes(services: pytest.MonkeyPatch) -> None:
    assert _ready()[0] == 200
    with runtime.database().no_tenant() as session:
        backend = session.scalar(text("select pg_backend_pid()"))
    assert isinstance(backend, int)
    health_ready.readiness()._last = None
    os.kill(backend, signal.SIGSTOP)
    try:
        code, said = _ready()
    finally:
        os.kill(backend, signal.SIGCONT)
    assert (code, _down(said["checks"])) == (503, {"postgres"})

    for thread in threading.enumerate():
        if thread.name.startswith("probe-"):
            thread.join(60)
    health_ready.readiness()._last = None
    assert _ready()[0] == 200
