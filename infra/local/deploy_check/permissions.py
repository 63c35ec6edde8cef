"""Compares the AWS calls of each function with what its role allows."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cache
from typing import Any, Final

from infra.local.deploy_check import calls
from infra.local.deploy_check.findings import Checked
from infra.local.deploy_check.stacks import Resource, application

_ACCOUNT: Final = "sa-east-1:123456789012"
LOCAL: Final = {
    "Stage": "local",
    "Network": "none",
    "DatabaseHost": "127.0.0.1",
    "DatabaseOwnerSecretArn": f"arn:aws:secretsmanager:{_ACCOUNT}:secret:falachefe/local/database/owner-AbCdEf",
    "EventArchiveDays": "0",
}
"""The parameters of infra/local/stack/deploy.py, so that names equal those of the recorded calls."""

_ACTIONS: Final[Mapping[str, tuple[str, ...]]] = {
    "sqs:SendMessageBatch": ("sqs:SendMessage",),
    "sqs:ChangeMessageVisibilityBatch": ("sqs:ChangeMessageVisibility",),
    "sqs:DeleteMessageBatch": ("sqs:DeleteMessage",),
    "s3:HeadObject": ("s3:GetObject",),
    "s3:CreateMultipartUpload": ("s3:PutObject",),
    "s3:UploadPart": ("s3:PutObject",),
    "s3:CompleteMultipartUpload": ("s3:PutObject",),
    "s3:ListObjectsV2": ("s3:ListBucket",),
    "sesv2:SendEmail": ("ses:SendEmail",),
    "bedrock-runtime:Converse": ("bedrock:InvokeModel",),
    "dynamodb:ConditionCheckItem": ("dynamodb:ConditionCheckItem",),
}
_ARNS: Final[Mapping[str, str]] = {
    "dynamodb": f"arn:aws:dynamodb:{_ACCOUNT}:{{}}",
    "sqs": f"arn:aws:sqs:{_ACCOUNT}:{{}}",
    "secretsmanager": f"arn:aws:secretsmanager:{_ACCOUNT}:{{}}-AbCdEf",
    "events": f"arn:aws:events:{_ACCOUNT}:{{}}",
    "s3": "arn:aws:s3:::{}",
}
_OF_THE_SERVICE: Final = ("logs:", "xray:", "kms:", "ec2:")
"""Actions that Lambda and other services perform with the function's role, so that no recorded call shows them."""
_POLLED: Final = frozenset(
    {"sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ChangeMessageVisibility"}
)
"""Actions that an event source performs with the role of its function."""
_VARIABLE: Final = re.compile(r"(_TABLE|_QUEUE_URL|_SECRET_ARN|_BUCKET|^EVENT_BUS_NAME)$")


@dataclass(frozen=True)
class Grant:
    action: str
    resource: str

    def covers(self, action: str, arn: str) -> bool:
        """Whether it allows the call; `*` is a resource that the call did not name, so only the action is compared."""
        return fnmatchcase(action.lower(), self.action.lower()) and (arn == "*" or fnmatchcase(arn, self.resource))


@dataclass(frozen=True)
class Function:
    name: str
    """Without prefix and stage, e.g. `whatsapp-webhook-uaz`."""
    variables: Mapping[str, str]
    grants: Sequence[Grant]


@cache
def functions() -> list[Function]:
    made = list(application(**LOCAL).resources())
    roles = {one.arn: one for one in made if one.type == "AWS::IAM::Role"}
    managed = {one.arn: one for one in made if one.type == "AWS::IAM::ManagedPolicy"}
    return [
        Function(
            one.properties["FunctionName"].removeprefix("falachefe-local-"),
            one.properties.get("Environment", {}).get("Variables", {}),
            tuple(_grants(roles[one.properties["Role"]], managed)),
        )
        for one in made
        if one.type == "AWS::Lambda::Function" and "FunctionName" in one.properties
    ]


def _grants(role: Resource, managed: Mapping[str, Resource]) -> Iterator[Grant]:
    documents = [policy["PolicyDocument"] for policy in role.properties.get("Policies", [])]
    documents += [
        managed[arn].properties["PolicyDocument"]
        for arn in role.properties.get("ManagedPolicyArns", [])
        if arn in managed
    ]
    for document in documents:
        for statement in document["Statement"]:
            for action in _many(statement["Action"]):
                for resource in _many(statement["Resource"]):
                    yield Grant(action, resource)


def _many(value: Any) -> list[str]:
    return value if isinstance(value, list) else [value]


def check(known: calls.Calls) -> list[Checked]:
    made = functions()
    return [used(made, known), _static(made)]


def used(made: Sequence[Function], known: calls.Calls) -> Checked:
    """The recorded calls that no grant covers, as faults; notes list grants that no recorded call needed."""
    missing, unused = [], []
    for function in made:
        needs = [need for line in known.get(function.name, ()) for need in needs_of(line)]
        missing += [
            f"{function.name} may not {action} on {arn}"
            for action, arn in needs
            if not any(grant.covers(action, arn) for grant in function.grants)
        ]
        if function.name in known:
            unused += [f"{function.name}: {grant.action} on {grant.resource}" for grant in _idle(function, needs)]
    gone = [f"{name} is recorded and not deployed: make record-calls" for name in known if not _has(made, name)]
    silent = sorted(function.name for function in made if function.name not in known)
    seen = f"{sum(map(len, known.values()))} calls of {len(known)} functions; {len(unused)} grants unused"
    notes = [f"unused in tests: {line}" for line in unused]
    notes += [f"no call recorded: {', '.join(silent)}"] if silent else []
    return Checked("permissions used", seen, [*missing, *gone], notes)


def _has(made: Sequence[Function], name: str) -> bool:
    return any(function.name == name for function in made)


def needs_of(line: str) -> Iterator[tuple[str, str]]:
    """The actions and ARNs that a recorded call requires."""
    call, _, resource = line.partition(" ")
    service = call.partition(":")[0]
    named = resource.replace("<id>", "00000000-0000-7000-8000-000000000000").replace("-000000000000/", "-123456789012/")
    arn = _ARNS.get(service, "{}").format(named)
    for action in _ACTIONS.get(call, (call,)):
        yield action, arn


def _idle(function: Function, used: Sequence[tuple[str, str]]) -> Iterator[Grant]:
    for grant in function.grants:
        if grant.action.startswith(_OF_THE_SERVICE) or grant.action in _POLLED:
            continue
        if not any(grant.covers(action, arn) for action, arn in used):
            yield grant


def _static(made: Sequence[Function]) -> Checked:
    """Checks that a function with a variable for a table, queue, secret, bucket or bus has a grant for it."""
    faults, checked = [], 0
    for function in made:
        for variable, value in function.variables.items():
            if not _VARIABLE.search(variable) or not value:
                continue
            checked += 1
            # The name is the last part of a queue's URL; other values are used as they are.
            name = value.rpartition("/")[2] if value.startswith("https://") else value
            if not any(_covers_name(grant.resource, name) for grant in function.grants):
                faults.append(f"{function.name} has {variable} and no right to {name}")
    return Checked("permissions told", f"{checked} variables of {len(made)} functions name what they may use", faults)


def _covers_name(resource: str, name: str) -> bool:
    last = re.split(r"[:/]", resource)
    return resource == name or name in last or name in resource.split(":") or fnmatchcase(name, resource)
