"""The public Wycheproof vectors for the algorithms of our tokens and Google's; and for HS256, whose vectors have
the most variants of malformed encoding."""

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from falachefe.oauth.jwks import RS256, verification_keys
from falachefe.sessions import jws
from falachefe.sessions.signing_keys import ALGORITHM, VerifyingKeys, thumbprint

GROUPS = json.loads(Path("tests/security/wycheproof/json_web_signature.json").read_text())
VECTORS = [
    pytest.param(group["key"], vector, id=f"{vector['tcId']}-{vector['comment']}")
    for group in GROUPS
    for vector in group["tests"]
]
SAME_AS_A_VALID_ONE = {367, 370}
"""Called invalid for a padding that they do not have: byte for byte they are vector 357, which is called valid.
Reported as C2SP/wycheproof issue 236."""
NO_BASE64URL = {372, 373}
"""Called valid though a `?` stands in the header or in the payload. RFC 7515, 5.2 steps 2 and 6 allow no further
characters there, and the MAC is that of the text without it. Their twins 361 to 366 and 371 are called invalid."""


def accepted(key: Mapping[str, Any], token: str) -> bool:
    keys: Mapping[str, Any]
    if key["kty"] == "oct":
        secret = base64.urlsafe_b64decode(key["k"] + "=" * (-len(key["k"]) % 4))
        algorithm, keys = "HS256", {key["kid"]: secret}
    elif key["kty"] == "EC":
        algorithm, keys = ALGORITHM, {key["kid"]: public_key(key)}
    else:
        algorithm, keys = RS256, verification_keys({"keys": [key]})
    try:
        jws.signed_bytes(token, algorithm, lambda header: keys.get(str(header.get("kid"))))
    except jws.NotSigned:
        return False
    return True


def public_key(key: Mapping[str, Any]) -> Any:
    """The key in the form of our published keys: its thumbprint as id, and for signatures only."""
    kid = thumbprint(key)
    return VerifyingKeys.from_document({"keys": [dict(key) | {"kid": kid}]}).key(kid, datetime.now(UTC))


def published(vector: Mapping[str, Any]) -> bool:
    return bool(vector["result"] == "valid")


def vector_of(number: int) -> Any:
    return next(vector for group in GROUPS for vector in group["tests"] if vector["tcId"] == number)


@pytest.mark.parametrize(("key", "vector"), VECTORS)
def test_a_token_is_accepted_or_refused_as_the_vector_says(key: Mapping[str, Any], vector: Mapping[str, Any]) -> None:
    mislabelled = vector["tcId"] in SAME_AS_A_VALID_ONE | NO_BASE64URL

    assert accepted(key, vector["jws"]) is (published(vector) is not mislabelled)


def test_there_are_valid_and_invalid_vectors_for_all_algorithms() -> None:
    kinds = {(group["key"]["kty"], vector["result"]) for group in GROUPS for vector in group["tests"]}

    assert kinds == {
        ("oct", "valid"),
        ("oct", "invalid"),
        ("RSA", "valid"),
        ("RSA", "invalid"),
        ("EC", "valid"),
        ("EC", "invalid"),
    }


@pytest.mark.parametrize("number", sorted(SAME_AS_A_VALID_ONE))
def test_two_vectors_called_invalid_equal_a_valid_one(number: int) -> None:
    assert vector_of(number)["jws"] == vector_of(357)["jws"]
    assert (published(vector_of(number)), published(vector_of(357))) == (False, True)


@pytest.mark.parametrize("number", sorted(NO_BASE64URL))
def test_two_vectors_called_valid_have_a_mac_of_another_text(number: int) -> None:
    signing, _, mac = vector_of(number)["jws"].rpartition(".")

    def of(text: str) -> str:
        return base64.urlsafe_b64encode(hmac.new(bytes(32), text.encode(), hashlib.sha256).digest()).decode()

    assert "?" in signing
    assert of(signing) != f"{mac}="
    assert of(signing.replace("?", "")) == f"{mac}="
