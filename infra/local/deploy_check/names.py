"""The values of `Ref` and `Fn::GetAtt` that policies and prices depend on."""

from collections.abc import Mapping
from typing import Any, Final

_HERE: Final = "sa-east-1:123456789012"
_NAMED_BY: Final = (
    "FunctionName",
    "QueueName",
    "TableName",
    "BucketName",
    "LogGroupName",
    "TopicName",
    "AlarmName",
    "DBProxyName",
    "LayerName",
    "Name",
)
_ARNS: Final[Mapping[str, str]] = {
    "AWS::Lambda::Function": f"arn:aws:lambda:{_HERE}:function:{{name}}",
    "AWS::Lambda::Alias": f"arn:aws:lambda:{_HERE}:function:{{name}}",
    "AWS::Lambda::LayerVersion": f"arn:aws:lambda:{_HERE}:layer:{{name}}:1",
    "AWS::SQS::Queue": f"arn:aws:sqs:{_HERE}:{{name}}",
    "AWS::DynamoDB::Table": f"arn:aws:dynamodb:{_HERE}:table/{{name}}",
    "AWS::S3::Bucket": "arn:aws:s3:::{name}",
    "AWS::SNS::Topic": f"arn:aws:sns:{_HERE}:{{name}}",
    "AWS::SecretsManager::Secret": f"arn:aws:secretsmanager:{_HERE}:secret:{{name}}-AbCdEf",
    "AWS::KMS::Key": f"arn:aws:kms:{_HERE}:key/{{name}}",
    "AWS::Events::EventBus": f"arn:aws:events:{_HERE}:event-bus/{{name}}",
    "AWS::Events::Rule": f"arn:aws:events:{_HERE}:rule/{{name}}",
    "AWS::IAM::Role": "arn:aws:iam::123456789012:role/{name}",
    "AWS::IAM::ManagedPolicy": "arn:aws:iam::123456789012:policy/{name}",
    "AWS::Logs::LogGroup": f"arn:aws:logs:{_HERE}:log-group:{{name}}:*",
}
_REFERRED_BY_ARN: Final = frozenset(
    {
        "AWS::SNS::Topic",
        "AWS::SecretsManager::Secret",
        "AWS::IAM::ManagedPolicy",
        "AWS::Lambda::LayerVersion",
        "AWS::Lambda::Alias",
    }
)


def name_of(label: str, properties: Mapping[str, Any]) -> str:
    given = next((properties[key] for key in _NAMED_BY if isinstance(properties.get(key), str)), None)
    return given or label


def reference_of(kind: str, label: str, properties: Mapping[str, Any]) -> str:
    """The value of `Ref`."""
    name = name_of(label, properties)
    if kind == "AWS::SQS::Queue":
        return f"https://sqs.sa-east-1.amazonaws.com/123456789012/{name}"
    return _ARNS[kind].format(name=name) if kind in _REFERRED_BY_ARN else name


def attribute_of(kind: str, attribute: str, label: str, properties: Mapping[str, Any]) -> str:
    """The value of `Fn::GetAtt`; for anything but ARNs and names a placeholder made of the names."""
    name = name_of(label, properties)
    if attribute == "Arn":
        return _ARNS.get(kind, f"arn:aws:{kind.lower()}:{_HERE}:{{name}}").format(name=name)
    return name if attribute in ("QueueName", "TopicName", "Name") else f"{label}.{attribute}"
