"""The templates' part that is the same for every resource: its function, role and log group.

python -m infra.local.resource_functions          writes it for all handler files that serve a resource
python -m infra.local.resource_functions --check  says whether the templates are as it would write them
"""

import sys
from pathlib import Path

from infra.local.paths import ROOT

BEGIN = "  # ---- resources, written by infra/local/resource_functions.py\n"
END = "  # ---- end of resources\n"
_ARN = "arn:${AWS::Partition}"
_HERE = "${AWS::Region}:${AWS::AccountId}"


def served(domain: Path) -> list[str]:
    """The resources of a domain by their names in paths."""
    handlers = sorted(domain.glob("*.py"))
    return [file.stem.replace("_", "-") for file in handlers if "resources.http import serve" in file.read_text()]


def written(domain: Path) -> str:
    """The domain's template with the part between the marks made anew."""
    template = (domain / "template.yaml").read_text()
    before, _, rest = template.partition(BEGIN)
    _, _, after = rest.partition(END)
    return before + BEGIN + "".join(block(domain.name, name) for name in served(domain)) + END + after


def block(domain: str, name: str) -> str:
    logical = "".join(word.capitalize() for word in name.split("-"))
    return _function(domain, name, logical) + _role(logical) + _log_group(domain, name, logical)


def _function(domain: str, name: str, logical: str) -> str:
    item = f"/{name}/{{item_id}}"
    routes = {
        "List": ("GET", f"/{name}"),
        "Create": ("POST", f"/{name}"),
        "Batch": ("POST", f"/{name}/batch"),
        "Read": ("GET", item),
        "Update": ("PATCH", item),
        "Delete": ("DELETE", item),
        "Restore": ("POST", f"{item}/restore"),
    }
    events = "".join(
        f'        {event}: {{Type: Api, Properties: {{RestApiId: !Ref Api, Path: "{path}", Method: {method}}}}}\n'
        for event, (method, path) in routes.items()
    )
    return f"""  {logical}:
    Type: AWS::Serverless::Function
    Properties:
      FunctionName: !Sub falachefe-${{Stage}}-{domain}-{name}
      CodeUri: .
      Handler: {name.replace("-", "_")}.handler
      MemorySize: 512 # a third of a vCPU, enough for one query; more only shortens the cold start
      Timeout: 10 # API Gateway gives up at 29 s; a query never needs 10
      Role: !GetAtt {logical}Role.Arn
      LoggingConfig: {{LogGroup: !Ref {logical}LogGroup}}
      Environment:
        Variables:
          POWERTOOLS_SERVICE_NAME: {name}
          EVENT_BUS_NAME: !Ref EventBusName
          LIMITS_TABLE: !Ref LimitsTable
      Events:
{events}
"""


def _role(logical: str) -> str:
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
                Resource: [!Ref DatabaseSecretArn, !Ref AuthSecretArn]
              - Effect: Allow
                Action: dynamodb:GetItem
                Resource: !Sub {_ARN}:dynamodb:{_HERE}:table/${{AuthTable}}
              - Effect: Allow
                Action: [dynamodb:PutItem, dynamodb:UpdateItem, dynamodb:DeleteItem]
                Resource: !Sub {_ARN}:dynamodb:{_HERE}:table/${{LimitsTable}}
              - Effect: Allow
                Action: events:PutEvents
                Resource: !Sub {_ARN}:events:{_HERE}:event-bus/${{EventBusName}}

"""


def _log_group(domain: str, name: str, logical: str) -> str:
    return f"""  {logical}LogGroup:
    Type: AWS::Logs::LogGroup
    Properties:
      LogGroupName: !Sub /aws/lambda/falachefe-${{Stage}}-{domain}-{name}
      RetentionInDays: !Ref LogRetentionDays

"""


def main(arguments: list[str]) -> int:
    stale = 0
    for domain in sorted(path for path in (ROOT / "functions").iterdir() if served(path)):
        template = domain / "template.yaml"
        if template.read_text() == written(domain):
            continue
        if "--check" in arguments:
            print(f"{template.relative_to(ROOT)} is stale: run python -m infra.local.resource_functions")
            stale = 1
        else:
            template.write_text(written(domain))
    return stale


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
