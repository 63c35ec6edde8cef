"""Who may read the signing key and the pepper, on the translated template."""

import json

import pytest

from infra.local.paths import ROOT
from infra.local.sam.template import load
from tests.security.template_resources import Resource, resources, sibling, statements, target

SIGNS_IN = {"login", "refresh", "register", "oauth_token", "whatsapp_verify"}
MAKES_MACS = SIGNS_IN | {
    "oauth_start",
    "oauth_callback",
    "whatsapp_resend",
    "forgot",
    "reset",
    "verify_email",
    "resend_verification",
    "me",
    "password",
    "send_email",
    "process_inbound",
    "send_outbound",
    "users",
    "user_invitations",
}
"""They hash codes, refresh tokens, mailed tokens, pending sign-ins, and counters' e-mail and IP addresses."""
FUNCTIONS = resources("AWS::Lambda::Function")


def handler(function: Resource) -> str:
    return str(function.properties["Handler"]).removesuffix(".handler")


def allowed(function: Resource, action: str, secret: str) -> bool:
    role = sibling(function, target(function.properties["Role"]))
    return any(
        action in (statement["Action"] if isinstance(statement["Action"], list) else [statement["Action"]])
        and secret in json.dumps(statement["Resource"])
        for statement in statements(role)
    )


def who_may(action: str, secret: str) -> set[str]:
    return {handler(function) for function in FUNCTIONS if allowed(function, action, secret)}


def test_only_functions_that_issue_tokens_and_the_rotation_read_the_signing_key() -> None:
    assert who_may("secretsmanager:GetSecretValue", "SigningKeySecretArn") == SIGNS_IN | {"rotate_signing_key"}


def test_only_the_rotation_writes_the_signing_key_and_only_signers_publish_public_keys() -> None:
    assert who_may("secretsmanager:PutSecretValue", "SigningKeySecretArn") == {"rotate_signing_key"}
    assert who_may("secretsmanager:PutSecretValue", "TokenKeysSecretArn") == SIGNS_IN | {"rotate_signing_key"}


def test_only_functions_that_hash_with_the_pepper_read_it() -> None:
    assert who_may("secretsmanager:GetSecretValue", "PepperSecretArn") == MAKES_MACS


def test_no_function_may_write_the_pepper() -> None:
    assert who_may("secretsmanager:PutSecretValue", "PepperSecretArn") == set()


@pytest.mark.parametrize("function", FUNCTIONS, ids=str)
def test_no_wildcard_in_a_policy_covers_these_secrets(function: Resource) -> None:
    """`falachefe/<stage>/*` would grant access to all of them."""
    role = sibling(function, target(function.properties["Role"]))
    for statement in statements(role):
        if "secretsmanager" in json.dumps(statement["Action"]):
            assert "/*" not in json.dumps(statement["Resource"]).replace("/channel/*", "")


def test_signing_key_and_pepper_are_separate_secrets_retained_on_deletion() -> None:
    storage = load(ROOT / "infra" / "storage.yaml")["Resources"]

    for name in ("Pepper", "SigningKey", "TokenKeys"):
        assert storage[name]["Type"] == "AWS::SecretsManager::Secret"
        assert storage[name]["DeletionPolicy"] == "RetainExceptOnCreate"
    for name, member in (("Pepper", "pepper"), ("SigningKey", "seed")):
        assert storage[name]["Properties"]["GenerateSecretString"]["GenerateStringKey"] == member
