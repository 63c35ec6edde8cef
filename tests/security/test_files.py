"""The buckets: private, encrypted, and with the retention that each needs."""

from typing import Any

import pytest

from falachefe.exports.service import RETENTION
from tests.security.template_resources import Resource, resources, statements, target, templates

BUCKETS = resources("AWS::S3::Bucket")
each_bucket = pytest.mark.parametrize("bucket", BUCKETS, ids=str)


def policy_of(bucket: Resource) -> list[dict[str, Any]]:
    (policy,) = (
        one
        for one in resources("AWS::S3::BucketPolicy")
        if one.path == bucket.path and target(one.properties["Bucket"]) == bucket.name
    )
    found: list[dict[str, Any]] = policy.properties["PolicyDocument"]["Statement"]
    return found


def test_the_templates_declare_the_file_buckets() -> None:
    assert "FilesBucket" in {bucket.name for bucket in BUCKETS}


@each_bucket
def test_a_bucket_blocks_public_access_and_is_retained_when_its_stack_is_deleted(bucket: Resource) -> None:
    closed = bucket.properties["PublicAccessBlockConfiguration"]

    assert set(closed) == {"BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets"}
    assert set(closed.values()) == {True}
    assert bucket.properties["OwnershipControls"]["Rules"] == [{"ObjectOwnership": "BucketOwnerEnforced"}]
    assert templates()[bucket.path]["Resources"][bucket.name]["DeletionPolicy"] == "RetainExceptOnCreate"


@each_bucket
def test_a_bucket_is_encrypted_at_rest_and_requires_tls(bucket: Resource) -> None:
    (rule,) = bucket.properties["BucketEncryption"]["ServerSideEncryptionConfiguration"]
    (plain,) = (one for one in policy_of(bucket) if one["Effect"] == "Deny")

    assert rule["ServerSideEncryptionByDefault"]["SSEAlgorithm"] == {"Fn::If": ["HasKey", "aws:kms", "AES256"]}
    assert plain["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}
    assert (plain["Principal"], plain["Action"], len(plain["Resource"])) == ("*", "s3:*", 2)
    assert all(one["Effect"] == "Deny" for one in policy_of(bucket))


@each_bucket
def test_incomplete_uploads_are_deleted(bucket: Resource) -> None:
    rules = bucket.properties["LifecycleConfiguration"]["Rules"]

    assert [one["AbortIncompleteMultipartUpload"] for one in rules if "AbortIncompleteMultipartUpload" in one]


def test_an_export_is_deleted_after_its_retention_time() -> None:
    (bucket,) = (one for one in BUCKETS if one.name == "FilesBucket")
    (days,) = (
        rule["ExpirationInDays"]
        for rule in bucket.properties["LifecycleConfiguration"]["Rules"]
        if rule.get("Prefix") == "exports/"
    )

    assert days == RETENTION.days


def test_only_the_export_worker_writes_files_and_only_link_signers_read_them() -> None:
    may: dict[str, set[str]] = {}
    for role in resources("AWS::IAM::Role"):
        for statement in statements(role.properties):
            actions = [statement["Action"]] if isinstance(statement["Action"], str) else statement["Action"]
            if any(action.startswith("s3:") for action in actions) and "FilesBucket" in str(statement["Resource"]):
                may[role.name] = set(actions)

    assert may == {"RunExportRole": {"s3:PutObject", "s3:AbortMultipartUpload"}, "ExportsRole": {"s3:GetObject"}}


def test_archived_audit_rows_are_versioned_in_cheap_storage_and_never_expire() -> None:
    (bucket,) = (one for one in BUCKETS if one.name == "ArchiveBucket")
    rules = bucket.properties["LifecycleConfiguration"]["Rules"]

    assert bucket.properties["VersioningConfiguration"] == {"Status": "Enabled"}
    assert [one["StorageClass"] for rule in rules for one in rule.get("Transitions", [])] == ["GLACIER_IR"]
    assert [rule for rule in rules if "ExpirationInDays" in rule] == []


def test_the_function_that_archives_audit_rows_can_neither_read_nor_delete_them() -> None:
    actions = [
        action
        for role in resources("AWS::IAM::Role")
        for policy in role.properties.get("Policies", [])
        for statement in policy["PolicyDocument"]["Statement"]
        if "ArchiveBucket" in str(statement.get("Resource"))
        for action in ([statement["Action"]] if isinstance(statement["Action"], str) else statement["Action"])
    ]

    assert actions == ["s3:PutObject"]
