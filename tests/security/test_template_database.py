"""The database in the templates: order of creation, replacement on changes, and access to passwords."""

import json
from typing import Any

import pytest

from falachefe.db.engine import LIMITS, MAX_CONNECTION_AGE_S
from infra.local.paths import ROOT
from infra.local.sam.template import ROOT_TEMPLATE
from tests.security.template_resources import resources, templates

STACKS: dict[str, Any] = templates()[ROOT_TEMPLATE]["Resources"]
DOMAINS = ("Auth", "Whatsapp", "Crews", "Admin", "Business", "Platform")


def only(kind: str) -> Any:
    (resource,) = resources(kind)
    return resource


def whole(kind: str) -> dict[str, Any]:
    resource = only(kind)
    found: dict[str, Any] = templates()[resource.path]["Resources"][resource.name]
    return found


def after(name: str) -> set[str]:
    """The resources that this one of the root template depends on, by reference or by `DependsOn`."""
    found: set[str] = set()
    pending = [name]
    while pending:
        text = json.dumps(STACKS[pending.pop()])
        direct = {other for other in STACKS if f'"{other}"' in text} - found
        found |= direct
        pending += direct
    return found


@pytest.mark.parametrize("name", DOMAINS)
def test_a_domains_stack_is_updated_after_the_migration(name: str) -> None:
    """And after the proxy, so that no function runs against the schema of an older version."""
    assert {"DatabaseStack", "Migrations", "ProxyStack"} <= after(name)


def test_the_proxy_is_created_after_its_database_role() -> None:
    """Its target becomes available only once it can sign in; until then the deploy would fail and roll back."""
    assert "Migrations" in after("ProxyStack")
    assert "ProxyStack" not in after("Migrations")
    (secret,) = only("AWS::RDS::DBProxy").properties["Auth"]
    assert secret["SecretArn"] == {"Ref": "ApplicationSecretArn"}
    assert STACKS["ProxyStack"]["Properties"]["Parameters"]["ApplicationSecretArn"] == {
        "Fn::GetAtt": ["DatabaseStack", "Outputs.ApplicationSecretArn"]
    }


def test_the_migration_runs_again_for_every_new_layer_of_revisions() -> None:
    schema = only("Custom::DatabaseSchema")
    function = next(one for one in resources("AWS::Lambda::Function") if one.path == schema.path)

    assert schema.properties["ServiceToken"] == {"Fn::GetAtt": ["Migrate", "Arn"]}
    assert schema.properties["Revisions"] == {"Ref": "MigrationsLayerArn"}
    assert function.properties["Timeout"] < int(schema.properties["ServiceTimeout"])
    (config,) = (one for one in resources("AWS::Lambda::EventInvokeConfig") if one.path == schema.path)
    assert config.properties["MaximumRetryAttempts"] == 0


def test_no_change_of_a_parameter_replaces_the_cluster_by_an_empty_one() -> None:
    """A fixed identifier makes CloudFormation refuse a replacement: the new one would need the name of the old."""
    cluster = whole("AWS::RDS::DBCluster")

    assert cluster["Properties"]["DBClusterIdentifier"] == {"Fn::Sub": "falachefe-${Stage}"}
    assert cluster["UpdateReplacePolicy"] == "Retain"


def test_the_database_is_deleted_after_a_failed_first_deploy_and_retained_otherwise() -> None:
    secret = templates()[ROOT / "infra" / "database.yaml"]["Resources"]["ApplicationLogin"]

    for resource in (whole("AWS::RDS::DBCluster"), secret):
        assert resource["DeletionPolicy"] == "RetainExceptOnCreate"
    protection = whole("AWS::RDS::DBCluster")["Properties"]["DeletionProtection"]
    assert protection == {"Ref": "DatabaseDeletionProtection"}
    assert templates()[ROOT_TEMPLATE]["Parameters"]["DatabaseDeletionProtection"]["Default"] == "false"


def test_the_template_sets_no_minor_version_of_the_engine() -> None:
    """AWS retires minor versions, and upgrades clusters past the one that a template names."""
    parameter = templates()[ROOT_TEMPLATE]["Parameters"]["DatabaseEngineVersion"]

    assert parameter["Default"].isdigit()
    assert only("AWS::RDS::DBCluster").properties["EngineVersion"] == {"Ref": "DatabaseEngineVersion"}


def test_no_template_copies_a_password_of_the_database() -> None:
    """A copy by dynamic reference is made at the deploy, and a password that changes later never reaches it."""
    for path in ("infra/database.yaml", "infra/proxy.yaml", "functions/platform/migrations.yaml", "template.yaml"):
        assert "{{resolve:secretsmanager" not in (ROOT / path).read_text(), path
    assert only("AWS::RDS::DBCluster").properties["ManageMasterUserPassword"] is True
    login = STACKS["Migrations"]["Properties"]["Parameters"]["OwnerSecretArn"]
    assert login == {"Fn::GetAtt": ["DatabaseStack", "Outputs.OwnerSecretArn"]}


def test_functions_and_the_proxy_use_the_same_database_secret() -> None:
    for name in DOMAINS:
        secret = STACKS[name]["Properties"]["Parameters"]["DatabaseSecretArn"]
        assert secret == STACKS["ProxyStack"]["Properties"]["Parameters"]["ApplicationSecretArn"]


def test_a_function_drops_an_idle_connection_before_the_proxy_closes_it() -> None:
    assert only("AWS::RDS::DBProxy").properties["IdleClientTimeout"] > MAX_CONNECTION_AGE_S


def test_the_proxy_times_out_before_its_clients() -> None:
    pool = only("AWS::RDS::DBProxyTargetGroup").properties["ConnectionPoolConfigurationInfo"]

    assert pool["ConnectionBorrowTimeout"] < LIMITS.answer_s


def test_pinned_sessions_raise_an_alarm() -> None:
    (alarm,) = (
        one
        for one in resources("AWS::CloudWatch::Alarm")
        if one.properties.get("MetricName") == "DatabaseConnectionsCurrentlySessionPinned"
    )

    assert alarm.properties["Dimensions"] == [{"Name": "ProxyName", "Value": {"Ref": "Proxy"}}]
    assert (alarm.properties["Threshold"], alarm.properties["ComparisonOperator"]) == (0, "GreaterThanThreshold")
