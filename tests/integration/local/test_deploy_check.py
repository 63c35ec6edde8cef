"""`make deploy-check`: each of its checks passes on the application and bites where something is wrong."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from infra.local.deploy_check import calls, cost, limits, permissions
from infra.local.deploy_check.linters import judged
from infra.local.deploy_check.permissions import Function, Grant
from infra.local.deploy_check.stacks import Resource, application
from infra.local.paths import ROOT

HERE = ROOT / "template.yaml"


def made(kind: str, **properties: Any) -> Resource:
    return Resource(HERE, "falachefe", "One", kind, properties, "arn:one")


# ---- the evaluated application


def test_conditions_decide_what_is_made() -> None:
    def kinds(**parameters: str) -> set[str]:
        return {one.type for one in application(**parameters).resources()}

    alone = kinds(Network="none", DatabaseHost="db.example.com")
    assert "AWS::EC2::NatGateway" in kinds()
    assert not alone & {"AWS::EC2::NatGateway", "AWS::RDS::DBCluster", "AWS::KMS::Key", "AWS::WAFv2::WebACL"}
    assert "AWS::KMS::Key" in kinds(CustomerKey="true")


def test_names_and_arns_are_those_that_cloudformation_would_give() -> None:
    webhook = next(one for one in permissions.functions() if one.name == "whatsapp-webhook-uaz")
    account = "sa-east-1:123456789012"
    queue = "https://sqs.sa-east-1.amazonaws.com/123456789012/falachefe-local-inbound.fifo"
    assert webhook.variables["INBOUND_QUEUE_URL"] == queue
    assert Grant("sqs:SendMessage", f"arn:aws:sqs:{account}:falachefe-local-inbound.fifo") in webhook.grants
    assert Grant("dynamodb:GetItem", f"arn:aws:dynamodb:{account}:table/falachefe-local-channels") in webhook.grants


# ---- limits


def test_the_application_is_within_awss_limits() -> None:
    assert limits.check().faults == []


@pytest.mark.parametrize(
    ("resource", "said"),
    [
        (made("AWS::Lambda::Function", FunctionName="f" * 65), "65 characters"),
        (made("AWS::SQS::Queue", QueueName="q" * 81), "81 characters"),
        (made("AWS::Lambda::Function", Environment={"Variables": {"A": "x" * 4096}}), "4097 bytes"),
        (made("AWS::Lambda::Function", Layers=["1"] * 6), "6 layers"),
        (made("AWS::IAM::Role", Policies=[{"PolicyDocument": {"Statement": ["x" * 10_240]}}]), "characters, of 10240"),
        (made("AWS::IAM::Role", ManagedPolicyArns=["a"] * 11), "11 managed policies"),
        (made("AWS::IAM::ManagedPolicy", PolicyDocument={"Statement": ["x" * 6_144]}), "characters, of 6144"),
    ],
)
def test_what_is_beyond_a_limit_is_said(resource: Resource, said: str) -> None:
    (fault,) = limits._of(resource)
    assert said in fault


# ---- checkov's exceptions


FAILED = [{"check_id": "CKV_1", "check_name": "a rule", "file_path": "/infra-a.json", "resource": "AWS::X::Y.Thing"}]


def test_an_exception_covers_what_it_names_and_nothing_else() -> None:
    covers = {"CKV_1": [{"where": ["infra-*:Thing"], "reason": "because"}]}
    assert list(judged(FAILED, covers)) == []
    assert list(judged(FAILED, {})) == ["CKV_1 infra-a.json:Thing: a rule"]
    other = {"CKV_1": [{"where": ["infra-a.json:Other"], "reason": "because"}]}
    assert len(list(judged(FAILED, other))) == 2


def test_an_exception_that_covers_nothing_or_says_no_reason_fails() -> None:
    assert "covers nothing" in next(judged([], {"CKV_1": [{"where": ["*"], "reason": "because"}]}))
    assert "needs its reason" in next(judged(FAILED, {"CKV_1": [{"where": ["*"], "reason": " "}]}))


# ---- permissions


def test_every_call_that_was_recorded_is_allowed_and_its_function_deployed() -> None:
    used, told = permissions.check(calls.read())
    assert used.faults == []
    assert told.faults == []


def test_a_call_without_its_permission_is_a_fault_and_a_grant_without_a_call_is_listed() -> None:
    account = "sa-east-1:123456789012"
    table = f"arn:aws:dynamodb:{account}:table/t"
    function = Function("f", {}, (Grant("dynamodb:GetItem", table), Grant("logs:PutLogEvents", "*")))
    reads = permissions.used([function], {"f": ["dynamodb:GetItem table/t"]})
    assert (list(reads.faults), list(reads.notes)) == ([], [])
    writes = permissions.used([function], {"f": ["dynamodb:PutItem table/t"]})
    assert writes.faults == [f"f may not dynamodb:PutItem on {table}"]
    assert writes.notes == [f"unused in tests: f: dynamodb:GetItem on {table}"]
    assert permissions.used([], {"gone": ["sqs:SendMessage q"]}).faults == [
        "gone is recorded and not deployed: make record-calls"
    ]


def test_whoever_is_told_of_a_thing_and_may_do_nothing_there_is_a_fault() -> None:
    blind = Function("f", {"AUTH_TABLE": "falachefe-local-auth", "LOG_LEVEL": "INFO"}, ())
    assert permissions._static([blind]).faults == ["f has AUTH_TABLE and no right to falachefe-local-auth"]


@pytest.mark.parametrize(
    ("call", "lines"),
    [
        (
            {"service": "dynamodb", "operation": "TransactWriteItems", "writes": ["DeleteItem a", "PutItem a"]},
            ["dynamodb:DeleteItem table/a", "dynamodb:PutItem table/a"],
        ),
        (
            {"service": "sqs", "operation": "SendMessageBatch", "QueueUrl": "http://x/0/falachefe-local-inbound.fifo"},
            ["sqs:SendMessageBatch falachefe-local-inbound.fifo"],
        ),
        (
            {
                "service": "secretsmanager",
                "operation": "GetSecretValue",
                "SecretId": "arn:aws:secretsmanager:sa-east-1:0:secret:falachefe/local/auth-aB3dEf",
            },
            ["secretsmanager:GetSecretValue secret:falachefe/local/auth"],
        ),
        (
            {"service": "s3", "operation": "GetObject", "Bucket": "b", "Key": "exports/1/2.csv"},
            ["s3:GetObject b/exports/…"],
        ),
    ],
)
def test_a_call_is_kept_without_anybodys_ids(call: dict[str, Any], lines: list[str]) -> None:
    assert calls.lines_of(call) == lines


def test_the_recorder_notes_what_a_function_calls(tmp_path: Path) -> None:
    program = """
import botocore.session, botocore.config
once = botocore.config.Config(retries={"total_max_attempts": 1}, connect_timeout=1)
client = botocore.session.Session().create_client("dynamodb", region_name="sa-east-1", config=once,
    endpoint_url="http://127.0.0.1:9", aws_access_key_id="x", aws_secret_access_key="x")
try:
    client.get_item(TableName="t", Key={"pk": {"S": "somebody"}})
except Exception as error:
    print(type(error).__name__)
"""
    environment = {"AWS_LAMBDA_FUNCTION_NAME": "falachefe-local-a-b", calls.FOLDER: str(tmp_path)}
    environment["PYTHONPATH"] = str(calls.RECORDER)
    done = subprocess.run(
        [sys.executable, "-c", program], env={**os.environ, **environment}, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "EndpointConnectionError"
    assert calls.recorded(tmp_path) == {"a-b": ["dynamodb:GetItem table/t"]}
    assert "somebody" not in (tmp_path / "falachefe-local-a-b.jsonl").read_text()


def test_every_region_has_every_price() -> None:
    known = json.loads(cost._PRICES.read_text())
    for region in cost.REGIONS:
        assert known[region].keys() == known["units"].keys()
        assert all(usd > 0 for usd in known[region].values())


def test_what_is_made_and_how_large_decides_what_a_stage_costs() -> None:
    price = cost.prices("us-east-1")
    gateway = made("AWS::EC2::NatGateway")
    assert cost.idle([], price).total == 0
    assert cost.idle([gateway], price).what == {"NAT": pytest.approx(0.045 * 730)}
    endpoint = made("AWS::EC2::VPCEndpoint", VpcEndpointType="Interface", SubnetIds=["a", "b"])
    assert cost.idle([endpoint], price).total == pytest.approx(2 * 0.01 * 730)


def test_each_run_of_a_schedule_keeps_aurora_awake_for_as_long_as_it_waits() -> None:
    scaling = {"MinCapacity": 0, "SecondsUntilAutoPause": 300}
    cluster = made("AWS::RDS::DBCluster", ServerlessV2ScalingConfiguration=scaling)
    instance = made("AWS::RDS::DBInstance")
    price = cost.prices("us-east-1")
    for rate, share in (("1 minute", 1), ("10 minutes", 0.5), ("1 hour", 1 / 12)):
        rule = made("AWS::Events::Rule", ScheduleExpression=f"rate({rate})")
        assert cost.awake(cluster, [cluster, rule]) == pytest.approx(share)
        aurora = cost.idle([cluster, instance, rule], price).what["Aurora"]
        assert aurora == pytest.approx(0.5 * share * 0.12 * 730 + 0.10)


@pytest.mark.parametrize(
    ("expression", "runs"),
    [("rate(1 minute)", 43_200), ("rate(1 hour)", 720), ("cron(15 4 * * ? *)", 30), ("cron(*/10 * * * ? *)", 4_320)],
)
def test_runs_of_a_schedule(expression: str, runs: float) -> None:
    assert cost.runs_a_month(expression) == runs


def test_less_memory_is_less_of_a_core() -> None:
    assert cost.billed_ms(cost.Way(1, 10), 5, 1_769) == 15
    assert cost.billed_ms(cost.Way(1, 10), 5, 3_538) == 15
    assert cost.billed_ms(cost.Way(1, 10), 5, 512) == pytest.approx(10 + 5 * 1_769 / 512)


def test_the_cost_of_a_message_is_within_its_target() -> None:
    assert [fault for fault in cost.check().faults if "1,000 messages" in fault] == []
