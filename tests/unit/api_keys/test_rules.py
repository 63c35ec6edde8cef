"""The format of API keys, from where they may be used, what they may be for, and what becomes of them."""

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
def test_a_key_that_was_made_is_well_formed_in_its_stage_and_in_no_other(stage: str) -> None:
    key = generate(stage)

    assert re.fullmatch(rf"fck_{stage}_[0-9A-Za-z]{{38}}", key.text)
    assert is_well_formed(key.text, stage)
    assert not is_well_formed(key.text, f"{stage}x")
    assert (key.text.startswith(key.prefix), key.text.endswith(key.last_four)) == (True, True)
    assert key.key_hash == digest(key.text)
    assert key.text not in repr(key)


@given(st.integers(8, 45), st.sampled_from(BASE62))
def test_one_wrong_character_is_noticed(place: int, character: str) -> None:
    text = generate("dev").text
    typed = text[:place] + character + text[place + 1 :]

    assert is_well_formed(typed, "dev") == (typed == text)


@given(st.text(max_size=60) | st.text(BASE62, min_size=38, max_size=38).map(lambda end: f"fck_dev_{end}"))
def test_what_nobody_made_is_no_key(text: str) -> None:
    body = text[:-6]
    ours = bool(re.fullmatch(r"fck_dev_[0-9A-Za-z]{32}", body)) and text == body + checksum(body)

    assert is_well_formed(text, "dev") == ours


def test_no_two_keys_are_the_same_and_little_of_one_is_kept() -> None:
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
def test_a_key_opens_from_its_networks_only(cidrs: list[str], address: str | None, may: bool) -> None:
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
def test_networks_are_kept_in_their_plain_form(written: str, kept: str) -> None:
    assert rules.network(written) == kept


@pytest.mark.parametrize("text", ["", "all", "203.0.113.0/33", "203.0.113", "fe80::1%eth0/64", "1.2.3.4/-1", "*"])
def test_what_is_no_network_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        rules.network(text)


@given(st.ip_addresses(), st.integers(0, 128))
def test_an_address_lies_in_every_network_that_is_made_of_it(address: object, length: int) -> None:
    width = 32 if ip_address(str(address)).version == 4 else 128
    network = rules.network(f"{address}/{min(length, width)}")
    mapped = getattr(address, "ipv4_mapped", None)

    if mapped is None or length >= 96:  # a network wider than all mapped addresses is one of IPv6
        assert is_allowed_from([network], str(address))


def test_scopes_are_known_held_and_nobodys_own() -> None:
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
def test_no_scope_is_more_than_its_maker_may(scopes: set[str], role: str) -> None:
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
def test_what_has_become_of_a_key(
    revoked: timedelta | None, expires: timedelta | None, maker: bool, status: Status
) -> None:
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


def test_a_company_has_so_many_keys_and_no_more() -> None:
    rules.check_count(rules.MAX_KEYS - 1)
    with pytest.raises(Conflict):
        rules.check_count(rules.MAX_KEYS)


def test_a_successor_lives_as_long_as_its_predecessor_was_meant_to() -> None:
    assert rules.rotated_expiry(NOW - 20 * DAY, None, NOW) is None
    assert rules.rotated_expiry(NOW - 20 * DAY, NOW + 10 * DAY, NOW) == NOW + 30 * DAY
