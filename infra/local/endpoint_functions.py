"""The templates' part that is the same for every endpoint: its function, role and log group.

python -m infra.local.endpoint_functions          writes it for all endpoints that the templates do not name by hand
python -m infra.local.endpoint_functions --check  says whether the templates are as it would write them

Both end non-zero for an endpoint that nobody could call: its permission, domain or template's marks are missing.
The routes are those of the handler file, and its role allows what they do: each request is counted; a route that
creates claims its Idempotency-Key; one that changes something tells the event bus. What a role must allow beyond that
stands in the handler's `NEEDS`.
"""

import re
import sys
from collections.abc import Mapping, Set
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from infra.local.handlers import api_of, needs_of  # brings the layer within reach
from infra.local.paths import ROOT

# isort: split
from falachefe.access.permissions import PERMISSIONS, PLATFORM

BEGIN = "  # ---- functions of endpoints, written by infra/local/endpoint_functions.py\n"
END = "  # ---- end of functions of endpoints\n"
_ARN = "arn:${AWS::Partition}"
_HERE = "${AWS::Region}:${AWS::AccountId}"


@dataclass(frozen=True, slots=True)
class Need:
    """What a function gets on top: actions on one thing, and the variable that names it."""

    actions: tuple[str, ...]
    resource: str
    variable: str = ""
    value: str = ""


def _queue(name: str) -> Need:
    arn = f"{_ARN}:sqs:{_HERE}:falachefe-${{Stage}}-{name}.fifo"
    return Need(("sqs:SendMessage",), arn, f"{name.upper()}_QUEUE_URL", f"!Sub ${{QueueUrlPrefix}}{name}.fifo")


NEEDS: Final[Mapping[str, Need]] = {
    "sessions": Need(
        ("dynamodb:Query", "dynamodb:PutItem", "dynamodb:UpdateItem", "dynamodb:DeleteItem"),
        f"{_ARN}:dynamodb:{_HERE}:table/${{AuthTable}}",
    ),
    "pepper": Need(
        ("secretsmanager:GetSecretValue",), "!Ref PepperSecretArn", "PEPPER_SECRET_ARN", "!Ref PepperSecretArn"
    ),
    "emails": _queue("emails"),
    "exports": _queue("exports"),
    "files": Need(("s3:GetObject",), f"{_ARN}:s3:::${{FilesBucket}}/exports/*", "FILES_BUCKET", "!Ref FilesBucket"),
}
_LIMITS: Final = f"{_ARN}:dynamodb:{_HERE}:table/${{LimitsTable}}"
_COUNT: Final = Need(("dynamodb:UpdateItem",), _LIMITS)
_COUNT_AND_CLAIM: Final = Need(("dynamodb:PutItem", "dynamodb:UpdateItem", "dynamodb:DeleteItem"), _LIMITS)
_TELL: Final = Need(
    ("events:PutEvents",),
    f"{_ARN}:events:{_HERE}:event-bus/${{EventBusName}}",
    "EVENT_BUS_NAME",
    "!Ref EventBusName",
)
_USUAL: Final[Mapping[str, str]] = {
    "Layers": "      Layers: [!Ref DependenciesLayerArn, !Ref DomainLayerArn]\n",
    "VpcConfig": """      VpcConfig: !If
        - InNetwork
        - SubnetIds: !Split [",", !Ref SubnetIds]
          SecurityGroupIds: !Split [",", !Ref SecurityGroupIds]
        - !Ref AWS::NoValue
""",
    "DATABASE_SECRET_ARN": "          DATABASE_SECRET_ARN: !Ref DatabaseSecretArn\n",
    "TOKEN_KEYS_SECRET_ARN": "          TOKEN_KEYS_SECRET_ARN: !Ref TokenKeysSecretArn\n",
    "AUTH_TABLE": "          AUTH_TABLE: !Ref AuthTable\n",
}
"""What every endpoint has. Where all functions of a domain have it, it stands in the template's `Globals` instead."""


def served(domain: Path) -> list[str]:
    """The endpoints of a domain that are written here, by their handlers' names."""
    template = (domain / "template.yaml").read_text()
    return _not_by_hand(domain) if BEGIN in template else []


def _not_by_hand(domain: Path) -> list[str]:
    by_hand = set(re.findall(r"Handler: (\w+)\.handler", "".join(_around((domain / "template.yaml").read_text()))))
    handlers = (file for file in sorted(domain.glob("*.py")) if file.stem not in by_hand)
    return [file.stem for file in handlers if api_of(file) is not None]


def faults(domain: Path) -> list[str]:
    """Why an endpoint of this domain could not be called, and what to do about it."""
    return [
        *(fault for handler in sorted(domain.glob("*.py")) for fault in _faults_of(handler)),
        *(
            f"{domain.name}/template.yaml has no place for {name}.py: copy the two marks, and the parameters that it"
            " refers to, from business/template.yaml"
            for name in _not_by_hand(domain)
            if name not in served(domain)
        ),
    ]


def _faults_of(handler: Path) -> list[str]:
    api = api_of(handler)
    if api is None:
        return []
    here = f"{handler.parent.name}/{handler.name}"
    asked = {rule.permission for rule in api.rules if rule.permission is not None}
    unknown = sorted(asked - set(PERMISSIONS) - set(PLATFORM))
    found = [f"{here}: nobody can hold {name}: see falachefe/access/permissions.py" for name in unknown]
    if api.domain != handler.parent.name:
        found.append(f'{here} serves /v1/{api.domain}: declare domain="{handler.parent.name}"')
    return found


def _around(template: str) -> tuple[str, str]:
    before, _, rest = template.partition(BEGIN)
    return before, rest.partition(END)[2]


def written(domain: Path) -> str:
    """The domain's template with the part between the marks made anew."""
    before, after = _around((domain / "template.yaml").read_text())
    return before + BEGIN + "".join(block(domain / f"{name}.py") for name in served(domain)) + END + after


def block(handler: Path) -> str:
    domain, name = handler.parent.name, handler.stem.replace("_", "-")
    logical = "".join(word.capitalize() for word in name.split("-"))
    api = api_of(handler)
    assert api is not None
    needs = [*_usual_needs({rule.method for rule in api.rules}), *(NEEDS[need] for need in needs_of(handler))]
    return _function(handler, name, logical, needs) + _role(logical, needs) + _log_group(domain, name, logical)


def _usual_needs(methods: Set[str]) -> list[Need]:
    """What routes of these methods do by themselves: see `http.limits`, `resources.idempotency` and `data.outbox`."""
    counted = _COUNT_AND_CLAIM if "POST" in methods else _COUNT
    return [counted] if methods <= {"GET"} else [counted, _TELL]


def _function(handler: Path, name: str, logical: str, needs: list[Need]) -> str:
    domain = handler.parent.name
    variables = "".join(f"          {need.variable}: {need.value}\n" for need in needs if need.variable)
    lines = _not_in_globals(handler.parent)
    shared = "".join(lines[name] for name in ("DATABASE_SECRET_ARN", "TOKEN_KEYS_SECRET_ARN", "AUTH_TABLE"))
    return f"""  {logical}:
    Type: AWS::Serverless::Function
    Properties:
      FunctionName: !Sub falachefe-${{Stage}}-{domain}-{name}
      CodeUri: .
      Handler: {handler.stem}.handler
      MemorySize: 512 # a third of a vCPU, enough for one query; more only shortens the cold start
      SnapStart: !If [HasSnapStart, {{ApplyOn: PublishedVersions}}, !Ref AWS::NoValue]
      Timeout: 10 # API Gateway gives up at 29 s; a query never needs 10
      Role: !GetAtt {logical}Role.Arn
      LoggingConfig: {{LogGroup: !Ref {logical}LogGroup}}
{lines["Layers"]}{lines["VpcConfig"]}      Environment:
        Variables:
          POWERTOOLS_SERVICE_NAME: {name}
{shared}          LIMITS_TABLE: !Ref LimitsTable
{variables}      Events:
{_events(handler)}
"""


def _not_in_globals(domain: Path) -> dict[str, str]:
    """The lines of the usual that the template does not say once for all, the others empty."""
    _, _, rest = (domain / "template.yaml").read_text().partition("\nGlobals:\n")
    shared = rest.partition("\nResources:\n")[0]
    return {name: "" if f" {name}:" in shared else line for name, line in _USUAL.items()}


def _events(handler: Path) -> str:
    api = api_of(handler)
    assert api is not None
    lines = []
    for rule in sorted(api.rules, key=lambda rule: (rule.path, rule.method)):
        path = rule.path.replace("<", "{").replace(">", "}")
        event = rule.method.capitalize() + "".join(word.capitalize() for word in re.findall(r"[a-z0-9]+", path))
        properties = f'{{RestApiId: !Ref Api, Path: "{path}", Method: {rule.method}}}'
        lines.append(f"        {event}: {{Type: Api, Properties: {properties}}}\n")
    return "".join(lines)


def _statements(needs: list[Need]) -> str:
    return "".join(
        f"""              - Effect: Allow
                Action: [{", ".join(need.actions)}]
                Resource: {need.resource if need.resource.startswith("!") else f"!Sub {need.resource}"}
"""
        for need in needs
    )


def _role(logical: str, needs: list[Need]) -> str:
    return f"""  {logical}Role:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Version: "2012-10-17"
        Statement:
          - {{Effect: Allow, Principal: {{Service: lambda.amazonaws.com}}, Action: sts:AssumeRole}}
      ManagedPolicyArns:
        - !Ref BasePolicyArn
        - !If
          - InNetwork
          - !Sub {_ARN}:iam::aws:policy/service-role/AWSLambdaVPCAccessExecutionRole
          - !Ref AWS::NoValue
      Policies:
        - PolicyName: own
          PolicyDocument:
            Version: "2012-10-17"
            Statement:
              - Effect: Allow
                Action: [logs:CreateLogStream, logs:PutLogEvents]
                Resource: !Sub {_ARN}:logs:{_HERE}:log-group:${{{logical}LogGroup}}:*
              - Effect: Allow
                Action: secretsmanager:GetSecretValue
                Resource: [!Ref DatabaseSecretArn, !Ref TokenKeysSecretArn]
              - Effect: Allow
                Action: dynamodb:GetItem
                Resource: !Sub {_ARN}:dynamodb:{_HERE}:table/${{AuthTable}}
{_statements(needs)}
"""


def _log_group(domain: str, name: str, logical: str) -> str:
    return f"""  {logical}LogGroup:
    Type: AWS::Logs::LogGroup
    Properties:
      LogGroupName: !Sub /aws/lambda/falachefe-${{Stage}}-{domain}-{name}
      RetentionInDays: !Ref LogRetentionDays

"""


def main(arguments: list[str]) -> int:
    domains = sorted(template.parent for template in ROOT.glob("functions/*/template.yaml"))
    wrong = [fault for domain in domains for fault in faults(domain)]
    for domain in filter(served, domains):
        template = domain / "template.yaml"
        if template.read_text() == written(domain):
            continue
        if "--check" in arguments:
            wrong.append(f"{template.relative_to(ROOT)} is stale: run python -m infra.local.endpoint_functions")
        else:
            template.write_text(written(domain))
            print(f"{template.relative_to(ROOT)} written")
    for line in wrong:
        print(line)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
