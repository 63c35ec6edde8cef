"""Access tokens against the known attacks on JWTs, with vectors of our own modelled on Wycheproof's."""

import base64
import hashlib
import hmac
import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given
from hypothesis import strategies as st

from falachefe.kernel.errors import Unauthenticated
from falachefe.sessions.access_tokens import (
    AUDIENCE,
    ISSUER,
    TYPE,
    issue,
    verify,
)
from tests.keys import PUBLISHED, RETIRING, SIGNING

NOW = datetime(2026, 11, 20, 15, 0, tzinfo=UTC)
ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
OTHERS_RSA_KEY = (
    rsa.generate_private_key(public_exponent=65537, key_size=2048)
    .public_key()
    .public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
)
PUBLIC = SIGNING.private.public_key()
KNOWN_TO_ALL = {
    "PEM": PUBLIC.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo),
    "DER": PUBLIC.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo),
    "point": PUBLIC.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint),
    "JWK": json.dumps(dict(SIGNING.public_jwk)).encode(),
    "x": SIGNING.public_jwk["x"].encode(),
    "kid": SIGNING.kid.encode(),
    "RSA": OTHERS_RSA_KEY,
}
HEADER = {"alg": "ES256", "typ": TYPE, "kid": SIGNING.kid}
DIGESTS: dict[str, hashes.HashAlgorithm] = {
    "ES256": hashes.SHA256(),
    "ES384": hashes.SHA384(),
    "ES512": hashes.SHA512(),
}
MACS: dict[str, Any] = {"HS256": hashlib.sha256, "HS384": hashlib.sha384, "HS512": hashlib.sha512}


def b64(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def claims() -> dict[str, Any]:
    now = int(NOW.timestamp())
    ids = {name: str(uuid4()) for name in ("sub", "sid", "jti", "company_id")}
    return ids | {"iss": ISSUER, "aud": AUDIENCE, "role": "admin", "iat": now, "exp": now + 1800}


def signed(
    header: dict[str, Any] | None = None,
    payload: bytes | None = None,
    *,
    key: ec.EllipticCurvePrivateKey = SIGNING.private,
    digest: str = "ES256",
    header_text: str | None = None,
    sign: Callable[[bytes], bytes] | None = None,
) -> str:
    """A token that is signed without the code under test."""
    first = header_text if header_text is not None else json.dumps(HEADER | (header or {}))
    signing = f"{b64(first.encode())}.{b64(payload if payload is not None else json.dumps(claims()).encode())}"
    return f"{signing}.{b64((sign or of_key(key, digest))(signing.encode()))}"


def of_key(key: ec.EllipticCurvePrivateKey, digest: str = "ES256") -> Callable[[bytes], bytes]:
    """Signs in the form of RFC 7518, 3.4: both numbers, 32 bytes each."""

    def sign(text: bytes) -> bytes:
        r, s = decode_dss_signature(key.sign(text, ec.ECDSA(DIGESTS[digest])))
        return r.to_bytes(32) + s.to_bytes(32)

    return sign


def by_mac(secret: bytes, algorithm: str = "HS256") -> Callable[[bytes], bytes]:
    return lambda text: hmac.new(secret, text, MACS[algorithm]).digest()


def accepted(token: str) -> bool:
    try:
        verify(PUBLISHED, token, NOW)
    except Unauthenticated:
        return False
    return True


def with_part(token: str, place: int, change: Callable[[str], str]) -> str:
    parts = token.split(".")
    parts[place] = change(parts[place])
    return ".".join(parts)


def test_a_valid_token_is_accepted() -> None:
    """Shows that the tokens below are refused for the fault that their test names."""
    assert accepted(signed())
    assert accepted(signed({"kid": RETIRING.kid}, key=RETIRING.private))
    assert accepted(
        issue(SIGNING, user_id=uuid4(), company_id=uuid4(), role="user", session_id=str(uuid4()), now=NOW)[0]
    )


@pytest.mark.parametrize("name", ["none", "None", "NONE", "nOnE", "", None, 0, [], ["HS256"], {"alg": "HS256"}])
@pytest.mark.parametrize("kept", [True, False])
def test_every_spelling_of_alg_none_is_refused(name: Any, kept: bool) -> None:
    token = signed({"alg": name})

    assert not accepted(token if kept else with_part(token, 2, lambda _: ""))


@pytest.mark.parametrize("algorithm", ["ES384", "ES512"])
@pytest.mark.parametrize("in_header", [True, False])
def test_the_right_key_with_another_algorithm_is_refused(algorithm: str, in_header: bool) -> None:
    assert not accepted(signed({"alg": algorithm if in_header else "ES256"}, digest=algorithm))


@pytest.mark.parametrize(
    "algorithm", ["ES384", "ES256K", "EdDSA", "Ed25519", "RS256", "PS256", "HS256", "es256", "ES256 "]
)
def test_a_valid_signature_with_another_alg_header_is_refused(algorithm: str) -> None:
    assert not accepted(signed({"alg": algorithm}))


@pytest.mark.parametrize("key", KNOWN_TO_ALL.values(), ids=KNOWN_TO_ALL)
@pytest.mark.parametrize("algorithm", ["RS256", "PS256", "ES256", "EdDSA", "HS256", "HS384", "HS512"])
def test_a_public_key_used_as_an_hmac_secret_is_refused(algorithm: str, key: bytes) -> None:
    """Key confusion: an HMAC whose secret is the public key, which is no secret."""
    mac = algorithm if algorithm in MACS else "HS256"

    assert not accepted(signed({"alg": algorithm}, sign=by_mac(key, mac)))


@pytest.mark.parametrize("secret", [b"", b"2" * 64, b"1" * 64, b"k2", b"secret"])
def test_old_hs256_tokens_are_refused(secret: bytes) -> None:
    """Tokens were once signed with HS256; also with the seed as the secret, and with the key ids of that time."""
    for kid in (SIGNING.kid, RETIRING.kid, "k1", "k2"):
        assert not accepted(signed({"alg": "HS256", "kid": kid}, sign=by_mac(secret)))


@pytest.mark.parametrize("key", [RETIRING.private, ec.generate_private_key(ec.SECP256R1())], ids=["another", "any"])
def test_a_signature_by_another_key_is_refused(key: ec.EllipticCurvePrivateKey) -> None:
    assert not accepted(signed(key=key))


@pytest.mark.parametrize(
    ("r", "s"), [(0, 0), (0, 1), (1, 0), (1, 1), (ORDER, ORDER), (ORDER, 1), (1, ORDER), (ORDER - 1, ORDER - 1)]
)
def test_a_signature_with_invalid_numbers_is_refused(r: int, s: int) -> None:
    """Some libraries accepted a signature of zeros for any text (CVE-2022-21449)."""
    assert not accepted(signed(sign=lambda _: r.to_bytes(32) + s.to_bytes(32)))


def test_a_der_encoded_signature_is_refused() -> None:
    assert not accepted(signed(sign=lambda text: SIGNING.private.sign(text, ec.ECDSA(hashes.SHA256()))))


KID = SIGNING.kid


@pytest.mark.parametrize(
    "kid",
    [
        "k2",
        "",
        None,
        0,
        1,
        [KID],
        {KID: 1},
        KID.swapcase(),
        f" {KID}",
        f"{KID}\x00",
        f"../{KID}",
        KID[:-1],
        RETIRING.kid,
    ],
)
def test_a_key_is_found_by_its_exact_id_only(kid: Any) -> None:
    assert not accepted(signed({"kid": kid}))


@pytest.mark.parametrize("typ", ["JWT", "jwt", "", None, 1, "at+JWT ", ["at+jwt"], "rt+jwt", "logout+jwt"])
def test_another_token_type_is_refused(typ: Any) -> None:
    assert not accepted(signed({"typ": typ}))


@pytest.mark.parametrize(
    "extra", [{"crit": ["exp"]}, {"crit": ["b64"], "b64": False}, {"crit": []}, {"b64": False}], ids=str
)
def test_critical_header_extensions_are_refused(extra: dict[str, Any]) -> None:
    assert not accepted(signed(extra))


@pytest.mark.parametrize(
    "extra",
    [
        {"jwk": dict(RETIRING.public_jwk)},
        {"jku": "https://attacker.example/keys.json"},
        {"x5u": "https://attacker.example/cert.pem"},
        {"x5c": ["MIIB"]},
    ],
    ids=lambda extra: next(iter(extra)),
)
def test_a_key_in_the_tokens_header_is_not_used(extra: dict[str, Any]) -> None:
    assert not accepted(signed(extra, key=RETIRING.private))


@pytest.mark.parametrize(
    ("claim", "value"),
    [
        ("iss", "https://falachefe"),
        ("iss", ["falachefe"]),
        ("iss", ""),
        ("aud", "falachefe"),
        ("aud", []),
        ("aud", ["other-api"]),
        ("aud", 1),
        ("sub", 1),
        ("exp", 0),
        ("exp", -1),
        ("exp", True),
        ("exp", "9999999999"),
        ("exp", 1e400),
        ("iat", "yesterday"),
        ("role", None),
        ("company_id", ""),
    ],
)
def test_claims_with_a_wrong_type_or_audience_are_refused(claim: str, value: Any) -> None:
    assert not accepted(signed(payload=json.dumps(claims() | {claim: value}).encode()))


@pytest.mark.parametrize("claim", sorted(claims()))
def test_a_token_without_a_required_claim_is_refused(claim: str) -> None:
    left = {name: value for name, value in claims().items() if name != claim}

    assert not accepted(signed(payload=json.dumps(left).encode()))


@pytest.mark.parametrize("payload", [b"", b"null", b"[]", b'"x"', b"1", b"{", b"\xff\xfe", b"{}", b"[" * 5000])
def test_a_payload_that_is_not_an_object_is_refused(payload: bytes) -> None:
    assert not accepted(signed(payload=payload))


@pytest.mark.parametrize("header", ["", "null", "[]", "{}", '"x"', "{", "[" * 5000])
def test_a_header_that_is_not_an_object_is_refused(header: str) -> None:
    assert not accepted(signed(header_text=header))


@pytest.mark.parametrize("place", [0, 1, 2])
@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda part: part + "=", id="padded"),
        pytest.param(lambda part: part + "==", id="padded twice"),
        pytest.param(lambda part: part + "\n", id="with a line break"),
        pytest.param(lambda part: " " + part, id="with a blank"),
        pytest.param(lambda part: part[:4] + "?" + part[4:], id="with a stray character"),
        pytest.param(lambda part: part + "A", id="longer"),
        pytest.param(lambda part: part[:-1], id="shorter"),
        pytest.param(lambda part: "", id="empty"),
        pytest.param(lambda part: part + ".", id="with another part"),
    ],
)
def test_a_part_in_a_nonstandard_encoding_is_refused(place: int, change: Callable[[str], str]) -> None:
    assert not accepted(with_part(signed(), place, change))


@pytest.mark.parametrize("place", [0, 1])
def test_a_signature_over_a_nonstandard_encoding_is_refused(place: int) -> None:
    """The signature itself is valid, so only strict decoding refuses the token."""
    parts = signed().split(".")[:2]
    parts[place] += "="
    signing = ".".join(parts)

    assert not accepted(f"{signing}.{b64(of_key(SIGNING.private)(signing.encode()))}")


def test_stray_bits_at_the_end_of_a_signature_are_refused() -> None:
    token = signed()
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"

    others = [token[:-1] + character for character in alphabet if character != token[-1]]

    assert [other for other in others if accepted(other)] == []


@pytest.mark.parametrize("length", range(64))
def test_a_truncated_signature_is_refused(length: int) -> None:
    token = signed()
    raw = base64.urlsafe_b64decode(token.split(".")[2] + "==")

    assert not accepted(with_part(token, 2, lambda _: b64(raw[:length])))


@given(st.integers(0, 255), st.integers(0, 7))
def test_a_signature_with_a_flipped_bit_is_refused(place: int, bit: int) -> None:
    token = signed()
    raw = bytearray(base64.urlsafe_b64decode(token.split(".")[2] + "=="))
    raw[place % len(raw)] ^= 1 << bit

    assert not accepted(with_part(token, 2, lambda _: b64(bytes(raw))))


@given(st.text(max_size=300))
def test_arbitrary_text_is_refused_without_an_unexpected_error(text: str) -> None:
    assert not accepted(text)


def test_the_jws_json_serialization_is_refused() -> None:
    header, payload, signature = signed().split(".")

    assert not accepted(json.dumps({"protected": header, "payload": payload, "signature": signature}))
