"""API keys: format, networks, scopes and status."""

import re
import string
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from falachefe.access.permissions import PERMISSIONS, PERMISSIONS_OF, PLATFORM
from falachefe.api_keys import rules
from falachefe.api_keys.authenticator import (
    checksum,
    digest,
    generate,
    is_allowed_from,
    is_well_formed,
)
from falachefe.api_keys.rules import Status
from falachefe.kernel.errors import Conflict, Forbidden, InvalidInput

NOW = datetime(2026, 11, 20, 15, 0, tzinfo=UTC)
DAY = timedelta(days=1)
BASE62 = string.digits + string.ascii_letters
STAGES = st.from_regex(r"[a-z][a-z0-9-]{1,15}", fullmatch=True)


@given(STAGES)
def test_generated_key_is_well_formed_in_its_own_stage_only(stage: str) -> None:
    key = generate(stage)

    assert re.fullmatch(rf"fck_{stage}_[0-9A-Za-z]{{38}}", key.text)
    assert is_well_formed(key.text, stage)
    assert not is_well_formed(key.text, f"{stage}x")
    assert (key.text.startswith(key.prefix), key.text.endswith(key.last_four)) == (True, True)
    assert key.key_hash == digest(key.text)
    assert key.text not in repr(key)


@given(st.integers(8, 45), st.sampled_from(BASE62))
def test_checksum_detects_one_wrong_character(place: int, character: str) -> None:
    text = generate("dev").text
    typed = text[:place] + character + text[place + 1 :]

    assert is_well_formed(typed, "dev") == (typed == text)


@given(st.text(max_size=60) | st.text(BASE62, min_size=38, max_size=38).map(lambda end: f"fck_dev_{end}"))
def test_malformed_text_is_not_well_formed(text: str) -> None:
    body = text[:-6]
    ours = bool(re.fullmatch(r"fck_dev_[0-9A-Za-z]{32}", body)) and text == body + checksum(body)

    assert is_well_formed(text, "dev") == ours


def test_keys_are_unique_and_only_prefix_and_last_four_are_stored() -> None:
    keys = [generate("prod") for _ in range(200)]

    assert len({key.text for key in keys}) == len({key.key_hash for key in keys}) == 200
    assert all(len(key.prefix.rpartition("_")[2]) + len(key.last_four) == 8 for key in keys)


@pytest.mark.parametrize(
    ("cidrs", "address", "may"),
    [
        ([], None, True),
        ([], "203.0.113.9", True),
        (["203.0.113.0/24"], "203.0.113.9", True),
        (["203.0.113.0/24"], "203.0.114.9", False),
        (["203.0.113.0/24"], "::ffff:203.0.113.9", True),
        (["203.0.113.0/24"], "::ffff:203.0.114.9", False),
        (["2001:db8::/32"], "2001:db8:1::9", True),
        (["2001:db8::/32"], "2001:db9::9", False),
        (["2001:db8::/32"], "203.0.113.9", False),
        (["10.0.0.0/8", "2001:db8::/32"], "2001:db8::1", True),
        (["203.0.113.0/24"], None, False),
        (["203.0.113.0/24"], "not an address", False),
        (["203.0.113.7/32"], "203.0.113.7", True),
    ],
)
def test_key_is_allowed_from_its_networks_only(cidrs: list[str], address: str | None, may: bool) -> None:
    assert is_allowed_from(cidrs, address) is may


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("203.0.113.7", "203.0.113.7/32"),
        (" 203.0.113.7/24 ", "203.0.113.0/24"),
        ("2001:DB8::/32", "2001:db8::/32"),
        ("::ffff:203.0.113.0/120", "203.0.113.0/24"),
        ("::ffff:203.0.113.7", "203.0.113.7/32"),
    ],
)
def test_networks_are_stored_in_canonical_form(written: str, kept: str) -> None:
    assert rules.network(written) == kept


@pytest.mark.parametrize("text", ["", "all", "203.0.113.0/33", "203.0.113", "fe80::1%eth0/64", "1.2.3.4/-1", "*"])
def test_invalid_network_is_rejected(text: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        rules.network(text)


@given(st.ip_addresses(), st.integers(0, 128))
def test_address_is_in_every_network_made_from_it(address: object, length: int) -> None:
    width = 32 if ip_address(str(address)).version == 4 else 128
    network = rules.network(f"{address}/{min(length, width)}")
    mapped = getattr(address, "ipv4_mapped", None)

    if mapped is None or length >= 96:  # a network wider than all mapped addresses is one of IPv6
        assert is_allowed_from([network], str(address))


def test_scopes_must_be_known_held_and_allowed_for_keys() -> None:
    admin, user = PERMISSIONS_OF["admin"], PERMISSIONS_OF["user"]

    assert rules.allowed_scopes(["users.read", "budgets.read", "users.read"], admin) == ["budgets.read", "users.read"]
    with pytest.raises(InvalidInput, match="desconhecidas"):
        rules.allowed_scopes(["*"], PERMISSIONS_OF["superadmin"])
    for own in ("account.manage", "api_keys.create", "api_keys.update", "api_keys.delete", "api_keys.restore"):
        with pytest.raises(InvalidInput) as refused:
            rules.allowed_scopes([own], PERMISSIONS_OF["superadmin"])
        assert refused.value.code == "scope_not_for_keys"
    with pytest.raises(Forbidden) as beyond:
        rules.allowed_scopes(["budgets.read", "campaigns.read"], user)
    assert "budgets.read" in beyond.value.detail
    with pytest.raises(Forbidden):
        rules.allowed_scopes([next(iter(PLATFORM))], admin)


@given(st.sets(st.sampled_from(sorted({*PERMISSIONS, *PLATFORM}))), st.sampled_from(["superadmin", "admin", "user"]))
def test_scopes_never_exceed_the_creator_s_permissions(scopes: set[str], role: str) -> None:
    held = PERMISSIONS_OF[role]
    try:
        allowed = rules.allowed_scopes(scopes, held)
    except (Forbidden, InvalidInput):
        return
    assert set(allowed) == scopes
    assert scopes <= held or role == "superadmin"


@pytest.mark.parametrize(
    ("revoked", "expires", "maker", "status"),
    [
        (None, None, True, Status.ACTIVE),
        (None, DAY, True, Status.ACTIVE),
        (DAY, None, True, Status.REPLACED),
        (None, None, False, Status.SUSPENDED),
        (None, timedelta(0), True, Status.EXPIRED),
        (timedelta(0), None, True, Status.REVOKED),
        (-DAY, -DAY, False, Status.REVOKED),
    ],
)
def test_status_of_a_key(revoked: timedelta | None, expires: timedelta | None, maker: bool, status: Status) -> None:
    found = rules.status(
        revoked_at=None if revoked is None else NOW + revoked,
        expires_at=None if expires is None else NOW + expires,
        creator_active=maker,
        now=NOW,
    )

    assert found is status
    if status in (Status.ACTIVE, Status.SUSPENDED):
        rules.check_not_ended(found)
    else:
        with pytest.raises(Conflict):
            rules.check_not_ended(found)


def test_number_of_keys_is_limited() -> None:
    rules.check_count(rules.MAX_KEYS - 1)
    with pytest.raises(Conflict):
        rules.check_count(rules.MAX_KEYS)


def test_successor_gets_the_lifetime_of_its_predecessor() -> None:
    assert rules.rotated_expiry(NOW - 20 * DAY, None, NOW) is None
    assert rules.rotated_expiry(NOW - 20 * DAY, NOW + 10 * DAY, NOW) == NOW + 30 * DAY
