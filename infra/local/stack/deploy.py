"""Deploys the packaged application to the emulator: bucket, stack, secrets."""

import json
import time
from collections.abc import Mapping
from typing import Any

from infra.local.console import Refused, note
from infra.local.stack.artifacts import ARCHITECTURE
from infra.local.stack.emulator import REGION, Emulator
from infra.local.stack.package import BUCKET, Package
from infra.local.stack.postgres import PostgresAddress

STACK = "falachefe-local"
STAGE = "local"
DATABASE = "falachefe"
EMAIL_IDENTITY = "falachefe.app"
ALLOWED_ORIGINS = "http://localhost:3000,http://localhost:5173"
"""Where development servers of web applications usually listen."""


def upload(emulator: Emulator, package: Package) -> None:
    """Uploads what the bucket lacks; keys are content hashes."""
    s3 = emulator.client("s3")
    names = [bucket["Name"] for bucket in s3.list_buckets()["Buckets"]]
    if BUCKET not in names:
        s3.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": REGION})
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=BUCKET)
    present = {entry["Key"] for page in pages for entry in page.get("Contents", [])}
    for key, path in package.files.items():
        if key not in present:
            s3.upload_file(str(path), BUCKET, key)
    for key, text in package.texts.items():
        if key not in present:
            s3.put_object(Bucket=BUCKET, Key=key, Body=text.encode())


def create(
    emulator: Emulator, package: Package, postgres: PostgresAddress, owner: Mapping[str, str], front_door: str
) -> dict[str, str]:
    """Creates the stack, which migrates the database, and returns its outputs; raises `Refused` with what failed."""
    secret = emulator.client("secretsmanager").create_secret(
        Name=f"falachefe/{STAGE}/database/owner", SecretString=json.dumps(owner)
    )
    parameters = {
        "Stage": STAGE,
        "Architecture": ARCHITECTURE,
        "Network": "none",
        "ApiAccount": "false",
        "DatabaseHost": postgres.host,
        "DatabasePort": str(postgres.port),
        "DatabaseName": DATABASE,
        "DatabaseOwnerSecretArn": secret["ARN"],
        "DatabaseSsl": "false",
        "EventArchiveDays": "0",
        # All local users share one address.
        "LoginsPerAddress": "1000",
        "RegistrationsPerAddress": "1000",
        "EmailIdentity": EMAIL_IDENTITY,
        "AllowedOrigins": ALLOWED_ORIGINS,
        # The front door serves everything to browsers: APIs, the app, and stand-ins for Google and GitHub.
        "PublicUrl": front_door,
        "AppUrl": f"{front_door}/app",
        "GoogleIssuer": f"{front_door}/oauth/google",
        "GithubUrl": f"{front_door}/oauth/github",
        "GithubApiUrl": f"{front_door}/oauth/github/api",
    }
    cloudformation = emulator.client("cloudformation")
    cloudformation.create_stack(
        StackName=STACK,
        TemplateBody=json.dumps(package.template),
        Parameters=[{"ParameterKey": name, "ParameterValue": value} for name, value in parameters.items()],
        Capabilities=["CAPABILITY_IAM", "CAPABILITY_NAMED_IAM", "CAPABILITY_AUTO_EXPAND"],
    )
    status = _settled(cloudformation)
    if status != "CREATE_COMPLETE":
        raise Refused(f"the stack ended as {status}:\n  " + "\n  ".join(_failures(cloudformation)))
    return outputs(emulator)


def outputs(emulator: Emulator) -> dict[str, str]:
    stack = emulator.client("cloudformation").describe_stacks(StackName=STACK)["Stacks"][0]
    return {output["OutputKey"]: output["OutputValue"] for output in stack.get("Outputs", [])}


def verify_sender(emulator: Emulator) -> None:
    """Creates the SES identity, which in an account is verified by hand in the sender domain's DNS."""
    emulator.client("sesv2").create_email_identity(EmailIdentity=EMAIL_IDENTITY)


def fill_secrets(emulator: Emulator, values: Mapping[str, Mapping[str, Any]]) -> None:
    """Writes the secrets' values. In an account the template composes them with dynamic references, which the emulator
    does not resolve inside a secret's value."""
    manager = emulator.client("secretsmanager")
    for name, value in values.items():
        manager.put_secret_value(SecretId=f"falachefe/{STAGE}/{name}", SecretString=json.dumps(value))


def invoke(emulator: Emulator, function: str, event: Mapping[str, Any]) -> Any:
    """A function's answer; raises `Refused` with its error when it failed."""
    answer = emulator.client("lambda").invoke(FunctionName=function, Payload=json.dumps(event).encode())
    payload = json.loads(answer["Payload"].read() or b"null")
    if answer.get("FunctionError"):
        reason = json.dumps(payload, indent=2, ensure_ascii=False).replace("\\n", "\n")
        raise Refused(f"{function} failed ({answer['FunctionError']}):\n{reason}")
    return payload


def _settled(cloudformation: Any, timeout_s: float = 180) -> str:
    deadline = time.monotonic() + timeout_s
    reported_at = 0.0
    while True:
        status: str = cloudformation.describe_stacks(StackName=STACK)["Stacks"][0]["StackStatus"]
        if not status.endswith("_IN_PROGRESS"):
            return status
        if time.monotonic() > deadline:
            raise Refused(f"the stack is still {status} after {timeout_s:.0f} s")
        if time.monotonic() - reported_at > 5:
            reported_at = time.monotonic()
            note(f"stack {status}")
        time.sleep(0.1)


def _failures(cloudformation: Any) -> list[str]:
    """The failures of this stack and the nested ones."""
    lines = []
    for stack in cloudformation.list_stacks()["StackSummaries"]:
        events = cloudformation.describe_stack_events(StackName=stack["StackId"])["StackEvents"]
        lines += [
            f"{stack['StackName']} {event['LogicalResourceId']}: {event.get('ResourceStatusReason', '')}"
            for event in events
            if event["ResourceStatus"].endswith("_FAILED")
        ]
    return lines
