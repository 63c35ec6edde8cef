"""Data and secrets survive updates and the deletion of a stack; a failed first deploy leaves nothing behind."""

from typing import Any

import pytest

from tests.security.template_resources import Resource, resources, templates

TABLES = resources("AWS::DynamoDB::Table")
SECRETS = resources("AWS::SecretsManager::Secret")
LASTING = (
    *(table for table in TABLES if table.name != "LimitsTable"),
    *resources("AWS::S3::Bucket"),
    *resources("AWS::KMS::Key"),
    *SECRETS,
)


def whole(resource: Resource) -> dict[str, Any]:
    found: dict[str, Any] = templates()[resource.path]["Resources"][resource.name]
    return found


@pytest.mark.parametrize("resource", LASTING, ids=str)
def test_a_resource_with_data_is_retained_on_deletion_but_not_after_a_failed_create(resource: Resource) -> None:
    """`Retain` would keep the names after a failed create too, and the next create would find them taken."""
    assert whole(resource)["DeletionPolicy"] == "RetainExceptOnCreate"
    assert whole(resource)["UpdateReplacePolicy"] == "Retain"


def test_no_resource_is_retained_after_a_failed_create() -> None:
    """Except the role for API Gateway's logs: its name is generated, and the account's setting may refer to it."""
    kept = [
        name
        for template in templates().values()
        for name, resource in template["Resources"].items()
        if resource.get("DeletionPolicy") == "Retain"
    ]
    assert set(kept) <= {"ApiLogsRole"}


@pytest.mark.parametrize("table", TABLES, ids=str)
def test_tables_expire_items_and_are_encrypted(table: Resource) -> None:
    assert table.properties["TimeToLiveSpecification"] == {"AttributeName": "expires_at", "Enabled": True}
    assert table.properties["SSESpecification"]["SSEEnabled"] is True


@pytest.mark.parametrize("table", TABLES, ids=str)
def test_all_tables_except_the_rate_limit_counters_have_point_in_time_recovery(table: Resource) -> None:
    """Old counters of rate limits are useless, and their history would cost money."""
    recovered = table.properties.get("PointInTimeRecoverySpecification")
    assert recovered == (None if table.name == "LimitsTable" else {"PointInTimeRecoveryEnabled": True})


@pytest.mark.parametrize("secret", SECRETS, ids=str)
def test_no_stack_update_overwrites_a_secrets_value(secret: Resource) -> None:
    """With a `SecretString`, every update of the resource would overwrite the value that a person or a rotation set;
    CloudFormation does not change a generated value."""
    assert "SecretString" not in secret.properties
    assert secret.properties["GenerateSecretString"]["GenerateStringKey"]
