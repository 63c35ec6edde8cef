"""GET /v1/platform/health/ready. Public: the state of each dependency, for load balancers and people on call.

A model provider that is unavailable makes the product `degraded`, because the offline engine answers. The WhatsApp
provider is judged by the length of its queue: calling it would count against a company's rate limit. Probes run in
parallel for two seconds at most, and a result is reused for ten seconds.
"""

from contextlib import suppress
from dataclasses import dataclass
from functools import cache, partial
from typing import Any

from sqlalchemy import text

from falachefe.app import runtime
from falachefe.aws.clients import client
from falachefe.health.checks import Probe, Readiness
from falachefe.http.headers import cors_headers, header, request_id
from falachefe.http.problems import proxy_response
from falachefe.kernel.config import Settings
from falachefe.kernel.observability.logs import logger


@dataclass(frozen=True)
class ModelSettings(Settings):
    model_secret_arn: str


AGENT_QUEUES = ("agent-orchestrator", "agent-financial", "agent-marketing", "agent-hr", "agent-support")


def _postgres() -> int:
    with runtime.database().no_tenant() as session:
        session.execute(text("select 1"))
    return 0


def _dynamodb() -> int:
    runtime.table("CHANNELS_TABLE").get("health", "health", consistent=False)
    return 0


def _waiting(destination: str) -> int:
    wanted = "ApproximateNumberOfMessages"
    answer = client("sqs").get_queue_attributes(QueueUrl=runtime.queue_url(destination), AttributeNames=[wanted])
    return int(answer["Attributes"][wanted])


def _agents() -> int:
    return max(_waiting(queue) for queue in AGENT_QUEUES)


def _secrets() -> int:
    """The login for Postgres: a new runtime cannot connect without it."""
    runtime.secret(runtime.DatabaseSettings.from_env().database_secret_arn)
    return 0


def _model() -> int:
    runtime.secret(ModelSettings.from_env().model_secret_arn)
    return 0


PROBES = {
    "postgres": Probe(_postgres, vital=True),
    "secrets": Probe(_secrets, vital=True),
    "dynamodb": Probe(_dynamodb, vital=True),
    "inbound": Probe(partial(_waiting, "inbound"), vital=True),
    "agents": Probe(_agents, vital=True),
    "provider": Probe(partial(_waiting, "outbound"), vital=False),
    "model": Probe(_model, vital=False),
}


def _log(name: str, error: Exception) -> None:
    logger().error("a probe failed", probe=name, error=type(error).__name__)


@cache
def readiness() -> Readiness:
    """Creates the clients before the probes run: two threads must not create botocore clients at the same time, and
    the work of a cold start must not count against a dependency."""
    from aws_lambda_powertools.utilities import parameters  # noqa: F401, PLC0415  # `runtime.secret` imports it on its first call

    with suppress(Exception):  # a client that cannot be created fails in its probe, which reports its name
        for service in ("dynamodb", "sqs", "secretsmanager"):
            client(service)
        runtime.database()
    return Readiness(PROBES, _log)


def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    health = readiness()()
    body = {"status": health.status, "checks": dict(health.checks)}
    headers = {"Content-Type": "application/json", **cors_headers(header(event, "origin"))}
    return proxy_response(503 if health.status == "down" else 200, body, request_id(event), headers)
