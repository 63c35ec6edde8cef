"""The webhook in the real runtime interface, first call and warm, compared with FastAPI, Mangum and boto3."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

from falachefe.aws.tables import to_item
from falachefe.kernel.ids import new_id
from falachefe.messaging.channels.directory import channel_item
from infra.local.front_door.payloads import webhook_payload
from infra.local.paths import ROOT
from infra.local.standins.rie import Runtime, runtime
from tests.performance.aws_standin import aws_standin
from tests.performance.layers import built_layer, project_packages
from tests.performance.report import Row, milliseconds, paired, percentile, show, timed

KEY, TOKEN = "bench-channel-key-0001", "bench-instance-token"
FIRST_CALLS = 7
WARM_CALLS = 400
AWS_ANSWERS_IN_S = 0.005


def event() -> dict[str, Any]:
    payload = webhook_payload(
        "text",
        "+5511987654321",
        "gastei 150 de gasolina hoje",
        token=TOKEN,
        message_id=uuid4().hex,
        at=datetime.now(UTC),
    )
    path = f"/webhooks/uaz/{KEY}"
    return {
        "resource": "/webhooks/uaz/{channel_key}",
        "path": path,
        "httpMethod": "POST",
        "headers": {"Content-Type": "application/json"},
        "multiValueHeaders": {"Content-Type": ["application/json"]},
        "queryStringParameters": None,
        "multiValueQueryStringParameters": None,
        "pathParameters": {"channel_key": KEY},
        "requestContext": {"requestId": str(uuid4()), "stage": "v1", "path": path, "httpMethod": "POST",
                           "resourcePath": "/webhooks/uaz/{channel_key}", "identity": {"sourceIp": "127.0.0.1"}},
        "body": json.dumps(payload),
        "isBase64Encoded": False,
    }  # fmt: skip


def environment(endpoint: str) -> dict[str, str]:
    return {
        "AWS_ENDPOINT_URL": endpoint,
        "AWS_REGION": "sa-east-1",
        "AWS_DEFAULT_REGION": "sa-east-1",
        "AWS_ACCESS_KEY_ID": "bench",
        "AWS_SECRET_ACCESS_KEY": "bench",
        "CHANNELS_TABLE": "channels",
        "LIMITS_TABLE": "limits",
        "INBOUND_QUEUE_URL": f"{endpoint}/000000000000/inbound.fifo",
        "POWERTOOLS_SERVICE_NAME": "bench",
        "POWERTOOLS_METRICS_NAMESPACE": "Falachefe",
        "STAGE": "bench",
    }


def check(answer: dict[str, Any]) -> None:
    if answer["statusCode"] != 200:
        raise RuntimeError(f"a benchmark of refusals says nothing: {answer}")


def first_call(handler: str, folders: list[Path], variables: dict[str, str]) -> float:
    with runtime(handler, folders, variables) as fresh:
        return timed(lambda: check(fresh.invoke(event())))


def warm_calls(live: Runtime) -> list[float]:
    for _ in range(20):
        check(live.invoke(event()))
    return [timed(lambda: check(live.invoke(event()))) for _ in range(WARM_CALLS)]


def channel() -> dict[str, Any]:
    """The channel that every look-up finds, in DynamoDB's notation."""
    return to_item(
        channel_item(KEY, company_id=new_id(), channel_id=new_id(), provider="uaz", token=TOKEN, secret_name="none")
    )


def main() -> None:
    ours = (
        "webhook_uaz.handler",
        [ROOT / "functions" / "whatsapp", built_layer("domain"), built_layer("dependencies")],
    )
    peer = ("peer_webhook.handler", [ROOT / "tests" / "performance", project_packages()])
    with aws_standin(channel(), delay_s=AWS_ANSWERS_IN_S) as endpoint:
        variables = environment(endpoint)
        a, b, ratio = paired(
            lambda: first_call(*ours, variables), lambda: first_call(*peer, variables), pairs=FIRST_CALLS
        )
        with runtime(*ours, variables) as live:
            our_times = warm_calls(live)
        with runtime(*peer, variables) as live:
            peer_times = warm_calls(live)
    rows = [Row("first call in a fresh runtime", milliseconds(a), milliseconds(b), f"{ratio:.2f}", "<= 0.35")]
    for name, share, target in (("p50", 0.5, "<= 10 ms"), ("p99", 0.99, "<= 25 ms")):
        mine, theirs = percentile(our_times, share), percentile(peer_times, share)
        rows.append(
            Row(
                f"warm {name}, with AWS answering in 5 ms",
                milliseconds(mine),
                milliseconds(theirs),
                f"{mine / theirs:.2f}",
                target,
            )
        )
    show("Webhook under the runtime interface (peer: FastAPI + Mangum + boto3)", rows)


if __name__ == "__main__":
    main()
