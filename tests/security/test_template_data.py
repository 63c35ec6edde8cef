"""What the templates keep: data and secrets outlive stack and update; a failed first deploy leaves nothing behind."""

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
def test_what_a_stage_holds_outlives_its_stack_and_a_failed_create_can_be_repeated(resource: Resource) -> None:
    """`Retain` would keep the names after a failed create too, and the next create would find them taken."""
    assert whole(resource)["DeletionPolicy"] == "RetainExceptOnCreate"
    assert whole(resource)["UpdateReplacePolicy"] == "Retain"


def test_nothing_is_kept_after_a_failed_create() -> None:
    """But the role of API Gateway's logs, whose name is generated: the account may be set to it already."""
    kept = [
        name
        for template in templates().values()
        for name, resource in template["Resources"].items()
        if resource.get("DeletionPolicy") == "Retain"
    ]
    assert set(kept) <= {"ApiLogsRole"}


@pytest.mark.parametrize("table", TABLES, ids=str)
def test_tables_expire_and_are_encrypted(table: Resource) -> None:
    assert table.properties["TimeToLiveSpecification"] == {"AttributeName": "expires_at", "Enabled": True}
    assert table.properties["SSESpecification"]["SSEEnabled"] is True


@pytest.mark.parametrize("table", TABLES, ids=str)
def test_all_tables_but_that_of_counters_can_be_recovered(table: Resource) -> None:
    """Nobody wants yesterday's rate limits back, and their history would be paid for."""
    recovered = table.properties.get("PointInTimeRecoverySpecification")
    assert recovered == (None if table.name == "LimitsTable" else {"PointInTimeRecoveryEnabled": True})


@pytest.mark.parametrize("secret", SECRETS, ids=str)
def test_no_update_writes_over_a_secret(secret: Resource) -> None:
    """CloudFormation writes a `SecretString` again with every update of its resource, over what people or a rotation
    put there; what it generated it leaves alone."""
    assert "SecretString" not in secret.properties
    assert secret.properties["GenerateSecretString"]["GenerateStringKey"]
